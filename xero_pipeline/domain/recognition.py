"""Which lines of an invoice in Xero are those of a sale, where nothing was written down when they were made.

An answer that was lost takes the ids of new lines with it, and so does a ledger that was lost. A line that says the same is taken
for the same, because taking it for another's would add it a second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xero_pipeline.domain.books import Invoice, InvoiceLine
from xero_pipeline.domain.drafts import DraftLine


def recognised(invoice: Invoice, lines: Sequence[DraftLine]) -> Invoice:
    """The invoice with the ids of all lines of the sale that it has: known ones, and those equal to a line without an id."""
    there = {line.line_item_id for line in invoice.lines}
    known = {line_id: item_id for line_id, item_id in invoice.line_ids.items() if item_id in there}
    taken = set(known.values())
    for line in lines:
        if line.line_id in known:
            continue
        found = next(
            (each for each in invoice.lines if each.line_item_id not in taken and _says_the_same(line, each)), None
        )
        if found is not None:
            known[line.line_id] = found.line_item_id
            taken.add(found.line_item_id)
    return replace(invoice, line_ids=known)


def _says_the_same(line: DraftLine, other: InvoiceLine) -> bool:
    return (line.description, line.quantity, line.unit_amount, line.item_code or "", line.account_code or "") == (
        other.description,
        other.quantity,
        other.unit_amount,
        other.item_code,
        other.account_code,
    )
