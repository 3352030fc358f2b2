"""Xero's reports on the wire: TrialBalance, AgedReceivablesByContact and AgedPayablesByContact, in rows of cells.

Source: the OpenAPI's examples of `/Reports/...`. The dates they default to are in no source: today, where the organisation is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from xero_pipeline.sandbox.xero.aged import OpenDocument, open_documents
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.params import BadParameter, Parameters
from xero_pipeline.sandbox.xero.record import ZERO, Record, text_of
from xero_pipeline.sandbox.xero.trial_balance import Balance, TrialBalance
from xero_pipeline.sandbox.xero.wire import Json, date_string, instant_text

AGED = {"AgedReceivablesByContact": True, "AgedPayablesByContact": False}
NAMES = {
    "TrialBalance": "Trial Balance",
    "AgedReceivablesByContact": "Aged Receivables By Contact",
    "AgedPayablesByContact": "Aged Payables By Contact",
}
SECTIONS = {
    "REVENUE": "Revenue",
    "EXPENSE": "Expenses",
    "ASSET": "Assets",
    "LIABILITY": "Liabilities",
    "EQUITY": "Equity",
}
DEBIT_CLASSES = frozenset({"ASSET", "EXPENSE"})
FIRST_DAY = date(1753, 1, 1)  # the first day that SQL Server, and so Xero, knows
KEPT_BALANCES = 4


class NoSuchContact(Exception):
    """The contact a report was asked about is not in the organisation."""


class Reports:
    """The reports of any book. A trial balance is summed once and kept until its book changes."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[int, TrialBalance]] = {}

    def report(self, name: str, book: Book, parameters: Parameters, now: datetime) -> Json:
        """One report, as it stands in `Reports`. Raises BadParameter and NoSuchContact, and KeyError for an unknown name."""
        rows = self._aged_rows if name in AGED else self._trial_balance_rows
        titles, shown = rows(name, book, parameters, book.today(now))
        return {
            "ReportID": name,
            "ReportName": NAMES[name],
            "ReportType": name,
            "ReportTitles": titles,
            "ReportDate": long_date(book.today(now)),
            "UpdatedDateUTC": instant_text(now, offset=False),
            "Fields": [],
            "Rows": shown,
        }

    def trial_balance(self, book: Book) -> TrialBalance:
        """The trial balance of the book as it is now."""
        key, revision = text_of(book.organisation, "OrganisationID"), sum(book.revisions.values())
        kept = self._kept.get(key)
        if kept is None or kept[0] != revision or kept[1].book is not book:
            kept = self._kept[key] = (revision, TrialBalance(book))
            if len(self._kept) > KEPT_BALANCES:
                del self._kept[next(iter(self._kept))]
        return kept[1]

    def _trial_balance_rows(
        self, name: str, book: Book, parameters: Parameters, today: date
    ) -> tuple[list[str], list[Json]]:
        if parameters.flag("paymentsOnly"):
            raise BadParameter("The sandbox keeps no cash basis: ask without paymentsOnly.")  # wording ours
        on = _day(parameters, "date") or today
        balances = self.trial_balance(book).on(on)
        rows: list[Json] = [_header("Account", "Debit", "Credit", "YTD Debit", "YTD Credit")]
        accounts = book.collections["Accounts"]
        for account_class, title in SECTIONS.items():
            shown = [
                _account_row(accounts[balance.account_id], balance)
                for balance in balances
                if balance.account_id in accounts and text_of(accounts[balance.account_id], "Class") == account_class
            ]
            shown.sort(key=lambda row: str(row["Cells"]))
            if shown:
                rows.append(_section(title, shown))
        return [NAMES[name], text_of(book.organisation, "Name"), f"As at {long_date(on)}"], [*rows, _sum_of(balances)]

    def _aged_rows(self, name: str, book: Book, parameters: Parameters, today: date) -> tuple[list[str], list[Json]]:
        contact = _contact(book, parameters)
        on = _day(parameters, "date") or today
        upto = min(_day(parameters, "toDate") or on, on)
        began = _day(parameters, "fromDate") or FIRST_DAY
        found = open_documents(book, text_of(contact, "ContactID"), on, receivable=AGED[name])
        earlier = [document for document in found if document.day < began]
        listed = [document for document in found if began <= document.day <= upto]
        opens = date_string(began if began > FIRST_DAY else min((one.day for one in listed), default=upto))
        number = "Number" if AGED[name] else "Reference"
        rows = [
            _header("Date", number, "Due Date", "", "Total", "Paid", "Credited", "Due"),
            _section("", [_row([opens, "Opening Balance", "", "", "", "", "", f"{_total(earlier, 'due'):.2f}"])]),
            _section("", [*(_document_row(document, on) for document in listed), _summary("Total", listed)]),
            _section("", [_summary("Closing Balance", [*earlier, *listed])]),
        ]
        titles = [
            "Invoices",
            text_of(contact, "Name"),
            f"From {long_date(date.fromisoformat(opens[:10]))} to {long_date(upto)}",
            f"Showing payments to {long_date(on)}",
        ]
        return titles, rows


def long_date(day: date) -> str:
    """A date as reports spell it: `9 April 2019`."""
    return f"{day.day} {day:%B %Y}"


def _contact(book: Book, parameters: Parameters) -> Record:
    contact_id = parameters.text("contactId").lower()
    if not contact_id:
        raise BadParameter("The contactId parameter is required.")  # wording ours
    contact = book.find("Contacts", contact_id)
    if contact is None:
        raise NoSuchContact(contact_id)
    return contact


def _day(parameters: Parameters, name: str) -> date | None:
    day = parameters.day(name)
    if day is not None and day < FIRST_DAY:
        raise BadParameter(f"The string '{day.isoformat()}' is not a valid AllXsd value.")
    return day


def _account_row(account: Record, balance: Balance) -> Json:
    code = text_of(account, "Code")
    name = f"{text_of(account, 'Name')} ({code})" if code else text_of(account, "Name")
    debit = text_of(account, "Class") in DEBIT_CLASSES
    columns = [*_two_columns(balance.month, debit=debit), *_two_columns(balance.year_to_date, debit=debit)]
    return _row([name, *columns], "account", balance.account_id)


def _two_columns(amount: Decimal, *, debit: bool) -> tuple[str, str]:
    """An amount in the debit or the credit column; nothing at all stands on the account's own side."""
    if amount > 0 or (not amount and debit):
        return f"{amount:.2f}", ""
    return "", f"{abs(amount):.2f}"


def _sum_of(balances: Iterable[Balance]) -> Json:
    month_debit = month_credit = debit = credit = ZERO
    for balance in balances:
        month_debit += max(balance.month, ZERO)
        month_credit -= min(balance.month, ZERO)
        debit += max(balance.year_to_date, ZERO)
        credit -= min(balance.year_to_date, ZERO)
    columns = [f"{amount:.2f}" for amount in (month_debit, month_credit, debit, credit)]
    return _section("", [_row(["Total", *columns], row_type="SummaryRow")])


def _document_row(document: OpenDocument, on: date) -> Json:
    due = document.due_date
    late = (on - due).days if due is not None else 0
    columns = [
        date_string(document.day),
        document.number,
        "" if due is None else date_string(due),
        f"{late} days overdue" if late > 0 else "",
        *(f"{amount:.2f}" for amount in (document.total, document.paid, document.credited, document.due)),
    ]
    return _row(columns, "invoiceID", document.record_id)


def _summary(name: str, documents: list[OpenDocument]) -> Json:
    columns = [f"{_total(documents, field):.2f}" for field in ("total", "paid", "credited", "due")]
    return _row([name, "", "", "", *columns], row_type="SummaryRow")


def _total(documents: Iterable[OpenDocument], field: str) -> Decimal:
    return sum((getattr(document, field) for document in documents), ZERO)


def _header(*values: str) -> Json:
    return _row(list(values), row_type="Header")


def _section(title: str, rows: list[Json]) -> Json:
    return {"RowType": "Section", "Title": title, "Rows": rows}


def _row(values: list[str], attribute: str = "", record_id: str = "", *, row_type: str = "Row") -> Json:
    if not attribute:
        return {"RowType": row_type, "Cells": [{"Value": value} for value in values]}
    attributes = [{"Value": record_id, "Id": attribute}]
    return {"RowType": row_type, "Cells": [{"Value": value, "Attributes": attributes} for value in values]}
