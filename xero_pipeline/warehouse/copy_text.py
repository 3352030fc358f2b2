"""Rows to PostgreSQL's COPY text, a column at a time: a third less of Python's time than psycopg's `write_row`.

(100,000 rows of 31 columns, two cores: 0.70 s against 1.05 s of CPU for text, 1.25 s for binary.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from sqlalchemy import Boolean, Column, Date, DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB

Row = Sequence[object]
Format = Callable[[Sequence[object]], Sequence[str]]
# How many rows, and their COPY text: columns between tabs, every row with its line's end.
Batch = tuple[int, bytes]

# Rows are turned into text this many at a time, so that a caller may hand in an endless iterator.
BATCH = 2_000

_NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": None})


def formats_of(columns: Iterable[Column[object]]) -> list[Format]:
    """How each column's values are written, by its declared type."""
    return [_format_of(column) for column in columns]


def encode(rows: Iterable[Row], formats: Sequence[Format]) -> Iterator[Batch]:
    """The COPY text of each batch of rows.

    Values are None, str, bool, date, aware datetime, Decimal, int, or JSON as text. Raises ValueError for a row of another
    length than `formats`.
    """
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        columns = list(zip(*batch, strict=True))
        texts = [write(column) for write, column in zip(formats, columns, strict=True)]
        yield len(batch), ("\n".join(map("\t".join, zip(*texts, strict=True))) + "\n").encode()


def with_tail(text: bytes, tail: str) -> bytes:
    """A batch's text with more columns, the same on every row. No field holds a line's end as it is, so they end rows."""
    return text.replace(b"\n", f"\t{tail}\n".encode())


def _format_of(column: Column[object]) -> Format:
    if isinstance(column.type, Text | JSONB):
        return _text
    if isinstance(column.type, Boolean):
        return _boolean
    if isinstance(column.type, Date | DateTime):
        return _moment
    return _number


def _text(values: Sequence[object]) -> Sequence[str]:
    texts = [_NULL if value is None else value for value in values]
    # One look at all of a column together is cheaper than one at each value, and special characters are rare.
    together = "".join(texts)  # type: ignore[arg-type]
    special = "\t" in together or "\n" in together or "\r" in together or "\0" in together
    if special or together.count("\\") != values.count(None):
        return [_NULL if value is None else str(value).translate(_ESCAPES) for value in values]
    return texts  # type: ignore[return-value]


def _boolean(values: Sequence[object]) -> Sequence[str]:
    return [_NULL if value is None else "t" if value else "f" for value in values]


def _moment(values: Sequence[object]) -> Sequence[str]:
    return [_NULL if value is None else value.isoformat() for value in values]  # type: ignore[attr-defined]


def _number(values: Sequence[object]) -> Sequence[str]:
    return [_NULL if value is None else str(value) for value in values]
