"""`xero-pipeline doctor`: every setting, connection and table looked at, each fault with its fix."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from xero_pipeline.cli.environment import database
from xero_pipeline.cli.output import emit, json_option
from xero_pipeline.settings import VARIABLES

if TYPE_CHECKING:
    from rich.console import Console

    from xero_pipeline.stages.doctor import Finding


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Check every setting, connection and table; exit code 1 when something has to be corrected."""
    from xero_pipeline.stages.doctor import examine

    with database(os.environ) as settings:
        findings = list(examine(settings))
    values = {variable.name: variable.shown(os.environ) for variable in VARIABLES}
    emit({"settings": values, "findings": findings}, lambda console: _show(console, values, findings), as_json=as_json)
    if any(finding.ok is False for finding in findings):
        raise SystemExit(1)


def _show(console: Console, values: dict[str, str], findings: list[Finding]) -> None:
    from rich.table import Table

    settings = Table("setting", "value", box=None, padding=(0, 2, 0, 0))
    for name, value in values.items():
        settings.add_row(name, value)
    console.print(settings)
    console.print()
    for finding in findings:
        mark = {True: "[green]ok  [/]", False: "[red]FAIL[/]", None: "[yellow]note[/]"}[finding.ok]
        console.print(f"{mark} [bold]{finding.about}[/]: {finding.found}")
        if finding.fix:
            console.print(f"     {finding.fix}", style="dim")
