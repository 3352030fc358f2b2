"""When a nightly or weekly sync was last to happen: the newest local 02:00, or Friday 23:00, through daylight saving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Occasion:
    """A time of day by the organisation's clock, every day or on one weekday (Monday is 0).

    `crons` say when the schedule looks whether it is done: at the time itself, and now and then afterwards, for it may have
    failed, or met another sync, or nobody may have been there to tick.
    """

    at: time
    weekday: int | None
    crons: tuple[str, ...]

    def latest(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The newest occasion at or before `now`, aware UTC.

        A local time that the clock skips counts as the moment after the gap, and one that it shows twice as the first: each
        night has exactly one occasion.
        """
        day = now.astimezone(zone).date()
        while True:
            # Without a fold, a time in a gap is read with the offset before it, which is where the gap ends.
            instant = datetime.combine(day, self.at, zone).astimezone(UTC)
            if instant <= now and self.weekday in (None, day.weekday()):
                return instant
            day -= timedelta(days=1)


# The retries keep clear of the hour, when the sync of the last window starts.
NIGHTLY = Occasion(time(2), None, ("0 2 * * *", "30 2-7 * * *"))
WEEKLY = Occasion(time(23), 4, ("0 23 * * 5", "30 0-21/3 * * 6"))
