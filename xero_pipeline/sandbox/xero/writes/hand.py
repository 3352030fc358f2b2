"""One write request as the endpoints see it, and which record an element means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from xero_pipeline.sandbox.xero import history
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.index import ID_FIELDS, NUMBER_FIELDS
from xero_pipeline.sandbox.xero.record import Record, text_of
from xero_pipeline.sandbox.xero.refusal import Refusal

WORDS = {
    "Accounts": "Account",
    "Contacts": "Contact",
    "CreditNotes": "Credit Note",
    "Invoices": "Invoice",
    "Items": "Item",
    "ManualJournals": "Manual Journal",
    "Payments": "Payment",
    "PurchaseOrders": "Purchase Order",
    "Quotes": "Quote",
    "TrackingCategories": "Tracking Category",
}


@dataclass(frozen=True, slots=True)
class Hand:
    """The book, the sandbox's time (aware), who writes, whether by PUT (which only creates), and unitdp (2 or 4)."""

    book: Book
    now: datetime
    app: str
    creates_only: bool
    unit_places: int = 2

    def log(self, record_id: str, changes: str, details: str = "") -> None:
        """Adds to a record's history what this write did."""
        maker = self.app if changes == "Created" else ""
        details = details or f"Received through the Xero API from {self.app}"
        history.append(self.book, record_id, changes, details, self.now, maker)

    def meant(self, plural: str, fields: Record, path_id: str) -> str:
        """The id of the record an element is about, "" for a new one: by path, by id, or (POST) by its number or code.

        Refused when its id names nothing, or when PUT names a record that is there.
        """
        id_field = ID_FIELDS[plural]
        record_id = path_id or text_of(fields, id_field)
        if not record_id:
            return "" if self.creates_only else self._numbered(plural, fields)
        found = self.book.find(plural, record_id)
        if found is None:
            # The wording is the published OpenAPI's for credit notes.
            raise Refusal(f"An existing {WORDS[plural]} with the specified {id_field} could not be found")
        if self.creates_only and not path_id:
            raise Refusal(f"The {WORDS[plural]} exists already and cannot be created again")  # wording ours
        return record_id

    def _numbered(self, plural: str, fields: Record) -> str:
        number = text_of(fields, NUMBER_FIELDS[plural]) if plural in NUMBER_FIELDS else ""
        # Suppliers number bills, so a bill's number leads to no invoice.
        if not number or fields.get("Type") == "ACCPAY":
            return ""
        found = self.book.numbered(plural, number)
        if found is None or ("Type" in fields and found.get("Type") != fields["Type"]):
            return ""
        return text_of(found, ID_FIELDS[plural])
