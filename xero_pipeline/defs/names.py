"""What Dagster knows the parts of a sync by."""

from __future__ import annotations

import dagster as dg

from xero_pipeline.domain.org import Org
from xero_pipeline.stages.plan import Stage
from xero_pipeline.stages.session import SHARED

SALESFORCE_API = dg.AssetKey(["salesforce_api"])


def xero_api(org: Org) -> dg.AssetKey:
    """The external asset that lineage of an organisation starts at."""
    return dg.AssetKey([org.alias, "xero_api"])


def asset_key(org: Org | None, output: tuple[str, str]) -> dg.AssetKey:
    """[<org>, <schema>, <table>]; without the organisation for what all of them share."""
    return dg.AssetKey([*([org.alias] if org else []), *output])


def keys_of(stage: Stage, org: Org) -> list[dg.AssetKey]:
    """The assets that a stage writes for an organisation."""
    return [asset_key(None if stage.shared else org, output) for output in stage.outputs_for(org)]


def step_key(stage: Stage, org: Org | None) -> str:
    """The step that performs a stage; without an organisation for what all of them share."""
    return f"{org.alias if org else SHARED}__{stage.name}"


def resource_key(org: Org | None) -> str:
    """The name that assets require the sync by; None is the Salesforce org that every organisation shares."""
    return f"{org.alias if org else SHARED}_sync"


def performs(run: dg.DagsterRun, stage: Stage, org: Org) -> bool:
    """Whether a run of a job that has a stage performs it: all of them, or those that somebody chose."""
    chosen, steps = run.asset_selection, run.step_keys_to_execute
    return (chosen is None or not chosen.isdisjoint(keys_of(stage, org))) and (
        steps is None or step_key(stage, org) in steps
    )
