"""A small book to act on: one bank, one sales and one purchases account, two contacts, an item, a foreign currency."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.contacts import create_contact
from xero_pipeline.sandbox.xero.documents import create_invoice
from xero_pipeline.sandbox.xero.record import Record, decimal_of

NOW = datetime(2026, 11, 20, 1, 30, 0, 123_000, UTC)
CUSTOMER = "00000000-0000-4000-8000-00000000c001"
SUPPLIER = "00000000-0000-4000-8000-00000000c002"
APPLIES = ("Assets", "Equity", "Expenses", "Liabilities", "Revenue")


def small_book() -> Book:
    """A book whose ids count up from one, so that a failing example can be read."""
    numbers = count(1)
    organisation: Record = {
        "OrganisationID": "00000000-0000-4000-8000-000000000001",
        "Name": "Sample",
        "BaseCurrency": "NZD",
        "Timezone": "NEWZEALANDSTANDARDTIME",
    }
    book = Book(organisation, lambda: f"00000000-0000-4000-8000-{next(numbers):012d}")
    for code in ("NZD", "AUD"):
        book.add("Currencies", {"Code": code, "Description": code})
    add_tax_rate(book, "OUTPUT2", "15.0000", refused="Expenses")
    add_tax_rate(book, "INPUT2", "15.0000", refused="Revenue")
    add_tax_rate(book, "NONE", "0.0000")
    add_account(book, "090", "BANK", "ASSET", "NONE")
    add_account(book, "200", "REVENUE", "REVENUE", "OUTPUT2")
    add_account(book, "201", "REVENUE", "REVENUE", "OUTPUT2")
    add_account(book, "300", "DIRECTCOSTS", "EXPENSE", "INPUT2")
    add_account(book, "610", "CURRENT", "ASSET", "NONE", SystemAccount="DEBTORS")
    add_account(book, "800", "CURRLIAB", "LIABILITY", "NONE", SystemAccount="CREDITORS")
    add_account(book, "255", "REVENUE", "REVENUE", "OUTPUT2", Status="ARCHIVED")
    item: Record = {"ItemID": book.new_id(), "Code": "PUMP", "Name": "Pump", "Description": "A pump"}
    item["SalesDetails"] = {"UnitPrice": Decimal("19.9900"), "AccountCode": "200", "TaxType": "OUTPUT2"}
    book.add("Items", item, NOW)
    for contact_id, name in ((CUSTOMER, "Rimu Dairy Ltd"), (SUPPLIER, "Tussock Power Ltd")):
        create_contact(book, {"ContactID": contact_id, "Name": name}, NOW)
    book.drain_changes()
    return book


def add_tax_rate(book: Book, tax_type: str, rate: str, refused: str = "") -> None:
    """An active tax rate for every class of account but `refused`."""
    record: Record = {"TaxType": tax_type, "Name": tax_type, "Status": "ACTIVE", "EffectiveRate": Decimal(rate)}
    book.add("TaxRates", record | {f"CanApplyTo{name}": name != refused for name in APPLIES})


def add_account(book: Book, code: str, kind: str, account_class: str, tax_type: str, **more: object) -> None:
    """An active account."""
    record: Record = {"AccountID": book.new_id(), "Code": code, "Name": code, "Type": kind, "Class": account_class}
    book.add("Accounts", record | {"TaxType": tax_type, "Status": "ACTIVE"} | more, NOW)


def sale(amount: str = "100.00", **more: object) -> Record:
    """The fields of an approved sales invoice of one line."""
    line: Record = {"Description": "Work", "UnitAmount": Decimal(amount), "AccountCode": "200"}
    fields: Record = {
        "Type": "ACCREC",
        "Status": "AUTHORISED",
        "Contact": {"ContactID": CUSTOMER},
        "Date": date(2026, 11, 1),
        "DueDate": date(2026, 12, 20),
        "LineItems": [line],
    }
    return fields | more


def bill(amount: str = "100.00", **more: object) -> Record:
    """The fields of an approved bill of one line."""
    line: Record = {"Description": "Power", "UnitAmount": Decimal(amount), "AccountCode": "300"}
    return sale(Type="ACCPAY", Contact={"ContactID": SUPPLIER}, LineItems=[line], InvoiceNumber="A1") | more


def credit(amount: str = "40.00", **more: object) -> Record:
    """The fields of an approved credit note to the customer, of one line."""
    line: Record = {"Description": "Returned", "UnitAmount": Decimal(amount), "AccountCode": "200"}
    return {
        "Type": "ACCRECCREDIT",
        "Status": "AUTHORISED",
        "Contact": {"ContactID": CUSTOMER},
        "Date": date(2026, 11, 3),
        "LineItems": [line],
    } | more


def invoiced(book: Book, fields: Record | None = None) -> tuple[str, Record]:
    """A new invoice as (id, record)."""
    invoice = create_invoice(book, fields or sale(), NOW)
    return str(invoice["InvoiceID"]), invoice


def amounts(invoice: Record) -> tuple[str, ...]:
    """(AmountDue, AmountPaid, AmountCredited) as text."""
    return tuple(str(decimal_of(invoice, field)) for field in ("AmountDue", "AmountPaid", "AmountCredited"))
