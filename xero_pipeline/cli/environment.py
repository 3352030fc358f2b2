"""What `up` and `demo` run in: a PostgreSQL, a sandbox when no Xero is set, and the environment that points children at both.

Whatever is set already is used as it is: WAREHOUSE_URL instead of the embedded PostgreSQL, XERO_CLIENT_ID and the rest
instead of the sandbox.
"""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import xero_pipeline
from xero_pipeline.cli.output import step
from xero_pipeline.cli.processes import Supervisor
from xero_pipeline.domain.errors import Permanent
from xero_pipeline.settings import Settings

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
    orgs_file = project_file(settings.orgs_file)
    variables = {**environment, "XERO_PIPELINE_HOME": str(home), "XERO_PIPELINE_ORGS": str(orgs_file)}
    announced = None
    with ExitStack() as stack:
        if not settings.warehouse_url:
            variables["WAREHOUSE_URL"] = stack.enter_context(_embedded_postgresql(home))
        supervisor = stack.enter_context(Supervisor(home))
        if needs_sandbox:
            announced = _start_sandbox(supervisor, home, variables, sandbox_options)
            variables.update(_environment_of(announced))
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


@contextmanager
def _embedded_postgresql(home: Path) -> Iterator[str]:
    from xero_pipeline.warehouse.embedded import EmbeddedServer

    with step("Starting PostgreSQL"):
        server = EmbeddedServer(home).start()
    with server:
        yield server.url()


def _start_sandbox(
    supervisor: Supervisor, home: Path, variables: Mapping[str, str], options: tuple[str, ...]
) -> Mapping[str, object]:
    command = [sys.executable, "-m", "xero_pipeline.cli", "sandbox", "--state", str(home / "sandbox"), *options]
    with step("Starting the sandbox"):
        child = supervisor.start("sandbox", command, variables, announces=True)
        line = supervisor.first_line(child, SANDBOX_SECONDS)
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

    with step("Migrating the warehouse"):
        Warehouse(url).migrate()


def _dagster(home: Path, warehouse_url: str, settings: Settings) -> dict[str, str]:
    """A DAGSTER_HOME with today's dagster.yaml, and storage beside the warehouse unless it is set to be elsewhere."""
    from xero_pipeline.warehouse.connection import dagster_url

    directory = home / "dagster"
    directory.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(project_file(Path("dagster.yaml")), directory / "dagster.yaml")
    url = settings.dagster_postgres_url or dagster_url(warehouse_url)
    return {"DAGSTER_HOME": str(directory), "DAGSTER_POSTGRES_URL": url}
