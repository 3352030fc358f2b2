"""`xero-pipeline psql`: a psql prompt on the warehouse, with the server started for as long as it takes."""

from __future__ import annotations

import os
import shutil
import subprocess

import click

from xero_pipeline.cli.environment import database


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": ["--help"]}
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(arguments: tuple[str, ...]) -> None:
    """Open psql on the warehouse; whatever follows goes to psql, as in `psql -c 'table xero.organisations'`."""
    from xero_pipeline.warehouse.embedded_binaries import installation

    program = shutil.which("psql") or str(installation() / "bin" / "psql")
    with database(os.environ) as settings:
        # The address may hold a password, which a list of processes must not show.
        ended = subprocess.run(
            [program, *arguments], env={**os.environ, **_address(settings.warehouse_url)}, check=False
        )
    raise SystemExit(ended.returncode)


def _address(url: str) -> dict[str, str]:
    from psycopg.conninfo import conninfo_to_dict

    names = {
        "host": "PGHOST",
        "port": "PGPORT",
        "user": "PGUSER",
        "password": "PGPASSWORD",
        "dbname": "PGDATABASE",
        "options": "PGOPTIONS",
        "sslmode": "PGSSLMODE",
        "sslrootcert": "PGSSLROOTCERT",
    }
    return {
        names[key]: str(value) for key, value in conninfo_to_dict(url).items() if key in names and value is not None
    }
