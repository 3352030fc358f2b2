"""The trial balance of a book on a date: what every account holds, this month and this financial year, from its ledger."""

from __future__ import annotations

import calendar
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.ledger import RETAINED_EARNINGS, Ledger
from xero_pipeline.sandbox.xero.record import ZERO, Record, text_of

OF_THE_YEAR = frozenset({"REVENUE", "EXPENSE"})


@dataclass(frozen=True, slots=True)
class Balance:
    """One account, debits positive, in the organisation's currency: what moved this month, and the balance.

    Revenue and expenses count from the start of the financial year; what they came to before is in retained earnings.
    """

    account_id: str
    month: Decimal
    year_to_date: Decimal


class TrialBalance:
    """The ledger of one book, summed by account and day once, so that any date can be asked for."""

    def __init__(self, book: Book) -> None:
        self.book = book
        ledger = Ledger(book)
        self._retained = ledger.system_account(RETAINED_EARNINGS)
        days: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
        for posting in ledger.postings():
            days[posting.account][posting.day] += posting.amount
        self._days = {account: sorted(moved) for account, moved in days.items()}
        self._sums = {
            account: list(accumulate((moved[day] for day in self._days[account]), initial=ZERO))
            for account, moved in days.items()
        }

    def held(self, account: str, on: date) -> Decimal:
        """All that was ever posted to an account up to and including `on`, debits positive."""
        if account not in self._days:
            return ZERO
        return self._sums[account][bisect_right(self._days[account], on)]

    def on(self, on: date) -> list[Balance]:
        """Every account that was ever posted to by `on`; both columns sum to zero."""
        month_began = on.replace(day=1) - timedelta(days=1)
        year_began = financial_year_start(self.book.organisation, on) - timedelta(days=1)
        earned_before = ZERO
        found: dict[str, Balance] = {}
        for account, days in self._days.items():
            if days[0] > on:
                continue
            held = self.held(account, on)
            if self._class(account) in OF_THE_YEAR:
                before = self.held(account, year_began)
                earned_before += before
                held -= before
            found[account] = Balance(account, self.held(account, on) - self.held(account, month_began), held)
        if earned_before or self._retained in found:
            kept = found.get(self._retained, Balance(self._retained, ZERO, ZERO))
            found[self._retained] = Balance(self._retained, kept.month, kept.year_to_date + earned_before)
        return list(found.values())

    def _class(self, account: str) -> str:
        record = self.book.collections["Accounts"].get(account)
        return "" if record is None else text_of(record, "Class")


def financial_year_start(organisation: Record, on: date) -> date:
    """The first day of the financial year that `on` lies in; years end on 31 December unless the organisation says."""
    month = int(str(organisation.get("FinancialYearEndMonth", 12)))
    last = int(str(organisation.get("FinancialYearEndDay", 31)))
    ends = [date(year, month, min(last, calendar.monthrange(year, month)[1])) for year in (on.year - 1, on.year)]
    return max(end for end in ends if end < on) + timedelta(days=1)
