"""A line in Xero that says the same as a line of the sale is taken for it, so that none is added a second time."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.domain.recognition import recognised
from xero_pipeline.domain.sales import SaleLine, Wishes
from xero_pipeline_tests.domain.trade import invoiced, line, sale, the_draft

MADE = the_draft(sale(line("a"), line("b"), line("c", quantity=Decimal(7))))
THERE = invoiced(MADE)
FORGOTTEN = replace(THERE, line_ids={})


def test_what_was_written_down_is_believed() -> None:
    assert recognised(THERE, MADE.lines) == THERE


def test_without_a_ledger_equal_lines_are_recognised_each_once() -> None:
    assert recognised(FORGOTTEN, MADE.lines).line_ids == {"a": "l-1", "b": "l-2", "c": "l-3"}


def test_a_line_that_is_gone_from_xero_is_not_known_any_more() -> None:
    assert recognised(replace(THERE, lines=THERE.lines[1:]), MADE.lines).line_ids == {"b": "l-2", "c": "l-3"}


def test_a_line_that_the_sale_lost_is_still_ours() -> None:
    assert recognised(THERE, MADE.lines[:1]).line_ids == THERE.line_ids


EDITED = [
    line(quantity=Decimal(3)),
    line(unit_price=Decimal(51)),
    line(description="Tea"),
    line(wishes=Wishes("210")),
]


@pytest.mark.parametrize("edited", EDITED)
def test_a_line_that_was_sent_and_edited_since_is_known_by_its_product(edited: SaleLine) -> None:
    lines = the_draft(sale(edited)).lines
    unanswered = replace(FORGOTTEN, line_ids={"b": "l-2"}, unanswered=frozenset({edited.line_id}))
    assert recognised(FORGOTTEN, lines).line_ids == {edited.line_id: "l-1"}
    assert recognised(unanswered, lines).line_ids == {"b": "l-2", edited.line_id: "l-1"}


@pytest.mark.parametrize("other", EDITED)
def test_a_line_that_nobody_sent_yet_takes_no_line_that_says_something_else(other: SaleLine) -> None:
    partly = replace(FORGOTTEN, line_ids={"b": "l-2"})
    assert recognised(partly, the_draft(sale(other)).lines).line_ids == {"b": "l-2"}


def test_a_line_of_no_product_is_known_by_all_it_says_or_not_at_all() -> None:
    lines = the_draft(sale(line(product=None, description="Beans, 1 kg"))).lines
    assert recognised(FORGOTTEN, lines).line_ids == {}


@given(st.lists(st.integers(1, 3), min_size=1, max_size=6), st.data())
def test_no_line_in_xero_is_taken_for_two_of_a_sale(quantities: list[int], data: st.DataObject) -> None:
    made = the_draft(sale(*(line(f"k{place}", quantity=Decimal(each)) for place, each in enumerate(quantities))))
    there = invoiced(made)
    remembered = data.draw(st.sets(st.sampled_from(sorted(there.line_ids))))
    partly = replace(there, line_ids={key: there.line_ids[key] for key in remembered})
    found = recognised(partly, made.lines).line_ids
    assert sorted(found) == sorted(there.line_ids)
    assert sorted(found.values()) == sorted(there.line_ids.values())
    assert all(found[key] == there.line_ids[key] for key in remembered)
