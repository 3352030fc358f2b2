"""`xero-pipeline log`: what went to Xero, what did not and why, and what a person can do about it (FF-01, FF-02, FF-16)."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from xero_pipeline.cli.environment import database
from xero_pipeline.cli.output import emit, json_option
from xero_pipeline.cli.sync import organisation

if TYPE_CHECKING:
    from rich.console import Console

    from xero_pipeline.stages.export.queue import Cause, Entry, Status

STATUSES = ("pending", "succeeded", "failed", "dismissed")
_COLOURS = {"pending": "yellow", "succeeded": "green", "failed": "red", "dismissed": "dim"}
_OBJECTS = {"contacts": "customer", "invoices": "invoice", "items": "item", "notes": "note"}
_NAMED = 12


@click.command()
@click.argument("alias", metavar="ORG")
@click.argument("entry_id", metavar="[ID]", type=int, required=False)
@click.option("--status", type=click.Choice(STATUSES), help="Only what has this status.")
@click.option("--cause", help="Only what failed for this cause, as the log names it.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="The newest so many.")
@json_option
def log(alias: str, entry_id: int | None, status: Status | None, cause: str | None, limit: int, as_json: bool) -> None:
    """Show what the export of ORG sent to Xero, and what waits in the queue; or one entry ID whole.

    A record is pending, succeeded or failed; one that was dismissed has failed, and no longer waits. Reads the warehouse and
    calls nobody.
    """
    from xero_pipeline.stages.connections import known_org_id
    from xero_pipeline.stages.export import queue
    from xero_pipeline.warehouse.connection import Warehouse

    with database(os.environ) as settings:
        org = organisation(settings, alias)
        with Warehouse(settings.warehouse_url).connect(purpose="log") as conn:
            org_id = known_org_id(conn, org)
            if entry_id is not None:
                entry = queue.entry(conn, org_id, entry_id)
                emit(entry, lambda console: _show_one(console, entry, alias), as_json=as_json)
                return
            entries = queue.log(conn, org_id, status=status, cause=cause, limit=limit)
            failures = queue.open_failures(conn, org_id, cause=cause)
    roots = queue.causes(failures)
    emit(
        {"entries": entries, "causes": roots},
        lambda console: _show(console, entries, roots, alias, status, full=len(entries) == limit),
        as_json=as_json,
    )


def show_entries(console: Console, entries: list[Entry]) -> None:
    """Print a line an entry."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("id", "when, UTC", "what", "record", "step", "status", "number or reason"):
        table.add_column(column, no_wrap=column != "number or reason", justify="right" if column == "id" else "left")
    for entry in entries:
        table.add_row(
            str(entry.id),
            _when(entry.last_at or entry.first_at),
            _OBJECTS[entry.object],
            escape(entry.record_name or entry.external_id),
            entry.step or "",
            f"[{_COLOURS[entry.status]}]{entry.status}[/]",
            escape(entry.error or entry.number or ""),
        )
    console.print(table)


def show_causes(console: Console, roots: list[Cause], alias: str) -> None:
    """Print what waits, by its root, each with the commands that resolve it."""
    from rich.markup import escape

    for root in roots:
        ids = ", ".join(map(str, root.ids[:_NAMED])) + (" ..." if root.count > _NAMED else "")
        console.print(f"[red]{root.count:,} x[/] {escape(root.error)}", soft_wrap=True)
        console.print(f"    [dim]{escape(root.cause)}  ids {ids}[/]", soft_wrap=True)
        way = "--auto-sync" if root.auto_sync else "--retry"
        # In single quotes a shell takes everything literally but the quote itself.
        quoted = "'" + root.cause.replace("'", "'\\''") + "'"
        console.print(f"    [dim]xero-pipeline resolve {alias} --cause {escape(quoted)} {way}[/]", soft_wrap=True)


def _show(
    console: Console, entries: list[Entry], roots: list[Cause], alias: str, status: Status | None, *, full: bool
) -> None:
    if not entries:
        console.print("The log has nothing of that.")
        return
    show_entries(console, entries)
    if full:
        console.print(f"[dim]The newest {len(entries):,}; more with --limit.[/]")
    if not roots or status not in (None, "failed"):
        return
    console.print(f"\n[bold]{sum(root.count for root in roots):,} wait in the queue[/], by what they have in common:")
    show_causes(console, roots, alias)
    console.print(
        "\nWhat to do: mend the sale in Salesforce, and the next export sends it by itself. Mend anything else, in Xero or in\n"
        "Salesforce, and --retry. --auto-sync creates the customer or the items that are missing, and shows them first.\n"
        "--dismiss --reason '...' takes a record out of the queue until its sale changes.",
        soft_wrap=True,
    )


def _show_one(console: Console, entry: Entry, alias: str) -> None:
    from rich.markup import escape

    facts = {
        "status": entry.status,
        "step": entry.step,
        "reason": entry.error,
        "cause": entry.cause,
        "in Salesforce": entry.external_id,
        "in Xero": " ".join(filter(None, (entry.number, entry.remote_id))) or None,
        "online": entry.online_url,
        "calls": str(entry.attempts),
        "first": _when(entry.first_at),
        "last": _when(entry.last_at) if entry.last_at else None,
        "decided": _decided(entry),
    }
    console.print(f"[bold]{entry.id}[/]  {_OBJECTS[entry.object]} {escape(entry.record_name or entry.external_id)}")
    for name, value in facts.items():
        if value:
            console.print(f"  {name:<14}{escape(value)}", soft_wrap=True)
    if entry.response is not None:
        console.print("  what Xero answered")
        console.print(
            json.dumps(entry.response, indent=2, ensure_ascii=False, default=str), soft_wrap=True, markup=False
        )
    if entry.status == "failed":
        console.print(
            f"\nxero-pipeline resolve {entry.id} --retry, --auto-sync or --dismiss --reason '...'", markup=False
        )


def _decided(entry: Entry) -> str | None:
    if not entry.resolution or entry.resolved_at is None:
        return None
    why = f": {entry.resolution_reason}" if entry.resolution_reason else ""
    return f"{entry.resolution.replace('_', ' ')} by {entry.resolved_by} at {_when(entry.resolved_at)}{why}"


def _when(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M}"
