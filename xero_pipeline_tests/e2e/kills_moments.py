"""The moments at which a sync is killed: anywhere in its time, and in the gaps that matter most, held open by a fault."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from xero_pipeline.sandbox.faults import Rule
from xero_pipeline_tests.e2e.kills_bench import Process, Start, is_write
from xero_pipeline_tests.e2e.schedules_ground import Ground

_POLL = 0.001
# A write of two hundred records has taken effect within this; its answer is held back much longer.
_CARRIED_OUT = 0.15
_HELD = 30
_WRITES = "/composite/"
_JITTER = 0.02

_BEFORE = "before a write was carried out"
_BETWEEN = "after a write was carried out, before it was answered"
_AFTER = "after a write was answered, before it was settled"
# A full sync is killed anywhere, a write-back mostly around its writes.
_KINDS = {
    "full sync": ("at a moment",) * 5 + ("at a request",) * 2 + (_BEFORE, _BETWEEN, _AFTER),
    "write-back": ("at a moment",) * 2 + (_BEFORE, _BETWEEN, _BETWEEN, _AFTER, _AFTER),
}


@dataclass(frozen=True)
class Moment:
    """When to kill: `kind` says how it is found, `share` (0 to 1) how far into the sync, `more` seconds beyond."""

    kind: str
    share: float
    more: float

    def __str__(self) -> str:
        return f"{self.kind}, {self.share:.0%} of the way, {self.more * 1000:.0f} ms more"


def draw(start: Start, rng: Random) -> Moment:
    """A random moment."""
    return Moment(rng.choice(_KINDS[start.name]), rng.random(), rng.uniform(0, _JITTER))


def kill(ground: Ground, process: Process, start: Start, moment: Moment) -> bool:
    """Kill at that moment; False when the sync had ended before."""
    if not _WAITS[moment.kind](ground, process, start, moment):
        return False
    time.sleep(moment.more)
    if process.ended:
        return False
    process.kill()
    return True


def prepare(ground: Ground, start: Start, moment: Moment) -> None:
    """Put the fault in force that holds the gap open."""
    nth = _nth_write(start, moment)
    if moment.kind == _BEFORE:
        _hold(ground, "timeout before", nth)
    elif moment.kind == _BETWEEN:
        _hold(ground, "timeout after", nth)


def _hold(ground: Ground, what: str, nth: int) -> Rule:
    return ground.world.faults.add(
        {"what": what, "match": {"path": _WRITES}, "when": {"nth": nth}, "count": 1, "seconds": _HELD}
    )


def _nth_write(start: Start, moment: Moment) -> int:
    return 1 + int(moment.share * start.writes)


def _until(process: Process, reached: Callable[[], bool]) -> bool:
    """Wait until something is so; False when the process ends first."""
    while not reached():
        if process.ended:
            return False
        time.sleep(_POLL)
    return True


def _at_a_moment(ground: Ground, process: Process, start: Start, moment: Moment) -> bool:
    entries = ground.world.log.entries
    if not _until(process, lambda: any(start.name == "full sync" or is_write(entry) for entry in list(entries))):
        return False
    deadline = time.monotonic() + moment.share * start.seconds
    return _until(process, lambda: time.monotonic() >= deadline)


def _at_a_request(ground: Ground, process: Process, start: Start, moment: Moment) -> bool:
    log, nth = ground.world.log, 1 + int(moment.share * start.requests)
    return _until(process, lambda: log.total >= nth)


def _held_open(ground: Ground, process: Process, start: Start, moment: Moment) -> bool:
    (rule,) = ground.world.faults.rules
    if not _until(process, lambda: rule.hits > 0):
        return False
    time.sleep(_CARRIED_OUT)
    return True


def _answered(ground: Ground, process: Process, start: Start, moment: Moment) -> bool:
    entries, nth = ground.world.log.entries, _nth_write(start, moment)
    return _until(process, lambda: sum(1 for entry in list(entries) if is_write(entry)) >= nth)


_WAITS: dict[str, Callable[[Ground, Process, Start, Moment], bool]] = {
    "at a moment": _at_a_moment,
    "at a request": _at_a_request,
    _BEFORE: _held_open,
    _BETWEEN: _held_open,
    _AFTER: _answered,
}
