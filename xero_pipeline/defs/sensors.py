"""The sensor of an organisation that exports: what somebody ticks in Salesforce is in Xero within a minute (SFX-18).

It looks often and does little: one call to Salesforce, and a run only where there is something to do. Whatever it misses, because
Salesforce did not answer or a run failed, the next sync takes up.
"""

from __future__ import annotations

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from xero_pipeline.defs.busy import asked_for, unfinished
from xero_pipeline.defs.jobs import job_name, run_config
from xero_pipeline.defs.ports import Ports
from xero_pipeline.domain.errors import PipelineError
from xero_pipeline.domain.org import Org

SECONDS = 30


def build_sensors(org: Org, export: UnresolvedAssetJobDefinition | None, ports: Ports) -> list[dg.SensorDefinition]:
    """The organisation's sensor, which asks for runs of the job `export`; none where nothing is exported."""
    if export is None:
        return []

    def ask(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        try:
            running = unfinished(context.instance, org.alias) or ports.status.who_holds(ports.settings, org)
            if running:
                return dg.SkipReason(f"{running} What is ticked is looked at again in {SECONDS} seconds.")
            flags = ports.exports.pending_flags(ports.settings, org)
        except PipelineError as error:
            return dg.SkipReason(str(error))
        if not flags:
            return dg.SkipReason("Everything that is ticked in Salesforce has been read.")
        # One run for what is ticked now, whatever becomes of it: what fails is for a person or for the next sync.
        asked = asked_for(context.instance, org.alias, flags.key)
        if asked:
            return dg.SkipReason(f"{asked} It was for what is ticked now; the next sync takes up what is left of it.")
        return dg.RunRequest(run_key=flags.key, run_config=run_config(org, "export"))

    running = dg.DefaultSensorStatus.RUNNING if ports.settings.schedules_running else dg.DefaultSensorStatus.STOPPED
    return [
        dg.SensorDefinition(
            name=job_name(org, "export_flags"),
            job=export,
            evaluation_fn=ask,
            minimum_interval_seconds=SECONDS,
            default_status=running,
            description="Every 30 seconds: whether a ticked sale, product or note changed in Salesforce, and then one export.",
        )
    ]
