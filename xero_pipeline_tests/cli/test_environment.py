"""What `up` and `demo` run in: what they start, what they leave alone, and what their children are told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from xero_pipeline.cli.environment import Environment, database, prepared, project_file
from xero_pipeline.domain.errors import AlreadyRunning, Permanent
from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline_tests.homes import temporary_home

ROOT = Path(__file__).parents[2]
INHERITED = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}

LOAD_INSTANCE = """
import sys
from dagster import DagsterInstance
with DagsterInstance.get() as instance:
    limits = instance.get_concurrency_config().run_queue_config.tag_concurrency_limits
    print(type(instance.run_storage).__module__, instance.telemetry_enabled, instance.run_retries_max_retries, limits[0]["key"])
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with temporary_home() as home:
        yield home


@pytest.fixture(scope="module")
def real_xero(home: Path) -> Iterator[Environment]:
    """The environment of somebody who has set a Xero app and nothing else."""
    with prepared({**INHERITED, "XERO_PIPELINE_HOME": str(home), "XERO_CLIENT_ID": "ABC"}) as environment:
        yield environment


def test_the_embedded_warehouse_is_started_and_migrated(real_xero: Environment) -> None:
    Warehouse(real_xero.settings.warehouse_url).check()


def test_no_sandbox_is_started_for_somebody_who_has_a_xero_app(real_xero: Environment, home: Path) -> None:
    assert real_xero.sandbox is None
    assert real_xero.variables["XERO_CLIENT_ID"] == "ABC"
    assert not (home / "sandbox").exists()


def test_children_are_told_absolute_paths(real_xero: Environment, home: Path) -> None:
    assert real_xero.variables["XERO_PIPELINE_HOME"] == str(home)
    assert real_xero.variables["XERO_PIPELINE_ORGS"] == str(ROOT / "orgs.yaml")
    assert real_xero.variables["DAGSTER_HOME"] == str(home / "dagster")


def test_the_dagster_instance_of_dagster_yaml_loads_with_its_storage_in_the_warehouse_s_server(
    real_xero: Environment,
) -> None:
    command = [sys.executable, "-W", "ignore", "-c", LOAD_INSTANCE]
    result = subprocess.run(command, env=real_xero.variables, capture_output=True, text=True, check=False)
    assert result.stdout.split() == ["xero_pipeline.defs.storage", "False", "1", "xero_pipeline/org"], result.stderr


def test_the_command_for_the_tables_names_the_embedded_server(real_xero: Environment) -> None:
    assert real_xero.psql.startswith("psql 'postgresql://")


def test_a_second_one_in_the_same_home_is_refused(real_xero: Environment) -> None:
    with pytest.raises(AlreadyRunning, match=f"Process {os.getpid()} already runs"), prepared(real_xero.variables):
        pass


def test_the_sandbox_is_never_mixed_with_a_real_salesforce(tmp_path: Path) -> None:
    environment = {"XERO_PIPELINE_HOME": str(tmp_path / "home"), "SALESFORCE_CLIENT_ID": "3MVG9"}
    with pytest.raises(Permanent, match="would go to a real Salesforce"), prepared(environment):
        pass
    assert not (tmp_path / "home").exists()


def test_other_commands_share_the_running_warehouse(real_xero: Environment, home: Path) -> None:
    with database({**INHERITED, "XERO_PIPELINE_HOME": str(home)}) as settings:
        assert settings.warehouse_url == real_xero.settings.warehouse_url
        assert settings.xero_client_id == ""


def test_other_commands_find_the_sandbox_that_runs_in_the_same_home(real_xero: Environment, home: Path) -> None:
    announced = {"environment": {"XERO_CLIENT_ID": "SANDBOX", "XERO_API_URL": "http://127.0.0.1:9"}}
    (home / "run" / "sandbox.json").write_text(json.dumps(announced))
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
    child = real_xero.supervisor.start("sandbox", sleeper, os.environ)
    with database({**INHERITED, "XERO_PIPELINE_HOME": str(home)}) as settings:
        assert settings.xero_api_url == "http://127.0.0.1:9"
    child.process.kill()
    child.process.wait()
    with database({**INHERITED, "XERO_PIPELINE_HOME": str(home)}) as settings:
        assert settings.xero_api_url == "https://api.xero.com"


def test_a_file_of_the_project_is_found_in_the_working_directory_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert project_file(Path("orgs.yaml")) == ROOT / "orgs.yaml"
    (tmp_path / "orgs.yaml").write_text("orgs: [{alias: other}]")
    assert project_file(Path("orgs.yaml")) == tmp_path / "orgs.yaml"


def test_a_missing_file_of_the_project_is_one_sentence() -> None:
    with pytest.raises(Permanent, match=r"There is no missing\.yaml"):
        project_file(Path("missing.yaml"))
