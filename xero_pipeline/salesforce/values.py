"""Values on the wire: exact numbers, dates and instants in Salesforce's own form, both ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeAlias

import msgspec

# A record to be sent: fields of text, whole numbers, Decimals, booleans, dates, aware datetimes or None. A nested mapping
# names a parent by external id: {"Account__r": {"Code__c": "A1"}}. `wire_record` refuses anything else.
Record: TypeAlias = Mapping[str, object]
Json: TypeAlias = dict[str, object]

_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode: Callable[[bytes], object] = msgspec.json.Decoder(float_hook=Decimal).decode


def instant_text(moment: datetime) -> str:
    """An aware datetime as `2026-11-22T05:00:00.000Z`, UTC to the millisecond, which SOQL and record bodies both take.

    Raises ValueError for a naive datetime: which moment it means cannot be known.
    """
    if moment.tzinfo is None:
        raise ValueError(f"an instant needs a time zone, not {moment.isoformat()}")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _wire(value: object) -> object:
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is not a number Salesforce can store")
        return value
    if isinstance(value, Mapping):
        return {name: _wire(part) for name, part in value.items()}
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, float):
        raise TypeError("a float cannot be sent: amounts are Decimal")
    raise TypeError(f"a {type(value).__name__} cannot be sent")


def wire_record(record: Record) -> Json:
    """A record ready for `encode`. Raises ValueError or TypeError for a value that has no exact form in Salesforce."""
    return {name: _wire(value) for name, value in record.items()}


def encode(body: object) -> bytes:
    """JSON with every Decimal as a number, digit for digit."""
    return _encode(body)


def decode(body: bytes) -> object:
    """JSON with every fraction as a Decimal, digit for digit. Raises ValueError when it is not whole, valid JSON."""
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from error


def to_text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not text")
    # Salesforce stores no NUL, but one in an answer would be refused by PostgreSQL's text and take its neighbours with it.
    return value.replace("\x00", "")


def to_decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (Decimal, int)):
        raise ValueError(f"{value!r} is not a number")
    return Decimal(value)


def to_integer(value: object) -> int:
    number = to_decimal(value)
    if number != number.to_integral_value():
        raise ValueError(f"{value!r} is not a whole number")
    return int(number)


def to_boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def to_date(value: object) -> date:
    """A calendar date; it never passes through a time zone."""
    return date.fromisoformat(to_text(value))


def to_instant(value: object) -> datetime:
    """`2026-11-22T05:00:00.000+0000` as an aware UTC datetime."""
    moment = datetime.fromisoformat(to_text(value))
    if moment.tzinfo is None:
        raise ValueError(f"{value!r} names no time zone")
    return moment.astimezone(UTC)
