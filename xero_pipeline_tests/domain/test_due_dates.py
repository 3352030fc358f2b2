"""An invoice is due by the contact's terms in Xero, else by the organisation's rule, and always on a day that there is."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.domain.books import Terms
from xero_pipeline.domain.due_dates import due_date
from xero_pipeline.domain.export_settings import Due

Rule = Literal["days_after_invoice_date", "days_after_month_end", "day_of_this_month", "day_of_next_month"]

days = st.dates(date(1999, 1, 1), date(2120, 12, 31))
IN_OUR_WORDS: dict[str, Rule] = {
    "DAYSAFTERBILLDATE": "days_after_invoice_date",
    "DAYSAFTERBILLMONTH": "days_after_month_end",
    "OFCURRENTMONTH": "day_of_this_month",
    "OFFOLLOWINGMONTH": "day_of_next_month",
}


@pytest.mark.parametrize(
    ("invoiced", "rule", "number", "due"),
    [
        ("2026-05-04", "days_after_invoice_date", 0, "2026-05-04"),
        ("2026-12-20", "days_after_invoice_date", 20, "2027-01-09"),
        ("2024-02-09", "days_after_invoice_date", 20, "2024-02-29"),
        ("2026-05-04", "days_after_month_end", 0, "2026-05-31"),
        ("2026-02-28", "days_after_month_end", 14, "2026-03-14"),
        ("2024-02-01", "days_after_month_end", 1, "2024-03-01"),
        ("2026-05-04", "day_of_this_month", 20, "2026-05-20"),
        ("2026-05-25", "day_of_this_month", 20, "2026-05-25"),
        ("2026-04-04", "day_of_this_month", 31, "2026-04-30"),
        ("2026-05-31", "day_of_next_month", 20, "2026-06-20"),
        ("2026-12-31", "day_of_next_month", 20, "2027-01-20"),
        ("2026-11-30", "day_of_next_month", 31, "2026-12-31"),
        ("2026-01-31", "day_of_next_month", 31, "2026-02-28"),
        ("2024-01-31", "day_of_next_month", 30, "2024-02-29"),
    ],
)
def test_each_rule_means_what_it_says(invoiced: str, rule: Rule, number: int, due: str) -> None:
    assert due_date(date.fromisoformat(invoiced), None, Due(rule=rule, days=number)) == date.fromisoformat(due)


@given(days, st.sampled_from(sorted(IN_OUR_WORDS)), st.integers(1, 31), st.integers(0, 365))
def test_the_contacts_own_terms_win_over_the_rule_and_mean_the_same(
    invoiced: date, kind: str, number: int, other: int
) -> None:
    by_terms = due_date(invoiced, Terms(number, kind), Due(rule="days_after_invoice_date", days=other))
    assert by_terms == due_date(invoiced, None, Due(rule=IN_OUR_WORDS[kind], days=number))


@given(days, st.integers(0, 365))
def test_terms_of_a_kind_that_xero_does_not_have_are_no_terms(invoiced: date, number: int) -> None:
    assert due_date(invoiced, Terms(7, "SOMEDAY"), Due(days=number)) == invoiced + timedelta(days=number)


@given(days, st.sampled_from(sorted(IN_OUR_WORDS)), st.integers(0, 365))
def test_whatever_the_terms_the_day_exists_and_is_not_before_the_invoice(
    invoiced: date, kind: str, number: int
) -> None:
    assert due_date(invoiced, Terms(number, kind), Due()) >= invoiced


@given(days, st.integers(1, 31))
def test_a_day_of_the_next_month_is_in_the_next_month_and_as_late_as_asked(invoiced: date, number: int) -> None:
    due = due_date(invoiced, None, Due(rule="day_of_next_month", days=number))
    following = date(invoiced.year, invoiced.month, monthrange(invoiced.year, invoiced.month)[1]) + timedelta(days=1)
    assert (due.year, due.month) == (following.year, following.month)
    assert due.day == min(number, monthrange(due.year, due.month)[1])
