"""Records as text and back, exactly: one JSON object a record, with dates, instants and numbers marked as what they are."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import cast

from xero_pipeline.sandbox.xero.record import Record

# One-letter keys that no field of Xero's has: decimal, calendar date, instant.
DECIMAL, DATE, INSTANT = "n", "d", "t"


def encode(record: Record) -> str:
    """One line of JSON that `decode` turns into an equal record, trailing zeros included."""
    return json.dumps(record, default=_mark, ensure_ascii=False, separators=(",", ":"))


def decode(line: str) -> Record:
    """The record that `encode` was given."""
    return cast("Record", json.loads(line, object_hook=_unmark))


def _mark(value: object) -> dict[str, str]:
    if isinstance(value, Decimal):
        return {DECIMAL: str(value)}
    if isinstance(value, datetime):
        return {INSTANT: value.isoformat()}
    if isinstance(value, date):
        return {DATE: value.isoformat()}
    raise TypeError(f"The book holds no {type(value).__name__}.")


def _unmark(found: dict[str, object]) -> object:
    if len(found) == 1:
        ((key, value),) = found.items()
        if key == DECIMAL:
            return Decimal(str(value))
        if key == DATE:
            return date.fromisoformat(str(value))
        if key == INSTANT:
            return datetime.fromisoformat(str(value))
    return found
