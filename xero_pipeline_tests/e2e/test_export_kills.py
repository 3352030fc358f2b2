"""An export that is killed with SIGKILL around a call to Xero: the next one ends as if there had been no kill.

`XERO_PIPELINE_KILLS` says how many; each is a process of its own, killed a random moment after it has written down a call.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from xero_pipeline.warehouse import locks
from xero_pipeline.warehouse.embedded import EmbeddedServer
from xero_pipeline_tests.e2e.export_sales import EXPORTING
from xero_pipeline_tests.e2e.export_schedules import Schedule
from xero_pipeline_tests.e2e.faults_bench import environment_of, orgs_file
from xero_pipeline_tests.e2e.pair import Pair, Snapshot, copied, take_snapshot

KILLS = int(os.environ.get("XERO_PIPELINE_KILLS", "1"))
_SALES = 5
_SECONDS = 60.0
# How long after a call was written down the process lives: it is sent, answered and settled within this.
_LONGEST = 0.25
_IN_DOUBT = "select object, call_key from sync.deliveries where system = 'xero' and called_at is not null"
_RUNNING = "select run_id from sync.runs where outcome = 'running'"


@pytest.fixture(scope="module")
def unsold(postgres: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A small organisation after its first sync, with nothing to export yet."""
    return take_snapshot(postgres, tmp_path_factory.mktemp("kills"), invoices=60, org=EXPORTING)


@pytest.fixture
def pair(unsold: Snapshot, tmp_path: Path) -> Iterator[Pair]:
    with copied(unsold, tmp_path) as pair:
        # The process that is killed has the machine's clock.
        pair.world.clock.run()
        pair.world.clock.set(datetime.now(UTC))
        yield pair


@pytest.mark.parametrize("number", range(KILLS))
def test_an_export_that_is_killed_around_a_call_leaves_one_invoice_a_sale_to_the_next(
    number: int, pair: Pair, tmp_path: Path
) -> None:
    schedule = Schedule(pair, Random(f"{number} kills"))
    for _ in range(_SALES):
        schedule.sales.add()
    process = _started(pair, tmp_path)
    try:
        _wait_for_a_call(pair, process, schedule.rng.choice(("contacts", "invoices", "invoices")))
        time.sleep(schedule.rng.uniform(0, _LONGEST))
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()

    pair.pass_time(minutes=10)
    pair.sync("export")
    if pair.rows("select 1 from sync.deliveries where system = 'xero' and status = 'pending'"):
        pair.sync("export")

    schedule.assert_one_invoice_a_sale()
    schedule.assert_nothing_more_to_do()
    assert pair.rows(_RUNNING) == []
    assert locks.who_holds(pair.warehouse, "demo") is None


def _started(pair: Pair, directory: Path) -> subprocess.Popen[bytes]:
    environment = environment_of(pair.settings) | {
        "XERO_PIPELINE_ORGS": str(orgs_file(directory / "orgs.json", EXPORTING))
    }
    command = [sys.executable, "-m", "xero_pipeline.cli", "export", "demo", "--json"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _wait_for_a_call(pair: Pair, process: subprocess.Popen[bytes], object_name: str) -> None:
    """Until a call for this kind of record was written down, or the process has ended."""
    deadline = time.monotonic() + _SECONDS
    with pair.warehouse.connect(autocommit=True) as conn:
        while process.poll() is None:
            if any(found == object_name for found, _ in conn.execute(_IN_DOUBT).fetchall()):
                return
            assert time.monotonic() < deadline, "no call was written down"
            time.sleep(0.002)
