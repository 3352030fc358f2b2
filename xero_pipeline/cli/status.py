"""`xero-pipeline status`: connections, coverage, runs, the queue and what is left of the calls, an organisation at a time."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from xero_pipeline.cli.environment import database
from xero_pipeline.cli.output import emit, json_option

if TYPE_CHECKING:
    from rich.console import Console

    from xero_pipeline.stages.status import OrgStatus


@click.command()
@click.argument("alias", metavar="[ORG]", required=False)
@json_option
def status(alias: str | None, as_json: bool) -> None:
    """Show how each organisation of orgs.yaml stands, or only ORG. Reads the warehouse and calls nobody."""
    from xero_pipeline.stages.orgs import load_orgs, org_named
    from xero_pipeline.stages.status import status_of

    with database(os.environ) as settings:
        orgs = load_orgs(settings)
        chosen = [org_named(orgs, alias)] if alias else orgs
        found = [status_of(settings, org) for org in chosen]
    emit([_plain(one) for one in found], lambda console: _show(console, found), as_json=as_json)


def _plain(one: OrgStatus) -> dict[str, object]:
    from dataclasses import asdict

    return {**asdict(one), "success_rate": one.success_rate}


def _show(console: Console, found: list[OrgStatus]) -> None:
    from rich.table import Table

    for one in found:
        console.print(f"[bold]{one.alias}[/]  {_connection(one)}")
        console.print(f"  covered until   {_when(one.covered_until)}{_due(one)}")
        rate = (
            "no run has finished in the last 7 days"
            if one.success_rate is None
            else f"{one.success_rate:.0%} of {one.finished}"
        )
        console.print(f"  succeeded       {rate}{' runs in the last 7 days' if one.success_rate is not None else ''}")
        if one.calls_left:
            left = one.calls_left
            console.print(
                f"  Xero calls left {left['day']} today, {left['minute']} this minute (as of {left['at'][:16]} UTC)"
            )
        console.print(f"  to Salesforce   {one.pending:,} pending, {one.failed:,} failed")
        console.print(f"  to Xero         {_to_xero(one)}")
        console.print(f"  to review       {one.ambiguous_contacts:,} contacts, {one.ambiguous_invoices:,} invoices")
        if one.running:
            console.print(f"  [yellow]{one.running}")
        if one.recent:
            table = Table(box=None, padding=(0, 1, 0, 1), title_justify="left")
            for column in ("started, UTC", "kind", "mode", "outcome"):
                table.add_column(column, no_wrap=True)
            for column in ("s", "rows", "written", "calls", "sent"):
                table.add_column(column, justify="right", no_wrap=True)
            for run in one.recent:
                seconds = f"{(run.ended_at - run.started_at).total_seconds():.0f}" if run.ended_at else ""
                counts = (run.rows_seen, run.rows_written, run.calls, run.deliveries)
                started = f"{run.started_at:%m-%d %H:%M:%S}"
                table.add_row(started, run.kind, run.mode, run.outcome, seconds, *(f"{n:,}" for n in counts))
            console.print(table)
            failed = next((run for run in one.recent if run.outcome == "failed"), None)
            if failed:
                console.print(f"  [yellow]last failure ({failed.stage or 'start'}): {failed.error}")
        console.print()


def _connection(one: OrgStatus) -> str:
    if one.connected_at is None:
        return "never connected"
    if one.disconnected_at is not None:
        return f"[red]disconnected since {_when(one.disconnected_at)}; the data is as of then"
    way = "custom connection" if one.grant == "client_credentials" else "web app"
    return f"connected to {one.connected_to or 'Xero'} since {_when(one.connected_at)} ({way})"


def _to_xero(one: OrgStatus) -> str:
    if not one.exports:
        return "switched off"
    see = f"; see xero-pipeline log {one.alias}" if one.xero_failed else ""
    return f"{one.xero_pending:,} pending, {one.xero_failed:,} failed, {one.xero_dismissed:,} dismissed{see}"


def _due(one: OrgStatus) -> str:
    if one.due is None:
        return ""
    return f", due: windows from {one.due.start:%Y-%m-%d %H:%M} to {one.due.end:%H:%M}"


def _when(instant: datetime | None) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if instant else "never"
