"""What is sent to be written, as bytes: the same elements always give the same ones.

Xero tells a repeated request from another one by its bytes (xero.md section 3, Idempotency-Key), and a body may be made anew
from what was kept in the warehouse. So fields stand in the order of their names, whatever order they came in, and a number has
one spelling whatever its trailing zeros.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import msgspec

_ENCODER = msgspec.json.Encoder(order="deterministic")


def body(plural: str, elements: Sequence[Mapping[str, object]]) -> bytes:
    """`{"<plural>": [elements]}` as UTF-8 JSON. Decimals become exact numbers, dates YYYY-MM-DD, None null.

    Raises TypeError for what has no exact or no agreed form at Xero, a float or an instant, and ValueError for NaN.
    """
    return _ENCODER.encode({plural: [_plain(element) for element in elements]})


def _plain(value: object) -> object:
    match value:
        case None | str() | bool() | int():
            return value
        case Decimal():
            return msgspec.Raw(_number(value))
        case datetime():
            raise TypeError(f"{value!r} is an instant, and what is written to Xero has calendar dates alone")
        case date():
            return value.isoformat()
        case Mapping():
            return {str(name): _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case _:
            raise TypeError(f"{value!r} cannot be written to Xero exactly: numbers are Decimal")


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} is no amount")
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
