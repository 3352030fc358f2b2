"""CSV as Bulk API 2.0 reads and writes it: delimiters and line endings by name, every value quoted on the way out."""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
PACK_FROM = 1 << 18


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one job's CSV is written, in the job's own words."""

    delimiter: str = "COMMA"
    line_ending: str = "LF"

    def rows(self, data: bytes) -> Iterator[list[str]]:
        """The rows of UTF-8 `data`, the header first, empty lines left out. Raises csv.Error."""
        # Decoded as it is read: a large upload as text would take four times its size.
        lines = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="")
        return (row for row in csv.reader(lines, delimiter=DELIMITERS[self.delimiter], strict=True) if row)

    def ends_lines_of(self, data: bytes) -> bool:
        """Whether the first line of `data` ends as this dialect says; a single line without an end does."""
        first = data.find(b"\n")
        return first < 0 or (data[first - 1 : first] == b"\r") == (self.line_ending == "CRLF")

    def written(self, rows: Iterable[Sequence[str]]) -> str:
        """`rows` as text."""
        text = io.StringIO(newline="")
        csv.writer(
            text,
            delimiter=DELIMITERS[self.delimiter],
            lineterminator=LINE_ENDINGS[self.line_ending],
            quoting=csv.QUOTE_ALL,
        ).writerows(rows)
        return text.getvalue()


class ResultFile:
    """A CSV that grows. Kept compressed: a large job's results would otherwise outweigh the records they are about."""

    def __init__(self, dialect: Dialect, header: Sequence[str]) -> None:
        self._dialect = dialect
        self._packer = zlib.compressobj(1)
        self._packed = bytearray()
        self._rows: list[Sequence[str]] = [header]
        self._size = 0

    def add(self, row: Sequence[str]) -> None:
        """One more row."""
        self._rows.append(row)
        self._size += sum(map(len, row))
        if self._size > PACK_FROM:
            self._pack()

    def content(self) -> bytes:
        """The whole file so far, UTF-8."""
        self._pack()
        return zlib.decompress(bytes(self._packed) + self._packer.copy().flush())

    def _pack(self) -> None:
        self._packed += self._packer.compress(self._dialect.written(self._rows).encode())
        self._rows = []
        self._size = 0
