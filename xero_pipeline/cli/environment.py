"""What commands run in: a migrated PostgreSQL, a Xero and a Salesforce, and the environment that points children at them.

Whatever is set is used as it is: WAREHOUSE_URL instead of the embedded PostgreSQL, XERO_CLIENT_ID and the rest instead of
the sandbox. `up` and `demo` start what is missing (`prepared`); other commands use what runs already (`database`).
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import xero_pipeline
from xero_pipeline.cli import locks
from xero_pipeline.cli.output import step
from xero_pipeline.cli.processes import Supervisor
from xero_pipeline.domain.errors import Permanent
from xero_pipeline.settings import Settings

SANDBOX = "sandbox"
SANDBOX_SECONDS = 120


@dataclass(frozen=True)
class Environment:
    """Where everything is: `settings` and `variables` say the same, typed and as the environment of a child."""

    settings: Settings
    variables: Mapping[str, str]
    sandbox: Mapping[str, object] | None
    psql: str
    supervisor: Supervisor


@contextmanager
def database(environment: Mapping[str, str]) -> Iterator[Settings]:
    """The settings with a warehouse that runs, for as long as the block lasts, and is migrated.

    When no Xero is set and `up` or `demo` runs in the same XERO_PIPELINE_HOME, they also name the sandbox it has started.
    Raises Permanent or Transient when the warehouse cannot be had.
    """
    settings = Settings.from_environment(environment)
    variables = _with_places(environment, settings)
    if not settings.xero_client_id and not settings.salesforce_client_id:
        variables.update(_running_sandbox(settings.home.absolute()))
    with ExitStack() as stack:
        if not settings.warehouse_url:
            variables["WAREHOUSE_URL"] = stack.enter_context(_embedded_postgresql(settings.home.absolute()))
        _migrate(variables["WAREHOUSE_URL"])
        yield Settings.from_environment(variables)


@contextmanager
def prepared(environment: Mapping[str, str], *sandbox_options: str) -> Iterator[Environment]:
    """Start what is not set, migrate the warehouse, and end what was started on the way out, the database last.

    `sandbox_options` are options of `xero-pipeline sandbox`. Raises Permanent or Transient when a part cannot be had,
    AlreadyRunning when another `up` or `demo` uses the same XERO_PIPELINE_HOME.
    """
    settings = Settings.from_environment(environment)
    needs_sandbox = not settings.xero_client_id
    if needs_sandbox and settings.salesforce_client_id:
        raise Permanent(
            "SALESFORCE_CLIENT_ID is set and XERO_CLIENT_ID is not: the sandbox's invoices would go to a real Salesforce.",
            next_step="Set both, or neither to use the sandbox for both.",
        )
    home = settings.home.absolute()
    variables = _with_places(environment, settings)
    announced = None
    with ExitStack() as stack:
        if not settings.warehouse_url:
            with step("Starting PostgreSQL"):
                variables["WAREHOUSE_URL"] = stack.enter_context(_embedded_postgresql(home))
        supervisor = stack.enter_context(Supervisor(home))
        if needs_sandbox:
            with step("Starting the sandbox"):
                announced = _start_sandbox(supervisor, home, variables, sandbox_options)
            variables.update(_environment_of(announced))
        with step("Migrating the warehouse"):
            _migrate(variables["WAREHOUSE_URL"])
        variables.update(_dagster(home, variables["WAREHOUSE_URL"], settings))
        # A real server's address may hold a password, which the shell knows and a terminal should not show.
        psql = 'psql "$WAREHOUSE_URL"' if settings.warehouse_url else f"psql {shlex.quote(variables['WAREHOUSE_URL'])}"
        yield Environment(Settings.from_environment(variables), variables, announced, psql, supervisor)


def project_file(path: Path) -> Path:
    """A file of the project: in the working directory, or beside the package in a checkout. Raises Permanent for neither."""
    for directory in (Path.cwd(), Path(xero_pipeline.__file__).parents[1]):
        if (directory / path).is_file():
            return directory / path
    raise Permanent(f"There is no {path} in {Path.cwd()}.", next_step="Run this in the project's directory.")


def _with_places(environment: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """The environment with absolute paths, which hold in any working directory."""
    home, orgs_file = settings.home.absolute(), project_file(settings.orgs_file)
    return {**environment, "XERO_PIPELINE_HOME": str(home), "XERO_PIPELINE_ORGS": str(orgs_file)}


@contextmanager
def _embedded_postgresql(home: Path) -> Iterator[str]:
    from xero_pipeline.warehouse.embedded import EmbeddedServer

    with EmbeddedServer(home) as server:
        yield server.url()


def _start_sandbox(
    supervisor: Supervisor, home: Path, variables: Mapping[str, str], options: tuple[str, ...]
) -> Mapping[str, object]:
    command = [sys.executable, "-m", "xero_pipeline.cli", "sandbox", "--state", str(home / "sandbox"), *options]
    child = supervisor.start(SANDBOX, command, variables, announces=True)
    line = supervisor.first_line(child, SANDBOX_SECONDS)
    note = os.open(_announcement(home), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(note, "w") as file:
        file.write(line)
    return _parsed(line)


def _running_sandbox(home: Path) -> dict[str, str]:
    """The environment of the sandbox that runs in this home, or nothing when none does."""
    lock = home / "run" / f"{SANDBOX}.lock"
    if not (lock.exists() and locks.held(lock) and _announcement(home).exists()):
        return {}
    return _environment_of(_parsed(_announcement(home).read_text()))


def _announcement(home: Path) -> Path:
    return home / "run" / f"{SANDBOX}.json"


def _parsed(line: str) -> Mapping[str, object]:
    announced = json.loads(line)
    if not isinstance(announced, dict):
        raise TypeError("the sandbox announces itself with one JSON object")
    return announced


def _environment_of(announced: Mapping[str, object]) -> dict[str, str]:
    environment = announced["environment"]
    if not isinstance(environment, dict):
        raise TypeError("the sandbox's environment is one JSON object")
    return {str(name): str(value) for name, value in environment.items()}


def _migrate(url: str) -> None:
    from xero_pipeline.warehouse.connection import Warehouse

    Warehouse(url).migrate()


def _dagster(home: Path, warehouse_url: str, settings: Settings) -> dict[str, str]:
    """A DAGSTER_HOME with today's dagster.yaml, and storage beside the warehouse unless it is set to be elsewhere."""
    from xero_pipeline.warehouse.connection import dagster_url

    directory = home / "dagster"
    directory.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(project_file(Path("dagster.yaml")), directory / "dagster.yaml")
    url = settings.dagster_postgres_url or dagster_url(warehouse_url)
    return {"DAGSTER_HOME": str(directory), "DAGSTER_POSTGRES_URL": url}
