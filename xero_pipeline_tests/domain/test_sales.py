"""A sale knows whether it moved since it was planned, and of several words the most specific is heard."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.domain.sales import Sale, Wishes, digest, first_of
from xero_pipeline_tests.domain.trade import customer, line, product, sale

SOLD = sale()


@pytest.mark.parametrize(
    "moved",
    [
        sale(line(quantity=Decimal(3))),
        sale(line(unit_price=Decimal("50.01"))),
        sale(line(discount=Decimal(5))),
        sale(line(total_price=Decimal("99.99"))),
        sale(line(description="By hand")),
        sale(line(wishes=Wishes(tax_type="NONE"))),
        sale(line(product=product(product_id="another"))),
        sale(line(), line("00k2")),
        sale(name="Beans for June"),
        sale(phase="Negotiation/Review"),
        sale(day=date(2026, 5, 5)),
        sale(reference="PO 7"),
        sale(currency="AUD"),
        sale(due_date=date(2026, 6, 1)),
        sale(deposit_percent=Decimal(30)),
        sale(wishes=Wishes(branding_theme="Special")),
        sale(customer=customer(account_id="001another")),
        sale(customer=None),
    ],
)
def test_a_sale_that_somebody_edited_has_moved(moved: Sale) -> None:
    assert moved.source_hash != SOLD.source_hash


@pytest.mark.parametrize(
    "same",
    [
        sale(line(quantity=Decimal("2.00"), unit_price=Decimal("50.000"), total_price=Decimal("100.0"))),
        sale(customer=customer(name="Harbour Café", phone="09 555 0100")),
        sale(line(product=product(name="Beans", price=Decimal(60)))),
        sale(owner="Somebody else"),
    ],
)
def test_equal_amounts_and_edits_of_other_records_move_no_sale(same: Sale) -> None:
    assert same.source_hash == SOLD.source_hash


def test_the_order_of_lines_is_part_of_a_sale() -> None:
    first, second = line("00k1"), line("00k2")
    assert sale(first, second).source_hash != sale(second, first).source_hash


@given(st.decimals("-100000", "100000", places=4), st.integers(0, 4))
def test_equal_amounts_have_equal_digests_however_many_zeros_they_end_in(amount: Decimal, zeros: int) -> None:
    longer = amount.quantize(Decimal(1).scaleb(-4 - zeros))
    assert digest({"amount": amount}) == digest({"amount": longer})


@given(st.decimals("-1000", "1000", places=4), st.decimals("-1000", "1000", places=4))
def test_different_amounts_have_different_digests(one: Decimal, other: Decimal) -> None:
    assert (digest([one]) == digest([other])) == (one == other)


def test_nothing_known_is_not_a_known_nothing() -> None:
    assert digest([None]) != digest([Decimal(0)])


def test_the_order_of_names_is_no_difference() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


def test_a_digest_is_told_apart_by_every_line_of_a_sale() -> None:
    assert replace(SOLD, lines=()).source_hash != SOLD.source_hash


@given(st.lists(st.sampled_from(["", " ", "\t\n", "200", " 210 ", "x y"])))
def test_the_first_word_that_says_something_is_heard_without_its_blanks(words: list[str]) -> None:
    saying = [word.strip() for word in words if word.strip()]
    assert first_of(words) == (saying[0] if saying else "")
