"""Records as text and back, exactly: one JSON object a record, numbers as they were written, dates by the names of their fields.

Every date field of Xero's ends in Date or UTC, and no other field that holds text in the form of a date does. Every number comes
back as a Decimal: the few whole numbers a record holds as int are equal to theirs and written alike.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import cast

import msgspec

from xero_pipeline.sandbox.xero.record import Record

DATED = ("Date", "UTC")
DAY_LENGTH = len("2026-11-22")
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def encode(record: Record) -> str:
    """One line of JSON that `decode` turns into an equal record, trailing zeros included."""
    return encode_bytes(record).decode()


def encode_bytes(record: Record) -> bytes:
    """`encode` as UTF-8."""
    return _ENCODER.encode(record)


def decode(line: str) -> Record:
    """The record that `encode` was given."""
    return cast("Record", _DECODER.decode(line))


def _read_dates(found: dict[str, object]) -> dict[str, object]:
    for field in found:
        if _dated(field):
            value = found[field]
            if isinstance(value, str) and value:
                found[field] = date.fromisoformat(value) if len(value) == DAY_LENGTH else datetime.fromisoformat(value)
    return found


@lru_cache(maxsize=4096)
def _dated(field: str) -> bool:
    return field.endswith(DATED)


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_int=Decimal, object_hook=_read_dates)
