"""Xero's arithmetic: lines rounded half-up to cents, tax per line and then summed, inclusive, exclusive or without tax.

Source: reference xero.md section 3, "Rounding" and "Discount": recordings prove half-up for tax. Half-up of a negative amount
is taken away from zero, which no recording shows either way.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

CENT = Decimal("0.01")
FOUR_PLACES = Decimal("0.0001")
SIX_PLACES = Decimal("0.000001")
HUNDRED = Decimal(100)
NOTHING = Decimal("0.00")

EXCLUSIVE = "Exclusive"
INCLUSIVE = "Inclusive"
NO_TAX = "NoTax"
LINE_AMOUNT_TYPES = (EXCLUSIVE, INCLUSIVE, NO_TAX)


class Totals(NamedTuple):
    """A document's totals in its own currency, in cents."""

    sub_total: Decimal
    total_tax: Decimal
    total: Decimal


def cents(amount: Decimal) -> Decimal:
    """`amount` rounded half-up to two places."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@lru_cache(maxsize=8192)
def four_places(number: Decimal) -> Decimal:
    """`number` rounded half-up to four places: quantities, unit amounts, tax rates. They repeat, so equal ones are shared."""
    return number.quantize(FOUR_PLACES, ROUND_HALF_UP)


def six_places(rate: Decimal) -> Decimal:
    """`rate` rounded half-up to six places: currency rates."""
    return rate.quantize(SIX_PLACES, ROUND_HALF_UP)


def line_amount(
    quantity: Decimal,
    unit_amount: Decimal,
    *,
    discount_rate: Decimal | None = None,
    discount_amount: Decimal | None = None,
) -> Decimal:
    """Quantity x unit amount less the discount: `discount_rate` in percent, or `discount_amount` in money."""
    gross = quantity * unit_amount
    if discount_rate is not None:
        gross = gross * (HUNDRED - discount_rate) / HUNDRED
    elif discount_amount is not None:
        gross -= discount_amount
    return gross.quantize(CENT, ROUND_HALF_UP)


def line_tax(amount: Decimal, rate: Decimal, line_amount_types: str) -> Decimal:
    """The tax of one line: `rate` in percent, on top of `amount` (Exclusive), inside it (Inclusive) or none (NoTax)."""
    if not rate or line_amount_types == NO_TAX:
        return NOTHING
    base = HUNDRED + rate if line_amount_types == INCLUSIVE else HUNDRED
    return (amount * rate / base).quantize(CENT, ROUND_HALF_UP)


def totals(lines: Iterable[tuple[Decimal, Decimal]], line_amount_types: str) -> Totals:
    """The totals of (line amount, tax amount) pairs: rounded lines summed, so nothing is rounded again."""
    amounts = taxes = NOTHING
    for amount, tax in lines:
        amounts += amount
        taxes += tax
    if line_amount_types == INCLUSIVE:
        return Totals(amounts - taxes, taxes, amounts)
    return Totals(amounts, taxes, amounts + taxes)


def in_base_currency(amount: Decimal, currency_rate: Decimal | None) -> Decimal:
    """`amount` of a document in the organisation's currency, in cents.

    `currency_rate` counts units of the document's currency for one of the base currency. The direction is stated in no source
    (xero.md section 3, "Currency"); this is the one used throughout the sandbox.
    """
    if currency_rate is None or not currency_rate or currency_rate == 1:
        return amount
    return (amount / currency_rate).quantize(CENT, ROUND_HALF_UP)
