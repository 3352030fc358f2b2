"""What Dagster has been asked for an organisation already, which schedules and sensors look at before they ask for more."""

from __future__ import annotations

import dagster as dg

from xero_pipeline.defs.jobs import ORG_TAG

_SCHEDULE_TAG = "dagster/schedule_name"
_RUN_KEY_TAG = "dagster/run_key"
# What reads as no word of a sentence.
_SAID = {dg.DagsterRunStatus.FAILURE: "over and failed", dg.DagsterRunStatus.SUCCESS: "done"}
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
    return _sentence(instance, dg.RunsFilter(tags=tags, statuses=_UNFINISHED))


def asked_for(instance: dg.DagsterInstance, alias: str, run_key: str) -> str | None:
    """A sentence about the run of the organisation that was asked for under this key, whatever has become of it."""
    return _sentence(instance, dg.RunsFilter(tags={ORG_TAG: alias, _RUN_KEY_TAG: run_key}))


def _sentence(instance: dg.DagsterInstance, wanted: dg.RunsFilter) -> str | None:
    runs = instance.get_runs(wanted, limit=1)
    if not runs:
        return None
    status = _SAID.get(runs[0].status, runs[0].status.value.lower())
    return f"Run {runs[0].run_id[:8]} of {runs[0].job_name} is {status}."
