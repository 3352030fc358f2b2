"""What TODAY, LAST_N_DAYS:30 and their like mean: a range of whole days in the running user's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from xero_pipeline.sandbox.salesforce.soql.tree import Literal


def day_range(literal: Literal, now: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """The first day of the range and the first day after it. `literal` is of kind `relative`."""
    today = now.astimezone(zone).date()
    word, count = literal.text, literal.number
    if word == "LAST_N_DAYS":
        # Documented as ending with today, which is therefore the n-plus-first day.
        return today - timedelta(days=count), today + timedelta(days=1)
    if word == "NEXT_N_DAYS":
        return today + timedelta(days=1), today + timedelta(days=count + 1)
    if word == "N_DAYS_AGO":
        return today - timedelta(days=count), today - timedelta(days=count - 1)
    if word in ("TODAY", "YESTERDAY", "TOMORROW"):
        day = today + timedelta(days={"YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}[word])
        return day, day + timedelta(days=1)
    step = {"LAST": -1, "THIS": 0, "NEXT": 1}[word.split("_")[0]]
    if word.endswith("WEEK"):
        # Weeks start on Sunday in the locales that Salesforce takes as its default.
        start = today - timedelta(days=(today.weekday() + 1) % 7) + timedelta(weeks=step)
        return start, start + timedelta(weeks=1)
    if word.endswith("MONTH"):
        return _month(today, step), _month(today, step + 1)
    return date(today.year + step, 1, 1), date(today.year + step + 1, 1, 1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When `day` starts in `zone`, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _month(today: date, step: int) -> date:
    years, month = divmod(today.year * 12 + today.month - 1 + step, 12)
    return date(years, month + 1, 1)
