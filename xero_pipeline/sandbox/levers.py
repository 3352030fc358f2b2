"""What a person at Xero's screens could do to an organisation, each by name and with JSON arguments, for the control API.

Documents are named by id or number, contacts by id or name, accounts by code or AccountID. Fields inside `fields`, and whatever else
a `create_` lever is given, are Xero's own: numbers, `YYYY-MM-DD` in fields whose name ends in Date, ISO instants in those ending in
UTC. `null` takes a field away.

| lever | arguments (* may be left out) |
| --- | --- |
| `pay_invoice` | invoice, amount* (all that is due), account* (a bank account), date* (today), reference* |
| `refund_credit` | credit, amount* (all that is left), account*, date*, reference* |
| `reverse_payment`, `reconcile_payment` | payment |
| `create_invoice`, `create_credit_note`, `create_prepayment`, `create_overpayment`, `create_purchase_order`, `create_quote`, `create_manual_journal`, `create_contact` | the record's fields |
| `update_invoice` | invoice, fields |
| `submit_invoice`, `approve_invoice`, `void_invoice`, `delete_invoice` | invoice |
| `edit_line_account` (moves no stamp) | invoice, account, line* (the first) |
| `approve_credit_note`, `void_credit_note` | credit |
| `allocate_credit` | credit, invoice, amount* (as much as fits) |
| `remove_allocation` | credit, allocation |
| `edit_contact` | contact, fields |
| `archive_contact` | contact |
| `merge_contacts` | from, into |
| `edit` (no rule applies) | plural, id, fields, stamp* (true) |
| `remove` (the record is gone without a trace) | plural, id |
"""  # noqa: E501  (a table's row is one line)

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from xero_pipeline.sandbox.xero import contacts, credits, documents, journals, money_in, orders  # noqa: A004
from xero_pipeline.sandbox.xero.book import ORGANISATION, Book
from xero_pipeline.sandbox.xero.edit import edit
from xero_pipeline.sandbox.xero.index import CREDITS
from xero_pipeline.sandbox.xero.record import Record, child_of, children_of, decimal_of, text_of

Lever = Callable[["Hand"], Record]


class Unusable(Exception):
    """An argument is missing or names nothing; the message says which."""


@dataclass(frozen=True, slots=True)
class Hand:
    """One pull of a lever: the book, the sandbox's time (aware) and the arguments."""

    book: Book
    now: datetime
    arguments: Mapping[str, object]

    def text(self, name: str, default: str | None = None) -> str:
        """An argument as text; Unusable when it is missing and has no default."""
        value = self.arguments.get(name, default)
        if not isinstance(value, str):
            raise Unusable(f"'{name}' is needed, as text.")
        return value

    def fields(self, given: object) -> Record:
        """Xero's fields from JSON."""
        if not isinstance(given, Mapping):
            raise Unusable("'fields' is needed, as an object.")
        return {str(name): _value(str(name), value) for name, value in given.items()}

    def created(self) -> Record:
        """The arguments as the fields of a new record; a Contact may be given by Name."""
        fields = self.fields(self.arguments)
        contact = child_of(fields, "Contact")
        if "ContactID" not in contact and text_of(contact, "Name"):
            fields["Contact"] = {"ContactID": self._contact(text_of(contact, "Name"))}
        return fields

    def amount(self, default: Decimal) -> Decimal:
        """`amount`, as a number or text."""
        value = self.arguments.get("amount", default)
        try:
            return Decimal(str(value)).quantize(Decimal("0.01"))
        except InvalidOperation as error:
            raise Unusable("'amount' is a number.") from error

    def day(self) -> date:
        """`date`, or today where the organisation is."""
        given = self.text("date", "")
        return date.fromisoformat(given) if given else self.book.today(self.now)

    def document(self, name: str, *plurals: str) -> tuple[str, Record]:
        """The document an argument names by id or number, with its collection."""
        key = self.text(name)
        for plural in plurals:
            numbered = self.book.numbered(plural, key) if plural in self.book.index.numbers else None
            found = self.book.find(plural, key.lower()) or numbered
            if found is not None:
                return plural, found
        raise Unusable(f"'{name}' {key!r} names nothing in {' or '.join(plurals)}.")

    def invoice_id(self) -> str:
        """The id of the `invoice` named."""
        return text_of(self.document("invoice", "Invoices")[1], "InvoiceID")

    def payment_id(self) -> str:
        """The id of the `payment` named."""
        return text_of(self.document("payment", "Payments")[1], "PaymentID")

    def contact_id(self, name: str) -> str:
        """The id of the contact an argument names."""
        return self._contact(self.text(name))

    def account(self, currency: str) -> str:
        """`account`, or the AccountID of the first active bank account, one in `currency` before the others."""
        if "account" in self.arguments:
            return self.text("account")
        banks = [
            account
            for account in self.book.collections["Accounts"].values()
            if account.get("Type") == "BANK" and account.get("Status") == "ACTIVE"
        ]
        banks.sort(key=lambda account: account.get("CurrencyCode", self.book.base_currency) != currency)
        if not banks:
            raise Unusable("There is no active bank account: name one in 'account'.")
        return text_of(banks[0], "AccountID")

    def _contact(self, key: str) -> str:
        found = self.book.find("Contacts", key.lower()) or self.book.contact_named(key)
        if found is None:
            raise Unusable(f"{key!r} is no contact's id, nor the name of an active one.")
        return text_of(found, "ContactID")


def pull(name: str, book: Book, now: datetime, arguments: Mapping[str, object]) -> Record:
    """Does it. Raises Unusable, the book's Refusal, or KeyError for an id that is not there."""
    lever = LEVERS.get(name)
    if lever is None:
        raise Unusable(f"There is no lever {name!r}; there are: {', '.join(sorted(LEVERS))}.")
    return lever(Hand(book, now, arguments))


def _value(name: str, value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _value(str(key), item) for key, item in value.items()}
    if isinstance(value, list):
        return [_value(name, item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str) and name.endswith("Date"):
        return date.fromisoformat(value[:10])
    if isinstance(value, str) and name.endswith("UTC"):
        read = datetime.fromisoformat(value)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    return value


def _pay(hand: Hand, name: str, outstanding: str, *plurals: str) -> Record:
    plural, document = hand.document(name, *plurals)
    id_field = f"{plural.removesuffix('s')}ID"
    extra: Record = {"Reference": hand.text("reference")} if "reference" in hand.arguments else {}
    return money_in.pay(
        hand.book,
        text_of(document, id_field),
        hand.account(text_of(document, "CurrencyCode")),
        hand.amount(decimal_of(document, outstanding)),
        hand.day(),
        hand.now,
        extra=extra,
    )


def _allocate(hand: Hand) -> Record:
    plural, credit = hand.document("credit", *CREDITS)
    _, invoice = hand.document("invoice", "Invoices")
    fits = min(decimal_of(credit, "RemainingCredit"), decimal_of(invoice, "AmountDue"))
    credit_id = text_of(credit, f"{plural.removesuffix('s')}ID")
    return credits.allocate(hand.book, credit_id, text_of(invoice, "InvoiceID"), hand.amount(fits), hand.now)


def _remove_allocation(hand: Hand) -> Record:
    plural, credit = hand.document("credit", *CREDITS)
    credit_id = text_of(credit, f"{plural.removesuffix('s')}ID")
    return credits.remove_allocation(hand.book, credit_id, hand.text("allocation"), hand.now)


def _edit_line_account(hand: Hand) -> Record:
    _, invoice = hand.document("invoice", "Invoices")
    line_id = hand.text("line", text_of(children_of(invoice, "LineItems")[0], "LineItemID"))
    return documents.edit_line_account(hand.book, text_of(invoice, "InvoiceID"), line_id, hand.text("account"))


def _credit_note_status(status: str) -> Lever:
    def change(hand: Hand) -> Record:
        _, note = hand.document("credit", "CreditNotes")
        return credits.change_credit_note_status(hand.book, text_of(note, "CreditNoteID"), status, hand.now)

    return change


def _edit(hand: Hand) -> Record:
    fields = hand.fields(hand.arguments.get("fields"))
    stamp = hand.arguments.get("stamp", True) is True
    record_id = hand.text("id", "" if hand.text("plural") == ORGANISATION else None)
    return edit(hand.book, hand.text("plural"), record_id, fields, hand.now, stamp=stamp)


def _remove(hand: Hand) -> Record:
    plural, record_id = hand.text("plural"), hand.text("id")
    record = hand.book.get(plural, record_id)
    hand.book.remove(plural, record_id)
    return record


LEVERS: dict[str, Lever] = {
    "pay_invoice": lambda hand: _pay(hand, "invoice", "AmountDue", "Invoices"),
    "refund_credit": lambda hand: _pay(hand, "credit", "RemainingCredit", *CREDITS),
    "reverse_payment": lambda hand: money_in.reverse_payment(hand.book, hand.payment_id(), hand.now),
    "reconcile_payment": lambda hand: money_in.reconcile_payment(hand.book, hand.payment_id(), hand.now),
    "create_invoice": lambda hand: documents.create_invoice(hand.book, hand.created(), hand.now),
    "create_credit_note": lambda hand: credits.create_credit_note(hand.book, hand.created(), hand.now),
    "create_prepayment": lambda hand: credits.create_prepayment(hand.book, hand.created(), hand.now),
    "create_overpayment": lambda hand: credits.create_overpayment(hand.book, hand.created(), hand.now),
    "create_purchase_order": lambda hand: orders.create_purchase_order(hand.book, hand.created(), hand.now),
    "create_quote": lambda hand: orders.create_quote(hand.book, hand.created(), hand.now),
    "create_manual_journal": lambda hand: journals.create_manual_journal(hand.book, hand.created(), hand.now),
    "create_contact": lambda hand: contacts.create_contact(hand.book, hand.fields(hand.arguments), hand.now),
    "update_invoice": lambda hand: documents.update_invoice_fields(
        hand.book, hand.invoice_id(), hand.fields(hand.arguments.get("fields")), hand.now
    ),
    "submit_invoice": lambda hand: documents.submit(hand.book, hand.invoice_id(), hand.now),
    "approve_invoice": lambda hand: documents.approve(hand.book, hand.invoice_id(), hand.now),
    "void_invoice": lambda hand: documents.void_invoice(hand.book, hand.invoice_id(), hand.now),
    "delete_invoice": lambda hand: documents.delete_draft(hand.book, hand.invoice_id(), hand.now),
    "edit_line_account": _edit_line_account,
    "approve_credit_note": _credit_note_status("AUTHORISED"),
    "void_credit_note": _credit_note_status("VOIDED"),
    "allocate_credit": _allocate,
    "remove_allocation": _remove_allocation,
    "edit_contact": lambda hand: contacts.edit_contact(
        hand.book, hand.contact_id("contact"), hand.fields(hand.arguments.get("fields")), hand.now
    ),
    "archive_contact": lambda hand: contacts.archive_contact(hand.book, hand.contact_id("contact"), hand.now),
    "merge_contacts": lambda hand: contacts.merge_contacts(
        hand.book, hand.contact_id("from"), hand.contact_id("into"), hand.now
    ),
    "edit": _edit,
    "remove": _remove,
}
