"""What Dagster loads: assets, checks, jobs, schedules, sensors and resources of every organisation, assembled and no more."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime

import dagster as dg
from dagster._core.definitions.definitions_load_context import DefinitionsLoadContext, DefinitionsLoadType

from xero_pipeline.defs.assets import build_assets, build_shared_assets
from xero_pipeline.defs.checks import build_checks
from xero_pipeline.defs.jobs import build_jobs
from xero_pipeline.defs.names import resource_key
from xero_pipeline.defs.ports import Exports, Ports, Status
from xero_pipeline.defs.resolving import build_resolving
from xero_pipeline.defs.resources import sync_resource
from xero_pipeline.defs.schedules import build_schedules
from xero_pipeline.defs.sensors import build_sensors
from xero_pipeline.domain.errors import PipelineError
from xero_pipeline.domain.org import Org
from xero_pipeline.settings import Settings
from xero_pipeline.stages.orgs import load_orgs
from xero_pipeline.stages.session import Clock, OpenSession, open_session, utc_now


def build_defs(
    settings: Settings | None = None,
    orgs: Sequence[Org] | None = None,
    *,
    open_session: OpenSession = open_session,
    now: Clock = utc_now,
    loaded_at: datetime | None = None,
    status: Status | None = None,
    exports: Exports | None = None,
) -> dg.Definitions:
    """Definitions for these organisations; what is not given comes from the environment and from `orgs.yaml`.

    Partitions begin `window_days` before the day of `loaded_at`, which is `now()` if not given. Raises Permanent for a
    setting or a file that cannot be used.
    """
    settings = settings or Settings.from_environment(os.environ)
    orgs = orgs or load_orgs(settings)
    ports = Ports(settings, loaded_at or now(), open_session, now, status or Status(), exports or Exports())
    jobs = {org: build_jobs(org) for org in orgs}
    return dg.Definitions(
        assets=[*build_shared_assets(ports), *(asset for org in orgs for asset in build_assets(org, ports))],
        asset_checks=[checks for org in orgs for checks in build_checks(org, ports)],
        jobs=[
            *(job for of_org in jobs.values() for job in of_org.values()),
            *(build_resolving(org, ports) for org in orgs if org.export.enabled),
        ],
        schedules=[schedule for org in orgs for schedule in build_schedules(org, jobs[org], ports)],
        sensors=[sensor for org in orgs for sensor in build_sensors(org, jobs[org].get("export_to_xero"), ports)],
        resources={resource_key(org): sync_resource(org, ports) for org in (None, *orgs)},
        # A process for each step costs three seconds, and the sync of a run is one: its lock, token and budget.
        executor=dg.in_process_executor,
        # A run tells the terminal what a person wants to know; each step it takes is in the event log.
        loggers={"console": dg.colored_console_logger.configured({"log_level": "INFO"})},
    )


# What the processes of runs are started with, where the user's environment does not say otherwise. Dagster stores the
# materialisations of a range in batches of this many: a day of windows takes 4 seconds instead of 86. And with an arena of memory
# for each thread, or whole pages among what is small, pages that came and went would leave ever more of it in pieces.
RUN_ENVIRONMENT = {
    "DAGSTER_EVENT_BATCH_SIZE": "500",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "2000000",
    "MALLOC_TRIM_THRESHOLD_": "16000000",
}
_LOADED_AT = "xero_pipeline/loaded_at"


def _loaded_at() -> datetime:
    """When the code server loaded its definitions. A run loads them again, perhaps days later, and must have the same
    partitions, or a range from the first one on would begin before the first. Dagster hands down what is noted here.
    """
    context = DefinitionsLoadContext.get()
    again = context.load_type is DefinitionsLoadType.RECONSTRUCTION
    loaded_at: str = (context.reconstruction_metadata.get(_LOADED_AT) if again else None) or utc_now().isoformat()
    context.add_to_pending_reconstruction_metadata(_LOADED_AT, loaded_at)
    return datetime.fromisoformat(loaded_at)


@dg.definitions
def defs() -> dg.Definitions:
    """The location that workspace.yaml names. A bad setting or organisation fails it with one sentence."""
    for name, value in RUN_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        return build_defs(loaded_at=_loaded_at())
    except PipelineError as error:
        raise dg.DagsterInvalidDefinitionError(str(error)) from None
