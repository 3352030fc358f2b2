"""What is sent to Xero, in Xero's names: invoices of drafts, contacts of customers, items of products (xero.md sections 2, 3).

Amounts are Decimal and dates ISO text. An invoice names its contact by ContactID alone, because anything beside it would edit the
contact; and it carries the sale's address as its Url, by which it is known again when the answer to its creation was lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from xero_pipeline.domain.books import Books, Invoice
from xero_pipeline.domain.drafts import Draft, DraftLine, Part
from xero_pipeline.domain.export_settings import Export
from xero_pipeline.domain.sales import Customer, Product

Payload = dict[str, object]

# Xero refuses an address with this word in it (xero.md section 2, Invoices).
_REFUSED_IN_URLS = "xero"
_ANY_ORG = "https://login.salesforce.com"
_STATUSES = {"draft": "DRAFT", "authorised": "AUTHORISED"}


def sale_url(instance_url: str, sale_id: str, part: Part) -> str:
    """Where the sale is in Salesforce, and which part of it the invoice is: its identity among the invoices of its contact."""
    host = _ANY_ORG if _REFUSED_IN_URLS in instance_url.casefold() else instance_url.rstrip("/")
    return f"{host}/{sale_id}" + ("" if part == "whole" else f"?part={part}")


def new_invoice(draft: Draft, url: str, books: Books, export: Export) -> Payload:
    """The invoice as it is created. Where the contact has to be created first, its id is filled in then."""
    return {
        "Type": "ACCREC",
        "Status": _STATUSES[export.status],
        **_headers(draft, url, books),
        "LineItems": [_line(line, export) for line in draft.lines],
    }


def edited_invoice(draft: Draft, url: str, existing: Invoice, books: Books, export: Export) -> Payload:
    """The invoice as it becomes. Its status stays what people made of it, and so do lines that somebody added in Xero.

    Once it is settled only what Xero still lets change is sent, and the lines by their ids (xero.md section 2, Invoices).
    """
    headers = _headers(draft, url, books)
    if existing.is_settled:
        headers = {
            name: headers[name] for name in ("Contact", "DueDate", "Reference", "BrandingThemeID") if name in headers
        }
    ours = set(existing.line_ids.values())
    lines = [_line(line, export) | _id_of(line, existing) for line in draft.lines]
    theirs: list[Payload] = [
        {"LineItemID": line.line_item_id} for line in existing.lines if line.line_item_id not in ours
    ]
    return {"InvoiceID": existing.invoice_id, **headers, "LineItems": [*lines, *theirs]}


def _id_of(line: DraftLine, existing: Invoice) -> Payload:
    line_item_id = existing.line_ids.get(line.line_id)
    return {"LineItemID": line_item_id} if line_item_id else {}


def _headers(draft: Draft, url: str, books: Books) -> Payload:
    headers: Payload = {
        "Contact": {"ContactID": draft.contact_id},
        "Date": _iso(draft.invoice_date),
        "DueDate": _iso(draft.due_date),
        "LineAmountTypes": draft.amounts,
        "Reference": draft.reference,
        "CurrencyCode": draft.currency_code,
        "Url": url,
    }
    if draft.invoice_number:
        headers["InvoiceNumber"] = draft.invoice_number
    if draft.branding_theme:
        headers["BrandingThemeID"] = books.branding_themes[draft.branding_theme]
    return headers


def _line(line: DraftLine, export: Export) -> Payload:
    given: Payload = {
        "Description": line.description,
        "Quantity": line.quantity,
        "UnitAmount": line.unit_amount,
        "AccountCode": line.account_code,
        "TaxType": line.tax_type,
    }
    if line.item_code:
        given["ItemCode"] = line.item_code
    if line.discount_rate:
        given["DiscountRate"] = line.discount_rate
    options = zip(export.tracking, (line.tracking_1, line.tracking_2), strict=False)
    tracking = [{"Name": rule.category, "Option": option} for rule, option in options if option]
    if tracking:
        given["Tracking"] = tracking
    return given


def line_ids(draft_line_ids: Sequence[str], answered: Sequence[Mapping[str, object]]) -> dict[str, str]:
    """Which line in Xero each line of the sale became: Xero answers with the lines in the order in which they were sent."""
    return {
        line_id: str(line["LineItemID"])
        for line_id, line in zip(draft_line_ids, answered, strict=False)
        if line.get("LineItemID")
    }


def new_contact(customer: Customer) -> Payload:
    """A contact for a customer whom Xero does not know. Its ContactNumber is the account's id: the key it is looked up by.

    Xero prints the POBOX address on invoices and takes no angle brackets or double spaces in a name (xero.md section 2).
    """
    contact: Payload = {
        "Name": " ".join(customer.name.replace("<", " ").replace(">", " ").split())[:255],
        "ContactNumber": customer.account_id,
    }
    contact |= {
        name: value
        for name, value in (
            ("AccountNumber", customer.number[:50]),
            ("EmailAddress", customer.email[:255]),
            ("FirstName", customer.first_name[:255]),
            ("LastName", customer.last_name[:255]),
        )
        if value
    }
    if customer.phone:
        contact["Phones"] = [{"PhoneType": "DEFAULT", "PhoneNumber": customer.phone[:50]}]
    address = customer.address
    lines = [line.strip()[:500] for line in address.street.splitlines() if line.strip()]
    parts = {
        **{f"AddressLine{number}": line for number, line in enumerate(lines[:4], start=1)},
        "City": address.city[:255],
        "Region": address.state[:255],
        "PostalCode": address.postal_code[:50],
        "Country": "".join(letter for letter in address.country if letter.isalpha() or letter == " ")[:50].strip(),
    }
    if any(parts.values()):
        contact["Addresses"] = [{"AddressType": "POBOX", **{name: part for name, part in parts.items() if part}}]
    return contact


def new_item(product: Product, account_code: str | None, tax_type: str | None) -> Payload:
    """An item for a product. POST takes it for an edit where the code is known: Salesforce is master of products (SFX-17)."""
    details: Payload = {}
    if product.price is not None:
        details["UnitPrice"] = product.price
    if account_code:
        details["AccountCode"] = account_code
    if tax_type:
        details["TaxType"] = tax_type
    item: Payload = {"Code": product.code, "Name": product.name, "IsSold": True, "SalesDetails": details}
    if product.description:
        item["Description"] = product.description
    return item


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
