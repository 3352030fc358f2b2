"""The schedules of an organisation. Each asks what is due and not which tick it is, because Dagster never repeats a missed tick.

An outage of any length therefore heals with the next tick, and switching a schedule off and on again loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from xero_pipeline.defs.busy import unfinished
from xero_pipeline.defs.jobs import RECIPES, Recipe, job_name, run_config
from xero_pipeline.defs.occasions import NIGHTLY, WEEKLY, Occasion
from xero_pipeline.defs.partitions import first_instant, target
from xero_pipeline.defs.ports import Ports
from xero_pipeline.domain.org import Org
from xero_pipeline.domain.windows import WINDOW_CRON, Window, due, latest_complete

Answer = dg.RunRequest | dg.SkipReason
Jobs = Mapping[str, UnresolvedAssetJobDefinition]

_RECIPE = {recipe.name: recipe for recipe in RECIPES}


def build_schedules(org: Org, jobs: Jobs, ports: Ports) -> list[dg.ScheduleDefinition]:
    """The organisation's three schedules. Stopping them pauses the organisation; nothing else has to be switched."""
    return [
        _delta(org, jobs, ports),
        _occasional(org, jobs, ports, "weekly_full", WEEKLY, "Every Friday at 23:00 by the organisation's clock"),
        _occasional(org, jobs, ports, "nightly_metadata", NIGHTLY, "Every night at 02:00 by the organisation's clock"),
    ]


def _status(ports: Ports) -> dg.DefaultScheduleStatus:
    running = ports.settings.schedules_running
    return dg.DefaultScheduleStatus.RUNNING if running else dg.DefaultScheduleStatus.STOPPED


def _delta(org: Org, jobs: Jobs, ports: Ports) -> dg.ScheduleDefinition:
    def ask(context: dg.ScheduleEvaluationContext) -> Answer:
        now = context.scheduled_execution_time.astimezone(UTC)
        covered = ports.status.coverage(ports.settings, org)
        span = due(now, covered)
        if span is None:
            return dg.SkipReason(f"Every window of {org.alias} is covered until {covered:%Y-%m-%d %H:%M} UTC.")
        running = unfinished(context.instance, org.alias) or ports.status.who_holds(ports.settings, org)
        if running:
            return dg.SkipReason(f"{running} What is due now will be asked for at the next tick.")
        return _request(org, _RECIPE["delta"], ports, span)

    return dg.ScheduleDefinition(
        name=job_name(org, "delta"),
        job=jobs["delta"],
        # In UTC whatever the zone: windows are, and some zones are half an hour off.
        cron_schedule=WINDOW_CRON,
        execution_timezone="UTC",
        execution_fn=ask,
        default_status=_status(ports),
        description="Every 13 minutes: one run over all windows that are not covered yet, at most a day of them.",
    )


def _occasional(
    org: Org, jobs: Jobs, ports: Ports, name: str, occasion: Occasion, description: str
) -> dg.ScheduleDefinition:
    recipe = _RECIPE[name]

    def ask(context: dg.ScheduleEvaluationContext) -> Answer:
        now = context.scheduled_execution_time.astimezone(UTC)
        was_due = occasion.latest(now, org.zone)
        done = ports.status.last_success(ports.settings, org, recipe.mode)
        if done and done >= was_due:
            return dg.SkipReason(
                f"Done since {was_due:%Y-%m-%d %H:%M} UTC: a sync started at {done:%Y-%m-%d %H:%M} UTC."
            )
        mine = unfinished(context.instance, org.alias, schedule=job_name(org, name))
        if mine:
            return dg.SkipReason(mine)
        # Behind another run of Dagster this one waits in the queue; a sync from a shell is not in the queue.
        if not unfinished(context.instance, org.alias):
            running = ports.status.who_holds(ports.settings, org)
            if running:
                return dg.SkipReason(f"{running} This sync is asked for again at the next tick.")
        return _request(org, recipe, ports, _span(org, ports, now))

    return dg.ScheduleDefinition(
        name=job_name(org, name),
        job=jobs[name],
        cron_schedule=list(occasion.crons),
        execution_timezone=org.time_zone,
        execution_fn=ask,
        default_status=_status(ports),
        description=f"{description}; the later ticks run only what failed or was missed.",
    )


def _span(org: Org, ports: Ports, now: datetime) -> Window:
    """The windows that a run which reads everything makes complete: those that are due, or else the newest."""
    return due(now, ports.status.coverage(ports.settings, org)) or latest_complete(now)


def _request(org: Org, recipe: Recipe, ports: Ports, span: Window) -> dg.RunRequest:
    config = run_config(org, recipe.mode)
    if not recipe.windowed:
        return dg.RunRequest(run_config=config)
    windows = target(span, first_instant(org, ports.loaded_at))
    return dg.RunRequest(run_config=config, partition_key=windows.partition_key, tags=dict(windows.tags))
