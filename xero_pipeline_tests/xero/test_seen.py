from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.xero.seen import Seen


@given(st.lists(st.lists(st.text(max_size=8), max_size=20), max_size=10))
def test_distinct_ids_are_counted(pages: list[list[str]]) -> None:
    seen = Seen()
    for page in pages:
        seen.add(page)
    assert seen.count() == len({one for page in pages for one in page})


def test_a_page_that_repeats_is_recognised_until_another_pass_begins() -> None:
    seen = Seen()
    assert seen.add_page(1, ["a", "b"]) is None
    assert seen.add_page(2, ["b", "a"]) is None
    assert seen.add_page(3, ["a", "b"]) == 1
    seen.forget_pages()
    assert seen.add_page(3, ["a", "b"]) is None


def test_empty_pages_do_not_repeat_each_other() -> None:
    seen = Seen()
    assert seen.add_page(1, []) is None
    assert seen.add_page(2, []) is None
