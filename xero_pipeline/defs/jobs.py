"""The jobs of an organisation: what its schedules run, and what a person may press."""

from __future__ import annotations

from dataclasses import dataclass

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from xero_pipeline.defs.checks import export_check_keys
from xero_pipeline.defs.names import keys_of, resource_key
from xero_pipeline.domain.modes import Mode
from xero_pipeline.domain.org import Org
from xero_pipeline.stages.plan import stages_of

# The run queue lets one run at a time through for each value of this tag (dagster.yaml).
ORG_TAG = "xero_pipeline/org"


@dataclass(frozen=True)
class Recipe:
    """A job as it is for every organisation: a kind of sync under a name, what it does, and whether it is partitioned.

    With `judges` it also asks the checks of the export in Great Expectations, which takes some ten seconds.
    """

    name: str
    mode: Mode
    description: str
    windowed: bool = True
    judges: bool = False


RECIPES = (
    Recipe(
        "delta",
        "delta",
        "What changed in Xero and Salesforce since the last sync, then matches, links, rollups and what follows from them "
        "in Salesforce (BW-07 to BW-12). The delta schedule runs it; backfill it to read windows again.",
    ),
    Recipe(
        "weekly_full",
        "full",
        "Everything from the beginning, which also finds what no timestamp tells: records that vanished, and changes "
        "that left the stamp alone. Fridays at 23:00 (BW-13 to BW-16).",
        judges=True,
    ),
    Recipe(
        "nightly_metadata",
        "metadata",
        "Settings of the organisation, then rollups, because what is overdue changes with the date. Every night at 02:00 "
        "(BW-17 to BW-20).",
        windowed=False,
        judges=True,
    ),
    Recipe(
        "sync_now",
        "delta",
        "The same as the next scheduled sync, now (BW-44). If another sync of the organisation runs, it says which and "
        "changes nothing.",
    ),
    Recipe(
        "restart_invoice_sync",
        "restart-invoices",
        "Reads every invoice, bill, purchase order, credit note and payment again, then matches, links and rolls up "
        "(BW-22 to BW-29, BW-40).",
    ),
    Recipe(
        "restart_contact_sync",
        "restart-contacts",
        "Reads every contact again, then does what restarting the invoice sync does (BW-40 to BW-42).",
    ),
    Recipe(
        "sync_metadata",
        "metadata",
        "Reads branding themes, accounts, tax rates, tracking categories, currencies and items again, then rolls up "
        "(BW-51).",
        windowed=False,
    ),
    Recipe(
        "recalculate_rollups",
        "rollups",
        "Computes the totals of every account and opportunity from what is staged, and sends those that changed. Calls "
        "nothing at Xero (BW-45 to BW-49).",
        windowed=False,
    ),
    Recipe(
        "export_to_xero",
        "export",
        "Reads Salesforce, then creates and updates in Xero the items, customers and invoices that are ticked there and that no "
        "check refuses; what is refused waits in the queue with its reason (FF-01 to FF-16). Nothing is sent twice.",
        windowed=False,
    ),
)
CHECK_EXPORT = "check_export"


def job_name(org: Org, recipe: str) -> str:
    """`demo_delta`: jobs of all organisations stand in one list, so the organisation comes first."""
    return f"{org.alias}_{recipe}"


def run_config(org: Org, mode: Mode) -> dict[str, dict[str, dict[str, dict[str, str]]]]:
    """The configuration of a run that performs the mode's stages."""
    shared = any(stage.shared for stage in stages_of(mode, org))
    keys = [resource_key(org), *([resource_key(None)] if shared else [])]
    return {"resources": {key: {"config": {"mode": mode}} for key in keys}}


def build_jobs(org: Org) -> dict[str, UnresolvedAssetJobDefinition]:
    """The organisation's jobs, by the name of their recipe; none where everything it would do is switched off."""
    recipes = [each for each in RECIPES if stages_of(each.mode, org) and (each.mode != "export" or org.export.enabled)]
    jobs = {recipe.name: _job(org, recipe) for recipe in recipes}
    return jobs | {CHECK_EXPORT: _check_export(org)} if org.export.enabled else jobs


def _job(org: Org, recipe: Recipe) -> UnresolvedAssetJobDefinition:
    keys = [key for stage in stages_of(recipe.mode, org) for key in keys_of(stage, org)]
    selection: dg.AssetSelection = dg.AssetSelection.assets(*keys)
    if not recipe.judges:
        selection = selection - dg.AssetSelection.checks(*export_check_keys(org))
    return dg.define_asset_job(
        job_name(org, recipe.name),
        selection=selection,
        config=run_config(org, recipe.mode),
        description=recipe.description,
        # `tags`, not `run_tags`: those do not reach the runs of a backfill.
        tags={ORG_TAG: org.alias},
    )


def _check_export(org: Org) -> UnresolvedAssetJobDefinition:
    # Without the tag: it only reads, so it need not wait for a sync, nor a sync for it.
    return dg.define_asset_job(
        job_name(org, CHECK_EXPORT),
        selection=dg.AssetSelection.checks(*export_check_keys(org)),
        description="Asks the checks of the newest plan of the export and shows in Data Docs which records they refuse, and why. "
        "Sends nothing and changes nothing.",
    )
