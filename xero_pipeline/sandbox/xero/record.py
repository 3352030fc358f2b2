"""A record of the book: Xero's own field names, Python's own types, and typed ways to read them.

Money, quantities and rates are Decimal; calendar dates are `datetime.date`; instants are aware UTC datetimes; the rest is
bool, str, list and dict. A field that Xero leaves out is really absent. Nested references (`Contact`, `Account`,
`Tracking`, `Addresses`) are shared between records and therefore replaced, never changed in place.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import cast

Record = dict[str, object]

ZERO = Decimal("0.00")


def decimal_of(record: Record, field: str) -> Decimal:
    """The number in `field`, or 0.00 when the field is absent."""
    value = record.get(field, ZERO)
    if not isinstance(value, Decimal):
        raise TypeError(f"{field} holds {type(value).__name__}, not a Decimal.")
    return value


def text_of(record: Record, field: str) -> str:
    """The text in `field`, or "" when the field is absent."""
    value = record.get(field, "")
    if not isinstance(value, str):
        raise TypeError(f"{field} holds {type(value).__name__}, not text.")
    return value


def date_of(record: Record, field: str) -> date | None:
    """The calendar date in `field`, or None when the field is absent."""
    value = record.get(field)
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise TypeError(f"{field} holds {type(value).__name__}, not a calendar date.")


def instant_of(record: Record, field: str) -> datetime | None:
    """The instant in `field`, or None when the field is absent."""
    value = record.get(field)
    if value is None or isinstance(value, datetime):
        return value
    raise TypeError(f"{field} holds {type(value).__name__}, not an instant.")


def child_of(record: Record, field: str) -> Record:
    """The nested record in `field`, or an empty one when the field is absent."""
    value = record.get(field, {})
    if not isinstance(value, dict):
        raise TypeError(f"{field} holds {type(value).__name__}, not a record.")
    return cast("Record", value)


def children_of(record: Record, field: str) -> list[Record]:
    """The nested records in `field`, or an empty list when the field is absent."""
    value = record.get(field, [])
    if not isinstance(value, list):
        raise TypeError(f"{field} holds {type(value).__name__}, not a list.")
    return cast("list[Record]", value)
