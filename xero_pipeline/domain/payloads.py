"""What is sent to Xero, in Xero's names: invoices of drafts, contacts of customers, items of products (xero.md sections 2, 3).

Amounts are Decimal and dates ISO text. An invoice names its contact by ContactID alone, because anything beside it would edit the
contact; and it carries the sale's address as its Url, by which it is known again when the answer to its creation was lost.
"""

from __future__ import annotations

from datetime import date

from xero_pipeline.domain.amounts import NOTHING
from xero_pipeline.domain.books import Books, Invoice, InvoiceLine
from xero_pipeline.domain.drafts import Draft, DraftLine, Part
from xero_pipeline.domain.export_settings import Export
from xero_pipeline.domain.sales import Customer, Product

Payload = dict[str, object]

# Xero refuses an address with this word in it (xero.md section 2, Invoices).
_REFUSED_IN_URLS = "xero"
_ANY_ORG = "https://login.salesforce.com"
# What stays editable once a payment or credit is on an invoice (xero.md section 2, Invoices).
_WHEN_SETTLED = ("Contact", "DueDate", "Reference", "InvoiceNumber", "BrandingThemeID", "Url")
_OF_A_LINE_WHEN_SETTLED = ("LineItemID", "Description", "AccountCode", "Tracking")
_STATUSES = {"draft": "DRAFT", "authorised": "AUTHORISED"}


def sale_url(instance_url: str, sale_id: str, part: Part) -> str:
    """Where the sale is in Salesforce, and which part of it the invoice is: its identity among the invoices of its contact."""
    host = _ANY_ORG if _REFUSED_IN_URLS in instance_url.casefold() else instance_url.rstrip("/") or _ANY_ORG
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

    Once it is settled only what Xero still lets change is sent: some headers, and of the lines, by their ids, descriptions,
    accounts and tracking (xero.md section 2, Invoices). The draft's lines come first, in its order.
    """
    headers = _headers(draft, url, books)
    ours = set(existing.line_ids.values())
    there = {line.line_item_id: line for line in existing.lines}
    lines = [_edited_line(line, there.get(existing.line_ids.get(line.line_id, "")), export) for line in draft.lines]
    if existing.is_settled:
        headers = {name: headers[name] for name in _WHEN_SETTLED if name in headers}
        lines = [{name: line[name] for name in _OF_A_LINE_WHEN_SETTLED if name in line} for line in lines]
    theirs: list[Payload] = [{"LineItemID": each} for each in there if each not in ours]
    return {"InvoiceID": existing.invoice_id, **headers, "LineItems": [*lines, *theirs]}


def _edited_line(line: DraftLine, there: InvoiceLine | None, export: Export) -> Payload:
    """A line as it becomes: what a named line is not given stays, so what it loses is said. What people track besides stays."""
    given = _line(line, export)
    if there is None:
        return given
    if there.item_code:
        given.setdefault("ItemCode", "")
    if there.discount_rate:
        given.setdefault("DiscountRate", NOTHING)
    filled = {rule.category for rule in export.tracking}
    theirs = [{"Name": name, "Option": option} for name, option in there.tracking.items() if name not in filled]
    if "Tracking" in given or len(theirs) < len(there.tracking):
        given["Tracking"] = [*_tracking(line, export), *theirs]
    return {"LineItemID": there.line_item_id, **given}


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
    if tracking := _tracking(line, export):
        given["Tracking"] = tracking
    return given


def _tracking(line: DraftLine, export: Export) -> list[dict[str, str]]:
    options = zip(export.tracking, (line.tracking_1, line.tracking_2), strict=False)
    return [{"Name": rule.category, "Option": option} for rule, option in options if option]


def new_contact(customer: Customer) -> Payload:
    """A contact for a customer whom Xero does not know. Its ContactNumber is the account's id: the key it is looked up by.

    Xero prints the POBOX address on invoices and takes no angle brackets or double spaces in a name (xero.md section 2).
    """
    contact: Payload = {
        "Name": " ".join(customer.name.replace("<", " ").replace(">", " ").split())[:255].rstrip(),
        "ContactNumber": customer.account_id,
    }
    contact |= {
        name: value
        for name, value in (
            ("AccountNumber", customer.number[:50]),
            # Half an address is none.
            ("EmailAddress", customer.email if len(customer.email) <= 255 else ""),
            ("FirstName", customer.first_name[:255]),
            ("LastName", customer.last_name[:255]),
        )
        if value
    }
    if customer.phone:
        contact["Phones"] = [{"PhoneType": "DEFAULT", "PhoneNumber": customer.phone[:50]}]
    address = customer.address
    street = [line.strip() for line in address.street.splitlines() if line.strip()]
    lines = [*street[:3], ", ".join(street[3:])]
    parts = {
        **{f"AddressLine{number}": line[:500] for number, line in enumerate(lines, start=1)},
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
