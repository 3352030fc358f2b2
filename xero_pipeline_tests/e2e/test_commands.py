"""The commands as a person types them, each in a process of its own, beside a sandbox that runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from xero_pipeline_tests.e2e.pair import Pair


@pytest.fixture
def environment(pair: Pair) -> dict[str, str]:
    orgs = pair.settings.home / "orgs.yaml"
    orgs.write_text("orgs: [{alias: demo, time_zone: Pacific/Auckland}]")
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("XERO", "SALESFORCE", "WAREHOUSE"))
    }
    return {
        **kept,
        **pair.sandbox.environment,
        "WAREHOUSE_URL": pair.settings.warehouse_url,
        "XERO_PIPELINE_HOME": str(pair.settings.home),
        "XERO_PIPELINE_ORGS": str(orgs),
    }


def _type(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "xero_pipeline.cli", *words]
    root = Path(__file__).parents[2]
    return subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, timeout=120, check=False)


def test_sync_prints_one_json_value_and_nothing_else(environment: dict[str, str]) -> None:
    typed = _type(environment, "sync", "demo", "--json")
    assert typed.returncode == 0, typed.stderr
    answer = json.loads(typed.stdout)
    assert answer["mode"] == "delta"
    assert answer["stages"]["invoices"]["xero_calls"] == 1


def test_status_shows_a_person_the_organisation(environment: dict[str, str]) -> None:
    typed = _type(environment, "status")
    assert typed.returncode == 0, typed.stderr
    assert "covered until" in typed.stdout
    assert "initial" in typed.stdout


def test_doctor_ends_with_0_when_nothing_has_to_be_corrected_and_1_when_something_has(
    environment: dict[str, str],
) -> None:
    assert _type(environment, "doctor").returncode == 0
    broken = _type(environment | {"XERO_CLIENT_SECRET": "wrong"}, "doctor", "--json")
    assert broken.returncode == 1
    faults = [finding for finding in json.loads(broken.stdout)["findings"] if finding["ok"] is False]
    assert [fault["about"] for fault in faults] == ["demo: Xero"]


def test_psql_answers_from_the_warehouse(environment: dict[str, str]) -> None:
    typed = _type(environment, "psql", "-At", "-c", "select count(*) from xero.organisations")
    assert typed.stdout.strip() == "1", typed.stderr


def test_an_unknown_organisation_is_one_sentence(environment: dict[str, str]) -> None:
    typed = _type(environment, "sync", "dmeo")
    assert typed.returncode == 1
    assert typed.stderr.splitlines()[-1] == "Error: There is no organisation 'dmeo'. Use one of: demo."
