"""Which lines of an invoice in Xero are those of a sale, where nothing was written down when they were made.

An answer that was lost takes the ids of new lines with it, and so does a ledger that was lost. A line that says the same is taken
for the same, because taking it for another's would add it a second time. So is one that sells the same product, where the line of
the sale was sent and may have been edited since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xero_pipeline.domain.books import Invoice, InvoiceLine
from xero_pipeline.domain.drafts import DraftLine


def recognised(invoice: Invoice, lines: Sequence[DraftLine]) -> Invoice:
    """The invoice with the ids of all lines of the sale that it has: known ones, and those equal to a line without an id.

    A line that nobody sent yet is never taken for one that sells the same product: that may be what somebody added in Xero.
    """
    there = {line.line_item_id for line in invoice.lines}
    known = {line_id: item_id for line_id, item_id in invoice.line_ids.items() if item_id in there}
    lost = not invoice.line_ids and not invoice.unanswered
    sent = [line for line in lines if lost or line.line_id in invoice.unanswered]
    for candidates, is_same in ((lines, _says_the_same), (sent, _sells_the_same)):
        taken = set(known.values())
        for line in candidates:
            if line.line_id in known:
                continue
            found = next(
                (each for each in invoice.lines if each.line_item_id not in taken and is_same(line, each)), None
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


def _sells_the_same(line: DraftLine, other: InvoiceLine) -> bool:
    return bool(line.item_code) and line.item_code == other.item_code
