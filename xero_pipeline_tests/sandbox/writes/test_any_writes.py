"""Whatever is written in whatever order, refused or not: documents, balances and the answers themselves agree."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from xero_pipeline.sandbox.clock import Clock
from xero_pipeline.sandbox.xero.arithmetic import in_base_currency
from xero_pipeline.sandbox.xero.codec import encode
from xero_pipeline.sandbox.xero.tokens import Signer
from xero_pipeline_tests.sandbox.writes.in_process import InProcess
from xero_pipeline_tests.sandbox.xero_book.invariants import check
from xero_pipeline_tests.sandbox.xero_book.samples import CUSTOMER, NOW, SUPPLIER, bill, credit, sale, small_book

Json = dict[str, Any]
MONEY = st.decimals("0.01", "400.00", places=2)
PICK = st.integers(0, 10_000)
TYPES = st.sampled_from(["Exclusive", "Inclusive", "NoTax"])
STATUS = st.sampled_from(["DRAFT", "SUBMITTED", "AUTHORISED", "AUTHORISED", "AUTHORISED", "VOIDED", "DELETED", "PAID"])
CREDITS = ("CreditNotes", "Prepayments", "Overpayments")
CONTACTS = st.sampled_from(
    [
        {"ContactID": CUSTOMER},
        {"ContactID": SUPPLIER},
        {"Name": "Rimu Dairy Ltd"},
        {"Name": "Somebody new"},
        {"ContactID": CUSTOMER, "EmailAddress": "no address"},
        {},
    ]
)
LINES = st.lists(
    st.fixed_dictionaries(
        {"Description": st.just("Drawn")},
        optional={
            "Quantity": st.decimals("-2", "9", places=2),
            "UnitAmount": st.decimals("-20", "300", places=4),
            "AccountCode": st.sampled_from(["200", "200", "300", "255", "090", "9999"]),
            "DiscountRate": st.decimals("0", "100", places=2),
            "ItemCode": st.just("PUMP"),
        },
    ),
    max_size=3,
)
CURRENCY = st.sampled_from(["NZD", "NZD", "AUD", "EUR"])


class AnyWrites(RuleBasedStateMachine):
    """Every rule is one HTTP request of a client that knows little; a 400 is an answer like any other and changes nothing."""

    signer: Signer | None = None

    @initialize()
    def open_book(self) -> None:
        book = small_book()
        AnyWrites.signer = AnyWrites.signer or Signer.fresh()
        self.clock = Clock(stopped_at=NOW)
        self.client = InProcess(book, self.clock, AnyWrites.signer)
        self.book = book
        for amount in ("60.00", "130.10", "250.05"):
            for body in (sale(amount), bill(amount)):
                assert self.write("PUT", "Invoices", body) == 200
            assert self.write("PUT", "CreditNotes", credit(amount)) == 200

    def write(self, method: str, path: str, content: object, **options: str) -> int:
        """Sends it; a refusal must leave every record as it was."""
        self.clock.advance(7)
        before = self.contents()
        status, answer = self.client.send(method, path, content, **options)
        assert status in (200, 204, 400, 404), answer
        if status != 200:
            assert self.contents() == before, answer
        if status == 400:
            assert answer["ErrorNumber"] == 10
        return status

    def contents(self) -> dict[tuple[str, str], str]:
        return {(plural, record_id): encode(record) for plural, record_id, record in self.book.records()}

    def one(self, plural: str, pick: int) -> str:
        """A record, four times in five one that is AUTHORISED."""
        found = self.book.collections[plural]
        ids = [record_id for record_id, record in found.items() if record["Status"] == "AUTHORISED"] if pick % 5 else []
        ids = ids or list(found)
        return ids[pick // 5 % len(ids)] if ids else "7df8949c-b71f-40c0-bbcf-39f2f450f286"

    @rule(
        contact=CONTACTS,
        lines=LINES,
        types=TYPES,
        status=STATUS,
        currency=CURRENCY,
        selling=st.booleans(),
        put=st.booleans(),
    )
    def draw_invoice(
        self, contact: Json, lines: list[Json], types: str, status: str, currency: str, selling: bool, put: bool
    ) -> None:
        body = (sale if selling else bill)() | {
            "Contact": contact,
            "LineItems": lines,
            "LineAmountTypes": types,
            "Status": status,
            "CurrencyCode": currency,
        }
        self.write("PUT" if put else "POST", "Invoices", body, unitdp="4" if put else "2")

    @rule(amounts=st.lists(MONEY, min_size=1, max_size=3), bad=st.booleans(), summarize=st.booleans())
    def draw_batch(self, amounts: list[Decimal], bad: bool, summarize: bool) -> None:
        batch = [sale(str(amount), Contact={"Name": "Batch buyer"}) for amount in amounts]
        if bad:
            batch[-1]["LineItems"] = [{"UnitAmount": 1, "AccountCode": "9999"}]
        count = len(self.book.collections["Invoices"])
        status = self.write("PUT", "Invoices", {"Invoices": batch}, summarizeErrors=str(summarize))
        assert status == (400 if bad and summarize else 200)
        kept = 0 if status == 400 else len(batch) - bad
        assert len(self.book.collections["Invoices"]) == count + kept

    @rule(pick=PICK, status=STATUS)
    def move_invoice(self, pick: int, status: str) -> None:
        self.write("POST", f"Invoices/{self.one('Invoices', pick)}", {"Status": status})

    @rule(pick=PICK, amount=MONEY, types=TYPES, contact=CONTACTS, reference=st.booleans())
    def edit_invoice(self, pick: int, amount: Decimal, types: str, contact: Json, reference: bool) -> None:
        invoice = self.book.collections["Invoices"].get(self.one("Invoices", pick), {})
        lines = [{"LineItemID": line["LineItemID"]} for line in invoice.get("LineItems", [])[:1]]  # type: ignore[attr-defined]
        if lines:
            lines[0]["UnitAmount"] = amount
        change: Json = {"Reference": "edited"} if reference else {"LineAmountTypes": types, "LineItems": lines}
        self.write(
            "POST", f"Invoices/{self.one('Invoices', pick)}", change | ({"Contact": contact} if pick % 3 == 0 else {})
        )

    @rule(pick=PICK)
    def send_back_what_was_read(self, pick: int) -> None:
        path = f"Invoices/{self.one('Invoices', pick)}"
        _, answer = self.client.send("GET", path, unitdp="4")
        (read,) = answer["Invoices"]
        status = self.write("POST", path, read, unitdp="4")
        assert (status == 400) is (read["Status"] in ("VOIDED", "DELETED")), read

    @rule(pick=PICK, amount=MONEY, whole=st.booleans(), plural=st.sampled_from(["Invoices", "Invoices", *CREDITS]))
    def pay(self, pick: int, amount: Decimal, whole: bool, plural: str) -> None:
        record_id, name = self.one(plural, pick), plural.removesuffix("s")
        document = self.book.collections[plural].get(record_id, {})
        if whole:
            amount = document.get("AmountDue" if plural == "Invoices" else "RemainingCredit", amount)  # type: ignore[assignment]
        key = {name: {f"{name}ID": record_id}}
        self.write("PUT", "Payments", {**key, "Account": {"Code": "090"}, "Amount": amount})

    @rule(pick=PICK)
    def reverse(self, pick: int) -> None:
        self.write("POST", f"Payments/{self.one('Payments', pick)}", {"Status": "DELETED"})

    @rule(amount=MONEY, types=TYPES, status=STATUS)
    def draw_credit_note(self, amount: Decimal, types: str, status: str) -> None:
        self.write("POST", "CreditNotes", credit(str(amount), LineAmountTypes=types, Status=status))

    @rule(pick=PICK, status=STATUS, amount=MONEY, edit=st.booleans())
    def change_credit_note(self, pick: int, status: str, amount: Decimal, edit: bool) -> None:
        change = {"LineItems": [{"UnitAmount": amount, "AccountCode": "200"}]} if edit else {"Status": status}
        self.write("POST", f"CreditNotes/{self.one('CreditNotes', pick)}", change)

    @rule(pick=PICK, other=PICK, amount=MONEY, whole=st.booleans())
    def allocate(self, pick: int, other: int, amount: Decimal, whole: bool) -> None:
        source_id, invoice_id = self.one("CreditNotes", pick), self.one("Invoices", other)
        source = self.book.collections["CreditNotes"].get(source_id, {})
        fitting = [
            invoice_id
            for invoice_id, invoice in self.book.collections["Invoices"].items()
            if invoice["Status"] == "AUTHORISED" and invoice["Contact"] == source.get("Contact")
        ]
        if fitting and pick % 4:
            invoice_id = fitting[other % len(fitting)]
        if whole:
            invoice = self.book.collections["Invoices"][invoice_id]
            amount = min(source.get("RemainingCredit", amount), invoice["AmountDue"])  # type: ignore[type-var]
        body = {"Amount": amount, "Invoice": {"InvoiceID": invoice_id}}
        self.write("PUT", f"CreditNotes/{source_id}/Allocations", {"Allocations": [body]})

    @rule(pick=PICK)
    def deallocate(self, pick: int) -> None:
        found = [
            (source_id, allocation["AllocationID"])
            for source_id, source in self.book.collections["CreditNotes"].items()
            for allocation in source["Allocations"]  # type: ignore[attr-defined]
        ]
        if found:
            source_id, allocation_id = found[pick % len(found)]
            assert self.write("DELETE", f"CreditNotes/{source_id}/Allocations/{allocation_id}", None) == 200

    @invariant()
    def the_book_holds(self) -> None:
        if hasattr(self, "book"):
            check(self.book, self.book.today(self.clock.now()))

    @invariant()
    def what_is_read_holds(self) -> None:
        if hasattr(self, "book") and self.clock.now().second % 3 == 0:
            _, invoices = self.client.send("GET", "Invoices", page="1", pageSize="1000")
            owed: dict[str, Decimal] = {}
            for invoice in invoices["Invoices"]:
                if invoice["Status"] not in ("VOIDED", "DELETED"):
                    parts = (invoice[field] for field in ("AmountPaid", "AmountCredited", "AmountDue"))
                    assert invoice["Total"] == sum(parts), invoice
                if invoice["Status"] == "AUTHORISED" and invoice["Type"] == "ACCREC":
                    contact_id = invoice["Contact"]["ContactID"]
                    due = in_base_currency(invoice["AmountDue"], invoice.get("CurrencyRate"))
                    owed[contact_id] = owed.get(contact_id, Decimal(0)) + due
            _, notes = self.client.send("GET", "CreditNotes", page="1", pageSize="1000")
            for note in notes["CreditNotes"]:
                if note["Status"] == "AUTHORISED":
                    contact_id = note["Contact"]["ContactID"]
                    owed[contact_id] = owed.get(contact_id, Decimal(0)) - note["RemainingCredit"]
            _, contacts = self.client.send("GET", "Contacts", page="1", pageSize="1000")
            for contact in contacts["Contacts"]:
                balance = contact.get("Balances", {}).get("AccountsReceivable", {}).get("Outstanding", Decimal(0))
                assert balance == owed.get(contact["ContactID"], Decimal(0)), contact


TestAnyWrites = AnyWrites.TestCase
TestAnyWrites.settings = settings(max_examples=40, stateful_step_count=30)
