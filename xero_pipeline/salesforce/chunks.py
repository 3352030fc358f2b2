"""How records are cut into chunks for collection calls: one parent in one chunk, one external id never twice in a chunk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

# The most records one collection call takes (salesforce.md section 2, Collections).
CHUNK = 200
T = TypeVar("T")


def chunks(
    items: Iterable[T],
    *,
    key: Callable[[T], str],
    group: Callable[[T], Hashable],
    size: int = CHUNK,
) -> Iterator[list[T]]:
    """Every item once, in chunks of at most `size`.

    Items of a group stay together, because writing a child locks its parent and two requests would wait for each other; only
    a group larger than a chunk is cut, into chunks that follow each other. Salesforce refuses every record that shares an
    external id with another of the same request, so that the second item with a key goes to a later chunk, and the last one
    wins. Keys differ by more than case, as the unique fields of the package do.
    """
    rounds: list[list[T]] = []
    times: defaultdict[str, int] = defaultdict(int)
    for item in items:
        nth = times[folded := key(item).casefold()]
        times[folded] += 1
        if nth == len(rounds):
            rounds.append([])
        rounds[nth].append(item)
    for each_once in rounds:
        yield from _packed(each_once, group, size)


def _packed(items: Sequence[T], group: Callable[[T], Hashable], size: int) -> Iterator[list[T]]:
    groups: dict[Hashable, list[T]] = {}
    for item in items:
        groups.setdefault(group(item), []).append(item)
    chunk: list[T] = []
    for members in groups.values():
        if chunk and len(chunk) + len(members) > size:
            yield chunk
            chunk = []
        while len(members) > size:
            yield members[:size]
            members = members[size:]
        chunk = [*chunk, *members]
    if chunk:
        yield chunk
