"""Sync windows tile time, look back far enough, and never let a change fall between two runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.domain.windows import (
    CATCH_UP,
    LOOKBACK,
    OVERLAP,
    Window,
    due,
    latest_complete,
    modified_since,
    window_of,
    windows_between,
)

instants = st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2027, 12, 31), timezones=st.just(UTC))
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@given(instants)
def test_a_window_holds_its_instant_and_is_at_most_13_minutes(at: datetime) -> None:
    window = window_of(at)
    assert window.start <= at < window.end
    assert window.end - window.start in (timedelta(minutes=13), timedelta(minutes=8))


@given(instants)
def test_windows_follow_each_other_without_a_hole(at: datetime) -> None:
    window = window_of(at)
    assert window_of(window.end).start == window.end


def test_an_hour_is_tiled_13_13_13_13_8() -> None:
    minutes = [(w.end - w.start) // timedelta(minutes=1) for w in windows_between(NOON, NOON + timedelta(hours=1))]
    assert minutes == [13, 13, 13, 13, 8]


@given(instants)
def test_the_latest_complete_window_has_ended_and_the_next_has_not(now: datetime) -> None:
    window = latest_complete(now)
    assert window.end <= now < window_of(window.end).end


@given(instants, st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=40)))
def test_what_is_due_reaches_from_the_watermark_to_the_newest_window_but_at_most_a_day(
    now: datetime, ago: timedelta
) -> None:
    watermark = now - ago
    range_ = due(now, watermark)
    newest = latest_complete(now)
    if range_ is None:
        assert watermark >= newest.end
        return
    assert range_.end == newest.end
    assert range_.end - range_.start <= CATCH_UP + timedelta(minutes=13)
    assert range_.start <= watermark or ago > CATCH_UP


def test_an_organisation_that_was_never_synced_is_due_for_the_newest_window() -> None:
    assert due(NOON, None) == latest_complete(NOON)


@given(instants, st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400)))
def test_a_run_reads_from_below_the_watermark_and_at_least_28_minutes_back(now: datetime, ago: timedelta) -> None:
    window, watermark = latest_complete(now), now - ago
    since = modified_since(window, watermark)
    assert since is not None
    assert since <= watermark - OVERLAP
    assert since <= window.end - LOOKBACK


@given(instants, st.integers(min_value=1, max_value=500))
def test_a_backfill_reads_from_below_its_first_window(start: datetime, count: int) -> None:
    first = window_of(start)
    window = Window(first.start, first.start + timedelta(minutes=13 * count))
    since = modified_since(window, start + timedelta(days=30))
    assert since is not None
    assert since < first.start


@given(
    st.lists(st.tuples(st.timedeltas(timedelta(minutes=1), timedelta(hours=9)), st.booleans()), min_size=1, max_size=30)
)
def test_no_change_is_lost_whatever_runs_fail(history: list[tuple[timedelta, bool]]) -> None:
    """Runs come at any times and some fail; every instant before a successful run's start has been read by one of them."""
    now, watermark = NOON, NOON
    for pause, succeeds in history:
        now += pause
        since = modified_since(due(now, watermark) or latest_complete(now), watermark)
        if succeeds:
            assert since is not None
            assert since < watermark
            watermark = now


def test_an_endpoint_that_was_never_read_is_read_from_the_beginning() -> None:
    assert modified_since(latest_complete(NOON), None) is None


def test_a_window_without_a_zone_or_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Window(NOON, NOON)
    with pytest.raises(ValueError, match="aware"):
        Window(NOON.replace(tzinfo=None), NOON)
