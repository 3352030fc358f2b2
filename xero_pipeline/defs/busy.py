"""Whether Dagster is at work on an organisation already, which schedules and sensors ask before they ask for more."""

from __future__ import annotations

import dagster as dg

from xero_pipeline.defs.jobs import ORG_TAG

_SCHEDULE_TAG = "dagster/schedule_name"
_UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def unfinished(instance: dg.DagsterInstance, alias: str, schedule: str | None = None) -> str | None:
    """A sentence about a run of the organisation that Dagster has not finished, or only about one of a schedule."""
    tags = {ORG_TAG: alias, **({_SCHEDULE_TAG: schedule} if schedule else {})}
    runs = instance.get_runs(dg.RunsFilter(tags=tags, statuses=_UNFINISHED), limit=1)
    return f"Run {runs[0].run_id[:8]} of {runs[0].job_name} is {runs[0].status.value.lower()}." if runs else None
