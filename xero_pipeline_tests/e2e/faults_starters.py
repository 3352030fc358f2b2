"""The four ways in which a sync is started, each for real: a schedule's run, a backfill, an ad-hoc materialisation, a shell."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import dagster as dg

from xero_pipeline.definitions import build_defs
from xero_pipeline.defs.partitions import RANGE_END, RANGE_START, key_of
from xero_pipeline.domain.windows import latest_complete
from xero_pipeline_tests.e2e.faults_bench import Bench, environment_of

SECONDS = 90


@dataclass(frozen=True)
class Ended:
    """How a sync ended: 0 done, 3 another was running, 1 failed; and everything it said."""

    code: int
    said: str


Starter = Callable[[Bench], Ended]


def shell_command(alias: str) -> list[str]:
    """The command that syncs an organisation from a shell."""
    return [sys.executable, "-m", "xero_pipeline.cli", "sync", alias, "--json"]


def from_a_shell(bench: Bench) -> Ended:
    """`xero-pipeline sync`, in a process of its own."""
    done = subprocess.run(
        shell_command(bench.org.alias),
        env=environment_of(bench.settings),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return Ended(done.returncode, done.stderr)


def _latest_window() -> str:
    return key_of(latest_complete(datetime.now(UTC)))


def by_schedule(bench: Bench) -> Ended:
    """The run of a tick of the delta schedule."""
    tags = {"dagster/schedule_name": f"{bench.org.alias}_delta"}
    return _job(bench, f"{bench.org.alias}_delta", tags, _latest_window())


def by_backfill(bench: Bench) -> Ended:
    """The single run of a backfill of two windows."""
    newest = latest_complete(datetime.now(UTC))
    before = latest_complete(newest.start)
    span = {RANGE_START: key_of(before), RANGE_END: key_of(newest)}
    return _job(bench, f"{bench.org.alias}_delta", {"dagster/backfill": "drag", **span}, None)


def ad_hoc(bench: Bench) -> Ended:
    """Two assets materialised by a person in the UI, outside every job."""
    definitions = build_defs(bench.settings, [bench.org])
    contacts = dg.AssetKey([bench.org.alias, "xero", "contacts"])
    job = definitions.resolve_implicit_global_asset_job_def()
    return _ended(job.get_subset(asset_selection={contacts}), {}, _latest_window())


def _job(bench: Bench, name: str, tags: dict[str, str], window: str | None) -> Ended:
    return _ended(build_defs(bench.settings, [bench.org]).resolve_job_def(name), tags, window)


def _ended(job: dg.JobDefinition, tags: dict[str, str], window: str | None) -> Ended:
    with dg.DagsterInstance.ephemeral() as instance:
        done = job.execute_in_process(tags=tags, partition_key=window, instance=instance, raise_on_error=False)
        said = [str(event.event_specific_data) + (event.message or "") for event in done.all_events if event.is_failure]
    refused = any("AlreadyRunning" in text or "already" in text for text in said)
    return Ended(0 if done.success else 3 if refused else 1, "\n".join(said))


STARTERS: dict[str, Starter] = {
    "schedule": by_schedule,
    "backfill": by_backfill,
    "ad hoc": ad_hoc,
    "shell": from_a_shell,
}
# What each is called in sync.runs and in the sentence that refuses another.
KINDS = {"schedule": "scheduled", "backfill": "backfill", "ad hoc": "manual", "shell": "manual"}
