"""The commands as a whole: what `--help` costs, how errors are told, and what `--json` promises."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from xero_pipeline.cli import COMMANDS, cli
from xero_pipeline.cli.output import emit, json_option, step
from xero_pipeline.domain.errors import AlreadyRunning, Permanent


@dataclass(frozen=True)
class Stage:
    name: str
    rows: int


@click.command()
def refused() -> None:
    raise Permanent("Xero does not know this client id.", next_step="Correct XERO_CLIENT_ID.")


@click.command()
def busy() -> None:
    raise AlreadyRunning("Run 7 is syncing demo.")


@click.command()
@json_option
def shown(as_json: bool) -> None:
    value = {
        "total": Decimal("1234.50"),
        "date": date(2026, 11, 22),
        "at": datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC),
        "took": timedelta(seconds=1.5),
        "file": Path("orgs.yaml"),
        "stages": [Stage("contacts", 300)],
        "name": "Kōwhai",
    }
    with step("Reading"):
        pass
    emit(value, lambda console: console.print("total 1,234.50"), as_json=as_json)


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    for command in ("refused", "busy", "shown"):
        monkeypatch.setitem(COMMANDS, command, (f"{__name__}:{command}", "A command of this test."))
    return CliRunner()


def test_help_lists_every_command_with_what_it_does(runner: CliRunner) -> None:
    help_text = " ".join(runner.invoke(cli, ["--help"]).stdout.split())
    for name, (_, summary) in COMMANDS.items():
        assert f"{name} {summary}" in help_text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0
    assert f"Usage: cli {name}" in result.stdout


def test_an_unknown_command_is_wrong_usage(runner: CliRunner) -> None:
    result = runner.invoke(cli, ["synchronise"])
    assert result.exit_code == 2
    assert "No such command 'synchronise'" in result.stderr


def test_an_error_is_a_sentence_with_what_to_do_and_exit_code_1(runner: CliRunner) -> None:
    result = runner.invoke(cli, ["refused"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == "Error: Xero does not know this client id. Correct XERO_CLIENT_ID.\n"


def test_another_sync_running_is_exit_code_3(runner: CliRunner) -> None:
    result = runner.invoke(cli, ["busy"])
    assert result.exit_code == 3
    assert "Run 7 is syncing demo. Nothing was changed" in result.stderr


def test_json_is_one_value_on_standard_output_and_exact(runner: CliRunner) -> None:
    result = runner.invoke(cli, ["shown", "--json"])
    assert json.loads(result.stdout) == {
        "total": "1234.50",
        "date": "2026-11-22",
        "at": "2026-11-22T01:02:03+00:00",
        "took": 1.5,
        "file": "orgs.yaml",
        "stages": [{"name": "contacts", "rows": 300}],
        "name": "Kōwhai",
    }


def test_people_get_text_and_steps_go_to_standard_error(runner: CliRunner) -> None:
    result = runner.invoke(cli, ["shown"])
    assert result.stdout == "total 1,234.50\n"
    assert result.stderr == "Reading ... 0.0 s\n"
