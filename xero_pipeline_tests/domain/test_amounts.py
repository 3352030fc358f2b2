"""Totals are known before Xero works them out: lines and their tax to cents, ties away from zero, then summed."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xero_pipeline.domain.amounts import Totals, cents, four_places, line_amount, line_tax, totals, unit_amount_for

LineAmountTypes = Literal["Exclusive", "Inclusive", "NoTax"]

quantities = st.decimals("-9999", "9999", places=4)
prices = st.decimals("-99999", "99999", places=4)
percents = st.none() | st.decimals(0, 100, places=2)
amounts = st.decimals("-9999999", "9999999", places=2)
rates = st.decimals(0, 30, places=4)
terms = st.sampled_from(["Exclusive", "Inclusive", "NoTax"])


def rounded(exact: Fraction, places: int = 2) -> Decimal:
    """Rounding as one does it by hand: of the size, up from half, and the sign put back."""
    units = int(abs(exact) * 10**places + Fraction(1, 2))
    return Decimal(units if exact >= 0 else -units).scaleb(-places)


def test_xeros_own_example_of_rounding_comes_out_as_xero_has_it() -> None:
    lines = [
        (amount, line_tax(amount, Decimal(15), "Exclusive")) for amount in map(Decimal, ("25.06", "25.61", "25.63"))
    ]
    assert [tax for _, tax in lines] == [Decimal("3.76"), Decimal("3.84"), Decimal("3.84")]
    assert totals(lines, "Exclusive") == Totals(Decimal("76.30"), Decimal("11.44"), Decimal("87.74"))


@pytest.mark.parametrize(
    ("amount", "tax"), [("50", "4.13"), ("250", "20.63"), ("650", "53.63"), ("850", "70.13"), ("-50", "-4.13")]
)
def test_recorded_ties_of_tax_go_away_from_zero(amount: str, tax: str) -> None:
    assert line_tax(Decimal(amount), Decimal("8.25"), "Exclusive") == Decimal(tax)


def test_tax_within_the_price_is_taken_out_of_it() -> None:
    tax = line_tax(Decimal("89.00"), Decimal(15), "Inclusive")
    assert tax == Decimal("11.61")
    assert totals([(Decimal("89.00"), tax)], "Inclusive") == Totals(
        Decimal("77.39"), Decimal("11.61"), Decimal("89.00")
    )


def test_what_is_not_taxed_has_no_tax_whatever_the_rate() -> None:
    assert line_tax(Decimal(100), Decimal(15), "NoTax") == 0


def test_nothing_adds_up_to_nothing() -> None:
    assert totals([], "Inclusive") == Totals(Decimal(0), Decimal(0), Decimal(0))


@given(quantities, prices, percents)
@example(Decimal("0.5"), Decimal("0.01"), None)
@example(Decimal("-0.5"), Decimal("0.01"), None)
@example(Decimal(3), Decimal("33.3333"), Decimal("12.5"))
def test_a_line_is_quantity_times_price_less_discount_to_the_cent(
    quantity: Decimal, price: Decimal, discount: Decimal | None
) -> None:
    exact = Fraction(quantity) * Fraction(price) * (1 - Fraction(discount or 0) / 100)
    assert line_amount(quantity, price, discount) == rounded(exact)


@given(amounts, rates)
def test_tax_on_top_is_the_rate_of_the_line_to_the_cent(amount: Decimal, rate: Decimal) -> None:
    assert line_tax(amount, rate, "Exclusive") == rounded(Fraction(amount) * Fraction(rate) / 100)


@given(amounts, rates)
def test_tax_within_is_the_part_of_the_line_that_the_rate_added(amount: Decimal, rate: Decimal) -> None:
    net = Fraction(amount) / (1 + Fraction(rate) / 100)
    assert line_tax(amount, rate, "Inclusive") == rounded(Fraction(amount) - net)


@given(amounts, rates, terms)
def test_a_line_taken_back_takes_its_tax_back_to_the_cent(
    amount: Decimal, rate: Decimal, kind: LineAmountTypes
) -> None:
    assert line_tax(-amount, rate, kind) == -line_tax(amount, rate, kind)


@given(st.lists(st.tuples(amounts, rates)), terms)
def test_totals_are_sums_of_what_is_rounded_already(
    lines: list[tuple[Decimal, Decimal]], kind: LineAmountTypes
) -> None:
    pairs = [(amount, line_tax(amount, rate, kind)) for amount, rate in lines]
    result = totals(pairs, kind)
    assert result.total == result.sub_total + result.total_tax
    assert result.total_tax == sum(tax for _, tax in pairs)
    assert (result.total if kind == "Inclusive" else result.sub_total) == sum(amount for amount, _ in pairs)


@given(st.decimals("-1000000", "1000000", places=6))
def test_rounding_is_to_the_nearest_and_ties_go_away_from_zero(number: Decimal) -> None:
    assert cents(number) == rounded(Fraction(number))
    assert four_places(number) == rounded(Fraction(number), 4)


@pytest.mark.parametrize("number", ["-0.00", "-0.004", "0"])
def test_nothing_has_no_sign(number: str) -> None:
    assert str(cents(Decimal(number))) == "0.00"


@given(quantities, prices, percents)
def test_the_unit_amount_is_salesforces_price_where_that_gives_its_total(
    quantity: Decimal, price: Decimal, discount: Decimal | None
) -> None:
    assert unit_amount_for(quantity, price, discount, line_amount(quantity, price, discount)) == price


@given(quantities, prices, percents, prices)
@example(Decimal(3), Decimal("33.3333"), None, Decimal("33.33"))
@example(Decimal(100), Decimal("0.0301"), None, Decimal("0.03"))
def test_a_unit_amount_that_gives_the_total_is_found_whenever_there_is_one(
    quantity: Decimal, one: Decimal, discount: Decimal | None, shown: Decimal
) -> None:
    total = line_amount(quantity, one, discount)
    found = unit_amount_for(quantity, shown, discount, total)
    assert found == four_places(found)
    assert line_amount(quantity, found, discount) == total


@given(quantities, prices, percents, amounts)
def test_where_there_is_none_the_nearest_is_taken(
    quantity: Decimal, shown: Decimal, discount: Decimal | None, total: Decimal
) -> None:
    found = unit_amount_for(quantity, shown, discount, total)
    step = Decimal("0.0001")

    def away(price: Decimal) -> Fraction:
        return abs(Fraction(quantity) * Fraction(price) * (1 - Fraction(discount or 0) / 100) - Fraction(total))

    if line_amount(quantity, found, discount) != total:
        assert away(found) <= min(away(found - step), away(found + step))


@pytest.mark.parametrize(("quantity", "discount"), [(0, None), (5, 100), (0, 100)])
def test_of_nothing_no_price_makes_something(quantity: int, discount: int | None) -> None:
    rate = None if discount is None else Decimal(discount)
    assert unit_amount_for(Decimal(quantity), Decimal("9.99"), rate, Decimal(70)) == Decimal("9.99")


def test_without_a_total_the_price_stands_with_four_places() -> None:
    assert unit_amount_for(Decimal(2), Decimal("1.23456"), None, None) == Decimal("1.2346")
