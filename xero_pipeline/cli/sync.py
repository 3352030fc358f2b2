"""`xero-pipeline sync`: one sync of one organisation now, stage by stage, without Dagster's daemon."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from xero_pipeline.cli.environment import database
from xero_pipeline.cli.output import emit, json_option
from xero_pipeline.cli.report import StageTable, outcome_as_json
from xero_pipeline.domain.org import Org
from xero_pipeline.settings import Settings

if TYPE_CHECKING:
    from xero_pipeline.domain.modes import Mode

MODES = ("delta", "full", "metadata", "rollups", "restart-invoices", "restart-contacts")


class Instant(click.ParamType[datetime]):
    """A moment in ISO 8601; without an offset it is UTC."""

    name = "instant"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            instant = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a moment such as 2026-11-20T08:30", param, ctx)
        return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


@click.command()
@click.argument("alias", metavar="ORG")
@click.option(
    "--mode", type=click.Choice(MODES), default="delta", show_default=True, help="What to do; see the README."
)
@click.option(
    "--since", type=Instant(), help="Read changes from this moment on, if that is further back than needed anyway."
)
@json_option
def sync(alias: str, mode: Mode, since: datetime | None, as_json: bool) -> None:
    """Sync the organisation ORG of orgs.yaml now.

    Exit code 0: done. 3: another sync of it is running, and nothing was changed. 1: it failed; what was staged before is kept
    and the next run goes on from there.
    """
    with database(os.environ) as settings:
        run(settings, organisation(settings, alias), mode, since=since, as_json=as_json)


def run(settings: Settings, org: Org, mode: Mode, *, since: datetime | None = None, as_json: bool = False) -> None:
    """Perform a sync with its table of stages growing on standard error, or with nothing but JSON at the end."""
    from xero_pipeline.stages.sync import sync as perform

    with StageTable(f"{mode} sync of {org.alias}", shown=not as_json) as table:
        outcome = perform(settings, org, mode, since=since, progress=table.update)
    emit(outcome_as_json(outcome), lambda console: table.close_with(console, outcome), as_json=as_json)


def organisation(settings: Settings, alias: str) -> Org:
    """The organisation of that alias. Raises Permanent naming those there are."""
    from xero_pipeline.stages.orgs import load_orgs, org_named

    return org_named(load_orgs(settings), alias)
