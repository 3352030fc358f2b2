"""`xero-pipeline demo`: the whole way once: from an empty warehouse to what Salesforce sold being invoiced in Xero, and a delta
that changes exactly what changed there."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING

import click
import httpx

from xero_pipeline.cli.environment import Environment, prepared
from xero_pipeline.cli.export import as_plain
from xero_pipeline.cli.output import emit, json_option, step
from xero_pipeline.cli.report import StageTable, outcome_as_json
from xero_pipeline.cli.sync import organisation
from xero_pipeline.domain.org import Org
from xero_pipeline.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console

    from xero_pipeline.domain.modes import Mode
    from xero_pipeline.stages.export.run import Exported
    from xero_pipeline.stages.showing import Candidates
    from xero_pipeline.stages.sync import SyncOutcome


@click.command()
@click.option("--org", "alias", default="demo", show_default=True, help="The organisation of orgs.yaml to sync.")
@json_option
def demo(alias: str, as_json: bool) -> None:
    """Sync the demo organisation from start to end, change a few things in Xero, sync the difference, and say where to look.

    Without XERO_CLIENT_ID it is the sandbox's organisation. With it, the real one is synced and nothing is changed there.
    """
    with prepared(os.environ) as environment:
        org = organisation(environment.settings, alias)
        answer: dict[str, object] = {}
        console = _Narrator(as_json)
        # Reading first and writing after, so that each can be seen; into books that are somebody's nothing is written.
        first = console.sync(environment.settings, _reading_only(org), "full")
        answer["full"] = outcome_as_json(first)
        if environment.sandbox is not None:
            if org.export.enabled:
                answer["export"] = console.export(environment.settings, org)
            answer["changes"] = _change(environment, org)
            answer["delta"] = outcome_as_json(console.sync(environment.settings, org, "delta"))
        answer["proof"] = _proof(environment.settings, org)
        answer["look"] = {"tables": "xero-pipeline psql", "ui": "make dev", "status": "xero-pipeline status"}
        emit(answer, lambda shown: _show(shown, answer), as_json=as_json)


class _Narrator:
    """Shows each sync as it goes, unless only JSON is wanted."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json

    def sync(self, settings: Settings, org: Org, mode: Mode) -> SyncOutcome:
        from rich.console import Console

        from xero_pipeline.stages.sync import sync

        with StageTable(f"{mode} sync of {org.alias}", shown=not self._as_json) as table:
            outcome = sync(settings, org, mode, progress=table.update)
        if not self._as_json:
            table.close_with(Console(highlight=False), outcome)
        return outcome

    def export(self, settings: Settings, org: Org) -> dict[str, object]:
        from rich.console import Console

        from xero_pipeline.stages.export.run import export

        with StageTable(f"export of {org.alias}", shown=not self._as_json) as table:
            exported = export(settings, org, progress=table.update)
        if not self._as_json:
            console = Console(highlight=False)
            table.close_with(console, exported.outcome)
            _show_export(console, exported, org)
        return as_plain(exported, org)


def _reading_only(org: Org) -> Org:
    return org.model_copy(update={"export": org.export.model_copy(update={"enabled": False})})


def _show_export(console: Console, exported: Exported, org: Org) -> None:
    """What was sent in sums, and what waits by its root; the plan has it record by record."""
    from xero_pipeline.cli.export_text import show_refused, show_totals

    console.print("\nWaiting in the queue, by what keeps it from being sent")
    show_refused(console, exported, brief=True)
    show_totals(console, exported, org)


def _change(environment: Environment, org: Org) -> list[str]:
    """Pay an invoice, void another and edit a contact in the sandbox's Xero; a sentence each."""
    from xero_pipeline.stages.showing import candidates

    chosen = candidates(environment.settings, org)
    done: list[str] = []
    sandbox = environment.sandbox or {}
    with (
        step("Changing a few things in Xero"),
        httpx.Client(base_url=str(sandbox["control_url"]), timeout=30) as control,
    ):
        for lever, arguments, sentence in _levers(chosen):
            answer = control.post(f"/xero/{chosen.org_id}/actions/{lever}", json=arguments)
            answer.raise_for_status()
            done.append(sentence)
    return done


def _levers(chosen: Candidates) -> list[tuple[str, dict[str, object], str]]:
    levers: list[tuple[str, dict[str, object], str]] = []
    if chosen.to_pay:
        levers.append(("pay_invoice", {"invoice": chosen.to_pay}, f"invoice {chosen.to_pay} was paid"))
    if chosen.to_void:
        levers.append(("void_invoice", {"invoice": chosen.to_void}, f"invoice {chosen.to_void} was voided"))
    if chosen.contact_id:
        fields = {"EmailAddress": "accounts@changed.example"}
        levers.append(
            ("edit_contact", {"contact": chosen.contact_id, "fields": fields}, f"{chosen.contact_name} got a new email")
        )
    return levers


def _proof(settings: Settings, org: Org) -> dict[str, object]:
    from xero_pipeline.stages.showing import proof

    return asdict(proof(settings, org))


def _show(console: Console, answer: dict[str, object]) -> None:
    proof = answer["proof"]
    assert isinstance(proof, dict)
    console.print()
    if changes := answer.get("changes"):
        assert isinstance(changes, list)
        console.print(f"In between, in Xero: {'; '.join(changes)}.")
    console.print(
        f"Proof: {proof['ties']:,} of {proof['contacts']:,} contacts tie to their balances in Xero to the cent; "
        f"receivables {proof['receivable']:,} {proof['currency']}, payables {proof['payable']:,} {proof['currency']}."
    )
    console.print("\nWhere to look")
    console.print(
        "  Tables      .venv/bin/xero-pipeline psql -c 'select * from analytics.receivables_aging limit 10'",
        soft_wrap=True,
    )
    console.print("  Queue       .venv/bin/xero-pipeline log demo --status failed", markup=False)
    console.print("  Dagster UI  make dev, then http://127.0.0.1:3000", markup=False)
    console.print("  Status      .venv/bin/xero-pipeline status", markup=False)
