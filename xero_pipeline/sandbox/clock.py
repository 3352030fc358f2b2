"""The sandbox's clock: real time plus an offset, or standing still at an instant.

Everything that Xero or Salesforce would stamp, expire or call overdue reads this clock, so a test can let five hours or
ninety days pass at once. Call limits do not: they count real time unless told otherwise (`xero.limits`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """`now()` is an aware UTC datetime. A stopped clock still moves by `advance`."""

    def __init__(self, offset: timedelta = timedelta(0), stopped_at: datetime | None = None) -> None:
        self.offset = offset
        self.stopped_at = stopped_at

    def now(self) -> datetime:
        """The sandbox's time, aware and in UTC."""
        return self.stopped_at if self.stopped_at is not None else datetime.now(UTC) + self.offset

    def set(self, now: datetime) -> None:
        """Makes it `now` (aware); a running clock runs on from there."""
        if self.stopped_at is not None:
            self.stopped_at = now.astimezone(UTC)
        else:
            self.offset = now - datetime.now(UTC)

    def advance(self, seconds: float) -> None:
        """Moves the clock by `seconds`, backwards when negative."""
        self.set(self.now() + timedelta(seconds=seconds))

    def stop(self) -> None:
        """Lets the clock stand still at its present time."""
        self.stopped_at = self.now()

    def run(self) -> None:
        """Lets a stopped clock run on from where it stands."""
        now, self.stopped_at = self.now(), None
        self.set(now)

    def reading(self) -> dict[str, object]:
        """What `GET /sandbox/clock` answers: now (ISO 8601, UTC), the offset from real time in seconds, and `stopped`."""
        now = self.now()
        return {
            "now": now.isoformat(),
            "offset_seconds": round((now - datetime.now(UTC)).total_seconds(), 3),
            "stopped": self.stopped_at is not None,
        }

    def dump(self) -> dict[str, object]:
        """What `load` needs to go on after a restart."""
        stopped_at = None if self.stopped_at is None else self.stopped_at.isoformat()
        return {"offset_seconds": self.offset.total_seconds(), "stopped_at": stopped_at}

    @classmethod
    def load(cls, kept: dict[str, object]) -> Clock:
        """The clock that `dump` described."""
        stopped_at = kept["stopped_at"]
        offset = timedelta(seconds=float(str(kept["offset_seconds"])))
        return cls(offset, None if stopped_at is None else datetime.fromisoformat(str(stopped_at)))
