"""One schedule: an initial sync and three deltas under random faults, then without, until both sides are in step."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from xero_pipeline.domain.errors import PipelineError
from xero_pipeline.stages.plan import Mode
from xero_pipeline.stages.sync import sync
from xero_pipeline.warehouse import locks
from xero_pipeline_tests.e2e import schedules_faults as faults
from xero_pipeline_tests.e2e.schedules_figures import Counts
from xero_pipeline_tests.e2e.schedules_ground import Ground
from xero_pipeline_tests.e2e.schedules_history import HOUR, ROUNDS, History, People, begins_at, repeat
from xero_pipeline_tests.e2e.schedules_state import State, end_state

# Syncs begin a little after the hour that a round is given, each that follows a failure this long after it.
_FIRST = HOUR + timedelta(minutes=2)
_NEXT = timedelta(seconds=45)
_MODES: tuple[Mode, ...] = ("full", "delta")
_MOST_UNDER_FAULTS = 3
_MOST_WITHOUT = 3

_WRITTEN = """
select error from sync.runs
union all
select detail::text from sync.events
union all
select error from sync.deliveries
"""
_HANGING = "select run_id from sync.runs where outcome = 'running' or ended_at is null"
_STAGE = "select stage from sync.runs order by started_at desc limit 1"
_OPEN = "select object, external_id, status, error from sync.deliveries where status <> 'succeeded'"


def without_faults(ground: Ground, seed: int) -> tuple[History, State]:
    """Draw what people do, sync after each round, and keep what that comes to."""
    people, history = People(ground, Random(f"{seed} deeds")), []
    for number in range(ROUNDS):
        history.append(people.work(number))
        ground.world.clock.set(begins_at(number) + _FIRST)
        _sync(ground, "delta" if number else "full")
    return history, end_state(ground)


def with_faults(ground: Ground, history: History, seed: int) -> tuple[State, Counts]:
    """Repeat what people did, under the faults of this seed; the end state, and what was met on the way."""
    with _heard() as said:
        schedule = Schedule(ground, Random(f"{seed} faults"), said)
        schedule.run(history)
    _assert_nothing_hangs(ground)
    assert _rows(ground, _OPEN) == []
    return end_state(ground), schedule.figures


@dataclass
class Schedule:
    """One schedule under way. `said` is everything that was logged or raised so far."""

    ground: Ground
    rng: Random
    said: list[str]
    figures: Counts = field(default_factory=Counts)

    def run(self, history: History) -> None:
        """Every round under faults, and without them what is still to be done then."""
        done, ground = False, self.ground
        # The first sync reads everything whatever it is called: a person starts a full one, the schedule a delta.
        mode = self.rng.choice(_MODES)
        for number, deeds in enumerate(history):
            repeat(ground, deeds)
            ground.world.clock.set(begins_at(number) + _FIRST)
            if self.rng.random() < 0.5 or not ground.world.faults.rules:
                self._break()
            done = self._round("delta" if number else mode)
        if not done:
            self._heal("delta")
        self.figures.update({"schedules": 1, "requests": len(ground.world.log.entries)})
        for entry in ground.world.log.entries:
            if entry.fault:
                self.figures["faults hit"] += 1
                self.figures[f"faults on {faults.system_of(entry.path)}: {entry.fault}"] += 1

    def _round(self, mode: Mode) -> bool:
        """Sync until it succeeds, or until everybody goes on with the faults in force; whether it succeeded."""
        for _ in range(_MOST_UNDER_FAULTS):
            if self._attempt(mode):
                if self.rng.random() < 0.5:
                    self._mend()
                return True
            match self.rng.choice(("same", "same", "others", "stop", "stop", "go on", "go on")):
                case "others":
                    self._break()
                case "stop":
                    self._heal(mode)
                    return True
                case "go on":
                    return False
        return False

    def _heal(self, mode: Mode) -> None:
        """Stop the faults; a sync succeeds."""
        self._mend()
        for _ in range(_MOST_WITHOUT):
            if self._attempt(mode):
                return
            self.figures["syncs failed after the faults stopped"] += 1
        raise AssertionError(f"no sync of {_MOST_WITHOUT} succeeded without faults; the last: {self.said[-1]}")

    def _attempt(self, mode: Mode) -> bool:
        """A sync, whether it succeeded; one that failed left nothing hanging and told no secret."""
        try:
            _sync(self.ground, mode)
        except PipelineError as error:
            self.figures["syncs failed"] += 1
            self.figures[f"syncs failed with: {type(error).__name__}"] += 1
            self.figures[f"syncs failed at: {_rows(self.ground, _STAGE)[0][0]}"] += 1
            self.said += [*traceback.format_exception(error), str(error)]
            _assert_nothing_hangs(self.ground)
            _assert_no_secret(self.ground, self.said)
            self.ground.world.clock.advance(_NEXT.total_seconds())
            return False
        self.figures["syncs succeeded"] += 1
        return True

    def _break(self) -> None:
        self._mend()
        for rule in faults.rules(self.rng):
            self.ground.world.faults.add(rule)

    def _mend(self) -> None:
        self.ground.world.faults.rules.clear()


def _sync(ground: Ground, mode: Mode) -> None:
    sync(ground.settings, ground.org, mode, clock=ground.world.clock.now, sleep=lambda seconds: None)


def _rows(ground: Ground, query: str) -> list[tuple[object, ...]]:
    with ground.warehouse.connect() as conn:
        return conn.execute(query.encode()).fetchall()


def _assert_nothing_hangs(ground: Ground) -> None:
    """No run says that it is running, and nobody holds the organisation's lock."""
    assert _rows(ground, _HANGING) == []
    assert locks.who_holds(ground.warehouse, ground.org.alias) is None


def _assert_no_secret(ground: Ground, said: list[str]) -> None:
    """Neither what was said nor what was written down holds a token, a secret or a key."""
    everything = "\n".join([*said, *(str(row[0]) for row in _rows(ground, _WRITTEN))])
    world = ground.world
    secrets = {app.client_secret for app in world.identity.apps.values()}
    secrets |= {*world.identity.refreshes, *world.org.tokens, world.org.settings.client_secret}
    for secret in (*secrets, "eyJ", "PRIVATE KEY", "Bearer "):
        assert secret not in everything


class _Hearing(logging.Handler):
    def __init__(self, said: list[str]) -> None:
        super().__init__(logging.INFO)
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        self._said.append(record.getMessage())


@contextmanager
def _heard() -> Iterator[list[str]]:
    """Everything that is logged meanwhile."""
    said: list[str] = []
    root, hearing = logging.getLogger(), _Hearing(said)
    level = root.level
    root.addHandler(hearing)
    root.setLevel(logging.INFO)
    try:
        yield said
    finally:
        root.removeHandler(hearing)
        root.setLevel(level)
