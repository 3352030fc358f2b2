"""How each endpoint shows a record: what a list, a page and a single GET join to it, add to it and leave out.

Source: xero.md sections 1 and 2 (recorded responses). The book keeps bare references; names, numbers, payments and credits are
joined here, at the moment of reading.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.endpoints import BY_NAME, Endpoint
from xero_pipeline.sandbox.xero.record import Record, child_of, children_of, decimal_of, text_of
from xero_pipeline.sandbox.xero.selecting import REFERENCES
from xero_pipeline.sandbox.xero.wire import Json, calendar_date, wired

CENT = Decimal("0.01")
CREDIT_KEYS = {"CreditNotes": "CreditNoteID", "Prepayments": "PrepaymentID", "Overpayments": "OverpaymentID"}
SETTLED_BY = ("Payments", *CREDIT_KEYS)
HEADER_ONLY = frozenset({"LineItems", "Contact", "Allocations"})


@dataclass(frozen=True, slots=True)
class View:
    """One request's way of looking. `lines`: whether lines are shown; `single`: a GET by id; `unit_places`: 2 or 4 (unitdp)."""

    book: Book
    today: date
    lines: bool = True
    single: bool = False
    include_archived: bool = False
    unit_places: int = 2
    _named: dict[str, Json] = field(default_factory=dict, init=False)
    _contacts: dict[str, Json] = field(default_factory=dict, init=False)

    def show(self, endpoint: Endpoint, record: Record) -> Json:
        """The record as Xero sends it."""
        shown = wired(record, endpoint.twins)
        shape = SHAPES.get(endpoint.plural)
        if shape is not None:
            shape(self, endpoint, record, shown)
        return shown

    def lines_of(self, endpoint: Endpoint, record: Record, lines_field: str = "LineItems") -> list[Json]:
        """The lines, with the names of their tracking, and unit amounts to 2 places unless the request asked for 4."""
        if not self.lines:
            return []
        rounded = endpoint.rounds_unit_amounts and self.unit_places == 2
        out = []
        for line in children_of(record, lines_field):
            shown = dict(line)
            if rounded:
                unit_amount = line.get("UnitAmount")
                if isinstance(unit_amount, Decimal):
                    shown["UnitAmount"] = unit_amount.quantize(CENT, ROUND_HALF_UP)
            tracking = line.get("Tracking")
            if isinstance(tracking, list) and tracking:
                shown["Tracking"] = [self.tracking(entry) for entry in tracking]
            out.append(shown)
        return out

    def tracking(self, entry: Record) -> Json:
        """A line's tracking with the present names of its category and option."""
        option_id = str(entry.get("TrackingOptionID"))
        named = self._named.get(option_id)
        if named is None:
            # A page has thousands of lines and a handful of options.
            named = self._named[option_id] = self._name(entry)
        return named

    def _name(self, entry: Record) -> Json:
        category = self.book.find("TrackingCategories", text_of(entry, "TrackingCategoryID"))
        if category is None:
            return entry
        option = next(
            (
                option
                for option in children_of(category, "Options")
                if option["TrackingOptionID"] == entry.get("TrackingOptionID")
            ),
            {},
        )
        return entry | {"Name": category["Name"], "Option": option.get("Name", entry.get("Option", ""))}

    def contact(self, record: Record) -> Json:
        """A document's contact: id and name in lists, the whole contact on a single GET."""
        contact_id = text_of(child_of(record, "Contact"), "ContactID")
        if self.single:
            contact = self.book.get("Contacts", contact_id)
            return {**wired(contact, {}), "ContactGroups": [], "HasValidationErrors": False}
        return self.thin_contact(contact_id)

    def thin_contact(self, contact_id: str) -> Json:
        """A contact by id and name, one object for all the documents of a page; never changed."""
        shown = self._contacts.get(contact_id)
        if shown is None:
            shown = self._contacts[contact_id] = {
                "ContactID": contact_id,
                "Name": self.book.get("Contacts", contact_id)["Name"],
                "Addresses": [],
                "Phones": [],
                "ContactGroups": [],
                "ContactPersons": [],
                "HasValidationErrors": False,
            }
        return shown

    def payments(self, document_id: str) -> list[Json]:
        """The living payments on a document, in the thin form documents carry: no IsReconciled (xero.md section 7, 26)."""
        out = []
        for payment in self.book.payments_of(document_id):
            shown: Json = {
                "PaymentID": payment["PaymentID"],
                "Date": calendar_date(payment["Date"]),
                "Amount": payment["Amount"],
            }
            for told in ("Reference", "CurrencyRate"):
                if told in payment:
                    shown[told] = payment[told]
            shown["HasAccount"] = shown["HasValidationErrors"] = False
            out.append(shown)
        return out

    def allocations(self, record: Record) -> list[Json]:
        """A credit's allocations, each with the id and number of its invoice."""
        out = []
        for allocation in children_of(record, "Allocations"):
            shown = wired(allocation, {})
            invoice = self.book.find("Invoices", text_of(child_of(allocation, "Invoice"), "InvoiceID"))
            if invoice is not None:
                shown["Invoice"] = {
                    field: invoice[field] for field in ("InvoiceID", "InvoiceNumber") if field in invoice
                }
            out.append(shown)
        return out


def _invoice(view: View, endpoint: Endpoint, record: Record, shown: Json) -> None:
    invoice_id = text_of(record, "InvoiceID")
    shown["Contact"] = view.contact(record)
    shown["LineItems"] = view.lines_of(endpoint, record)
    shown["Payments"] = view.payments(invoice_id)
    for plural in CREDIT_KEYS:
        shown[plural] = []
    for plural, source_id, allocation in view.book.allocations_to(invoice_id):
        credits_shown = shown[plural]
        source = view.book.get(plural, source_id)
        credit: Json = {CREDIT_KEYS[plural]: source_id, "ID": source_id}
        if "CreditNoteNumber" in source:
            credit["CreditNoteNumber"] = source["CreditNoteNumber"]
        credit |= {"AppliedAmount": allocation["Amount"], "Date": calendar_date(source["Date"])}
        if plural == "CreditNotes":
            credit["HasErrors"] = False
        credits_shown.append(credit)  # type: ignore[attr-defined]
    shown["IsDiscounted"] = "TotalDiscount" in record
    shown["HasErrors"] = False
    shown["InvoicePaymentServices"] = []
    if view.single:
        # A single GET leaves out what a list shows as empty or nil (xero.md section 2, Invoices).
        for settled_by in SETTLED_BY:
            if not shown[settled_by]:
                del shown[settled_by]
        if not decimal_of(record, "AmountCredited"):
            shown.pop("AmountCredited", None)


def _credit(view: View, endpoint: Endpoint, record: Record, shown: Json) -> None:
    document_id = text_of(record, endpoint.id_field)
    shown["ID"] = document_id
    shown["Contact"] = view.contact(record)
    shown["LineItems"] = view.lines_of(endpoint, record)
    shown["Allocations"] = view.allocations(record)
    shown["Payments"] = view.payments(document_id)
    if endpoint.plural == "CreditNotes":
        shown["HasErrors"] = False
    else:
        shown.pop("FullyPaidOnDate", None)  # the book knows the day; Xero tells it of credit notes alone (OpenAPI)


def _order(view: View, endpoint: Endpoint, record: Record, shown: Json) -> None:
    shown["Type"] = "PURCHASEORDER"
    shown["Contact"] = view.contact(record)
    shown["LineItems"] = view.lines_of(endpoint, record)
    shown["IsDiscounted"] = "TotalDiscount" in record
    shown["HasErrors"] = False


def _quote(view: View, endpoint: Endpoint, record: Record, shown: Json) -> None:
    shown["Contact"] = view.contact(record)
    shown["LineItems"] = view.lines_of(endpoint, record)
    shown["LineAmountTypes"] = text_of(record, "LineAmountTypes").upper()
    shown.pop("HasAttachments", None)


def _journal(view: View, endpoint: Endpoint, record: Record, shown: Json) -> None:
    shown["JournalLines"] = view.lines_of(endpoint, record, "JournalLines")


def _payment(view: View, endpoint: Endpoint, record: Record, shown: Json) -> None:
    account = view.book.find("Accounts", text_of(child_of(record, "Account"), "AccountID"))
    if account is not None:
        # A bank account may have no code (xero.md section 2, Accounts).
        shown["Account"] = {field: account[field] for field in ("AccountID", "Code", "Name") if field in account}
    for paid in ("Invoice", "CreditNote", "Prepayment", "Overpayment"):
        plural, id_field = REFERENCES[paid]
        if paid in record:
            document = view.book.get(plural, text_of(child_of(record, paid), id_field))
            shown[paid] = _paid_document(view, BY_NAME[plural.lower()], document)
    batch = record.get("BatchPayment")
    if isinstance(batch, dict):
        shown["BatchPayment"] = wired(batch, {})
        shown["BatchPaymentID"] = batch.get("BatchPaymentID")
    shown["HasValidationErrors"] = False


def _paid_document(view: View, endpoint: Endpoint, document: Record) -> Json:
    contact = view.thin_contact(text_of(child_of(document, "Contact"), "ContactID"))
    errors: Json = {"HasErrors": False} if endpoint.plural in ("Invoices", "CreditNotes") else {}
    if view.single:
        header = {field: value for field, value in document.items() if field not in HEADER_ONLY}
        return {**wired(header, endpoint.twins), "Contact": contact, "LineItems": [], **errors}
    number = endpoint.natural_key
    shown: Json = {"Type": document["Type"], endpoint.id_field: document[endpoint.id_field]}
    if number in document:
        shown[number] = document[number]
    if "CurrencyCode" in document:
        shown["CurrencyCode"] = document["CurrencyCode"]
    if endpoint.plural == "Invoices":
        errors["IsDiscounted"] = False
    return {**shown, "Contact": contact, "LineItems": [], **errors}


def _contact(view: View, endpoint: Endpoint, record: Record, shown: Json) -> None:
    shown.setdefault("ContactGroups", [])
    shown.setdefault("ContactPersons", [])
    shown["HasAttachments"] = record.get("HasAttachments", False)
    shown["HasValidationErrors"] = False
    if view.lines:
        balances = view.book.balances(text_of(record, "ContactID"), view.today)
        if (
            record.get("IsCustomer")
            or record.get("IsSupplier")
            or any(sum(side.values()) for side in balances.values())
        ):
            shown["Balances"] = balances
    else:
        shown.pop("MergedToContactID", None)  # only by id or on a page (xero.md section 2, Contacts)


def _tracking_category(view: View, endpoint: Endpoint, record: Record, shown: Json) -> None:
    shown["Options"] = [
        {**wired(option, {}), "HasValidationErrors": False}
        for option in children_of(record, "Options")
        if view.include_archived or option.get("Status") != "ARCHIVED"
    ]


def _item(view: View, endpoint: Endpoint, record: Record, shown: Json) -> None:
    for side in ("PurchaseDetails", "SalesDetails"):
        details = record.get(side)
        if isinstance(details, dict) and view.unit_places == 2 and "UnitPrice" in details:
            shown[side] = details | {"UnitPrice": decimal_of(details, "UnitPrice").quantize(CENT, ROUND_HALF_UP)}


SHAPES: dict[str, Callable[[View, Endpoint, Record, Json], None]] = {
    "Invoices": _invoice,
    "CreditNotes": _credit,
    "Prepayments": _credit,
    "Overpayments": _credit,
    "PurchaseOrders": _order,
    "Quotes": _quote,
    "ManualJournals": _journal,
    "Payments": _payment,
    "Contacts": _contact,
    "TrackingCategories": _tracking_category,
    "Items": _item,
}
