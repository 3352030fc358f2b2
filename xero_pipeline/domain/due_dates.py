"""When an invoice is due: what the sale says, else the contact's own terms in Xero, else the organisation's rule (BW-X11)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from xero_pipeline.domain.books import Terms
from xero_pipeline.domain.export_settings import Due

# Xero's names of payment terms (xero.md section 2, Contacts) in the words of `orgs.yaml`.
_RULES = {
    "DAYSAFTERBILLDATE": "days_after_invoice_date",
    "DAYSAFTERBILLMONTH": "days_after_month_end",
    "OFCURRENTMONTH": "day_of_this_month",
    "OFFOLLOWINGMONTH": "day_of_next_month",
}


def due_date(invoice_date: date, terms: Terms | None, rule: Due) -> date:
    """The due date of an invoice of that date. A day that a month lacks is its last one; none is before the invoice."""
    if terms is not None and terms.type in _RULES:
        return _after(invoice_date, _RULES[terms.type], terms.day)
    return _after(invoice_date, rule.rule, rule.days)


def _after(invoice_date: date, rule: str, days: int) -> date:
    match rule:
        case "days_after_month_end":
            return _in_month(invoice_date, 0, 31) + timedelta(days=days)
        case "day_of_this_month":
            return max(invoice_date, _in_month(invoice_date, 0, days))
        case "day_of_next_month":
            return _in_month(invoice_date, 1, days)
        case _:
            return invoice_date + timedelta(days=days)


def _in_month(day: date, months_later: int, wanted: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months_later, 12)
    return date(year, month + 1, min(max(wanted, 1), monthrange(year, month + 1)[1]))
