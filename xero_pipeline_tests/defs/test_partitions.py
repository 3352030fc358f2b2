"""Partitions are sync windows, one for one, and a run request carries exactly the windows that are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.defs.partitions import (
    RANGE_END,
    RANGE_START,
    first_instant,
    key_of,
    target,
    window_of_key,
    windows_of,
)
from xero_pipeline.domain.org import Org
from xero_pipeline.domain.windows import Window, window_of, windows_between

instants = st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2027, 12, 31), timezones=st.just(UTC))


@given(instants)
def test_a_key_and_its_window_lead_to_each_other(at: datetime) -> None:
    window = window_of(at)
    assert window_of_key(key_of(window)) == window


def test_partitions_are_the_complete_windows_of_the_days_asked_for(org: Org, now: datetime) -> None:
    start = datetime(2026, 3, 6, tzinfo=UTC)
    assert first_instant(org, now) == start
    assert windows_of(org, now).get_partition_keys() == [key_of(window) for window in windows_between(start, now)]


def test_a_partition_spans_what_its_window_spans(org: Org, now: datetime) -> None:
    partitions = windows_of(org, now)
    for key in partitions.get_partition_keys()[:5]:
        span = partitions.time_window_for_partition_key(key)
        assert Window(span.start.astimezone(UTC), span.end.astimezone(UTC)) == window_of_key(key)


def test_one_window_is_a_plain_partition(now: datetime) -> None:
    window = window_of(now - timedelta(minutes=20))
    asked = target(window, now - timedelta(days=2))
    assert asked.partition_key == key_of(window)
    assert not asked.tags


def test_several_windows_are_a_range_from_the_first_to_the_last(now: datetime) -> None:
    span = Window(datetime(2026, 3, 8, 5, 13, tzinfo=UTC), datetime(2026, 3, 8, 9, 26, tzinfo=UTC))
    asked = target(span, now - timedelta(days=2))
    assert asked.partition_key is None
    assert asked.tags == {RANGE_START: "2026-03-08-05:13", RANGE_END: "2026-03-08-09:13"}


@given(instants, st.integers(1, 200), st.integers(-50, 250))
def test_no_window_before_the_first_partition_is_asked_for(at: datetime, count: int, clipped: int) -> None:
    start = window_of(at).start
    windows = list(windows_between(start, start + timedelta(minutes=13 * count + 13)))
    first = start.replace(minute=0) + timedelta(minutes=60 * (clipped // 5))
    span = Window(windows[0].start, windows[-1].end)
    asked = target(span, first)
    keys = [asked.partition_key] * 2 if asked.partition_key else [asked.tags[RANGE_START], asked.tags[RANGE_END]]
    kept = [window for window in windows if window.start >= first]
    if kept:
        assert keys == [key_of(kept[0]), key_of(kept[-1])]
    else:
        assert keys == [key_of(window_of(first))] * 2
