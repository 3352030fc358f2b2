"""What commands print: one JSON value with `--json`, text for people without it, and steps on standard error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON value instead of text.")


def emit(value: object, show: Callable[[Console], None], *, as_json: bool) -> None:
    """Print `value` as JSON, or let `show` draw it for a person. Money stays exact: a Decimal becomes a string."""
    if as_json:
        click.echo(json.dumps(value, default=_plain, ensure_ascii=False))
        return
    from rich.console import Console

    show(Console(highlight=False))


@contextmanager
def step(doing: str) -> Iterator[None]:
    """Say on standard error what is being done and, when it is, how many seconds it took."""
    click.echo(f"{doing} ... ", err=True, nl=False)
    began = monotonic()
    try:
        yield
    except BaseException:
        click.echo("", err=True)
        raise
    click.echo(f"{monotonic() - began:.1f} s", err=True)


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (Decimal, Path)):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")
