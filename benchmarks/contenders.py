"""Who delivers the same rows: this project, the floor below it, and what users would pick instead."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import venvs
from benchmarks.ground import EMPTY, MIGRATED, Book, Ground
from benchmarks.measuring import Figures, Program, measure, ours

# What is compared: contacts, invoices and bills with their lines, payments. The settings come first, because lines name them.
STAGES = ("metadata", "contacts", "invoices", "payments")

# Counts of contacts, invoices, lines and payments, and the sum of the invoices' totals.
_OURS = """
select
    (select count(*) from xero.contacts),
    (select count(*) from xero.invoices),
    (select count(*) from xero.invoice_lines),
    (select count(*) from xero.payments),
    (select sum(total) from xero.invoices)
"""
_FLOOR = _OURS.replace("xero.", "floor_")
_PANDAS = """
select
    (select count(*) from contacts),
    (select count(*) from invoices),
    (select count(*) from invoice_lines),
    (select count(*) from payments),
    (select round(sum("Total")::numeric, 2) from invoices)
"""
_DLT = """
select
    (select count(*) from dlt.contacts),
    (select count(*) from dlt.invoices),
    (select count(*) from dlt.invoices__line_items),
    (select count(*) from dlt.payments),
    (select round(sum(total)::numeric, 2) from dlt.invoices)
"""
_TAP = """
select
    (select count(*) from singer.contacts),
    (select count(*) from singer.invoices),
    (select sum(cardinality("LineItems")) from singer.invoices),
    (select count(*) from singer.payments),
    (select round(sum("Total")::numeric, 2) from singer.invoices)
"""

Programs = Callable[[bool], Sequence[Program]]


@dataclass(frozen=True)
class Contender:
    """One way to the rows. `programs` says what runs, for a delta or for everything; `holds` is a query for what
    arrived, `marked` one for how many invoices have a reference."""

    name: str
    title: str
    programs: Programs
    holds: str
    marked: str
    template: str = EMPTY
    patient: bool = False


@dataclass
class Loaded:
    """What a first load left: the database, and the directory that the contender keeps for itself."""

    database: str
    state: Path
    figures: Figures
    told: dict[str, Any] = field(default_factory=dict)


def peer(*scripts: tuple[str, str]) -> Programs:
    """The programs of a peer: (environment, script) pairs."""

    def programs(delta: bool) -> list[Program]:
        return [Program(venvs.python_of(venv), (str(venvs.PEERS / script),)) for venv, script in scripts]

    return programs


def _ours(delta: bool) -> list[Program]:
    recipe, mode = ("delta", "delta") if delta else ("weekly_full", "full")
    return [ours(recipe, mode, *STAGES)]


OURS = Contender(
    "ours",
    "xero_pipeline",
    _ours,
    _OURS,
    "select count(*) from xero.invoices where reference = '{}'",
    MIGRATED,
)
DLT = Contender(
    "dlt",
    "dlt rest_api",
    peer(("dlt", "dlt_xero.py")),
    _DLT,
    "select count(*) from dlt.invoices where reference = '{}'",
    patient=True,
)
TAP = Contender(
    "tap-xero",
    "tap-xero + target-postgres",
    peer(("tap_xero", "tap_xero_here.py"), ("target_postgres", "target_postgres_here.py")),
    _TAP,
    """select count(*) from singer.invoices where "Reference" = '{}'""",
    patient=True,
)
PANDAS = Contender(
    "pandas",
    "pandas",
    peer(("pandas", "pandas_xero.py")),
    _PANDAS,
    """select count(*) from invoices where "Reference" = '{}'""",
    patient=True,
)
PEERS = (DLT, PANDAS, TAP)


def floor(rows: Path) -> Contender:
    """The floor below everybody, for the rows that lie in a directory as COPY's text."""

    def programs(delta: bool) -> list[Program]:
        return [ours(str(rows), module="floor")]

    return Contender("floor", "floor: download + COPY", programs, _FLOOR, "", MIGRATED)


def expected(book: Book) -> tuple[str, ...]:
    """What must have arrived, as the sandbox counts it."""
    totals = book.control("GET", "xero/first/totals")
    invoices = totals["Invoices"]
    counts = (totals["Contacts"], invoices, invoices["LineItems"], totals["Payments"])
    return (*(str(one["count"]) for one in counts), str(invoices["sums"]["Total"]))


def first_load(ground: Ground, book: Book, contender: Contender, states: Path) -> Loaded:
    """Everything into a new database. Raises RuntimeError when what arrived is not what the sandbox holds."""
    database = ground.fresh(contender.template)
    state = states / contender.name
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir(parents=True)
    try:
        figures, told = measure(ground, book, contender.programs(False), database, state=state)
        check(ground, book, contender, database)
    except BaseException:
        ground.drop(database)
        raise
    return Loaded(database, state, figures, told)


def check(ground: Ground, book: Book, contender: Contender, database: str) -> None:
    """Raises RuntimeError when a database does not hold what the sandbox holds: such a figure would mean nothing."""
    arrived = tuple(str(value) for value in ground.rows(database, contender.holds)[0])
    wanted = expected(book)
    if [float(value) for value in arrived] != [float(value) for value in wanted]:
        raise RuntimeError(f"{contender.title} delivered {arrived} and the sandbox holds {wanted}.")
