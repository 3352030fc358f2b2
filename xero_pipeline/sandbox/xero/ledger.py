"""The general ledger that follows from the book: what every document, payment, allocation and journal posts, and when.

Nothing is stored: the records say it all. Every event posts amounts that sum to zero, in the organisation's currency, debits
positive, so the ledger sums to zero on any date. What an event moves on a control account is the change of what is left of its
document, each state rounded once; so the control accounts hold to the cent what `balances` sums.

Kept simple, and so different from Xero's own ledger: the money of a prepayment or overpayment stands on the control account until
it is used, as Contact.Balances nets it, so a prepayment's own account and GST are not posted; nothing is revalued, so there are
no unrealised gains.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from xero_pipeline.sandbox.xero.arithmetic import EXCLUSIVE, INCLUSIVE, in_base_currency
from xero_pipeline.sandbox.xero.balances import RECEIVABLE_TYPES
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.index import ID_FIELDS
from xero_pipeline.sandbox.xero.money_in import document_of
from xero_pipeline.sandbox.xero.record import ZERO, Record, child_of, children_of, date_of, decimal_of, text_of

LIVING = frozenset({"AUTHORISED", "PAID"})
DEBTORS, CREDITORS, GST, ROUNDING = "DEBTORS", "CREDITORS", "GST", "ROUNDING"
REALISED_GAIN, RETAINED_EARNINGS = "REALISEDCURRENCYGAIN", "RETAINEDEARNINGS"
# Events of one day in this order, so that a document stands before what is settled of it.
MADE, SETTLED = 0, 1


class Posting(NamedTuple):
    """`amount` in the organisation's currency on an account, debit positive, on a calendar date."""

    day: date
    account: str
    amount: Decimal


class Settlement(NamedTuple):
    """An amount, in the document's currency, that was paid on, refunded of or allocated between documents on `day`."""

    day: date
    amount: Decimal
    payment: bool


class Ledger:
    """The postings of one book. Accounts are named by AccountID, or by system account where the chart has no such account."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._system: dict[str, str] = {}
        self._codes: dict[str, str] = {}
        banks: dict[str, str] = {}
        for account_id, account in book.collections["Accounts"].items():
            if system := text_of(account, "SystemAccount"):
                self._system[system] = account_id
            if code := text_of(account, "Code"):
                self._codes[code] = account_id
            if account["Type"] == "BANK":
                banks.setdefault(text_of(account, "CurrencyCode") or book.base_currency, account_id)
        self._banks = banks

    def postings(self) -> Iterator[Posting]:
        """Every posting, in no order."""
        for plural in ("Invoices", "CreditNotes", "Prepayments", "Overpayments"):
            for document in self.book.collections[plural].values():
                if document["Status"] in LIVING:
                    yield from self._document(plural, document)
        for payment in self.book.collections["Payments"].values():
            if payment["Status"] != "DELETED":
                yield from self._money(payment)
        for journal in self.book.collections["ManualJournals"].values():
            if journal["Status"] == "POSTED":
                yield from self._journal(journal)

    def system_account(self, name: str) -> str:
        """The AccountID of a system account, or its name where the chart has none."""
        return self._system.get(name, name)

    def _document(self, plural: str, document: Record) -> Iterator[Posting]:
        """The document itself, and its side of every settlement.

        A settlement has two sides, each posted against the realised gains: the change of the control account here, the money in
        `_money` or the other document's control account. What the two sides differ by is the gain.
        """
        receivable = text_of(document, "Type") in RECEIVABLE_TYPES
        sign = 1 if receivable is (plural == "Invoices") else -1
        control = self.system_account(DEBTORS if receivable else CREDITORS)
        gain = self.system_account(REALISED_GAIN)
        rate = rate_of(document)
        events = [(day_of(document), MADE, decimal_of(document, "Total"))]
        events += [(settled.day, SETTLED, -settled.amount) for settled in settlements(self.book, plural, document)]
        events.sort()
        left = before = ZERO
        for day, kind, amount in events:
            left += amount
            after = in_base_currency(left, rate)
            moved, before = sign * (after - before), after
            yield Posting(day, control, moved)
            if kind == SETTLED:
                yield Posting(day, gain, -moved)
            elif plural in ("Invoices", "CreditNotes"):
                yield from self._lines(document, moved, sign, rate)
            else:
                yield Posting(day, self._bank(text_of(document, "CurrencyCode")), -moved)

    def _lines(self, document: Record, moved: Decimal, sign: int, rate: Decimal | None) -> Iterator[Posting]:
        """The other side of a document: its lines net of tax, the tax, and what rounding each of them leaves."""
        day, inclusive = day_of(document), document["LineAmountTypes"] == INCLUSIVE
        rest = -moved
        tax = -sign * in_base_currency(decimal_of(document, "TotalTax"), rate)
        if tax:
            rest -= tax
            yield Posting(day, self.system_account(GST), tax)
        for line in children_of(document, "LineItems"):
            net = decimal_of(line, "LineAmount") - (decimal_of(line, "TaxAmount") if inclusive else ZERO)
            account = self._codes.get(text_of(line, "AccountCode"))
            if net and account is not None:
                posted = -sign * in_base_currency(net, rate)
                rest -= posted
                yield Posting(day, account, posted)
        if rest:
            yield Posting(day, self.system_account(ROUNDING), rest)

    def _money(self, payment: Record) -> Iterator[Posting]:
        """The money of a payment or refund, at the payment's own rate, against the realised gains."""
        plural, document = document_of(self.book, payment)
        incoming = (text_of(document, "Type") in RECEIVABLE_TYPES) is (plural == "Invoices")
        # A rate of 0 says that Xero gave none (xero.md section 2, Payments).
        rate = decimal_of(payment, "CurrencyRate") or rate_of(document)
        amount = in_base_currency(decimal_of(payment, "Amount"), rate)
        moved = amount if incoming else -amount
        yield Posting(day_of(payment), text_of(child_of(payment, "Account"), "AccountID"), moved)
        yield Posting(day_of(payment), self.system_account(REALISED_GAIN), -moved)

    def _journal(self, journal: Record) -> Iterator[Posting]:
        day, types = day_of(journal), journal["LineAmountTypes"]
        rest = ZERO
        for line in children_of(journal, "JournalLines"):
            amount, tax = decimal_of(line, "LineAmount"), decimal_of(line, "TaxAmount")
            net = amount - tax if types == INCLUSIVE else amount
            rest -= net
            yield Posting(day, text_of(line, "AccountID") or self._codes[text_of(line, "AccountCode")], net)
            if tax and types in (EXCLUSIVE, INCLUSIVE):
                rest -= tax
                yield Posting(day, self.system_account(GST), tax)
        if rest:
            yield Posting(day, self.system_account(ROUNDING), rest)

    def _bank(self, currency: str) -> str:
        """Where the money of a prepayment or overpayment went: the book does not say, so the first bank of its currency."""
        return self._banks.get(currency) or self._banks.get(self.book.base_currency) or self.system_account(ROUNDING)


def settlements(book: Book, plural: str, document: Record) -> list[Settlement]:
    """Everything that was taken off a document: payments or refunds, and allocations to or from it."""
    document_id = text_of(document, ID_FIELDS[plural])
    found = [
        Settlement(day_of(payment), decimal_of(payment, "Amount"), payment=True)
        for payment in book.payments_of(document_id)
    ]
    if plural == "Invoices":
        allocations = [allocated.allocation for allocated in book.allocations_to(document_id)]
    else:
        allocations = children_of(document, "Allocations")
    found += [Settlement(day_of(each), decimal_of(each, "Amount"), payment=False) for each in allocations]
    return found


def day_of(record: Record) -> date:
    """The date a record counts from; one whose date was taken away counts from the beginning of time."""
    return date_of(record, "Date") or date.min


def rate_of(document: Record) -> Decimal | None:
    """The rate of a document, None in the organisation's currency."""
    return decimal_of(document, "CurrencyRate") if "CurrencyRate" in document else None
