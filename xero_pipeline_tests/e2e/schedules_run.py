"""One schedule: an initial sync and three deltas under random faults, then without, until both sides are in step."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random

from xero_pipeline.domain.errors import PipelineError
from xero_pipeline.stages.plan import Mode
from xero_pipeline.stages.sync import sync
from xero_pipeline.warehouse import locks
from xero_pipeline_tests.e2e import schedules_faults as faults
from xero_pipeline_tests.e2e.schedules_figures import Counts
from xero_pipeline_tests.e2e.schedules_ground import Ground
from xero_pipeline_tests.e2e.schedules_history import ROUNDS, History, People, begins_at, repeat
from xero_pipeline_tests.e2e.schedules_state import State, end_state

# The first sync comes this long after a round began, and each that follows a failure this long after it.
_FIRST = timedelta(minutes=16)
_NEXT = timedelta(seconds=45)
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
_OPEN = "select object, external_id, status, error from sync.deliveries where status <> 'succeeded'"


def without_faults(ground: Ground, seed: int) -> tuple[History, State]:
    """Draw what people do, sync after each round, and keep what that comes to."""
    people, history = People(ground, Random(f"{seed} deeds")), []
    for number in range(ROUNDS):
        history.append(people.work(number))
        ground.world.clock.set(begins_at(number) + _FIRST)
        _sync(ground, number)
    return history, end_state(ground)


def with_faults(ground: Ground, history: History, seed: int) -> tuple[State, Counts]:
    """Repeat what people did, under the faults of this seed; the end state, and what was met on the way."""
    rng, figures = Random(f"{seed} faults"), Counts({"schedules": 1})
    with _heard() as said:
        for number in range(ROUNDS):
            repeat(ground, history[number])
            ground.world.clock.set(begins_at(number) + _FIRST)
            if rng.random() < 0.5 or not ground.world.faults.rules:
                _break(ground, rng)
            done = _round(ground, number, rng, figures, said)
        if not done:
            _mend(ground)
            _heal(ground, ROUNDS - 1, figures, said)
    for entry in ground.world.log.entries:
        if entry.fault:
            figures["faults hit"] += 1
            figures[f"faults on {faults.system_of(entry.path)}: {entry.fault}"] += 1
    figures["requests"] += len(ground.world.log.entries)
    _assert_nothing_hangs(ground)
    assert _rows(ground, _OPEN) == []
    return end_state(ground), figures


def _round(ground: Ground, number: int, rng: Random, figures: Counts, said: list[str]) -> bool:
    """Sync until it succeeds, or until everybody goes on with the faults in force; whether it succeeded."""
    for _ in range(_MOST_UNDER_FAULTS):
        if _attempt(ground, number, figures, said):
            if rng.random() < 0.5:
                _mend(ground)
            return True
        match rng.choice(("same", "same", "others", "stop", "stop", "go on")):
            case "others":
                _break(ground, rng)
            case "stop":
                _mend(ground)
                _heal(ground, number, figures, said)
                return True
            case "go on":
                return False
    return False


def _heal(ground: Ground, number: int, figures: Counts, said: list[str]) -> None:
    for _ in range(_MOST_WITHOUT):
        if _attempt(ground, number, figures, said):
            return
        figures["syncs failed after the faults stopped"] += 1
    raise AssertionError(f"no sync of {_MOST_WITHOUT} succeeded without faults; the last: {said[-1]}")


def _attempt(ground: Ground, number: int, figures: Counts, said: list[str]) -> bool:
    """A sync, whether it succeeded; one that failed left nothing hanging and told no secret."""
    try:
        _sync(ground, number)
    except PipelineError as error:
        figures["syncs failed"] += 1
        figures[f"syncs failed with: {type(error).__name__}"] += 1
        said += [*traceback.format_exception(error), str(error)]
        _assert_nothing_hangs(ground)
        _assert_no_secret(ground, said)
        ground.world.clock.advance(_NEXT.total_seconds())
        return False
    figures["syncs succeeded"] += 1
    return True


def _sync(ground: Ground, number: int) -> None:
    mode: Mode = "delta" if number else "full"
    sync(ground.settings, ground.org, mode, clock=ground.world.clock.now, sleep=lambda seconds: None)


def _break(ground: Ground, rng: Random) -> None:
    _mend(ground)
    for rule in faults.rules(rng):
        ground.world.faults.add(rule)


def _mend(ground: Ground) -> None:
    ground.world.faults.rules.clear()


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
