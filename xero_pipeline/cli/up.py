"""`xero-pipeline up`: the Dagster UI, its daemon and the schedules, until a signal ends them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
import yaml

from xero_pipeline.cli.environment import Environment, prepared
from xero_pipeline.cli.output import emit, json_option, step
from xero_pipeline.cli.processes import Supervisor, free_port, log_says, port_answers
from xero_pipeline.domain.errors import Permanent

if TYPE_CHECKING:
    from rich.console import Console

READY_SECONDS = 120
# The name in workspace.yaml. Dagster keeps the state of schedules under it, so it has to stay the same.
LOCATION = "xero_pipeline"
MODULE = "xero_pipeline.definitions"


@click.command()
@click.option("--port", default=3000, show_default=True, type=click.IntRange(0, 65535), help="Port of the UI; 0: any.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address the UI listens on.")
@json_option
def up(port: int, host: str, as_json: bool) -> None:
    """Run the Dagster UI and daemon with the schedules on, and stay until Ctrl-C.

    Without WAREHOUSE_URL it starts the embedded PostgreSQL, without XERO_CLIENT_ID the sandbox; both keep their data in
    XERO_PIPELINE_HOME.
    """
    schedules = {"XERO_PIPELINE_SCHEDULES": os.environ.get("XERO_PIPELINE_SCHEDULES", "").strip() or "running"}
    port = port or free_port()
    if port_answers(port)():
        raise Permanent(f"Port {port} is in use by another program.", next_step="Choose another with --port.")
    with prepared({**os.environ, **schedules}) as environment:
        with step("Starting Dagster"):
            start_dagster(environment.supervisor, environment.variables, host, port)
        places = _places(environment, port)
        emit(places, lambda console: _show(console, places), as_json=as_json)
        try:
            environment.supervisor.watch()
        except SystemExit:
            click.echo("Ending Dagster and what it runs ...", err=True)


def start_dagster(supervisor: Supervisor, variables: Mapping[str, str], host: str, port: int) -> None:
    """Start code server, webserver and daemon, and return once each is ready.

    Three processes rather than `dagster dev`, which was seen to ignore SIGTERM for minutes; these end in two or three
    seconds. The code server is one for both others, and reloads orgs.yaml and code when the UI asks it to. The daemon
    starts last: the webserver has made Dagster's tables by then, and both making them at once is a race.
    """
    code_port = free_port()
    workspace = Path(variables["DAGSTER_HOME"]) / "workspace.yaml"
    server = {"host": "127.0.0.1", "port": code_port, "location_name": LOCATION}
    workspace.write_text(yaml.safe_dump({"load_from": [{"grpc_server": server}]}))
    python = [sys.executable, "-m"]
    module = ["--module-name", MODULE, "--location-name", LOCATION]
    address = ["--host", "127.0.0.1", "--port", str(code_port)]
    shared = ["--workspace", str(workspace)]
    supervisor.start("code-server", [*python, "dagster", "code-server", "start", *address, *module], variables)
    ui = ["--host", host, "--port", str(port)]
    supervisor.start("webserver", [*python, "dagster_webserver", *shared, *ui], variables)
    supervisor.until(port_answers(code_port), "Dagster's code server does not answer", READY_SECONDS)
    supervisor.until(port_answers(port), "The Dagster UI does not answer", READY_SECONDS)
    daemon = supervisor.start("daemon", [*python, "dagster._daemon", "run", *shared], variables)
    ready = log_says(daemon, "Instance is configured with the following daemons")
    supervisor.until(ready, "Dagster's daemon is not ready", READY_SECONDS)


def _places(environment: Environment, port: int) -> dict[str, str]:
    places = {
        "ui": f"http://127.0.0.1:{port}",
        "psql": environment.psql,
        "logs": str(environment.settings.home / "logs"),
    }
    if environment.sandbox is not None:
        places["sandbox"] = str(environment.sandbox["control_url"])
    return places


def _show(console: Console, places: Mapping[str, str]) -> None:
    names = {"ui": "Dagster UI", "psql": "Tables", "sandbox": "Sandbox control", "logs": "Logs"}
    console.print()
    for key, name in names.items():
        if key in places:
            # Unwrapped, because these are lines to copy.
            console.print(f"{name:<16} {places[key]}", soft_wrap=True, markup=False)
    console.print("\nCtrl-C ends all of it; the data stays.")
