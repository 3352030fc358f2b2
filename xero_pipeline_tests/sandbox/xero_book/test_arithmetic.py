"""Xero's arithmetic, from the official example, the recordings and properties of any document."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.sandbox.xero.arithmetic import cents, in_base_currency, line_amount, line_tax, totals

CENTS = st.decimals("-99999.99", "99999.99", places=2)
RATES = st.sampled_from([Decimal(rate) for rate in ("0", "7.5", "8.25", "10", "12.5", "15", "20")])
LINE_AMOUNT_TYPES = st.sampled_from(["Exclusive", "Inclusive", "NoTax"])
LINES = st.lists(st.tuples(CENTS, RATES), max_size=12)


def test_tax_is_rounded_a_line_and_then_summed() -> None:
    amounts = [Decimal(text) for text in ("25.06", "25.61", "25.63")]
    taxes = [line_tax(amount, Decimal(15), "Exclusive") for amount in amounts]
    assert [str(tax) for tax in taxes] == ["3.76", "3.84", "3.84"]
    assert totals(zip(amounts, taxes, strict=True), "Exclusive").total_tax == Decimal("11.44")


@pytest.mark.parametrize(("amount", "tax"), [("50", "4.13"), ("250", "20.63"), ("650", "53.63"), ("850", "70.13")])
def test_half_a_cent_of_tax_goes_up(amount: str, tax: str) -> None:
    assert line_tax(Decimal(amount), Decimal("8.25"), "Exclusive") == Decimal(tax)


def test_inclusive_tax_is_taken_out_of_the_line() -> None:
    tax = line_tax(Decimal("89.00"), Decimal(15), "Inclusive")
    assert tax == Decimal("11.61")
    assert totals([(Decimal("89.00"), tax)], "Inclusive") == (Decimal("77.39"), Decimal("11.61"), Decimal("89.00"))


@pytest.mark.parametrize(
    ("quantity", "unit_amount", "discount", "amount"),
    [
        ("2.5", "128.00", None, "320.00"),
        ("1.5", "0.23", None, "0.35"),
        ("3", "19.99", "12.50", "52.47"),
        ("17.3", "11.4375", None, "197.87"),
    ],
)
def test_a_line_is_quantity_times_price_less_discount(
    quantity: str, unit_amount: str, discount: str | None, amount: str
) -> None:
    rate = None if discount is None else Decimal(discount)
    assert line_amount(Decimal(quantity), Decimal(unit_amount), discount_rate=rate) == Decimal(amount)


def test_a_discount_may_be_an_amount() -> None:
    assert line_amount(Decimal(2), Decimal("50.00"), discount_amount=Decimal("7.25")) == Decimal("92.75")


def test_a_rate_counts_foreign_units_for_one_of_the_base() -> None:
    assert in_base_currency(Decimal("100.00"), Decimal("0.595000")) == Decimal("168.07")
    assert in_base_currency(Decimal("100.00"), None) == Decimal("100.00")


@given(LINES, LINE_AMOUNT_TYPES)
def test_total_is_sub_total_plus_tax_whatever_the_lines(lines: list[tuple[Decimal, Decimal]], types: str) -> None:
    priced = [(amount, line_tax(amount, rate, types)) for amount, rate in lines]
    result = totals(priced, types)
    assert result.total == result.sub_total + result.total_tax
    assert result.total_tax == sum((tax for _, tax in priced), Decimal(0))
    summed = sum((amount for amount, _ in priced), Decimal(0))
    assert summed == (result.total if types == "Inclusive" else result.sub_total)


@given(CENTS, RATES)
def test_inclusive_and_exclusive_agree_within_a_cent(amount: Decimal, rate: Decimal) -> None:
    gross = amount + line_tax(amount, rate, "Exclusive")
    net = gross - line_tax(gross, rate, "Inclusive")
    assert abs(net - amount) <= Decimal("0.01")


@given(st.decimals("-99999", "99999", places=5))
def test_rounding_is_symmetric_and_within_half_a_cent(number: Decimal) -> None:
    assert cents(-number) == -cents(number)
    assert abs(cents(number) - number) <= Decimal("0.005")
