"""Which endpoint takes which write, with which fields, and what saves them (xero.md section 2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xero_pipeline.sandbox.xero.record import Record
from xero_pipeline.sandbox.xero.writes import schemas, settings
from xero_pipeline.sandbox.xero.writes.contact import save_contact
from xero_pipeline.sandbox.xero.writes.document import save_document
from xero_pipeline.sandbox.xero.writes.hand import Hand
from xero_pipeline.sandbox.xero.writes.journal import save_journal
from xero_pipeline.sandbox.xero.writes.money import save_payment
from xero_pipeline.sandbox.xero.writes.reading import Schema

# (hand, fields, id from the path or "") -> the record made or changed
Save = Callable[[Hand, Record, str], Record]


@dataclass(frozen=True, slots=True)
class Resource:
    """One endpoint's writes. `posts`: POST to the collection; `edits`: POST to one record; `one_only`: no batches."""

    schema: Schema
    save: Save
    posts: bool = True
    edits: bool = True
    one_only: bool = False


def _document(plural: str) -> Save:
    return lambda hand, fields, path_id: save_document(hand, plural, fields, path_id)


RESOURCES = {
    "Contacts": Resource(schemas.CONTACT, save_contact),
    "Items": Resource(schemas.ITEM, settings.save_item),
    "Invoices": Resource(schemas.INVOICE, _document("Invoices")),
    "CreditNotes": Resource(schemas.CREDIT_NOTE, _document("CreditNotes")),
    "PurchaseOrders": Resource(schemas.PURCHASE_ORDER, _document("PurchaseOrders")),
    "Quotes": Resource(schemas.QUOTE, _document("Quotes")),
    "ManualJournals": Resource(schemas.JOURNAL, save_journal),
    "Payments": Resource(schemas.PAYMENT, save_payment),
    "Accounts": Resource(schemas.ACCOUNT, settings.save_account, posts=False, one_only=True),
    "TaxRates": Resource(schemas.TAX_RATE, settings.save_tax_rate, edits=False, one_only=True),
    "Currencies": Resource(schemas.CURRENCY, settings.save_currency, posts=False, edits=False, one_only=True),
    "TrackingCategories": Resource(schemas.TRACKING_CATEGORY, settings.save_category, posts=False, one_only=True),
}
