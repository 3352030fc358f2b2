"""`xero-pipeline connect` and `disconnect`: authorise Xero in the browser or as a custom connection, prove Salesforce, stop."""

from __future__ import annotations

import os
import webbrowser
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import click

from xero_pipeline.cli.environment import database
from xero_pipeline.cli.output import emit, json_option
from xero_pipeline.cli.sync import organisation
from xero_pipeline.domain.errors import Permanent, Reconnect, Transient

CALLBACK_PORT = 8765
# How long the browser may take, seconds.
PATIENCE = 300


@click.group()
def connect() -> None:
    """Connect Xero or Salesforce."""


@click.group()
def disconnect() -> None:
    """Disconnect Xero or Salesforce; what was synced stays."""


@connect.command("xero")
@click.argument("alias", metavar="ORG")
@click.option("--custom", is_flag=True, help="The app is a custom connection: no browser, one organisation.")
@click.option(
    "--port", default=CALLBACK_PORT, show_default=True, help="Port of http://localhost that the browser comes back to."
)
@click.option("--no-browser", is_flag=True, help="Only print the address to open.")
@json_option
def connect_xero(alias: str, custom: bool, port: int, no_browser: bool, as_json: bool) -> None:
    """Connect the organisation ORG of orgs.yaml to Xero.

    The app's redirect URI must be http://localhost:PORT/callback.
    """
    from xero_pipeline.stages import connecting

    with database(os.environ) as settings:
        org = organisation(settings, alias)
        if custom:
            name = connecting.connect_custom(settings, org)
        else:
            redirect_uri = f"http://localhost:{port}/callback"
            consent = connecting.ask_for_consent(settings, org, redirect_uri)
            code = _code_from_browser(consent.url, consent.state, port, opens=not no_browser)
            name = connecting.finish_consent(settings, org, consent, code, redirect_uri).name
    done = {"connected": alias, "to": name}
    emit(
        done,
        lambda console: console.print(f"{alias} is connected to {name}. Next: xero-pipeline sync {alias} --mode full"),
        as_json=as_json,
    )


@connect.command("salesforce")
@json_option
def connect_salesforce(as_json: bool) -> None:
    """Log in to Salesforce and say what of the metadata package is missing or invisible. Exit code 1 if anything is."""
    from xero_pipeline.stages import connecting

    with database(os.environ) as settings:
        org_id, missing = connecting.connect_salesforce(settings)
    sentence = (
        "everything that is read and written is there."
        if not missing
        else "\n  ".join(["not everything is there:", *missing])
    )
    emit(
        {"org_id": org_id, "missing": missing},
        lambda console: console.print(f"Connected to Salesforce org {org_id}; {sentence}"),
        as_json=as_json,
    )
    if missing:
        raise Permanent(
            "Salesforce is not ready.",
            next_step="Deploy xero_pipeline/salesforce/package and assign Xero_Sync_Integration.",
        )


@disconnect.command("xero")
@click.argument("alias", metavar="ORG")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def disconnect_xero(alias: str, yes: bool, as_json: bool) -> None:
    """Disconnect ORG: its syncs fail until it is connected again, its data stays."""
    from xero_pipeline.stages import connecting

    _confirm(f"Disconnect {alias} from Xero? Its data stays.", yes)
    with database(os.environ) as settings:
        was = connecting.disconnect_xero(settings, organisation(settings, alias))
    sentence = f"{alias} is disconnected; its data stays as it is." if was else f"{alias} was not connected."
    emit({"disconnected": was}, lambda console: console.print(sentence), as_json=as_json)


@disconnect.command("salesforce")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def disconnect_salesforce(yes: bool, as_json: bool) -> None:
    """Forget the Salesforce connection; its data stays."""
    from xero_pipeline.stages import connecting

    _confirm("Disconnect Salesforce? Its data stays.", yes)
    with database(os.environ) as settings:
        was = connecting.disconnect_salesforce(settings)
    emit(
        {"disconnected": was},
        lambda console: console.print("Disconnected." if was else "It was not connected."),
        as_json=as_json,
    )


def _confirm(question: str, yes: bool) -> None:
    if not yes:
        click.confirm(question, abort=True, err=True)


def _code_from_browser(url: str, state: str, port: int, *, opens: bool) -> str:
    """The code that Xero's page sends the browser back with. Raises Reconnect for a refusal, Transient for no answer."""
    answers: list[dict[str, list[str]]] = []

    class Callback(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            given = parse_qs(parts.query)
            # Anything else on this machine may knock here; only the visit that began with our state is ours.
            ours = parts.path == "/callback" and given.get("state") == [state]
            self.send_response(200 if ours else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            if ours:
                answers.append(given)
                self.wfile.write(b"<p>Thank you. You can close this page and go back to the terminal.</p>")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            # The address holds the code, which is nobody's business.
            return

    try:
        server = HTTPServer(("localhost", port), Callback)
    except OSError as error:
        raise Permanent(
            f"Port {port} is in use by another program.", next_step="Choose another with --port, and add it to the app."
        ) from error
    with server:
        click.echo(f"Open this page and choose the organisation:\n\n  {url}\n", err=True)
        if opens:
            webbrowser.open(url)
        server.timeout = PATIENCE
        server.handle_timeout = lambda: answers.append({})  # type: ignore[method-assign]
        while not answers:
            server.handle_request()
    answer = answers[0]
    if "code" in answer:
        return answer["code"][0]
    if not answer:
        raise Transient(f"Nobody came back from Xero's page within {PATIENCE // 60} minutes.")
    raise Reconnect(
        f"Xero did not give access: {answer.get('error', ['no reason given'])[0]}.",
        next_step="Try again and choose Allow.",
    )
