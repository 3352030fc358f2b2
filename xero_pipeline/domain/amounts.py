"""Xero's arithmetic, so that what an invoice will add up to is known before it is sent.

Every line is rounded to cents, tax is rounded a line and then summed, and totals are sums of what is rounded already (xero.md
section 3, "Rounding"; products.md 2.31). Ties go away from zero: recordings prove it for tax, and for line amounts none shows
otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

LineAmountTypes = Literal["Exclusive", "Inclusive", "NoTax"]

NOTHING = Decimal("0.00")
_CENT = Decimal("0.01")
_FOUR_PLACES = Decimal("0.0001")
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Totals:
    """A document's totals in its own currency, in cents."""

    sub_total: Decimal
    total_tax: Decimal
    total: Decimal


def cents(amount: Decimal) -> Decimal:
    """`amount` to two places, ties away from zero; nothing has no sign."""
    return amount.quantize(_CENT, ROUND_HALF_UP) + NOTHING


def four_places(number: Decimal) -> Decimal:
    """Quantities and unit amounts have four places at most (xero.md section 2, LineItem)."""
    return number.quantize(_FOUR_PLACES, ROUND_HALF_UP)


def line_amount(quantity: Decimal, unit_amount: Decimal, discount_rate: Decimal | None) -> Decimal:
    """Quantity times unit amount, less `discount_rate` per cent."""
    return cents(quantity * unit_amount * (_HUNDRED - (discount_rate or 0)) / _HUNDRED)


def line_tax(amount: Decimal, rate: Decimal, amounts: LineAmountTypes) -> Decimal:
    """The tax of a line: `rate` in per cent, on top of `amount`, within it, or none."""
    if amounts == "NoTax":
        return NOTHING
    return cents(amount * rate / (_HUNDRED + rate if amounts == "Inclusive" else _HUNDRED))


def totals(lines: Iterable[tuple[Decimal, Decimal]], amounts: LineAmountTypes) -> Totals:
    """The totals of (line amount, tax amount) pairs."""
    pairs = tuple(lines)
    amount = sum((line for line, _ in pairs), NOTHING)
    tax = sum((tax for _, tax in pairs), NOTHING)
    return Totals(amount - tax, tax, amount) if amounts == "Inclusive" else Totals(amount, tax, amount + tax)


def unit_amount_for(
    quantity: Decimal, unit_price: Decimal, discount_rate: Decimal | None, total_price: Decimal | None
) -> Decimal:
    """The unit amount that gives `total_price` to the cent, or comes as near to it as four places allow.

    Salesforce keeps the total of a line that was entered by hand and derives a price of fewer places from it. That price is
    taken where it gives the total; else the one that does, with four places. Of nothing, no price makes something.
    """
    price = four_places(unit_price)
    if total_price is None or line_amount(quantity, price, discount_rate) == cents(total_price):
        return price
    share = quantity * (_HUNDRED - (discount_rate or 0)) / _HUNDRED
    return four_places(cents(total_price) / share) if share else price
