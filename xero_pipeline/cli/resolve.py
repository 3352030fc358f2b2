"""`xero-pipeline resolve`: what a person decides about records that wait: Auto Sync, Retry or Dismiss (FF-17 to FF-21)."""

from __future__ import annotations

import getpass
import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from xero_pipeline.cli.environment import database
from xero_pipeline.cli.output import emit, json_option
from xero_pipeline.domain.errors import AlreadyRunning, Permanent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from xero_pipeline.domain.org import Org
    from xero_pipeline.settings import Settings
    from xero_pipeline.stages.export.auto_sync import Preview
    from xero_pipeline.stages.export.queue import Entry, Resolution


def _login() -> str:
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        # An account that has no name on this machine, as containers run as.
        return f"user {os.getuid()}"


@click.command()
@click.argument("words", metavar="[ORG] [ID]...", nargs=-1)
@click.option(
    "--auto-sync", "resolution", flag_value="auto_sync", help="Create what is missing in Xero, then try again."
)
@click.option("--retry", "resolution", flag_value="retry", help="Try again, creating nothing on the way.")
@click.option(
    "--dismiss", "resolution", flag_value="dismiss", help="Take it out of the queue; changes nothing in Xero."
)
@click.option("--reason", default="", help="Why; a dismissal needs one.")
@click.option("--by", default=_login, show_default="the login name", help="Who decides.")
@click.option("--cause", help="Everything that waits for this cause, as the log names it.")
@click.option("--all", "everything", is_flag=True, help="Everything that waits.")
@click.option("--yes", is_flag=True, help="Let Auto Sync create without asking.")
@json_option
def resolve(
    words: tuple[str, ...],
    resolution: Resolution | None,
    reason: str,
    by: str,
    cause: str | None,
    everything: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Resolve failures by the IDs that `xero-pipeline log` shows.

    Auto Sync and Retry export at once and print what became of these records. Auto Sync first shows what it would create, and
    asks. ORG may be left out where an id tells it, or where there is one organisation.
    """
    if resolution is None:
        raise click.UsageError("Say what is to be done: --auto-sync, --retry or --dismiss.")
    alias, ids = _read(words)
    if bool(ids) + (cause is not None) + everything != 1:
        raise click.UsageError("Name what is to be resolved, one way: by IDs, by --cause or by --all.")
    with database(os.environ) as settings:
        org = _organisation(settings, alias, ids)
        chosen = ids or _waiting(settings, org, cause)
        answer: dict[str, Any] = {"org": org.alias, "resolution": resolution, "by": by, "reason": reason or None}
        if not chosen:
            emit(answer | {"entries": []}, lambda console: console.print("Nothing waits there."), as_json=as_json)
            return
        if resolution == "auto_sync":
            answer["would"] = _shown(settings, org, chosen, ask=not yes, as_json=as_json)
        answer["entries"] = _resolved(settings, org, chosen, resolution, by=by, reason=reason, as_json=as_json)
    emit(answer, lambda console: _show(console, answer["entries"], resolution), as_json=as_json)


def _read(words: Sequence[str]) -> tuple[str | None, list[int]]:
    alias = words[0] if words and not words[0].isdecimal() else None
    ids = words[1:] if alias else words
    wrong = [word for word in ids if not word.isdecimal()]
    if wrong:
        raise click.UsageError(f"{wrong[0]!r} is no id; `xero-pipeline log` shows them.")
    return alias, [int(word) for word in dict.fromkeys(ids)]


def _organisation(settings: Settings, alias: str | None, ids: Sequence[int]) -> Org:
    from xero_pipeline.stages.export.queue import org_of
    from xero_pipeline.stages.orgs import load_orgs, org_named

    orgs = load_orgs(settings)
    if alias is not None:
        return org_named(orgs, alias)
    if len(orgs) == 1:
        return orgs[0]
    if not ids:
        raise Permanent("There are several organisations.", next_step="Name the one that is meant before the options.")
    return org_of(settings, orgs, ids)


def _waiting(settings: Settings, org: Org, cause: str | None) -> list[int]:
    from xero_pipeline.stages.connections import known_org_id
    from xero_pipeline.stages.export.queue import open_failures
    from xero_pipeline.warehouse.connection import Warehouse

    with Warehouse(settings.warehouse_url).connect(purpose="queue") as conn:
        return [entry.id for entry in open_failures(conn, known_org_id(conn, org), cause=cause)]


def _shown(settings: Settings, org: Org, ids: Sequence[int], *, ask: bool, as_json: bool) -> Preview:
    """Show what an Auto Sync would do, and go on only when that is wanted."""
    from xero_pipeline.stages.export.auto_sync import preview

    would = preview(settings, org, ids)
    if not as_json:
        emit(would, lambda console: _show_preview(console, would), as_json=False)
    if not ask:
        return would
    if as_json or not sys.stdin.isatty():
        if as_json:
            emit({"org": org.alias, "resolution": "auto_sync", "would": would, "entries": []}, _nothing, as_json=True)
        raise Permanent("Nothing was done: nobody is here to be asked.", next_step="Add --yes to do what is shown.")
    if not click.confirm("Do that?", default=False, err=True):
        raise Permanent("Nothing was done.", next_step="The records wait in the queue as before.")
    return would


def _nothing(console: Console) -> None:
    """JSON needs no drawing."""


def _resolved(
    settings: Settings, org: Org, ids: Sequence[int], resolution: Resolution, *, by: str, reason: str, as_json: bool
) -> list[Entry]:
    """Note the decision and, unless it is to dismiss, export at once; the entries as they stand then."""
    from xero_pipeline.cli.report import StageTable
    from xero_pipeline.stages.connections import known_org_id
    from xero_pipeline.stages.export import queue, run
    from xero_pipeline.warehouse.connection import Warehouse

    if resolution != "dismiss":
        run.require_export(settings, org)
    warehouse = Warehouse(settings.warehouse_url)
    with warehouse.connect(purpose="resolve") as conn:
        org_id = known_org_id(conn, org)
        queue.resolve(conn, org_id, ids, resolution, by=by, reason=reason, now=datetime.now(UTC))
        shown = ids if resolution == "dismiss" else queue.with_dependants(conn, org_id, ids)
    if resolution != "dismiss":
        try:
            with StageTable(f"export of {org.alias}", shown=not as_json) as table:
                run.export(settings, org, progress=table.update)
        except AlreadyRunning as error:
            raise AlreadyRunning(
                error.message,
                next_step="What you decided is noted, and the next export does it; the log tells the outcome.",
            ) from error
    with warehouse.connect(purpose="resolve") as conn:
        return queue.log(conn, org_id, ids=shown, limit=len(shown))


def _show_preview(console: Console, would: Preview) -> None:
    from rich.markup import escape

    console.print("Auto Sync would create in Xero" if would.creates else "Auto Sync would create nothing in Xero.")
    for creation in would.creates:
        fields = ", ".join(_fields(creation.fields))
        console.print(f"  {creation.what} [bold]{escape(creation.name)}[/]  [dim]{escape(fields)}[/]", soft_wrap=True)
    for each in would.invoices:
        if each.action in ("create", "update"):
            console.print(
                f"and {each.action} the invoice of {escape(each.name)}, {each.total:,.2f} {each.currency}",
                soft_wrap=True,
            )
        else:
            why = escape(" ".join(each.reasons))
            console.print(f"[yellow]It cannot help {escape(each.name)}:[/] {why}", soft_wrap=True)


def _fields(payload: dict[str, Any], prefix: str = "") -> list[str]:
    found: list[str] = []
    for name, value in payload.items():
        if isinstance(value, dict):
            found += _fields(value)
        elif isinstance(value, list):
            found += [field for each in value for field in _fields(each)]
        else:
            found.append(f"{prefix}{name} {value}")
    return found


def _show(console: Console, entries: list[Entry], resolution: Resolution) -> None:
    from xero_pipeline.cli.log import show_entries

    show_entries(console, entries)
    if resolution == "dismiss":
        console.print("Dismissed until their source changes; Salesforce hears of it with the next sync.")
