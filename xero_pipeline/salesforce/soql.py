"""SOQL text built from data without a way out of its quotes, and only from names that can be names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias, TypeVar

from xero_pipeline.salesforce.values import instant_text

Literal: TypeAlias = str | bool | int | Decimal | date | datetime | None
T = TypeVar("T")

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*){0,5}")
_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
# URI and headers together may hold 16,384 bytes (salesforce.md section 2, Query); 300 ids keep well below.
MOST_IN_A_LIST = 300


def name(text: str) -> str:
    """A field, relationship path or object name. Raises ValueError for anything else, so that no data can pass for a name."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"{text!r} is not a name in SOQL")
    return text


def literal(value: Literal) -> str:
    """A value as SOQL writes it: quoted and escaped text, unquoted numbers, dates and UTC instants, `null`, `true`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, Decimal)):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    return "'" + "".join(_escaped(character) for character in value) + "'"


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return f"\\u{ord(character):04X}" if ord(character) < 0x20 else character


def compare(field: str, operator: str, value: Literal) -> str:
    """`field operator value`; the operator is one of = != < <= > >=."""
    if operator not in ("=", "!=", "<", "<=", ">", ">="):
        raise ValueError(f"{operator!r} is not a comparison")
    return f"{name(field)} {operator} {literal(value)}"


def is_in(field: str, values: Sequence[Literal]) -> str:
    """`field IN (…)`. Raises ValueError when there is nothing to look for or too much for one request."""
    if not 0 < len(values) <= MOST_IN_A_LIST:
        raise ValueError(f"an IN list holds 1 to {MOST_IN_A_LIST} values, not {len(values)}")
    return f"{name(field)} IN ({', '.join(map(literal, values))})"


def lists_of(values: Iterable[T], size: int = MOST_IN_A_LIST) -> Iterator[list[T]]:
    """The values, without repeats, in lists short enough for one IN."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), size):
        yield distinct[start : start + size]


def select(
    fields: Sequence[str],
    from_object: str,
    where: Sequence[str] = (),
    order_by: Sequence[str] = (),
    limit: int | None = None,
) -> str:
    """A whole query. `where` holds conditions from `compare` and `is_in`, all of which must hold."""
    query = f"SELECT {', '.join(map(name, fields))} FROM {name(from_object)}"
    if where:
        query += f" WHERE {' AND '.join(where)}"
    if order_by:
        query += f" ORDER BY {', '.join(map(name, order_by))}"
    if limit is not None:
        query += f" LIMIT {limit:d}"
    return query
