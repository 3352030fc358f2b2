"""`xero-pipeline export`: what Salesforce's sales and products would do to Xero, shown field by field, and done."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

import click

from xero_pipeline.cli.environment import database
from xero_pipeline.cli.output import emit, json_option
from xero_pipeline.cli.report import StageTable, outcome_as_json
from xero_pipeline.cli.sync import organisation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from xero_pipeline.domain.org import Org
    from xero_pipeline.settings import Settings
    from xero_pipeline.stages.export.items import PlannedItem
    from xero_pipeline.stages.export.run import Exported


@click.command()
@click.argument("alias", metavar="ORG")
@click.option("--dry-run", is_flag=True, help="Plan and show it; nothing is sent to Xero or Salesforce.")
@click.option("--plan", "plan_id", metavar="ID", help="Apply exactly the plan that a dry run showed.")
@json_option
def export(alias: str, dry_run: bool, plan_id: str | None, as_json: bool) -> None:
    """Send the sales, customers, products and notes of Salesforce to the Xero organisation ORG.

    Exit code 0: done; records that a check or Xero refused wait in the queue, see `xero-pipeline log`. 3: another sync of ORG
    is running, and nothing was changed. 1: it failed, or the export is switched off.
    """
    if dry_run and plan_id:
        raise click.UsageError("--dry-run makes a plan and --plan applies one; give one of them.")
    with database(os.environ) as settings:
        run(settings, organisation(settings, alias), dry_run=dry_run, plan_id=plan_id, as_json=as_json)


def run(
    settings: Settings, org: Org, *, dry_run: bool = False, plan_id: str | None = None, as_json: bool = False
) -> Exported:
    """Perform an export with its table of stages growing on standard error, and print what it planned and did."""
    from xero_pipeline.cli import export_text
    from xero_pipeline.stages.export import run as stages

    with StageTable(f"{'plan of the export' if dry_run else 'export'} of {org.alias}", shown=not as_json) as table:
        exported = (
            stages.plan_only(settings, org, progress=table.update)
            if dry_run
            else stages.export(settings, org, plan_id=plan_id, progress=table.update)
        )
    emit(as_plain(exported, org), lambda console: export_text.show(console, exported, org, table), as_json=as_json)
    return exported


def command(exported: Exported, org: Org) -> str | None:
    """What applies this plan; None when it was applied or does nothing."""
    due = [*exported.invoices, *({"action": item.action} for item in exported.items)]
    if exported.applied or not any(row["action"] in ("create", "update") for row in due):
        return None
    return f"xero-pipeline export {org.alias} --plan {exported.plan_id}"


def as_plain(exported: Exported, org: Org) -> dict[str, object]:
    """An export as plain values: its plan, record by record, and what became of each."""
    from xero_pipeline.stages.export.showing import by_cause

    return {
        "org": org.alias,
        "plan_id": exported.plan_id,
        "applied": exported.applied,
        "apply_with": command(exported, org),
        "totals": {
            "invoices": Counter(row["action"] for row in exported.invoices),
            "items": Counter(item.action for item in exported.items),
        },
        "invoices": [_invoice(row, exported) for row in exported.invoices],
        "items": [_item(item, exported) for item in exported.items],
        "causes": [
            {
                "cause": each.cause,
                "count": len(each.records),
                "sentence": each.sentence,
                "fix": each.fix,
                "records": [name for name, _ in each.records],
            }
            for each in by_cause(exported)
        ],
        **outcome_as_json(exported.outcome),
    }


def _invoice(row: Mapping[str, Any], exported: Exported) -> dict[str, object]:
    from xero_pipeline.stages.export.showing import changed_fields, lines_to_be

    lines: Sequence[Mapping[str, Any]] = exported.lines.get(row["external_id"], ())
    shown = ("external_id", "sale_type", "sale_id", "sale_name", "part", "action", "account_id", "account_name")
    money = ("currency_code", "sub_total", "total_tax", "total", "salesforce_total")
    return {
        **{name: row[name] for name in (*shown, *money)},
        "creates": row["creates"] or [],
        "reasons": row["reasons"] or [],
        "cause": row["cause"],
        "changes": changed_fields(row, lines) if row["action"] in ("create", "update") else [],
        "lines": lines_to_be(row, lines) if row["action"] == "create" else [],
        "outcome": exported.outcomes.get(("invoices", row["external_id"])),
    }


def _item(item: PlannedItem, exported: Exported) -> dict[str, object]:
    return {
        "product_id": item.product.product_id,
        "code": item.product.code,
        "name": item.product.name,
        "action": item.action,
        "price": item.product.price,
        "account_code": item.draft.account_code,
        "tax_type": item.draft.tax_type,
        "reasons": [
            {"check": refusal.check.name, "sentence": refusal.sentence, "fix": refusal.check.fix}
            for refusal in item.refused
        ],
        "cause": item.refused[0].cause if item.refused else None,
        "outcome": exported.outcomes.get(("items", item.product.product_id)),
    }
