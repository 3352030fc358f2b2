"""From the JSON of a request to fields of the book: every value is read as its type, or the request is refused whole.

A value that cannot be read is Xero's error 14 (`Unreadable`); one that breaks a limit is a validation error of its element.
Unknown and read-only fields are passed over, and null is the same as leaving the field out, as no client could tell otherwise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from xero_pipeline.sandbox.xero.params import BadParameter, read_instant
from xero_pipeline.sandbox.xero.record import Record

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NO_GUID = "00000000-0000-0000-0000-000000000000"
DATE = re.compile(r"/Date\(-?\d{1,15}([+-]\d{4})?\)/|\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?")
# Above every amount, quantity and rate that Xero takes, and small enough for their products to stay exact.
LARGEST = Decimal(10) ** 12

Reader = Callable[[object, str, list[str]], object]
Schema = Mapping[str, Reader]


class Unreadable(Exception):
    """The body, or a value in it, cannot be read; the message is what error 14 says."""


@dataclass(slots=True)
class Element:
    """One element of a body: its fields, and what is wrong with them that needs no book to see."""

    fields: Record
    problems: list[str] = field(default_factory=list)


def read_elements(content: bytes, plural: str, schema: Schema) -> list[Element]:
    """The elements of a body: `{"Plural": [...]}`, or one of them by itself."""
    given = _parsed(content)
    if not isinstance(given, dict):
        raise Unreadable(f"The body must be an object, or an object with an array named {plural}.")
    batch = next((value for name, value in given.items() if name.lower() == plural.lower()), None)
    if batch is None:
        return [_element(given, "", schema)]
    if not isinstance(batch, list):
        raise Unreadable(_message(batch, plural, "System.Array"))
    return [_element(value, f"{plural}[{number}]", schema) for number, value in enumerate(batch)]


def text(limit: int) -> Reader:
    """Text of at most `limit` characters; a number is read as its text."""

    def read(value: object, path: str, problems: list[str]) -> object:
        if isinstance(value, Decimal):
            value = str(value)
        if not isinstance(value, str) or not _sayable(value):
            raise Unreadable(_message(value, path, "System.String"))
        if len(value) > limit:
            problems.append(f"{path.rpartition('.')[2]} must not be longer than {limit} characters")  # wording ours
        return value

    return read


def guid(value: object, path: str, problems: list[str]) -> object:
    """A GUID in lower case; the one of zeros alone stands for none."""
    if not isinstance(value, str) or (value and not GUID.fullmatch(value.lower())):
        raise Unreadable(_message(value, path, "System.Guid"))
    return None if value in ("", NO_GUID) else value.lower()


def number(value: object, path: str, problems: list[str]) -> object:
    """A number, given as one or as text."""
    try:
        read = value if isinstance(value, Decimal) else Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        read = None
    if read is None or not read.is_finite() or abs(read) >= LARGEST:
        raise Unreadable(_message(value, path, "System.Decimal"))
    return read


def whole(value: object, path: str, problems: list[str]) -> object:
    """A whole number."""
    read = number(value, path, problems)
    if not isinstance(read, Decimal) or read != read.to_integral_value():
        raise Unreadable(_message(value, path, "System.Int32"))
    return int(read)


def flag(value: object, path: str, problems: list[str]) -> object:
    """A boolean, given as one or as text."""
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise Unreadable(_message(value, path, "System.Boolean"))
    return value


def day(value: object, path: str, problems: list[str]) -> object:
    """A calendar date: `YYYY-MM-DD`, `YYYY-MM-DDTHH:MM:SS` or `/Date(ms)/`, whose day is the one in UTC."""
    if isinstance(value, str) and DATE.fullmatch(value):
        try:
            return read_instant(value, path).date()
        except (BadParameter, ValueError, OverflowError, OSError):
            pass
    raise Unreadable(f"The string '{_shown(value)}' is not a valid AllXsd value.")


def one_of(*names: str) -> Reader:
    """One of these words, in any case; "" stands for none."""
    known = {name.upper(): name for name in names}

    def read(value: object, path: str, problems: list[str]) -> object:
        if value == "":
            return None
        if not isinstance(value, str) or value.upper() not in known:
            raise Unreadable(_message(value, path, "System.Enum"))
        return known[value.upper()]

    return read


def nested(schema: Schema) -> Reader:
    """An object with these fields."""
    return lambda value, path, problems: _fields(value, path, schema, problems)


def many(schema: Schema, most: int | None = None) -> Reader:
    """An array of objects with these fields, of which null ones are passed over."""

    def read(value: object, path: str, problems: list[str]) -> object:
        if not isinstance(value, list):
            raise Unreadable(_message(value, path, "System.Array"))
        given = [(f"{path}[{number}]", item) for number, item in enumerate(value) if item is not None]
        if most is not None and len(given) > most:
            problems.append(f"{path.rpartition('.')[2]} must not have more than {most} elements")  # wording ours
        return [_fields(item, item_path, schema, problems) for item_path, item in given]

    return read


def _parsed(content: bytes) -> object:
    try:
        return json.loads(content, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_constant)
    except (ValueError, InvalidOperation, RecursionError) as error:
        raise Unreadable(f"The body is not JSON: {error}") from error


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no number")


def _element(value: object, path: str, schema: Schema) -> Element:
    problems: list[str] = []
    return Element(_fields(value, path, schema, problems), problems)


def _fields(value: object, path: str, schema: Schema, problems: list[str]) -> Record:
    if not isinstance(value, dict):
        raise Unreadable(_message(value, path, "System.Object"))
    fields: Record = {}
    for name, given in value.items():
        reader = schema.get(name)
        if reader is None or given is None:
            continue
        read = reader(given, f"{path}.{name}" if path else name, problems)
        if read is not None:
            fields[name] = read
    return fields


def _message(value: object, path: str, kind: str) -> str:
    return f"Error converting value \"{_shown(value)}\" to type '{kind}'. Path '{path}'."


def _shown(value: object) -> str:
    shown = str(value) if isinstance(value, str | Decimal) else json.dumps(value, default=str)
    return shown.encode("utf-8", "replace").decode()


def _sayable(value: str) -> bool:
    """Whether the text can be written as UTF-8: half a surrogate pair cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
