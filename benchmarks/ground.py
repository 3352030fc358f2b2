"""What benchmarks stand on: one PostgreSQL with the product's own settings, and sandboxes whose state is kept between sessions.

All of it lies in benchmarks/.ground, which git ignores, and ends with the session.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg import sql

from benchmarks import processes
from xero_pipeline.cli.processes import Child, Supervisor
from xero_pipeline.warehouse.connection import Warehouse, dagster_url
from xero_pipeline.warehouse.embedded import EmbeddedServer

HERE = Path(__file__).parent
ROOT = HERE.parent
HOME = HERE / ".ground"
MAKING_SECONDS = 1800
SERVING_SECONDS = 600
# How near to the present a sandbox's clock may come before it is made anew (programs/state.py).
NEAREST = timedelta(days=3)
MIGRATED = "benchmark_migrated"
EMPTY = "template1"

_numbers = count(1)


def say(sentence: str) -> None:
    """Tell the person at the terminal."""
    print(sentence, flush=True)  # noqa: T201


@contextmanager
def ended(started: list[subprocess.Popen[bytes]]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that each lead a session of their own, all of which end with the block, with whatever they started."""
    try:
        yield started
    finally:
        for process in started:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@dataclass
class Book:
    """A running sandbox: its address, its organisations, and the process that serves it."""

    supervisor: Supervisor
    child: Child
    announced: Mapping[str, Any]
    http: httpx.Client

    @property
    def url(self) -> str:
        return str(self.announced["url"])

    @property
    def api_url(self) -> str:
        """Where the Accounting API is."""
        return self.url

    @property
    def tenant(self) -> str:
        """The id of the first organisation."""
        return str(self.announced["xero"]["organisations"][0]["tenant_id"])

    @property
    def environment(self) -> dict[str, str]:
        """What points the pipeline here."""
        return {str(name): str(value) for name, value in self.announced["environment"].items()}

    def cpu(self) -> float:
        """Processor seconds of the sandbox so far."""
        return processes.cpu(self.child.process.pid)

    def control(self, method: str, path: str, body: object = None) -> Any:
        """A call of the control API."""
        answer = self.http.request(method, f"{self.announced['control_url']}/{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    def token(self) -> str:
        """A fresh access token of the custom connection; it lasts half an hour."""
        xero = self.announced["xero"]
        form = {
            "grant_type": "client_credentials",
            "client_id": xero["client_id"],
            "client_secret": xero["client_secret"],
        }
        answer = self.http.post(f"{self.url}/connect/token", data=form)
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def now(self) -> datetime:
        """The sandbox's time, UTC."""
        return datetime.fromisoformat(self.control("GET", "clock")["now"])

    def offset(self) -> float:
        """Seconds that the sandbox's clock is ahead of ours; it is behind."""
        return float(self.control("GET", "clock")["offset_seconds"])

    def pass_time(self, **by: float) -> None:
        """Let time pass at the sandbox: arguments of timedelta."""
        self.control("POST", "clock", {"advance_seconds": timedelta(**by).total_seconds()})

    def requests(self) -> dict[str, int]:
        """Calls of the Accounting API and bytes of their answers, on the wire, since they were forgotten."""
        log = self.control("GET", "requests?system=xero&path=/api.xro/&limit=50000")["requests"]
        return {"calls": len(log), "bytes": sum(one["bytes_sent"] for one in log)}

    def forget_requests(self) -> None:
        self.control("DELETE", "requests")


class Ground:
    """A context manager: the server, the sandboxes that were asked for, and databases made from templates."""

    def __init__(self, home: Path = HOME) -> None:
        self.home = home
        self.server = EmbeddedServer(home)
        # It has no children: it lets one session at a time in, and turns signals into an orderly end.
        self._guard = Supervisor(home)
        self._books: dict[tuple[int, int], Book] = {}

    def __enter__(self) -> Ground:
        self._guard.__enter__()
        self.server.start()
        for (name,) in self._sql("select datname from pg_database where datname like 'benchmark_%'"):
            self.drop(name)
        self.create(MIGRATED, EMPTY)
        Warehouse(self.server.url(MIGRATED)).migrate()
        return self

    def __exit__(self, *error: Any) -> None:
        try:
            self.rest()
        finally:
            self.server.close()
            self._guard.__exit__(None, None, None)

    def book(self, invoices: int, organisations: int = 1) -> Book:
        """The sandbox of that size, built if it was never, or if its clock has come too near to the present."""
        key = (invoices, organisations)
        if key not in self._books:
            self._books[key] = self._start(*key)
        return self._books[key]

    def make(self, invoices: int, organisations: int = 1) -> Path:
        """Make a sandbox of that size unless it was made before; where it is."""
        home = self.home / f"sandbox-{invoices}-{organisations}"
        if not (home / "made").exists():
            self._make(home, invoices, organisations)
        return home

    def _start(self, invoices: int, organisations: int) -> Book:
        home = self.make(invoices, organisations)
        book = self._serve(home)
        if book.offset() > -NEAREST.total_seconds():
            self._end(book)
            self._make(home, invoices, organisations)
            book = self._serve(home)
        return book

    def _make(self, home: Path, invoices: int, organisations: int) -> None:
        say(f"Making a sandbox of {organisations} x {invoices:,} invoices, once.")
        shutil.rmtree(home, ignore_errors=True)
        module = ["-m", "benchmarks.programs.state", str(home / "state"), str(invoices), str(organisations)]
        with ended([subprocess.Popen([sys.executable, *module], cwd=ROOT, start_new_session=True)]) as (process,):
            if process.wait(MAKING_SECONDS):
                raise RuntimeError("The sandbox could not be made; what it said stands above.")
        (home / "made").touch()

    def _serve(self, home: Path) -> Book:
        supervisor = Supervisor(home)
        supervisor.__enter__()
        try:
            command = [sys.executable, "-m", "xero_pipeline.cli", "sandbox", "--state", str(home / "state")]
            child = supervisor.start("sandbox", command, os.environ, announces=True)
            announced = json.loads(supervisor.first_line(child, SERVING_SECONDS))
        except BaseException as error:
            supervisor.__exit__(type(error), error, None)
            raise
        return Book(supervisor, child, announced, httpx.Client(trust_env=False, verify=False, timeout=120))

    def _end(self, book: Book) -> None:
        book.http.close()
        book.supervisor.__exit__(None, None, None)

    def rest(self) -> None:
        """End the sandboxes: a large one holds much memory."""
        while self._books:
            _, book = self._books.popitem()
            self._end(book)

    def environment(self, book: Book, database: str) -> dict[str, str]:
        """What the pipeline is told: the sandbox, the database for warehouse and Dagster, and a home for its key."""
        url = self.server.url(database)
        return {
            **os.environ,
            **book.environment,
            "WAREHOUSE_URL": url,
            "DAGSTER_POSTGRES_URL": dagster_url(url),
            "DAGSTER_HOME": self.instance((ROOT / "dagster.yaml").read_text()),
            "XERO_PIPELINE_HOME": str(self.home),
        }

    def instance(self, configuration: str, name: str = "dagster") -> str:
        """The home of a Dagster instance with this dagster.yaml."""
        directory = self.home / name
        directory.mkdir(exist_ok=True)
        (directory / "dagster.yaml").write_text(configuration)
        return str(directory)

    def cpu(self) -> float:
        """Processor seconds of the PostgreSQL server so far."""
        postmaster = int((self.server.data / "postmaster.pid").read_text().split("\n", 1)[0])
        return processes.cpu_with_children(postmaster)

    def wal(self) -> int:
        """Bytes of WAL written so far."""
        return int(self._sql("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn")[0][0])

    def create(self, name: str, template: str) -> None:
        parts = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
        self._sql(sql.SQL("create database {name} template {template} strategy file_copy").format(**parts))

    def drop(self, name: str) -> None:
        self._sql(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def fresh(self, template: str) -> str:
        """A new database, by name."""
        name = f"benchmark_{next(_numbers)}"
        self.create(name, template)
        return name

    @contextmanager
    def lent(self, template: str) -> Iterator[str]:
        """A new database for the block."""
        name = self.fresh(template)
        try:
            yield name
        finally:
            self.drop(name)

    def settle(self) -> None:
        """Write down what the server still holds in memory, so that no measurement pays for the one before it."""
        self._sql("checkpoint")

    def tend(self, database: str) -> None:
        """Have PostgreSQL vacuum what was written, as it would by itself by the time that a next window is over."""
        with psycopg.connect(self.server.url(database), autocommit=True) as conn:
            conn.execute("vacuum analyze")

    def rows(self, database: str, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query in one of the databases."""
        with psycopg.connect(self.server.url(database)) as conn:
            return conn.execute(query.encode()).fetchall()

    def _sql(self, statement: str | sql.Composed) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.server.url("postgres"), autocommit=True) as conn:
            cursor = conn.execute(statement.encode() if isinstance(statement, str) else statement)
            return cursor.fetchall() if cursor.description else []
