"""Field values: from JSON as clients send them, to JSON as Salesforce prints them.

In the store a value is text, a bool, a Decimal, a calendar date or an aware UTC datetime; an absent key is null. Instants
have whole seconds and print as `2026-11-22T05:00:00.000+0000`; numbers print as doubles (`100.0`), as Salesforce holds them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TypeAlias

from xero_pipeline.sandbox.salesforce import ids
from xero_pipeline.sandbox.salesforce.failures import ApiError, RowError
from xero_pipeline.sandbox.salesforce.schema import NUMERIC, Field

Json: TypeAlias = "bool | int | float | Decimal | str | list[Json] | dict[str, Json] | None"
Value: TypeAlias = "bool | str | Decimal | date | datetime | None"
Row: TypeAlias = "dict[str, Value]"
EMAIL = re.compile(r"[^@\s,;<>()]+@[^@\s,;<>()]+\.[^@\s,;<>()]+")
QUANTA = tuple(Decimal(1).scaleb(-scale) for scale in range(19))
ADDRESS_PARTS = {
    "city": "City",
    "country": "Country",
    "postalCode": "PostalCode",
    "state": "State",
    "street": "Street",
}


def instant(when: datetime) -> str:
    """An aware datetime as Salesforce prints it, in UTC."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def decode(field: Field, raw: Json) -> Value:
    """What `raw` means for `field`. Text is trimmed and empty text is null, as Salesforce does on save.

    Raises ApiError JSON_PARSER_ERROR (400, the whole request: the documented meaning of a malformed one; not verified
    against a real org for collections) where the JSON cannot be read as the field's type.
    """
    if raw is None:
        return None
    if field.type == "boolean":
        return _boolean(field, raw)
    if field.type in NUMERIC:
        return _number(field, raw)
    if field.type == "date":
        return _date(field, raw)
    if field.type == "datetime":
        return _datetime(field, raw)
    if isinstance(raw, list | dict):
        raise _unreadable("string", raw)
    text = raw if isinstance(raw, str) else str(raw).lower() if isinstance(raw, bool) else str(raw)
    return text.strip() or None


# From the text in which the store keeps values that JSON has no form for.
_KEPT: Mapping[str, Callable[[str], Value]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    **dict.fromkeys(NUMERIC, Decimal),
}


def restorers(fields: Mapping[str, Field]) -> dict[str, Callable[[str], Value]]:
    """What makes values again of the text they are kept as, for those of `fields` whose values are not kept as they are."""
    return {name: _KEPT[field.type] for name, field in fields.items() if field.type in _KEPT}


def check(field: Field, value: Value) -> Value:
    """`value` as it will be stored, after the rules of `field`. Raises RowError where it breaks one."""
    if value is None:
        return False if field.type == "boolean" else None
    if isinstance(value, Decimal):
        return _fit(field, value)
    if isinstance(value, str):
        if field.type == "reference":
            return _reference(field, value)
        if field.length and len(value) > field.length:
            raise RowError(
                "STRING_TOO_LONG",
                f"{field.label}: data value too large: {value} (max length={field.length})",
                [field.name],
            )
        if field.type == "email" and not EMAIL.fullmatch(value):
            raise RowError("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {value}", [field.name])
        if field.restricted and value not in {choice for choice, _ in field.picklist}:
            raise RowError(
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                f"{field.label}: bad value for restricted picklist field: {value}",
                [field.name],
            )
    return value


def encode(field: Field, row: Mapping[str, Value]) -> Json:
    """`field` of `row` as JSON."""
    if field.type == "address":
        return _address(field, row)
    value = row.get(field.name)
    if value is None:
        return False if field.type == "boolean" else None
    if isinstance(value, Decimal):
        # Salesforce keeps and prints doubles; the store keeps Decimals so that the sandbox's own sums are exact.
        return int(value) if field.type == "int" else float(value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def fold(field: Field, value: str) -> str:
    """The form in which text is compared: without case, unless the field is case sensitive or holds an id."""
    if field.case_sensitive or field.type in ("id", "reference"):
        return value
    folded = value.casefold()
    return value if folded == value else folded


def _unreadable(kind: str, raw: Json) -> ApiError:
    token = {
        str: "VALUE_STRING",
        bool: "VALUE_TRUE" if raw else "VALUE_FALSE",
        list: "START_ARRAY",
        dict: "START_OBJECT",
    }
    return ApiError(
        400,
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {kind} from {token.get(type(raw), 'VALUE_NUMBER')} value "
        f"{raw if isinstance(raw, str) else ''} or request may be missing a required field",
    )


def _boolean(field: Field, raw: Json) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.lower() in ("true", "false"):
        return raw.lower() == "true"
    raise _unreadable("boolean", raw)


def _number(field: Field, raw: Json) -> Decimal | None:
    if raw == "":
        return None
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal | str):
        raise _unreadable("double", raw)
    try:
        value = Decimal(str(raw))
    except InvalidOperation:
        raise _unreadable("double", raw) from None
    if not value.is_finite():
        raise _unreadable("double", raw)
    return value


def _date(field: Field, raw: Json) -> date | None:
    if raw == "":
        return None
    if isinstance(raw, str):
        try:
            return datetime.fromisoformat(raw).date()
        except ValueError:
            pass
    raise _unreadable("date", raw)


def _datetime(field: Field, raw: Json) -> datetime | None:
    if raw == "":
        return None
    if isinstance(raw, str) and "T" in raw:
        try:
            when = datetime.fromisoformat(raw)
        except ValueError:
            raise _unreadable("datetime", raw) from None
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    raise _unreadable("datetime", raw)


def _fit(field: Field, value: Decimal) -> Decimal:
    if value.adjusted() >= field.precision - field.scale and value:
        raise RowError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.label}: value outside of valid range on numeric field: {value}",
            [field.name],
        )
    quantum = QUANTA[field.scale]
    # Equal amounts of a large load are one object, and stay one.
    return value if value.same_quantum(quantum) else value.quantize(quantum, ROUND_HALF_UP)


def _reference(field: Field, value: str) -> str:
    record_id = ids.to18(value)
    if record_id is None:
        raise RowError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", [field.name])
    return record_id


def _address(field: Field, row: Mapping[str, Value]) -> Json:
    prefix = field.name.removesuffix("Address")
    parts: dict[str, Json] = {}
    for key, suffix in ADDRESS_PARTS.items():
        part = row.get(prefix + suffix)
        parts[key] = part if isinstance(part, str) else None
    if not any(parts.values()):
        return None
    return {**parts, "geocodeAccuracy": None, "latitude": None, "longitude": None}
