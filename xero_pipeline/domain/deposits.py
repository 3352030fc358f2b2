"""A sale in two invoices: a deposit and the balance, which together ask for the whole sale to the cent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from xero_pipeline.domain.amounts import NOTHING, LineAmountTypes, cents
from xero_pipeline.domain.books import Books, Invoice
from xero_pipeline.domain.drafting_lines import line_in_xero, tax_of
from xero_pipeline.domain.drafts import DraftLine
from xero_pipeline.domain.export_settings import Export
from xero_pipeline.domain.sales import SaleLine

_HUNDRED = Decimal(100)
_LONGEST_DESCRIPTION = 4000
_LABEL = "Deposit"


def deposit_lines(
    lines: tuple[DraftLine, ...], percent: Decimal, amounts: LineAmountTypes, books: Books
) -> tuple[DraftLine, ...]:
    """The deposit on each line, as money and not as goods: an item is delivered once, with the balance.

    What the line lacks, a price, a quantity or a description, its deposit lacks too, so that a check refuses both.
    """
    label = f"{_LABEL} {percent.normalize():f} %: "
    return tuple(_share(line, percent, label, amounts, books) for line in lines)


def deposit_in_xero(invoice: Invoice, amounts: LineAmountTypes, books: Books, export: Export) -> tuple[DraftLine, ...]:
    """What the deposit invoice asked for, once that cannot be changed any more.

    Lines that people added are not the deposit's. Where nobody wrote down which lines an export made, all of them are: a
    balance that asks for too little is mended sooner than one that asks for the deposit again.
    """
    ours = {item_id: line_id for line_id, item_id in invoice.line_ids.items()} or {
        line.line_item_id: line.line_item_id for line in invoice.lines
    }
    asked = ((ours[line.line_item_id], line) for line in invoice.lines if line.line_item_id in ours)
    return tuple(
        line_in_xero(line_id, position, line, amounts, books, export)
        for position, (line_id, line) in enumerate(asked, start=1)
    )


def balance_lines(
    lines: tuple[DraftLine, ...], deposit: tuple[DraftLine, ...], amounts: LineAmountTypes, books: Books
) -> tuple[DraftLine, ...]:
    """The whole sale, less line by line what its deposit invoice asks for."""
    less = (_taken_off(line, amounts, books) for line in deposit)
    return tuple(replace(line, position=position) for position, line in enumerate((*lines, *less), start=1))


def share_of_totals(lines: Iterable[SaleLine], percent: Decimal) -> Decimal:
    """The deposit as Salesforce's own totals make it."""
    return sum(
        (cents(line.total_price * percent / _HUNDRED) for line in lines if line.total_price is not None), NOTHING
    )


def _share(line: DraftLine, percent: Decimal, label: str, amounts: LineAmountTypes, books: Books) -> DraftLine:
    amount = cents(line.line_amount * percent / _HUNDRED)
    return replace(
        line,
        line_id=f"{line.line_id}:deposit",
        product_id=None,
        item_code=None,
        item_state="not_needed",
        item_name=None,
        description=f"{label}{line.description}"[:_LONGEST_DESCRIPTION] if line.description else "",
        quantity=None if line.quantity is None else Decimal(1),
        unit_amount=None if line.unit_amount is None else amount,
        discount_rate=None,
        line_amount=amount,
        tax_amount=tax_of(amount, line.tax_type, amounts, books),
    )


def _taken_off(line: DraftLine, amounts: LineAmountTypes, books: Books) -> DraftLine:
    label = f"Less {line.description.replace(_LABEL, _LABEL.lower(), 1)}" if line.description else ""
    amount = cents(-line.line_amount)
    return replace(
        line,
        description=label[:_LONGEST_DESCRIPTION],
        unit_amount=None if line.unit_amount is None else NOTHING - line.unit_amount,
        line_amount=amount,
        tax_amount=tax_of(amount, line.tax_type, amounts, books),
    )
