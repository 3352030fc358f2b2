"""What an edited sale would change about its invoice in Xero, field by field, and whether Xero lets it.

Source: xero.md section 2, Invoices: "Editable after part/full payment".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from xero_pipeline.domain.books import Books, Invoice, InvoiceLine
from xero_pipeline.domain.drafts import Draft, DraftLine, InvoiceState

# What stays editable once a payment or credit is on an invoice.
_HEADERS_WHEN_SETTLED = frozenset({"Reference", "DueDate", "InvoiceNumber", "BrandingTheme", "Contact"})
_OF_A_LINE_WHEN_SETTLED = frozenset({"Description", "AccountCode", "Tracking"})

# Where an invoice ended without being owed.
ENDED = frozenset({"VOIDED", "DELETED"})

Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after; None before means that it is new, None after that it goes."""

    field: str
    before: str | None
    after: str | None


def fields_of(draft: Draft) -> dict[str, str]:
    """The invoice to be as flat text: headers by Xero's names, a line's fields as `line <id> <name>`."""
    fields = {
        "Contact": draft.contact_id or draft.account_name or "",
        "Date": _text(draft.invoice_date),
        "DueDate": _text(draft.due_date),
        "Reference": _words(draft.reference),
        "CurrencyCode": draft.currency_code,
        "LineAmountTypes": draft.amounts,
    }
    if draft.invoice_number:
        fields["InvoiceNumber"] = draft.invoice_number
    if draft.branding_theme:
        fields["BrandingTheme"] = draft.branding_theme
    for line in draft.lines:
        fields |= {f"line {line.line_id} {name}": value for name, value in _of_draft_line(line).items()}
    return fields


def fields_in_xero(invoice: Invoice, draft: Draft, books: Books) -> dict[str, str]:
    """The same of the invoice as Xero holds it, in as far as the draft has a word on it.

    Lines that an export made are named by their line in Salesforce; lines that somebody added in Xero are not ours to touch and
    not mentioned.
    """
    themes = {theme_id: name for name, theme_id in books.branding_themes.items()}
    fields = {
        "Contact": invoice.contact_id,
        "Date": _text(invoice.day),
        "DueDate": _text(invoice.due_date),
        "Reference": _words(invoice.reference),
        "CurrencyCode": invoice.currency,
        "LineAmountTypes": invoice.amounts,
        "InvoiceNumber": invoice.number,
        "BrandingTheme": themes.get(invoice.branding_theme_id, ""),
    }
    said = fields_of(draft)
    fields = {name: value for name, value in fields.items() if name in said}
    ours = {line_item_id: line_id for line_id, line_item_id in invoice.line_ids.items()}
    categories = [category.name for category in books.categories]
    for line in invoice.lines:
        if line.line_item_id in ours:
            of_line = _of_invoice_line(line, categories)
            fields |= {f"line {ours[line.line_item_id]} {name}": value for name, value in of_line.items()}
    return fields


def changes(before: Fields, after: Fields) -> tuple[Change, ...]:
    """The fields that differ, in the order in which they stand on the invoice."""
    names = dict.fromkeys((*after, *before))
    return tuple(
        Change(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    )


def invoice_state(draft: Draft, invoice: Invoice, books: Books) -> InvoiceState:
    """Whether the invoice in Xero may become what the draft says. One that nothing would change is open."""
    if invoice.vanished:
        return "vanished"
    if invoice.status == "VOIDED":
        return "voided"
    if invoice.status == "DELETED":
        return "deleted"
    changed = changes(fields_in_xero(invoice, draft, books), fields_of(draft))
    if not changed:
        return "open"
    if is_locked(invoice, books):
        return "locked"
    if not invoice.is_settled:
        return "open"
    return "header_only" if all(_allowed_when_settled(change, invoice) for change in changed) else "paid"


def is_locked(invoice: Invoice, books: Books) -> bool:
    """Whether the invoice is dated on or before a lock date, after which Xero changes nothing of it."""
    locks = [lock for lock in (books.period_lock_date, books.year_end_lock_date) if lock]
    return invoice.day is not None and any(invoice.day <= lock for lock in locks)


def _allowed_when_settled(change: Change, invoice: Invoice) -> bool:
    if not change.field.startswith("line "):
        # The contact of an invoice that a credit note paid is the credit note's too.
        return change.field in _HEADERS_WHEN_SETTLED and not (change.field == "Contact" and invoice.amount_credited)
    name = change.field.rsplit(" ", 1)[1]
    return name in _OF_A_LINE_WHEN_SETTLED and change.before is not None and change.after is not None


def _of_draft_line(line: DraftLine) -> dict[str, str]:
    tracking = [option for option in (line.tracking_1, line.tracking_2) if option]
    return {
        "Description": _words(line.description),
        "Quantity": _number(line.quantity),
        "UnitAmount": _number(line.unit_amount),
        "DiscountRate": _number(line.discount_rate),
        "ItemCode": line.item_code or "",
        "AccountCode": line.account_code or "",
        "TaxType": line.tax_type or "",
        "Tracking": ", ".join(sorted(tracking)),
    }


def _of_invoice_line(line: InvoiceLine, categories: list[str]) -> dict[str, str]:
    return {
        "Description": _words(line.description),
        "Quantity": _number(line.quantity),
        "UnitAmount": _number(line.unit_amount),
        "DiscountRate": _number(line.discount_rate),
        "ItemCode": line.item_code,
        "AccountCode": line.account_code,
        "TaxType": line.tax_type,
        "Tracking": ", ".join(sorted(line.tracking[name] for name in categories if line.tracking.get(name))),
    }


def _number(value: Decimal | None) -> str:
    """Equal amounts read the same; none, and a discount of nothing, is empty."""
    return f"{value.normalize():f}" if value else ""


def _words(text: str) -> str:
    """Line ends and blanks at the ends are no difference: systems store them each in their own way."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""
