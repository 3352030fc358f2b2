from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.salesforce.chunks import chunks

Item = tuple[int, str, str]  # position, key, parent
_ITEMS = st.lists(st.tuples(st.sampled_from("abcdeABCDE"), st.sampled_from("xyz"))).map(
    lambda pairs: [(index, key, parent) for index, (key, parent) in enumerate(pairs)]
)
_SIZES = st.integers(1, 6)


def _cut(items: list[Item], size: int) -> list[list[Item]]:
    return list(chunks(items, key=lambda item: item[1], group=lambda item: item[2], size=size))


@given(_ITEMS, _SIZES)
def test_every_record_is_sent_once_in_chunks_that_are_not_too_large(items: list[Item], size: int) -> None:
    cut = _cut(items, size)
    assert sorted(item for chunk in cut for item in chunk) == items
    assert all(0 < len(chunk) <= size for chunk in cut)


@given(_ITEMS, _SIZES)
def test_an_external_id_is_never_twice_in_a_chunk_whatever_its_case(items: list[Item], size: int) -> None:
    for chunk in _cut(items, size):
        assert max(Counter(key.casefold() for _, key, _ in chunk).values()) == 1


@given(_ITEMS, _SIZES)
def test_the_later_of_two_records_with_one_external_id_is_sent_later(items: list[Item], size: int) -> None:
    sent: dict[str, int] = {}
    for chunk in _cut(items, size):
        for index, key, _ in chunk:
            assert index > sent.get(key.casefold(), -1)
            sent[key.casefold()] = index


@given(st.lists(st.sampled_from("xyzuvw")), st.integers(1, 6))
def test_the_records_of_a_parent_share_a_chunk_when_they_fit_in_one(parents: list[str], size: int) -> None:
    items = [(index, str(index), parent) for index, parent in enumerate(parents)]
    cut = _cut(items, size)
    for parent, count in Counter(parents).items():
        holding = [number for number, chunk in enumerate(cut) if any(item[2] == parent for item in chunk)]
        assert len(holding) == 1 if count <= size else holding == list(range(holding[0], holding[-1] + 1))
