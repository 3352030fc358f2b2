"""Records to rows: which tables a kind of record fills, and the rows of a page for each of them.

Rows are tuples in the order of their table's columns, without those that the loader fills (org_id, synced_at, vanished_at).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import Any

from xero_pipeline.domain.errors import BadRecord
from xero_pipeline.xero import contact_rows, document_rows, setting_rows
from xero_pipeline.xero.records import CreditNote, Invoice, Overpayment, Prepayment, PurchaseOrder, Quote
from xero_pipeline.xero.wire import Record, Row

# Says whether an invoice of this number is in scope; only sales invoices are asked about (products.md 2.11).
NumberFilter = Callable[[str | None], bool]


@dataclass(frozen=True, slots=True)
class Child:
    """A table that a record fills with any number of rows."""

    table: str
    rows: Callable[[Any], Iterable[Row]]


@dataclass(frozen=True, slots=True)
class Shape:
    """How one kind of record becomes rows: `table` takes one row a record, `children` any number.

    Table names are without the schema, which is `xero`. `id_field` is the record's own id, the first column of its row.
    """

    table: str
    id_field: str
    row: Callable[[Any], Row]
    children: tuple[Child, ...] = ()

    @property
    def tables(self) -> tuple[str, ...]:
        return (self.table, *(child.table for child in self.children))


@dataclass(frozen=True, slots=True)
class PageRows:
    """The rows of one page by table, parents before children, and the records that could not be made into rows."""

    tables: dict[str, list[Row]]
    bad: list[BadRecord]


def everything(number: str | None) -> bool:
    """The filter that lets every invoice through."""
    return True


def flatten(
    shape: Shape, records: Sequence[Record], in_scope: NumberFilter = everything, digests: Sequence[str] = ()
) -> PageRows:
    """The rows of a page. A record whose dates cannot be read is set aside whole, its neighbours go on.

    The last column of a record's row is its digest, or None where there are no `digests`.
    """
    row = partial(_invoice, in_scope=in_scope) if shape is INVOICE else shape.row
    tables: dict[str, list[Row]] = {table: [] for table in shape.tables}
    own, children = tables[shape.table], [(child.rows, tables[child.table]) for child in shape.children]
    bad: list[BadRecord] = []
    for record, digest in zip(records, digests or repeat(None), strict=bool(digests)):
        try:
            head = (*row(record), digest)
            tails = [list(rows(record)) for rows, _ in children]
        except ValueError as error:
            bad.append(_unusable(shape, record, error))
            continue
        own.append(head)
        for (_, into), tail in zip(children, tails, strict=True):
            into.extend(tail)
    return PageRows(tables, bad)


def _unusable(shape: Shape, record: Record, error: ValueError) -> BadRecord:
    record_id = str(getattr(record, shape.id_field))
    return BadRecord(f"{shape.table} {record_id} cannot be read: {error}.", record_id=record_id)


def _invoice(record: Invoice, in_scope: NumberFilter) -> Row:
    # Bills carry the supplier's numbers, so the prefixes are never asked about them.
    return document_rows.invoice_row(record, in_scope=record.type != "ACCREC" or in_scope(record.invoice_number))


def _invoice_lines(record: Invoice) -> Iterable[Row]:
    return document_rows.line_rows(record.invoice_id, record.line_items)


def _purchase_order_lines(record: PurchaseOrder) -> Iterable[Row]:
    return document_rows.line_rows(record.purchase_order_id, record.line_items)


def _quote_lines(record: Quote) -> Iterable[Row]:
    return document_rows.line_rows(record.quote_id, record.line_items)


def _credit_note_lines(record: CreditNote) -> Iterable[Row]:
    return document_rows.line_rows(record.credit_note_id, record.line_items)


def _credit_note_allocations(record: CreditNote) -> Iterable[Row]:
    return document_rows.allocation_rows("credit_note", record.credit_note_id, record.allocations)


def _prepayment_allocations(record: Prepayment) -> Iterable[Row]:
    return document_rows.allocation_rows("prepayment", record.prepayment_id, record.allocations)


def _overpayment_allocations(record: Overpayment) -> Iterable[Row]:
    return document_rows.allocation_rows("overpayment", record.overpayment_id, record.allocations)


ORGANISATION = Shape("organisations", "organisation_id", setting_rows.organisation_row)
BRANDING_THEME = Shape("branding_themes", "branding_theme_id", setting_rows.branding_theme_row)
ACCOUNT = Shape("accounts", "account_id", setting_rows.account_row)
TAX_RATE = Shape("tax_rates", "tax_type", setting_rows.tax_rate_row)
TRACKING_CATEGORY = Shape(
    "tracking_categories",
    "tracking_category_id",
    setting_rows.tracking_category_row,
    (Child("tracking_options", setting_rows.tracking_option_rows),),
)
CURRENCY = Shape("currencies", "code", setting_rows.currency_row)
ITEM = Shape("items", "item_id", setting_rows.item_row)
CONTACT = Shape("contacts", "contact_id", contact_rows.contact_row)
INVOICE = Shape(
    "invoices", "invoice_id", partial(_invoice, in_scope=everything), (Child("invoice_lines", _invoice_lines),)
)
PURCHASE_ORDER = Shape(
    "purchase_orders",
    "purchase_order_id",
    document_rows.purchase_order_row,
    (Child("purchase_order_lines", _purchase_order_lines),),
)
QUOTE = Shape("quotes", "quote_id", document_rows.quote_row, (Child("quote_lines", _quote_lines),))
CREDIT_NOTE = Shape(
    "credit_notes",
    "credit_note_id",
    document_rows.credit_note_row,
    (Child("credit_note_lines", _credit_note_lines), Child("allocations", _credit_note_allocations)),
)
PREPAYMENT = Shape(
    "prepayments",
    "prepayment_id",
    document_rows.prepayment_row,
    (Child("allocations", _prepayment_allocations),),
)
OVERPAYMENT = Shape(
    "overpayments",
    "overpayment_id",
    document_rows.overpayment_row,
    (Child("allocations", _overpayment_allocations),),
)
PAYMENT = Shape("payments", "payment_id", contact_rows.payment_row)
MANUAL_JOURNAL = Shape(
    "manual_journals",
    "manual_journal_id",
    document_rows.manual_journal_row,
    (Child("manual_journal_lines", document_rows.journal_line_rows),),
)
