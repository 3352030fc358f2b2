"""One sync of an organisation at a time, whoever starts it, and no lock outlives its process."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime

import pytest

from xero_pipeline.domain.errors import AlreadyRunning, Transient
from xero_pipeline.warehouse import runs
from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.locks import org_lock, shared_lock, who_holds

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_HOLD = """
import sys
from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.locks import org_lock
with org_lock(Warehouse(sys.argv[1]), "demo", kind="backfill", run_id="r-other"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_sync_is_told_what_runs_and_since_when(warehouse: Warehouse) -> None:
    with org_lock(warehouse, "demo", kind="scheduled", run_id="r1"):
        with warehouse.connect() as conn:
            runs.start(conn, run_id="r1", alias="demo", kind="scheduled", mode="delta", started_at=NOON)
            runs.progress(conn, "r1", stage="invoices")
        with pytest.raises(AlreadyRunning) as caught, org_lock(warehouse, "demo", kind="manual", run_id="r2"):
            pass
    assert (
        "demo is being synced already by a scheduled sync (run r1, started 2026-03-01 12:00:00 UTC, now at invoices)"
        in (caught.value.message)
    )


def test_a_holder_is_known_before_its_run_has_a_row(warehouse: Warehouse) -> None:
    with org_lock(warehouse, "demo", kind="manual", run_id="r1"):
        holder = who_holds(warehouse, "demo")
    assert holder is not None
    assert (holder.kind, holder.run_id) == ("manual", "r1")


def test_a_lock_is_free_after_its_block_and_looking_does_not_take_it(warehouse: Warehouse) -> None:
    with org_lock(warehouse, "demo", kind="manual", run_id="r1"):
        pass
    assert who_holds(warehouse, "demo") is None
    with org_lock(warehouse, "demo", kind="manual", run_id="r2"):
        pass


def test_organisations_do_not_wait_for_each_other(warehouse: Warehouse) -> None:
    with (
        org_lock(warehouse, "demo", kind="manual", run_id="r1"),
        org_lock(warehouse, "other", kind="manual", run_id="r2"),
    ):
        assert who_holds(warehouse, "third") is None


def test_a_killed_process_frees_its_lock(warehouse: Warehouse) -> None:
    command = [sys.executable, "-c", _HOLD, warehouse.url]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    holder = who_holds(warehouse, "demo")
    assert holder is not None
    assert (holder.kind, holder.run_id) == ("backfill", "r-other")
    process.kill()
    process.communicate()
    # The server notices the end of the connection a moment later.
    for _ in range(1200):
        if who_holds(warehouse, "demo") is None:
            break
        threading.Event().wait(0.05)
    with org_lock(warehouse, "demo", kind="manual", run_id="r1"):
        pass


def test_a_lock_whose_connection_was_lost_says_so(warehouse: Warehouse) -> None:
    with org_lock(warehouse, "demo", kind="manual", run_id="r1") as lock:
        lock.check()
        with warehouse.connect() as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%manual r1'"
            )
        with pytest.raises(Transient, match="lock of demo was lost"):
            lock.check()


def test_a_shared_lock_is_waited_for(warehouse: Warehouse) -> None:
    order: list[str] = []

    def second() -> None:
        with shared_lock(warehouse, "salesforce", timeout=30):
            order.append("second")

    with shared_lock(warehouse, "salesforce", timeout=1):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.1)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_a_shared_lock_that_stays_taken_is_given_up_after_its_time(warehouse: Warehouse) -> None:
    with (
        shared_lock(warehouse, "salesforce", timeout=1),
        pytest.raises(Transient, match=r"busy with salesforce for more than 0\.05 seconds"),
        shared_lock(warehouse, "salesforce", timeout=0.05),
    ):
        pass
