"""`xero-pipeline sandbox`: a Xero and a Salesforce on this machine, until it is ended."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xero_pipeline.domain.errors import Permanent

if TYPE_CHECKING:
    from xero_pipeline.sandbox.server import Pace


@click.command()
@click.option(
    "--port", default=0, show_default="any free one", type=click.IntRange(0, 65535), help="Port on 127.0.0.1."
)
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same organisations.")
@click.option("--invoices", default=1500, show_default=True, type=click.IntRange(1), help="Sales invoices to make.")
@click.option(
    "--organisations", default=1, show_default=True, type=click.IntRange(1), help="Xero organisations to make."
)
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the data here, and continue from it when it is there.  [default: kept nowhere]",
)
@click.option(
    "--pace",
    type=click.Choice(["real", "off"]),
    default="off",
    show_default=True,
    help="real: answer 429 beyond Xero's limits of calls.",
)
def sandbox(port: int, seed: int, invoices: int, organisations: int, state: Path | None, pace: Pace) -> None:
    """Serve a Xero and a Salesforce over HTTP on this machine.

    The first line of standard output is one JSON object: base addresses, credentials, and the environment variables that
    point the pipeline here.
    """
    from xero_pipeline.sandbox.server import serve

    try:
        serve(port=port, seed=seed, invoices=invoices, organisations=organisations, state=state, pace=pace)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise Permanent(
            f"Port {port} is in use by another program.", next_step="Choose another with --port."
        ) from error
