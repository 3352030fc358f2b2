"""A run of this project's own: a job of the demo organisation in this process, with Dagster's storage in PostgreSQL.

`ours.py RECIPE MODE [STAGE …]` performs the stages named, all of the job's when none is. The pipeline goes by the sandbox's
clock, which BENCH_OFFSET says how far it is ahead of ours (seconds). What counts is the run from its request to its success;
the definitions are loaded before, as a code server has them loaded.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from functools import partial

import dagster as dg

from benchmarks.peers.gauge import measured
from xero_pipeline.definitions import build_defs
from xero_pipeline.defs.jobs import job_name, run_config
from xero_pipeline.defs.names import keys_of, resource_key
from xero_pipeline.defs.partitions import key_of
from xero_pipeline.domain.modes import Mode
from xero_pipeline.domain.org import Org
from xero_pipeline.domain.windows import latest_complete
from xero_pipeline.settings import Settings
from xero_pipeline.stages.plan import stages_of
from xero_pipeline.stages.session import open_session, utc_now

SALESFORCE = resource_key(None)
DEMO = Org(alias="demo", time_zone="Pacific/Auckland")


def main(recipe: str, mode: Mode, *stages: str) -> None:
    offset = timedelta(seconds=float(os.environ["BENCH_OFFSET"]))

    def clock() -> datetime:
        return utc_now() + offset

    settings = Settings.from_environment(os.environ)
    definitions = build_defs(settings, [DEMO], open_session=partial(open_session, clock=clock), now=clock)
    job = definitions.resolve_job_def(job_name(DEMO, recipe))
    performed = [stage for stage in stages_of(mode, DEMO) if not stages or stage.name in stages]
    shared = any(stage.shared for stage in performed)
    configured = {key: how for key, how in run_config(DEMO, mode)["resources"].items() if shared or key != SALESFORCE}
    with dg.DagsterInstance.get() as instance:
        instance.get_runs_count()
        with measured("ours") as said:
            result = job.execute_in_process(
                run_config={"resources": configured},
                partition_key=key_of(latest_complete(clock())) if any(stage.windowed for stage in performed) else None,
                instance=instance,
                asset_selection=[key for stage in performed for key in keys_of(stage, DEMO)],
            )
            done = {event.step_key: event for event in result.get_asset_materialization_events()}
            said["written"] = int(sum(_figure(event, "rows_written") for event in done.values()))
            # What the stages themselves took, without what Dagster does around them.
            said["stage_seconds"] = round(sum(_figure(event, "seconds") for event in done.values()), 2)
        if not result.success:
            sys.exit("The run failed.")


def _figure(event: dg.DagsterEvent, name: str) -> float:
    value = event.materialization.metadata[name].value
    assert isinstance(value, int | float)
    return value


if __name__ == "__main__":
    recipe, mode, *stages = sys.argv[1:]
    main(recipe, mode, *stages)  # type: ignore[arg-type]
