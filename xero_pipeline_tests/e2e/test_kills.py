"""A sync that is killed leaves nothing behind, and the next one ends as if it had not been (issue B, 5).

`make faults` kills fifty; `XERO_PIPELINE_KILLS` says how many, `XERO_PIPELINE_KILL_SEED` which is the first.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from xero_pipeline.stages.plan import Mode
from xero_pipeline.stages.sync import sync
from xero_pipeline.warehouse import locks
from xero_pipeline.warehouse.embedded import EmbeddedServer
from xero_pipeline_tests.e2e.kills_bench import Start, first_sync, freed, rows, served, started, write_back
from xero_pipeline_tests.e2e.kills_moments import Moment, draw, kill, prepare
from xero_pipeline_tests.e2e.schedules_figures import KILLS, as_property
from xero_pipeline_tests.e2e.schedules_ground import Ground
from xero_pipeline_tests.e2e.schedules_state import differences, end_state

COUNT = int(os.environ.get("XERO_PIPELINE_KILLS", "2"))
FIRST = int(os.environ.get("XERO_PIPELINE_KILL_SEED", "0"))
DEAD = "Its process ended without saying how: it was killed or crashed."
TRIES = 5


@pytest.fixture(scope="module")
def starts(postgres: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> tuple[Start, Start]:
    """What is killed: a full sync into an empty warehouse, and the sync that writes back what people changed since."""
    directory = tmp_path_factory.mktemp("kills")
    whole = first_sync(postgres, directory)
    return whole, write_back(postgres, whole, directory)


@pytest.mark.parametrize("seed", range(FIRST, FIRST + COUNT))
def test_after_a_kill_the_next_sync_ends_as_if_there_had_been_none(
    seed: int,
    starts: tuple[Start, Start],
    postgres: EmbeddedServer,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    rng, start = Random(f"{seed} kill"), starts[seed % 2]
    figures = Counter({"kills": 1, f"killed: {start.name}": 1})
    next_mode: Mode = rng.choice(("delta", "full"))
    for _ in range(TRIES):
        moment = draw(start, rng)
        with served(postgres, start.state, start.database, tmp_path) as ground:
            if not _killed(ground, start, moment, tmp_path, figures):
                # The machine was faster than when it was measured.
                continue
            sync(ground.settings, ground.org, next_mode)
            _assert_nothing_left(ground)
            found = differences(start.expected, end_state(ground))
            assert found == [], f"kill {seed} of a {start.name}, {moment}; then {next_mode}"
            break
    else:
        raise AssertionError(f"{TRIES} syncs ended before they could be killed")
    figures[f"at: {moment.kind}"] += 1
    figures[f"then: {next_mode}"] += 1
    record_property(KILLS, as_property(figures))


def _killed(ground: Ground, start: Start, moment: Moment, directory: Path, figures: Counter[str]) -> bool:
    """Kill a sync; what it leaves is a row that says it runs and deliveries that say they are pending, and no lock."""
    prepare(ground, start, moment)
    with started(ground, start.mode, directory) as process:
        if not kill(ground, process, start, moment):
            return False
    ground.world.faults.rules.clear()
    assert freed(ground), "a lock was left behind"
    assert locks.who_holds(ground.warehouse, ground.org.alias) is None
    (stage,) = rows(ground, "select max(stage) from sync.runs where outcome = 'running'")[0]
    (pending,) = rows(ground, "select count(*) from sync.deliveries where status = 'pending'")[0]
    figures[f"reached: {stage}"] += 1
    figures["with deliveries pending"] += bool(pending)
    return True


def _assert_nothing_left(ground: Ground) -> None:
    assert rows(ground, "select run_id from sync.runs where outcome = 'running' or ended_at is null") == []
    assert {error for (error,) in rows(ground, "select error from sync.runs where outcome = 'failed'")} <= {DEAD}
    assert rows(ground, "select external_id from sync.deliveries where status <> 'succeeded'") == []
    assert locks.who_holds(ground.warehouse, ground.org.alias) is None
    assert freed(ground), "a lock was left behind"
