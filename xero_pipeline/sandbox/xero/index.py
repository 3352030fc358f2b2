"""Who belongs to whom: the book's cross references, kept so that no reader has to scan.

Contact -> documents, document -> payments, invoice -> the credits allocated to it, and natural keys -> ids. Everything here
follows from the records, so it is never stored.
"""

from __future__ import annotations

from collections.abc import Iterator

from xero_pipeline.sandbox.xero.record import Record, child_of, children_of, text_of

ID_FIELDS = {
    "BrandingThemes": "BrandingThemeID",
    "Accounts": "AccountID",
    "TaxRates": "TaxType",
    "TrackingCategories": "TrackingCategoryID",
    "Currencies": "Code",
    "Items": "ItemID",
    "Contacts": "ContactID",
    "Invoices": "InvoiceID",
    "PurchaseOrders": "PurchaseOrderID",
    "Quotes": "QuoteID",
    "CreditNotes": "CreditNoteID",
    "Prepayments": "PrepaymentID",
    "Overpayments": "OverpaymentID",
    "Payments": "PaymentID",
    "ManualJournals": "ManualJournalID",
    # No endpoint of its own: the history of each record, by the record's id.
    "History": "RecordID",
}
NUMBER_FIELDS = {
    "Invoices": "InvoiceNumber",
    "PurchaseOrders": "PurchaseOrderNumber",
    "Quotes": "QuoteNumber",
    "CreditNotes": "CreditNoteNumber",
    "Items": "Code",
    "Accounts": "Code",
}
CLOSED = frozenset({"VOIDED", "DELETED"})
DOCUMENTS = frozenset({"Invoices", "PurchaseOrders", "Quotes", "CreditNotes", "Prepayments", "Overpayments"})
CREDITS = ("CreditNotes", "Prepayments", "Overpayments")
PAYABLE = {
    "Invoice": "InvoiceID",
    "CreditNote": "CreditNoteID",
    "Prepayment": "PrepaymentID",
    "Overpayment": "OverpaymentID",
}


class Index:
    """The cross references of one book. `learn` takes a record in, `forget` takes it out before its keys change."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, str]] = {}
        self.payments: dict[str, list[str]] = {}
        self.allocations: dict[str, dict[str, str]] = {}
        self.numbers: dict[str, dict[str, str]] = {plural: {} for plural in NUMBER_FIELDS}
        self.contact_names: dict[str, str] = {}
        self.contact_numbers: dict[str, str] = {}
        self.account_numbers: dict[str, str] = {}
        self._highest: dict[str, int] = {}

    def learn(self, plural: str, record: Record) -> None:
        """Takes in the keys and references of `record`."""
        record_id = text_of(record, ID_FIELDS[plural])
        for table, key in self._keys(plural, record):
            if record.get("Status") in CLOSED:
                table.setdefault(key, record_id)  # a number voided or deleted may have been given anew
            else:
                table[key] = record_id
            self._count(key)
        if plural in DOCUMENTS:
            self.documents.setdefault(text_of(child_of(record, "Contact"), "ContactID"), {})[record_id] = plural
        if plural in CREDITS:
            for allocation in children_of(record, "Allocations"):
                self.allocated(text_of(child_of(allocation, "Invoice"), "InvoiceID"), record_id, plural)
        elif plural == "Payments":
            for field, id_field in PAYABLE.items():
                if field in record:
                    self.payments.setdefault(text_of(child_of(record, field), id_field), []).append(record_id)

    def forget(self, plural: str, record: Record) -> None:
        """Takes out what `learn` took in, so that the record can change its keys or leave."""
        record_id = text_of(record, ID_FIELDS[plural])
        for table, key in self._keys(plural, record):
            if table.get(key) == record_id:
                del table[key]
        if plural in DOCUMENTS:
            self.documents.get(text_of(child_of(record, "Contact"), "ContactID"), {}).pop(record_id, None)
        if plural in CREDITS:
            for allocation in children_of(record, "Allocations"):
                self.allocations.get(text_of(child_of(allocation, "Invoice"), "InvoiceID"), {}).pop(record_id, None)
        elif plural == "Payments":
            for field, id_field in PAYABLE.items():
                if field in record:
                    self.payments[text_of(child_of(record, field), id_field)].remove(record_id)

    def allocated(self, invoice_id: str, source_id: str, plural: str) -> None:
        """Notes that the credit `source_id` is allocated to the invoice."""
        self.allocations.setdefault(invoice_id, {})[source_id] = plural

    def next_number(self, prefix: str) -> str:
        """The number after the highest ever seen with `prefix`, four digits or more: INV-0001."""
        following = self._highest.get(prefix, 0) + 1
        self._highest[prefix] = following
        return f"{prefix}{following:04d}"

    def highest_numbers(self) -> dict[str, int]:
        """A copy of the highest number seen by prefix, for `count_from`."""
        return dict(self._highest)

    def count_from(self, highest: dict[str, int]) -> None:
        """Goes back to the numbers of `highest_numbers`."""
        self._highest = highest

    def _count(self, number: str) -> None:
        prefix, dash, digits = number.rpartition("-")
        if dash and digits.isdecimal():
            self._highest[prefix + dash] = max(self._highest.get(prefix + dash, 0), int(digits))

    def _keys(self, plural: str, record: Record) -> Iterator[tuple[dict[str, str], str]]:
        if plural in NUMBER_FIELDS and (number := text_of(record, NUMBER_FIELDS[plural])):
            # The supplier gives a bill its number, so bills share numbers freely and are never found by one.
            if record.get("Type") != "ACCPAY":
                yield self.numbers[plural], number
        elif plural == "Contacts":
            if record.get("ContactStatus") == "ACTIVE":
                yield self.contact_names, text_of(record, "Name").casefold()
            if number := text_of(record, "ContactNumber"):
                yield self.contact_numbers, number
            if number := text_of(record, "AccountNumber"):
                yield self.account_numbers, number
