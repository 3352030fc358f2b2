"""One tick of the delta schedule and the run it asks for, in this process: `window.py ours|assets|steps [ORG …]`.

`assets` is Dagster's own floor: a schedule, and a job of as many assets as ours has, each of which does nothing. `steps` is the
same with the assets grouped as ours are, several to a step. All three have our partitions and keep their runs in
PostgreSQL, in the storage that the instance names.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from benchmarks.peers.gauge import measured
from benchmarks.programs.ours import DEMO
from xero_pipeline.definitions import build_defs
from xero_pipeline.defs.jobs import job_name
from xero_pipeline.defs.names import keys_of
from xero_pipeline.defs.partitions import key_of, windows_of
from xero_pipeline.domain.modes import Mode
from xero_pipeline.domain.org import Org
from xero_pipeline.domain.windows import WINDOW_CRON, latest_complete
from xero_pipeline.settings import Settings
from xero_pipeline.stages.plan import stages_of
from xero_pipeline.stages.session import SHARED, open_session, utc_now

DELTA: Mode = "delta"
OFFSET = timedelta(seconds=float(os.environ["BENCH_OFFSET"]))


def clock() -> datetime:
    """The sandbox's time."""
    return utc_now() + OFFSET


def ours(orgs: Sequence[Org]) -> dg.Definitions:
    """The location as it is."""
    settings = Settings.from_environment(os.environ)
    return build_defs(settings, orgs, open_session=partial(open_session, clock=clock), now=clock)


def empty(orgs: Sequence[Org], *, grouped: bool) -> dg.Definitions:
    """A location with the same assets, none of which does anything."""
    assets: dict[str, dg.AssetsDefinition] = {}
    jobs: list[UnresolvedAssetJobDefinition] = []
    schedules: list[dg.ScheduleDefinition] = []
    for org in orgs:
        mine = []
        for stage in stages_of(DELTA, org):
            keys = keys_of(stage, org)
            for number, together in enumerate([keys] if grouped else [[key] for key in keys]):
                name = f"{SHARED if stage.shared else org.alias}__{stage.name}__{number}"
                if name not in assets:
                    assets[name] = _nothing(name, together, org, windowed=stage.windowed)
                mine.append(assets[name])
        jobs.append(dg.define_asset_job(job_name(org, "delta"), dg.AssetSelection.assets(*mine)))
        schedules.append(_schedule(org, jobs[-1]))
    return dg.Definitions(assets=list(assets.values()), jobs=jobs, schedules=schedules, executor=dg.in_process_executor)


def _nothing(name: str, keys: Sequence[dg.AssetKey], org: Org, *, windowed: bool) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=name,
        specs=[dg.AssetSpec(key) for key in keys],
        partitions_def=windows_of(org, clock()) if windowed else None,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def materialise() -> Iterator[dg.MaterializeResult[None]]:
        for key in keys:
            yield dg.MaterializeResult(asset_key=key)

    return materialise


def _schedule(org: Org, job: UnresolvedAssetJobDefinition) -> dg.ScheduleDefinition:
    def ask(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return dg.RunRequest(partition_key=key_of(latest_complete(context.scheduled_execution_time)))

    return dg.ScheduleDefinition(
        name=job_name(org, "delta"),
        job=job,
        cron_schedule=WINDOW_CRON,
        execution_timezone="UTC",
        execution_fn=ask,
    )


def tick_and_run(definitions: dg.Definitions, org: Org, instance: dg.DagsterInstance) -> None:
    """Evaluate the tick and execute what it asks for. Ends the process when there is nothing due, or when the run fails."""
    name = job_name(org, "delta")
    repository = definitions.get_repository_def()
    context = dg.build_schedule_context(instance=instance, scheduled_execution_time=clock(), repository_def=repository)
    answer = repository.get_schedule_def(name).evaluate_tick(context)
    if not answer.run_requests:
        sys.exit(f"Nothing is due: {answer.skip_message}")
    (request,) = answer.run_requests
    result = definitions.resolve_job_def(name).execute_in_process(
        run_config=request.run_config,
        tags={**request.tags, "dagster/schedule_name": name},
        partition_key=request.partition_key,
        instance=instance,
    )
    if not result.success:
        sys.exit("The run failed.")


def main(kind: str, *aliases: str) -> None:
    orgs = [Org(alias=alias, time_zone=DEMO.time_zone, tenant=os.environ[f"BENCH_TENANT_{alias}"]) for alias in aliases]
    orgs = orgs or [DEMO]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        definitions = ours(orgs) if kind == "ours" else empty(orgs, grouped=kind == "steps")
    with dg.DagsterInstance.get() as instance:
        instance.get_runs_count()
        with measured("window") as said:
            for org in orgs:
                tick_and_run(definitions, org, instance)
            said["assets"] = sum(len(keys_of(stage, org)) for org in orgs for stage in stages_of(DELTA, org))


if __name__ == "__main__":
    main(*sys.argv[1:])
