"""Records as text and back, exactly: one JSON object a record, numbers as they were written, dates by the names of their fields.

Every date field of Xero's ends in Date or UTC, and no other field that holds text in the form of a date does. Every number comes
back as a Decimal: the few whole numbers a record holds as int are equal to theirs and written alike. What a book shares between
its records is shared again: without that a large book would take three times the memory it had when it was made.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import cast

import msgspec

from xero_pipeline.sandbox.xero.record import Record

DATED = ("Date", "UTC")
DAY_LENGTH = len("2026-11-22")
SHARED = 1 << 16  # how many texts, numbers and references of late are kept to be shared
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def encode(record: Record) -> str:
    """One line of JSON that `decode` turns into an equal record, trailing zeros included."""
    return encode_bytes(record).decode()


def encode_bytes(record: Record) -> bytes:
    """`encode` as UTF-8."""
    return _ENCODER.encode(record)


def decode(line: str | bytes) -> Record:
    """The record that `encode` was given."""
    record = cast("Record", _DECODER.decode(line))
    _restore(record)
    return record


def _restore(record: Record) -> None:
    """Puts dates and numbers where JSON has text and ints, and shared objects where it has equal ones."""
    for field, value in record.items():
        if isinstance(value, str):
            record[field] = _instant(value) if field.endswith(DATED) and value else _text(value)
        elif isinstance(value, list):
            record[field] = _tracking(tuple(map(_pairs, value))) if field == "Tracking" else _restored(value)
        elif isinstance(value, dict):
            # A reference by its own fields alone, such as a document's contact or a payment's account.
            short = field in ("Contact", "Account") and all(isinstance(item, str) for item in value.values())
            if short:
                record[field] = _reference(_pairs(value))
            else:
                _restore(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            record[field] = _number(str(value))


def _restored(values: list[object]) -> list[object]:
    for value in values:
        if isinstance(value, dict):
            _restore(value)
    return values


def _pairs(reference: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(reference.items())


@lru_cache(maxsize=SHARED)
def _text(value: str) -> str:
    return value


@lru_cache(maxsize=SHARED)
def _number(value: str) -> Decimal:
    return Decimal(value)


@lru_cache(maxsize=SHARED)
def _reference(pairs: tuple[tuple[str, str], ...]) -> Record:
    return {field: _text(value) for field, value in pairs}


@lru_cache(maxsize=SHARED)
def _tracking(entries: tuple[tuple[tuple[str, str], ...], ...]) -> list[Record]:
    return [_reference(entry) for entry in entries]


def _instant(value: str) -> date | datetime:
    return _day(value) if len(value) == DAY_LENGTH else datetime.fromisoformat(value)


@lru_cache(maxsize=SHARED)
def _day(value: str) -> date:
    return date.fromisoformat(value)


_DECODER = msgspec.json.Decoder(float_hook=_number)
