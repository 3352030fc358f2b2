"""The desk with a terminal: commands are typed as a person types them, in this process, and their answers read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner, Result

from xero_pipeline.cli import cli
from xero_pipeline_tests.e2e.export_desk import EXPORT, Desk
from xero_pipeline_tests.e2e.other_clients import sign_in


@dataclass(frozen=True)
class Terminal:
    """Where commands are typed: the environment that points them at the pair of the desk."""

    desk: Desk
    environment: Mapping[str, str]

    def type(self, *words: object) -> Result:
        """What a command prints on either side, and its exit code. Nobody is there to be asked."""
        self.catch_up()
        return CliRunner(env=dict(self.environment)).invoke(cli, [str(word) for word in words])

    def catch_up(self) -> None:
        """Let the sandbox not be behind the clock of this machine, which is what commands go by."""
        behind = (datetime.now(UTC) - self.desk.pair.now).total_seconds()
        if behind > 0:
            self.desk.pair.pass_time(seconds=behind)
            sign_in(self.desk.xero.http, self.desk.pair.sandbox)

    def json(self, *words: object) -> Any:
        """The one value that a command prints with --json, which has to succeed."""
        typed = self.type(*words, "--json")
        assert typed.exit_code == 0, typed.output
        return json.loads(typed.stdout)


def terminal(desk: Desk, directory: Path, **export: object) -> Terminal:
    """A terminal beside the desk, whose orgs.yaml has the desk's section on exports with these changes."""
    section = EXPORT.model_dump(mode="json", by_alias=True) | export
    org = {**desk.pair.org.model_dump(mode="json", by_alias=True), "export": section}
    path = directory / "orgs.yaml"
    path.write_text(yaml.safe_dump({"orgs": [org]}, allow_unicode=True))
    return Terminal(
        desk,
        {
            **desk.pair.sandbox.environment,
            "WAREHOUSE_URL": desk.pair.settings.warehouse_url,
            "XERO_PIPELINE_HOME": str(desk.pair.settings.home),
            "XERO_PIPELINE_ORGS": str(path),
            "COLUMNS": "200",
        },
    )
