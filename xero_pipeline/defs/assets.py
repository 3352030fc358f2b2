"""The assets of an organisation: one for each table that a stage writes, made from the plan of stages and from nothing else."""

# Without `from __future__ import annotations`: Dagster compares the annotation of `context` with its class, not with its name.

import warnings
from collections.abc import Iterator
from datetime import UTC, timedelta

import dagster as dg

from xero_pipeline.defs import describe
from xero_pipeline.defs.names import SALESFORCE_API, asset_key, keys_of, resource_key, step_key, xero_api
from xero_pipeline.defs.partitions import windows_of
from xero_pipeline.defs.ports import Ports
from xero_pipeline.defs.resources import RunningSync
from xero_pipeline.domain.org import Org
from xero_pipeline.domain.windows import Window, latest_complete
from xero_pipeline.stages.plan import STAGES, Stage
from xero_pipeline.stages.session import Clock

OWNERS = ["team:finance-data"]

_STAGE = {stage.name: stage for stage in STAGES}
# Steps that nothing in a job orders go in the order of the stages: many a job leaves out what stands between two of them.
_PRIORITY = {stage.name: {"dagster/priority": str(-place)} for place, stage in enumerate(STAGES)}
_FRESH = dg.FreshnessPolicy.time_window(warn_window=timedelta(minutes=30), fail_window=timedelta(minutes=60))


def _predecessors(stage: Stage, org: Org) -> Iterator[Stage]:
    """The stages to wait for. In place of one that is switched off stand those which it would have waited for."""
    for name in stage.after:
        before = _STAGE[name]
        if before.enabled(org):
            yield before
        else:
            yield from _predecessors(before, org)


def _upstream(stage: Stage, org: Org) -> list[dg.AssetKey]:
    waits_for = list(dict.fromkeys(key for before in _predecessors(stage, org) for key in keys_of(before, org)))
    # Every stage that calls Xero comes after the first that does, so one edge from the API keeps the graph readable.
    return waits_for or ([xero_api(org)] if describe.reads_xero(stage) else [])


def window_of_run(context: dg.AssetExecutionContext, now: Clock) -> Window:
    """From the start of the run's first partition to the end of its last; without partitions, the newest complete window."""
    if not context.assets_def.partitions_def:
        return latest_complete(now())
    span = context.partition_time_window
    return Window(span.start.astimezone(UTC), span.end.astimezone(UTC))


def _stage_assets(stage: Stage, org: Org | None, upstream: list[dg.AssetKey], ports: Ports) -> dg.AssetsDefinition:
    outputs = stage.outputs_for(org) if org else stage.outputs
    required = resource_key(org)
    specs = [
        dg.AssetSpec(
            asset_key(org, output),
            deps=upstream,
            description=describe.description_of(stage, output),
            metadata=describe.definition_metadata(output),
            group_name=stage.group,
            owners=OWNERS,
            kinds=describe.kinds_of(stage),
            freshness_policy=_FRESH if stage.windowed or stage.group == "rollups" else None,
        )
        for output in outputs
    ]

    def materialise(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        sync: RunningSync = getattr(context.resources, required)
        report = sync.perform(stage, window_of_run(context, ports.now))
        for problem in report.problems:
            context.log.warning(problem)
        for output in outputs:
            yield dg.MaterializeResult(asset_key=asset_key(org, output), metadata=describe.run_metadata(report, output))

    with warnings.catch_warnings():
        # Backfill policies are beta in Dagster 1.13; without one a backfill of ten windows would be ten runs.
        warnings.simplefilter("ignore", dg.BetaWarning)
        return dg.multi_asset(
            name=step_key(stage, org),
            specs=specs,
            required_resource_keys={required},
            op_tags=_PRIORITY[stage.name],
            partitions_def=windows_of(org, ports.loaded_at) if org and stage.windowed else None,
            # Also on assets without partitions: a backfill of a job takes the policy of its most cautious asset.
            backfill_policy=dg.BackfillPolicy.single_run(),
        )(materialise)


def build_assets(org: Org, ports: Ports) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """Every asset of one organisation, the API it reads included."""
    api = dg.AssetSpec(
        xero_api(org),
        description="The organisation in Xero, as its accounting API shows it.",
        group_name="metadata",
        kinds={"xero"},
        owners=OWNERS,
    )
    stages = [stage for stage in STAGES if stage.enabled(org) and not stage.shared]
    return [api, *(_stage_assets(stage, org, _upstream(stage, org), ports) for stage in stages)]


def build_shared_assets(ports: Ports) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """The Salesforce assets, once for all organisations."""
    api = dg.AssetSpec(
        SALESFORCE_API,
        description="The Salesforce org, as its REST API shows it.",
        group_name="salesforce",
        kinds={"salesforce"},
        owners=OWNERS,
    )
    return [api, *(_stage_assets(stage, None, [SALESFORCE_API], ports) for stage in STAGES if stage.shared)]
