"""Rows to what COPY reads: JSON arrays, one a row, which without their brackets are PostgreSQL's CSV.

Both put text between quotation marks and commas between columns, and with the backslash as CSV's escape they agree on quotation
marks and backslashes in text. What JSON writes besides, such as `\\n`, becomes the character itself. So rows are written by
msgspec, at a fifth of the time that writing COPY's text takes in Python (a page of 1,000 invoices with their lines, two cores:
1.6 ms of CPU against 8.4 ms).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import msgspec

Row = Sequence[object]
# How many rows, and these as lines of JSON.
Batch = tuple[int, bytes]

# Rows are turned into text this many at a time, so that a caller may hand in an endless iterator.
BATCH = 2_000

# How COPY is told to read it. Text that says null has quotation marks, and so is no NULL.
OPTIONS = r"(FORMAT csv, NULL 'null', ESCAPE E'\\')"

_rows = msgspec.json.Encoder(decimal_format="number")
_ESCAPED = re.compile(rb'\\(?:["\\]|[bfnrt]|u00[01][0-9a-fA-F])')
_MEANT = {b"\\b": b"\b", b"\\f": b"\f", b"\\n": b"\n", b"\\r": b"\r", b"\\t": b"\t", b"\\u0000": b""}


def encode(rows: Iterable[Row], width: int) -> Iterator[Batch]:
    """Rows as lines of JSON, a batch at a time.

    Values are None, str, bool, date, aware datetime, Decimal, int, or JSON as text. Raises ValueError for a row that has not
    `width` columns.
    """
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        if set(map(len, batch)) != {width}:
            raise ValueError(f"a row has not the {width} columns of its table")
        yield len(batch), _rows.encode_lines(batch)


def finished(lines: bytes, *tail: str | int) -> bytes:
    """A batch as CSV, with more columns that are the same on every row. PostgreSQL's text cannot hold NUL, which is left out."""
    end = b"," + _rows.encode(tail)[1:-1] + b"\n"
    # In a text the end of a line is escaped, so this is what stands between two rows, and nothing else. To replace it would take
    # Python twice as long as to take it away and put the other in.
    csv = end.join(lines[1:-2].split(b"]\n[")) + end
    return _ESCAPED.sub(_meant, csv) if b"\\" in csv else csv


def _meant(found: re.Match[bytes]) -> bytes:
    escape = found[0]
    if escape[1:] in (b'"', b"\\"):
        return escape
    return _MEANT[escape] if escape in _MEANT else bytes([int(escape[2:], 16)])
