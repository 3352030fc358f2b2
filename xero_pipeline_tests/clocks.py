"""The instant at which the tests' sandboxes are built: what a demo organisation holds depends on the day it is built on."""

from __future__ import annotations

from datetime import UTC, datetime

from xero_pipeline.sandbox.clock import Clock

# Ten in the morning of a Wednesday in Auckland, where the demo organisation is.
START = datetime(2026, 11, 17, 21, 0, 30, tzinfo=UTC)


def running_clock() -> Clock:
    """A clock that reads `START` now and runs on."""
    return Clock(START - datetime.now(UTC))


def standing_clock() -> Clock:
    """A clock that stands at `START` until it is moved."""
    return Clock(stopped_at=START)
