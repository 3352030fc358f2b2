"""Which ids have arrived, kept in eight bytes each, so that a list of a million records can be proven complete."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

_BUCKETS = 256


class Seen:
    """Counts distinct ids and recognises pages that repeat.

    Ids are kept as 64-bit hashes in buckets: counted one bucket at a time, a million of them never need more than eight
    megabytes. Two ids sharing a hash, about once in 30 million lists of a million, would only look like a missing record.
    """

    def __init__(self) -> None:
        self._buckets = [array("q") for _ in range(_BUCKETS)]
        self._pages: dict[int, int] = {}

    def add(self, ids: Sequence[str]) -> None:
        buckets = self._buckets
        for one in ids:
            value = hash(one)
            buckets[value & 255].append(value)

    def add_page(self, number: int, ids: Sequence[str]) -> int | None:
        """Add a page's ids. Returns the number of another page with the very same ids, if one was added."""
        self.add(ids)
        if not ids:
            return None
        twin = self._pages.setdefault(hash(tuple(ids)), number)
        return twin if twin != number else None

    def forget_pages(self) -> None:
        """Begin another pass: pages may now hold what their neighbours held before."""
        self._pages.clear()

    def count(self) -> int:
        """How many distinct ids have been added."""
        return sum(len(set(bucket)) for bucket in self._buckets)
