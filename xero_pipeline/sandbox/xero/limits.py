"""Xero's call limits: 5 in flight, 60 a minute, 1,000 or 5,000 a day for each app and organisation, 10,000 a minute for an app.

Windows are fixed and begin at another second for every app and organisation, as at Xero, so a client has to obey Retry-After
(xero.md section 4). They run on real time; `sandbox` windows run on the sandbox's clock, so that a test can let a day pass.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from math import ceil

from xero_pipeline.sandbox.clock import Clock

MINUTE, DAY = 60, 86_400
TIERS = {"starter": 1_000, "core": 5_000}


@dataclass(slots=True)
class Allowance:
    """Calls allowed. `windows` says whose time the windows follow: real or sandbox."""

    concurrent: int = 5
    minute: int = 60
    day: int = 5_000
    app_minute: int = 10_000
    windows: str = "real"

    @classmethod
    def unhurried(cls) -> Allowance:
        """Room enough that nothing waits, with headers as real as ever."""
        return cls(concurrent=1_000, minute=100_000, day=10_000_000, app_minute=1_000_000)


@dataclass(frozen=True, slots=True)
class Exceeded:
    """Which limit was hit, and the whole seconds until its window ends; None for `concurrent`, which has no window."""

    problem: str
    retry_after: int | None


@dataclass(slots=True)
class _Window:
    length: int
    start: float
    used: int = 0

    def at(self, now: float, phase: int) -> _Window:
        """This window, or a fresh one when `now` lies outside it; windows begin at `phase` seconds past a multiple."""
        start = now - (now - phase) % self.length
        if start != self.start:
            self.start, self.used = start, 0
        return self

    def ends_in(self, now: float) -> int:
        return max(1, ceil(self.start + self.length - now))


class Limits:
    """Counts calls by (app, organisation). `enter` before the work, `leave` once the answer is out."""

    def __init__(self, clock: Clock, allowance: Allowance, real_time: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.allowance = allowance
        self._real_time = real_time
        self._minutes: dict[tuple[str, str], _Window] = {}
        self._days: dict[tuple[str, str], _Window] = {}
        self._app_minutes: dict[str, _Window] = {}
        self._in_flight: dict[tuple[str, str], int] = {}

    def enter(self, client_id: str, tenant_id: str) -> Exceeded | None:
        """Counts a call in, or says which limit refuses it; a refused call is not counted and must not `leave`."""
        key, now, allowance = (client_id, tenant_id), self._now(), self.allowance
        minute, day, app_minute = self._windows(key, now)
        if self._in_flight.get(key, 0) >= allowance.concurrent:
            return Exceeded("concurrent", None)
        if day.used >= allowance.day:
            return Exceeded("day", day.ends_in(now))
        if minute.used >= allowance.minute:
            return Exceeded("minute", minute.ends_in(now))
        if app_minute.used >= allowance.app_minute:
            return Exceeded("appminute", app_minute.ends_in(now))
        for window in (minute, day, app_minute):
            window.used += 1
        self._in_flight[key] = self._in_flight.get(key, 0) + 1
        return None

    def leave(self, client_id: str, tenant_id: str) -> None:
        """Counts a call out again."""
        self._in_flight[client_id, tenant_id] -= 1

    def headers(self, client_id: str, tenant_id: str) -> dict[str, str]:
        """What is left, as every response says it."""
        minute, day, app_minute = self._windows((client_id, tenant_id), self._now())
        return {
            "X-DayLimit-Remaining": str(max(0, self.allowance.day - day.used)),
            "X-MinLimit-Remaining": str(max(0, self.allowance.minute - minute.used)),
            "X-AppMinLimit-Remaining": str(max(0, self.allowance.app_minute - app_minute.used)),
        }

    def reset(self) -> None:
        """Begins every window afresh."""
        for windows in (self._minutes, self._days, self._app_minutes):
            windows.clear()

    def reading(self) -> dict[str, object]:
        """The allowance, and what each app and organisation has used in its present windows."""
        now = self._now()
        used = []
        for client_id, tenant_id in list(self._minutes):
            minute, day, _ = self._windows((client_id, tenant_id), now)
            used.append({"client_id": client_id, "tenant_id": tenant_id, "minute": minute.used, "day": day.used})
        return {**asdict(self.allowance), "used": used}

    def _now(self) -> float:
        return self.clock.now().timestamp() if self.allowance.windows == "sandbox" else self._real_time()

    def _windows(self, key: tuple[str, str], now: float) -> tuple[_Window, _Window, _Window]:
        phase = zlib.crc32("".join(key).encode())
        minute = self._minutes.setdefault(key, _Window(MINUTE, now)).at(now, phase % MINUTE)
        day = self._days.setdefault(key, _Window(DAY, now)).at(now, phase % DAY)
        app_minute = self._app_minutes.setdefault(key[0], _Window(MINUTE, now)).at(now, 0)
        return minute, day, app_minute
