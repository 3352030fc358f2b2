"""Sync windows: which stretch of time a run answers for, and how far back it must look to lose nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# `*/13` fires at :00 :13 :26 :39 :52, so windows tile the hour 13,13,13,13,8 and are never further apart (products.md 2.14).
WINDOW_CRON = "*/13 * * * *"
_MINUTES = (0, 13, 26, 39, 52)
# Each window looks back over 28 minutes = 2 x 13 + 2, so a change is seen by two windows (BW-07).
LOOKBACK = timedelta(minutes=28)
# What a run re-reads below the watermark, because a record may commit in Xero after a later-stamped one was read, clocks
# differ by seconds, and If-Modified-Since is exact to the second only.
OVERLAP = timedelta(minutes=5)
# The most windows that catching up asks for in one run; the watermark covers whatever is older.
CATCH_UP = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """The half-open stretch [start, end), aware UTC, that a run makes complete: one window or a range of them."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None or self.start >= self.end:
            raise ValueError(f"a window needs two aware instants in order, not {self.start} and {self.end}")

    @property
    def first(self) -> Window:
        """The first 13-minute window of a range."""
        return window_of(self.start)


def window_of(instant: datetime) -> Window:
    """The window that holds an instant."""
    at = instant.astimezone(UTC)
    hour = at.replace(minute=0, second=0, microsecond=0)
    starts = [m for m in _MINUTES if m <= at.minute]
    start = hour + timedelta(minutes=starts[-1])
    end = hour + (timedelta(minutes=_MINUTES[len(starts)]) if len(starts) < len(_MINUTES) else timedelta(hours=1))
    return Window(start, end)


def latest_complete(now: datetime) -> Window:
    """The newest window that has ended by `now`."""
    return window_of(window_of(now).start - timedelta(microseconds=1))


def windows_between(start: datetime, end: datetime) -> Iterator[Window]:
    """The windows that end after `start` and have ended by `end`, oldest first."""
    window = window_of(start)
    while window.end <= end:
        yield window
        window = window_of(window.end)


def due(now: datetime, watermark: datetime | None) -> Window | None:
    """What the schedule should ask for at `now`: every complete window past the watermark, as one range of at most a day.

    None when the watermark already covers the newest complete window. An organisation that was never synced gets the newest
    window; the run itself then reads everything, because an endpoint without a watermark is read from the beginning.
    """
    newest = latest_complete(now)
    if watermark is None:
        return newest
    if watermark >= newest.end:
        return None
    oldest = window_of(max(watermark, newest.end - CATCH_UP))
    return Window(oldest.start, newest.end)


def modified_since(window: Window, watermark: datetime | None) -> datetime | None:
    """The instant a run reads changes from: min(end of its first window - 28 minutes, watermark - overlap).

    None, everything, when nothing was ever read: Xero's rows can carry stamps years older than their dates (xero.md section 1).
    """
    if watermark is None:
        return None
    return min(window.first.end - LOOKBACK, watermark - OVERLAP)
