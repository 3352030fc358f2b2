"""Each night and each week has exactly one occasion, on whatever the clock shows it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.defs.occasions import NIGHTLY, WEEKLY

_ZONES = ("Pacific/Auckland", "Australia/Sydney", "Europe/London", "America/New_York", "Pacific/Chatham", "UTC")
instants = st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2027, 12, 31), timezones=st.just(UTC))


def test_the_night_begins_at_two_by_the_clock_of_the_organisation() -> None:
    zone = ZoneInfo("Pacific/Auckland")
    assert NIGHTLY.latest(datetime(2026, 6, 1, 14, 0, tzinfo=UTC), zone) == datetime(2026, 6, 1, 14, 0, tzinfo=UTC)
    assert NIGHTLY.latest(datetime(2026, 6, 1, 13, 59, tzinfo=UTC), zone) == datetime(2026, 5, 31, 14, 0, tzinfo=UTC)


def test_a_two_that_the_clock_skips_is_the_moment_after_the_gap() -> None:
    zone = ZoneInfo("America/New_York")
    after_the_gap = datetime(2026, 3, 8, 3, 0, tzinfo=zone)
    assert NIGHTLY.latest(after_the_gap.astimezone(UTC), zone) == after_the_gap


def test_a_two_that_the_clock_shows_twice_is_the_first() -> None:
    zone = ZoneInfo("Pacific/Auckland")
    first, second = (datetime(2026, 4, 5, 2, 0, tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    assert second - first == timedelta(hours=1)
    assert NIGHTLY.latest(second, zone) == first


@given(instants, st.sampled_from(_ZONES))
def test_the_latest_week_began_on_a_friday_at_23(at: datetime, zone: str) -> None:
    begun = WEEKLY.latest(at, ZoneInfo(zone)).astimezone(ZoneInfo(zone))
    assert (begun.weekday(), begun.time()) == (4, time(23))
    assert timedelta(0) <= at - begun < timedelta(days=7, hours=1)


@pytest.mark.parametrize("zone", _ZONES)
def test_every_date_of_a_year_has_its_own_night(zone: str) -> None:
    start = datetime(2026, 1, 1, 12, tzinfo=UTC)
    nights = {NIGHTLY.latest(start + timedelta(minutes=30 * n), ZoneInfo(zone)) for n in range(365 * 48)}
    dates = [night.astimezone(ZoneInfo(zone)).date() for night in nights]
    assert len(dates) == len(set(dates))
    assert set(dates) >= {date(2026, 1, 2) + timedelta(days=n) for n in range(364)}
