"""After any sequence of actions, in any currency and on any date, the books balance and tie to the contacts (issue B)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from xero_pipeline.sandbox.xero import credits, documents, journals, money_in  # noqa: A004
from xero_pipeline.sandbox.xero.aged import open_documents
from xero_pipeline.sandbox.xero.arithmetic import cents
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.index import ID_FIELDS
from xero_pipeline.sandbox.xero.ledger import CREDITORS, DEBTORS
from xero_pipeline.sandbox.xero.record import Record, decimal_of, text_of
from xero_pipeline.sandbox.xero.refusal import Refusal
from xero_pipeline.sandbox.xero.trial_balance import TrialBalance
from xero_pipeline_tests.sandbox.xero_book.samples import NOW, SUPPLIER, add_account, bill, credit, sale
from xero_pipeline_tests.sandbox.xero_book.test_any_sequence import MONEY, PICK, TYPES, AnySequence

RATES = st.decimals("0.050000", "90.000000", places=6)
DAYS = st.dates(date(2026, 3, 25), date(2027, 4, 5))
AFTER_ALL = date(2100, 1, 1)


class AnyLedger(AnySequence):
    """The sequences of `AnySequence`, with foreign documents, payments on any day at any rate, and journals."""

    @initialize()
    def open_book(self) -> None:
        super().open_book()
        for code, system in (("820", "GST"), ("860", "ROUNDING"), ("499", "REALISEDCURRENCYGAIN")):
            add_account(self.book, code, "CURRLIAB", "LIABILITY", "NONE", SystemAccount=system)
        add_account(self.book, "960", "EQUITY", "EQUITY", "NONE", SystemAccount="RETAINEDEARNINGS")
        add_account(self.book, "092", "BANK", "ASSET", "NONE", CurrencyCode="AUD")
        for rate in ("0.915", "3.141593", "0.333333"):
            foreign: Record = {"CurrencyCode": "AUD", "CurrencyRate": Decimal(rate)}
            documents.create_invoice(self.book, sale("333.33") | foreign, NOW)
            documents.create_invoice(self.book, bill("77.77") | foreign, NOW)
            credits.create_credit_note(self.book, credit("123.45") | foreign, NOW)
            credits.create_prepayment(self.book, credit("99.99", Type="RECEIVE-PREPAYMENT") | foreign, NOW)

    def foreign(self, plural: str, pick: int) -> Record | None:
        """An open document in another currency."""
        found = [
            document
            for document in self.book.collections[plural].values()
            if document["Status"] == "AUTHORISED" and document["CurrencyCode"] == "AUD"
        ]
        return found[pick % len(found)] if found else None

    @rule(price=MONEY, rate=RATES, types=TYPES, day=DAYS, selling=st.booleans())
    def foreign_invoice(self, price: Decimal, rate: Decimal, types: str, day: date, selling: bool) -> None:
        made = sale if selling else bill
        line: Record = {"UnitAmount": price, "Quantity": Decimal("1.37"), "AccountCode": "200" if selling else "300"}
        more: Record = {"CurrencyCode": "AUD", "CurrencyRate": rate, "LineAmountTypes": types, "Date": day}
        self.attempt("documents.create_invoice", made(LineItems=[line, line]) | more)

    @rule(price=MONEY, rate=RATES, day=DAYS, kind=st.sampled_from(["credit_note", "prepayment", "overpayment"]))
    def foreign_credit(self, price: Decimal, rate: Decimal, day: date, kind: str) -> None:
        fields = credit(str(price), CurrencyCode="AUD", CurrencyRate=rate, Date=day)
        if kind != "credit_note":
            fields["Type"] = f"RECEIVE-{kind.upper()}"
        self.attempt(f"credits.create_{kind}", fields)

    @rule(price=MONEY, kind=st.sampled_from(["prepayment", "overpayment"]))
    def supplier_credit(self, price: Decimal, kind: str) -> None:
        line: Record = {"UnitAmount": price, "AccountCode": "300"}
        fields = credit(Type=f"SPEND-{kind.upper()}", Contact={"ContactID": SUPPLIER}, LineItems=[line])
        self.attempt(f"credits.create_{kind}", fields)

    @rule(
        pick=PICK,
        share=st.sampled_from([1, 1, 2, 3, 7]),
        rate=RATES,
        day=DAYS,
        plural=st.sampled_from(["Invoices", "Invoices", "CreditNotes", "Prepayments", "Overpayments"]),
    )
    def pay_at_another_rate(self, pick: int, share: int, rate: Decimal, day: date, plural: str) -> None:
        document = self.foreign(plural, pick)
        if document is None:
            return
        amount = cents(decimal_of(document, "AmountDue" if plural == "Invoices" else "RemainingCredit") / share)
        if amount:
            self.step()
            document_id = text_of(document, ID_FIELDS[plural])
            money_in.pay(self.book, document_id, "092", amount, day, self.now, extra={"CurrencyRate": rate})

    @rule(
        pick=PICK, other=PICK, share=st.sampled_from([1, 2, 3]), plural=st.sampled_from(["CreditNotes", "Prepayments"])
    )
    def allocate_across_rates(self, pick: int, other: int, share: int, plural: str) -> None:
        source, invoice = self.foreign(plural, pick), self.foreign("Invoices", other)
        if source is None or invoice is None:
            return
        amount = cents(min(decimal_of(source, "RemainingCredit"), decimal_of(invoice, "AmountDue")) / share)
        self.attempt("credits.allocate", text_of(source, ID_FIELDS[plural]), text_of(invoice, "InvoiceID"), amount)

    @rule(amount=MONEY, day=DAYS, types=TYPES, posted=st.booleans())
    def journal(self, amount: Decimal, day: date, types: str, posted: bool) -> None:
        lines: list[Record] = [
            {"AccountCode": "300", "LineAmount": amount, "TaxType": "INPUT2"},
            {"AccountCode": "300", "LineAmount": -amount, "TaxType": "INPUT2"},
            {"AccountCode": "200", "LineAmount": amount, "TaxType": "NONE"},
            {"AccountCode": "820", "LineAmount": -amount, "TaxType": "NONE"},
        ]
        status = "POSTED" if posted else "DRAFT"
        fields: Record = {"Narration": "Any", "Date": day, "JournalLines": lines, "Status": status}
        self.step()
        journals.create_manual_journal(self.book, fields | {"LineAmountTypes": types}, self.now)

    @rule(pick=PICK, status=st.sampled_from(["POSTED", "VOIDED", "DELETED"]))
    def move_journal(self, pick: int, status: str) -> None:
        ids = list(self.book.collections["ManualJournals"])
        if ids:
            try:
                journals.change_journal_status(self.book, ids[pick % len(ids)], status, self.now)
            except Refusal:
                return

    @invariant()
    def the_ledger_ties(self) -> None:
        if hasattr(self, "book"):
            check_ledger(
                self.book, (date(2026, 3, 31), date(2026, 4, 1), date(2026, 11, 3), date(2027, 1, 1), AFTER_ALL)
            )


def check_ledger(book: Book, days: tuple[date, ...]) -> None:
    """On each day both columns sum to zero, and the control accounts hold what the contacts owe and are owed."""
    trial_balance = TrialBalance(book)
    control = {
        text_of(account, "SystemAccount"): account_id
        for account_id, account in book.collections["Accounts"].items()
        if account.get("SystemAccount") in (DEBTORS, CREDITORS)
    }
    for day in days:
        balances = trial_balance.on(day)
        assert sum(balance.month for balance in balances) == 0, day
        assert sum(balance.year_to_date for balance in balances) == 0, day
        held = {balance.account_id: balance.year_to_date for balance in balances}
        for name, receivable in ((DEBTORS, True), (CREDITORS, False)):
            due = sum(
                document.due
                for contact_id in book.collections["Contacts"]
                for document in open_documents(book, contact_id, day, receivable=receivable)
            )
            assert held.get(control[name], 0) == (due if receivable else -due), (day, name)
    for name, side, sign in ((DEBTORS, "AccountsReceivable", 1), (CREDITORS, "AccountsPayable", -1)):
        outstanding = sum(
            book.balances(contact_id, date(2026, 11, 20))[side]["Outstanding"]
            for contact_id in book.collections["Contacts"]
        )
        assert trial_balance.held(control[name], AFTER_ALL) == sign * outstanding, name


TestAnyLedger = AnyLedger.TestCase
TestAnyLedger.settings = settings(max_examples=40, stateful_step_count=30)
