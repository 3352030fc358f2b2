"""Whatever is done in whatever order, and whatever is refused, every invariant of the book holds after every step."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from xero_pipeline.sandbox.xero import contacts, documents, money_in
from xero_pipeline.sandbox.xero import credits as credit_actions
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.codec import decode, encode
from xero_pipeline.sandbox.xero.record import Record, children_of, decimal_of, text_of
from xero_pipeline.sandbox.xero.refusal import Refusal
from xero_pipeline_tests.sandbox.xero_book.invariants import check
from xero_pipeline_tests.sandbox.xero_book.samples import CUSTOMER, NOW, SUPPLIER, bill, credit, sale, small_book

TODAY = date(2026, 11, 20)
MONEY = st.decimals("0.01", "400.00", places=2)
PICK = st.integers(0, 10_000)
QUANTITY = st.decimals("0.01", "9", places=2) | st.decimals("-2", "9", places=2)
TYPES = st.sampled_from(["Exclusive", "Inclusive", "NoTax"])
NEW_STATUS = st.sampled_from(["AUTHORISED", "AUTHORISED", "AUTHORISED", "DRAFT", "SUBMITTED", "VOIDED"])
STATUS = st.sampled_from(["DRAFT", "SUBMITTED", "AUTHORISED", "VOIDED", "DELETED"])
DISCOUNT = st.none() | st.decimals("0", "100", places=2)
DATES = st.dates(date(2026, 10, 1), date(2027, 1, 31))


class AnySequence(RuleBasedStateMachine):
    """Draws actions and documents at random; a Refusal is an answer like any other, and must leave the book as it was."""

    @initialize()
    def open_book(self) -> None:
        self.book: Book = small_book()
        self.now = NOW
        for amount in ("60.00", "130.10", "250.05"):
            documents.create_invoice(self.book, sale(amount), NOW)
            documents.create_invoice(self.book, bill(amount), NOW)
            credit_actions.create_credit_note(self.book, credit(amount), NOW)
        credit_actions.create_prepayment(self.book, credit("80.00", Type="RECEIVE-PREPAYMENT"), NOW)
        credit_actions.create_overpayment(self.book, credit("35.35", Type="RECEIVE-OVERPAYMENT"), NOW)

    def step(self) -> None:
        self.now += timedelta(minutes=7)

    def one(self, plural: str, pick: int) -> str:
        """A record, four times in five one that is AUTHORISED, so that most actions have something to act on."""
        found = self.book.collections[plural]
        ids = [record_id for record_id, record in found.items() if record["Status"] == "AUTHORISED"] if pick % 5 else []
        ids = ids or list(found)
        return ids[pick // 5 % len(ids)] if ids else "none"

    def match(self, source: Record, pick: int) -> str:
        """An open invoice that a credit could go to."""
        kind = "ACCREC" if text_of(source, "Type").startswith(("ACCREC", "RECEIVE")) else "ACCPAY"
        ids = [
            invoice_id
            for invoice_id, invoice in self.book.collections["Invoices"].items()
            if invoice["Status"] == "AUTHORISED" and invoice["Type"] == kind and invoice["Contact"] == source["Contact"]
        ]
        return ids[pick % len(ids)] if ids else "none"

    def attempt(self, action: str, *arguments: object) -> None:
        self.step()
        before = {plural: dict(found) for plural, found in self.book.collections.items()}
        contents = {key: encode(record) for key, record in self._records()}
        module, name = action.split(".")
        function = getattr(
            {"documents": documents, "credits": credit_actions, "money": money_in, "contacts": contacts}[module], name
        )
        try:
            function(self.book, *arguments, self.now)
        except Refusal:
            assert before == self.book.collections
            assert contents == {key: encode(record) for key, record in self._records()}
        except KeyError:
            assert "none" in arguments

    def _records(self) -> list[tuple[tuple[str, str], Record]]:
        return [((plural, record_id), record) for plural, record_id, record in self.book.records()]

    @rule(
        quantity=QUANTITY,
        price=MONEY,
        types=TYPES,
        discount=DISCOUNT,
        status=NEW_STATUS,
        due=DATES,
        selling=st.booleans(),
    )
    def invoice(
        self,
        quantity: Decimal,
        price: Decimal,
        types: str,
        discount: Decimal | None,
        status: str,
        due: date,
        selling: bool,
    ) -> None:
        line: Record = {"UnitAmount": price, "Quantity": quantity, "AccountCode": "200" if selling else "300"}
        if discount is not None:
            line["DiscountRate"] = discount
        more: Record = {"LineItems": [line, {"Description": "Note"}], "Status": status, "DueDate": due}
        fields = sale(LineAmountTypes=types) if selling else bill(LineAmountTypes=types)
        self.attempt("documents.create_invoice", fields | more)

    @rule(pick=PICK, status=STATUS)
    def move(self, pick: int, status: str) -> None:
        self.attempt("documents.change_status", self.one("Invoices", pick), status)

    @rule(pick=PICK, quantity=QUANTITY, types=TYPES, due=DATES)
    def update(self, pick: int, quantity: Decimal, types: str, due: date) -> None:
        invoice_id = self.one("Invoices", pick)
        invoice = self.book.find("Invoices", invoice_id)
        fields: Record = {"DueDate": due}
        if invoice is not None and pick % 3:
            lines = children_of(invoice, "LineItems")
            fields |= {"LineAmountTypes": types, "LineItems": [lines[0] | {"Quantity": quantity}] if lines else []}
            del_derived(fields)
        self.attempt("documents.update_invoice_fields", invoice_id, fields)

    @rule(
        pick=PICK,
        amount=MONEY,
        whole=st.booleans(),
        plural=st.sampled_from(["Invoices", "CreditNotes", "Overpayments"]),
    )
    def pay(self, pick: int, amount: Decimal, whole: bool, plural: str) -> None:
        document = self.book.find(plural, self.one(plural, pick))
        if document is not None and whole:
            amount = decimal_of(document, "AmountDue" if plural == "Invoices" else "RemainingCredit")
        self.attempt("money.pay", self.one(plural, pick), "090", amount, TODAY)

    @rule(pick=PICK)
    def reverse(self, pick: int) -> None:
        self.attempt("money.reverse_payment", self.one("Payments", pick))

    @rule(pick=PICK)
    def reconcile(self, pick: int) -> None:
        self.attempt("money.reconcile_payment", self.one("Payments", pick))

    @rule(amount=MONEY, types=TYPES, selling=st.booleans())
    def credit_note(self, amount: Decimal, types: str, selling: bool) -> None:
        fields = credit(str(amount), LineAmountTypes=types)
        if not selling:
            line: Record = {"UnitAmount": amount, "AccountCode": "300"}
            fields |= {"Type": "ACCPAYCREDIT", "Contact": {"ContactID": SUPPLIER}, "LineItems": [line]}
        self.attempt("credits.create_credit_note", fields)

    @rule(amount=MONEY, prepaid=st.booleans())
    def other_credit(self, amount: Decimal, prepaid: bool) -> None:
        name = "prepayment" if prepaid else "overpayment"
        fields = credit(str(amount)) | {"Type": f"RECEIVE-{name.upper()}"}
        self.attempt(f"credits.create_{name}", fields)

    @rule(pick=PICK, other=PICK, amount=MONEY, plural=st.sampled_from(["CreditNotes", "Prepayments", "Overpayments"]))
    def allocate(self, pick: int, other: int, amount: Decimal, plural: str) -> None:
        source_id, invoice_id = self.one(plural, pick), self.one("Invoices", other)
        source = self.book.find(plural, source_id)
        if source is not None and pick % 4:
            invoice_id = self.match(source, other)
        invoice = self.book.find("Invoices", invoice_id)
        if source is not None and invoice is not None and pick % 2:
            amount = min(decimal_of(source, "RemainingCredit"), decimal_of(invoice, "AmountDue"))
        self.attempt("credits.allocate", source_id, invoice_id, amount)

    @rule(pick=PICK, status=STATUS)
    def move_credit_note(self, pick: int, status: str) -> None:
        self.attempt("credits.change_credit_note_status", self.one("CreditNotes", pick), status)

    @rule(pick=PICK)
    def deallocate(self, pick: int) -> None:
        found = [
            (text_of(source, id_field), text_of(allocation, "AllocationID"))
            for plural, id_field in (("CreditNotes", "CreditNoteID"), ("Prepayments", "PrepaymentID"))
            for source in self.book.collections[plural].values()
            for allocation in children_of(source, "Allocations")
        ]
        if found:
            self.attempt("credits.remove_allocation", *found[pick % len(found)])

    @rule(into=st.booleans(), rarely=st.integers(0, 7))
    def merge_back_and_forth(self, into: bool, rarely: int) -> None:
        if rarely != 7:
            return
        pair = (CUSTOMER, SUPPLIER) if into else (SUPPLIER, CUSTOMER)
        self.attempt("contacts.merge_contacts", *pair)
        for contact_id in pair:
            self.attempt("contacts.edit_contact", contact_id, {"ContactStatus": "ACTIVE"})

    @invariant()
    def every_invariant_holds(self) -> None:
        if hasattr(self, "book"):
            check(self.book, TODAY)

    @invariant()
    def the_book_comes_back_from_text(self) -> None:
        if hasattr(self, "book") and self.now.minute % 5 == 0:
            stored = [(plural, record_id, encode(record)) for plural, record_id, record in self.book.records()]
            back = Book.load((plural, record_id, decode(line)) for plural, record_id, line in stored)
            assert back.collections == self.book.collections
            check(back, TODAY)


def del_derived(fields: Record) -> None:
    """Drops what Xero works out from lines that are sent back."""
    for line in children_of(fields, "LineItems"):
        line.pop("LineAmount", None)
        line.pop("TaxAmount", None)


TestAnySequence = AnySequence.TestCase
TestAnySequence.settings = settings(max_examples=60, stateful_step_count=50)
