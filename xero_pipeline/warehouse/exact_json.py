"""JSON in which amounts stay exact numbers, and which has the same bytes for the same content.

Nothing is registered with a connection more than once: psycopg makes a class of it every time, each from the one before, and a
thousand of them take minutes.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.types.json import Jsonb, set_json_loads

_ENCODER = msgspec.json.Encoder(decimal_format="number", order="deterministic")


def encoded(value: object) -> bytes:
    """The value as JSON."""
    return _ENCODER.encode(value)


def jsonb(value: object) -> Jsonb:
    """The value on its way into a JSON column."""
    return Jsonb(value, dumps=encoded)


def read_exactly(conn: Connection) -> None:
    """Let this connection read the numbers in JSON columns as int and Decimal."""
    set_json_loads(_decoded, conn)


def _decoded(text: str | bytes) -> Any:
    # A function of its own, and no partial: psycopg keeps the class that it makes of one.
    return json.loads(text, parse_float=Decimal)
