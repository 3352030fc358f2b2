"""The call budget of one organisation: calls wait here before Xero would refuse them, and exports keep their share.

Xero counts per app and organisation: 5 calls in flight, 60 a minute, 1,000 or 5,000 a day (xero.md section 4). What is left
comes with every answer, so other processes that use the same connection are seen too. Nothing is known about where Xero's
minute begins, so a limit that was reached is taken to hold for a full minute from then.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, NoReturn

from xero_pipeline.domain.errors import Throttled

MINUTE = 60.0
IN_FLIGHT = 5
PER_MINUTE = 60
# Calls a day of the Starter tier; every other has 5,000.
PER_DAY = 1000
# When a day is spent, where it begins anew is not told either. Asking once an hour costs little of the next one.
ASK_AGAIN = 3600.0

Problem = Literal["minute", "day", "appminute", "concurrent"]


@dataclass(frozen=True, slots=True)
class Left:
    """What the newest answer said is left. None where it did not say."""

    day: int | None = None
    minute: int | None = None
    app_minute: int | None = None


class CallBudget:
    """Paces the calls of one organisation; safe to share between threads.

    `export_share` of `day_limit`, the calls of the app's price tier, is kept for exports: reading stops when no more than
    that is left, and calls that serve an export (`call(exporting=True)`) go on to the end.
    `longest_wait` in seconds is how long a call may wait here; beyond it Throttled is raised and the run ends cleanly.
    `clock` is monotonic seconds, `sleep` takes seconds; tests put their own in.
    """

    def __init__(
        self,
        *,
        day_limit: int = PER_DAY,
        export_share: float = 0.1,
        longest_wait: float = 90.0,
        in_flight: int = IN_FLIGHT,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._kept_for_exports = int(day_limit * export_share)
        self._longest_wait = longest_wait
        self._clock = clock
        self._sleep = sleep
        self._slots = threading.BoundedSemaphore(in_flight)
        self._lock = threading.Lock()
        self._starts: deque[float] = deque()
        self._flying = 0
        self._per_minute = PER_MINUTE
        self._left = Left()
        # The newest word on the minute: when it was heard, and how many calls may start until a minute later.
        self._heard_at = float("-inf")
        self._may_start = 0
        self._closed_until = float("-inf")
        self._spent_for: float | None = None

    @property
    def left(self) -> Left:
        """What Xero last said is left."""
        with self._lock:
            return self._left

    def now(self) -> float:
        """Monotonic seconds, by the clock that waiting is measured with."""
        return self._clock()

    @contextmanager
    def call(self, *, exporting: bool = False) -> Iterator[None]:
        """Hold a place for one call, waiting for it; `exporting` lets it use the share that is kept for exports.

        Raises Throttled, before anything is sent, when the wait would be too long or the day is spent.
        """
        with self._slots:
            self._wait_for_a_turn(0 if exporting else self._kept_for_exports)
            try:
                yield
            finally:
                with self._lock:
                    self._flying -= 1

    def observe(self, headers: Mapping[str, str]) -> None:
        """Learn from the headers of an answer, while its call still holds its place."""
        with self._lock:
            left = Left(
                _number(headers, "X-DayLimit-Remaining"),
                _number(headers, "X-MinLimit-Remaining"),
                _number(headers, "X-AppMinLimit-Remaining"),
            )
            self._left = left
            minutes = [count for count in (left.minute, left.app_minute) if count is not None]
            if left.minute is not None:
                # A tenant may be allowed more than 60 for a while (xero.md section 4, "Rapid Sync").
                self._per_minute = max(self._per_minute, left.minute + 1)
            if minutes:
                self._heard_at = self._clock()
                # Calls in flight beside this one may not have been counted yet.
                self._may_start = min(minutes) - (self._flying - 1)

    def refused(self, problem: str, retry_after: float | None, attempt: int) -> float:
        """What a 429 means: seconds until the call may be repeated; every other call waits as long.

        `problem` is X-Rate-Limit-Problem, `retry_after` is in seconds if given, `attempt` counts refusals of this call from 1.
        Raises Throttled at once when the day is spent or the wait would be longer than `longest_wait`.
        """
        # "concurrent" comes without Retry-After: another process uses the connection, and its call ends in a moment.
        wait = retry_after if retry_after is not None else min(2.0**attempt, self._longest_wait)
        with self._lock:
            if problem == "day":
                self._spent_for = retry_after if retry_after is not None else ASK_AGAIN
                _spent(self._spent_for)
            if wait > self._longest_wait:
                raise Throttled(
                    f"Xero asks to wait {wait:.0f} seconds before the next call (limit: {problem or 'not said'}).",
                    problem=problem or "minute",
                    retry_after=wait,
                )
            self._closed_until = max(self._closed_until, self._clock() + wait)
        return wait

    def _wait_for_a_turn(self, kept: int) -> None:
        waited = 0.0
        while True:
            with self._lock:
                self._refuse_beyond_the_day(kept)
                now = self._clock()
                opens = self._next_opening(now)
                if opens <= now:
                    self._starts.append(now)
                    self._may_start -= 1
                    self._flying += 1
                    return
            pause = opens - now
            waited += pause
            if waited > self._longest_wait:
                raise Throttled(
                    "The calls Xero allows in a minute are used up by this and other syncs.",
                    problem="minute",
                    retry_after=pause,
                )
            self._sleep(pause)

    def _next_opening(self, now: float) -> float:
        opens = self._closed_until
        while self._starts and self._starts[0] <= now - MINUTE:
            self._starts.popleft()
        if len(self._starts) >= self._per_minute:
            opens = max(opens, self._starts[-self._per_minute] + MINUTE)
        if self._may_start <= 0 and now < self._heard_at + MINUTE:
            opens = max(opens, self._heard_at + MINUTE)
        return opens

    def _refuse_beyond_the_day(self, kept: int) -> None:
        if self._spent_for is not None:
            _spent(self._spent_for)
        if self._left.day is None:
            return
        if self._left.day <= 0:
            _spent(ASK_AGAIN)
        if self._left.day <= kept:
            raise Throttled(
                f"{self._left.day} of the organisation's Xero calls are left today, and they are kept for exports.",
                problem="day",
                retry_after=ASK_AGAIN,
            )


def _spent(retry_after: float) -> NoReturn:
    raise Throttled(
        "The organisation's Xero calls for today are spent.",
        problem="day",
        retry_after=retry_after,
    )


def _number(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name, "")
    return int(text) if text.isdecimal() else None
