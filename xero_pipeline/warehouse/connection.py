"""How a PostgreSQL server is reached: one URL in, connections out, and one clear sentence when it cannot be.

Any spelling of the URL is accepted (`postgres://`, `postgresql+psycopg://`); psycopg 3 moves data, SQLAlchemy is used by
Alembic and by Dagster's own storage alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow

from xero_pipeline.domain.errors import Permanent, PipelineError, Transient
from xero_pipeline.warehouse.migrations import HEAD

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

OLDEST_SERVER = 15
CONNECT_SECONDS = 10
DAGSTER_SCHEMA = "dagster"

# What the server says when a person has to correct something; anything else may pass by itself.
_FOR_A_PERSON = re.compile(
    r"password|authentication|does not exist|no pg_hba\.conf|permission denied|could not translate host|"
    r"Name or service not known|nodename nor servname|SSL|certificate",
    re.IGNORECASE,
)
_MIGRATED = "SELECT version_num FROM sync.alembic_version"


class WarehouseConnection(psycopg.Connection[TupleRow]):
    """A connection whose `with` block is one transaction: committed at its end, rolled back by an error, then closed.

    What PostgreSQL raises inside the block leaves it as Transient or Permanent. `take_back`, if set, is given the connection
    after a block without an error, in place of closing it.
    """

    take_back: Callable[[WarehouseConnection], None] | None = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None and self.take_back is not None and not self.closed:
                self.commit()
                self.take_back(self)
            else:
                super().__exit__(kind, error, trace)
        except psycopg.Error as failure:
            raise translated(failure) from failure
        if isinstance(error, psycopg.Error):
            raise translated(error) from error


class Warehouse:
    """The PostgreSQL database everything is staged in. Holds no connection of its own, so it may be shared and forked."""

    def __init__(self, url: str) -> None:
        self.url = libpq_url(url)

    def __repr__(self) -> str:
        return f"Warehouse({self.where})"

    @property
    def where(self) -> str:
        """The address without credentials, for messages."""
        info = conninfo_to_dict(self.url)
        port = f":{info['port']}" if "port" in info else ""
        return f"{info.get('host', 'localhost')}{port}/{info.get('dbname', '')}"

    def connect(self, *, autocommit: bool = False, purpose: str = "") -> WarehouseConnection:
        """A connection for a block, in UTC. `purpose` is added to the name it shows in pg_stat_activity.

        Raises Transient when the server cannot be reached, Permanent when it refuses us or is older than PostgreSQL 15.
        """
        return self.connect_apart(autocommit=autocommit, purpose=purpose)

    def connect_apart(self, *, autocommit: bool = False, purpose: str = "") -> WarehouseConnection:
        """The same, always a new connection and never one that serves another block later: locks live in it."""
        try:
            conn = WarehouseConnection.connect(
                self.url,
                autocommit=autocommit,
                application_name=shown_name(purpose),
                connect_timeout=CONNECT_SECONDS,
                options=_options(self.url, "-c timezone=UTC"),
            )
        except psycopg.Error as error:
            raise self._unreachable(error) from None
        if conn.info.server_version < OLDEST_SERVER * 10_000:
            found = conn.info.server_version // 10_000
            conn.close()
            raise Permanent(
                f"PostgreSQL at {self.where} is version {found}; {OLDEST_SERVER} or newer is needed.",
                next_step="Upgrade it, or unset WAREHOUSE_URL to use the embedded one.",
            )
        return conn

    def check(self) -> None:
        """Make sure that the server is reachable, new enough and migrated. Raises Transient or Permanent."""
        with self.connect() as conn:
            try:
                found = conn.execute(_MIGRATED).fetchone()
            except (errors.UndefinedTable, errors.InvalidSchemaName):
                found = None
            conn.rollback()
        if found is None or found[0] != HEAD:
            state = "has no tables yet" if found is None else f"is at revision {found[0]}, not {HEAD}"
            raise Permanent(
                f"The warehouse at {self.where} {state}.",
                next_step="Run any `xero-pipeline` command that syncs: it migrates first.",
            )

    def migrate(self) -> None:
        """Bring the database to the newest revision, from empty if need be; safe when several processes do it at once."""
        from xero_pipeline.warehouse.migrations.run import migrate

        migrate(self)

    def engine(self) -> Engine:
        """A SQLAlchemy engine without a pool, for Alembic only."""
        from sqlalchemy import create_engine
        from sqlalchemy.pool import NullPool

        return create_engine(sqlalchemy_url(self.url), poolclass=NullPool)

    def _unreachable(self, error: psycopg.Error) -> PipelineError:
        said = _said(error)
        if _FOR_A_PERSON.search(said):
            return Permanent(
                f"PostgreSQL at {self.where} refused the connection: {said}", next_step="Correct WAREHOUSE_URL."
            )
        return Transient(f"PostgreSQL at {self.where} cannot be reached: {said}", next_step="Check that it is running.")


def shown_name(purpose: str) -> str:
    """What a connection for `purpose` is called in pg_stat_activity, where names end after 63 bytes."""
    return f"xero_pipeline {purpose}".strip()[:63]


_EXAMPLE = "Set it like postgresql://user:password@host:5432/database."


def libpq_url(url: str) -> str:
    """The URL as libpq understands it: `postgresql://`, without the name of a driver. Raises Permanent for another one."""
    scheme, separator, rest = url.strip().partition("://")
    if not separator or scheme.partition("+")[0] not in ("postgresql", "postgres"):
        raise Permanent("WAREHOUSE_URL is not a PostgreSQL address.", next_step=_EXAMPLE)
    plain = f"postgresql://{rest}"
    try:
        port = conninfo_to_dict(plain).get("port") or "0"
    except psycopg.ProgrammingError:
        # libpq repeats the text it could not read, which may hold the password.
        port = "unreadable"
    if not all(number.isdigit() or not number for number in str(port).split(",")):
        raise Permanent("WAREHOUSE_URL is not a PostgreSQL address: some of it cannot be read.", next_step=_EXAMPLE)
    return plain


def sqlalchemy_url(url: str, driver: str = "psycopg") -> str:
    """The same database for SQLAlchemy, which wants the driver by name (`psycopg` is version 3)."""
    return libpq_url(url).replace("postgresql://", f"postgresql+{driver}://", 1)


def dagster_url(url: str) -> str:
    """The same database for Dagster's storage, in a schema of its own, so that its tables never stand among ours.

    dagster-postgres brings psycopg2, and SQLAlchemy 2.1 takes psycopg 3 unless told otherwise (dagster.md, fact 4).
    """
    parts = urlsplit(sqlalchemy_url(url, "psycopg2"))
    query = dict(parse_qsl(parts.query))
    query["options"] = _options(url, f"-c search_path={DAGSTER_SCHEMA}")
    return urlunsplit(parts._replace(query=urlencode(query, quote_via=quote)))


def translated(error: psycopg.Error) -> PipelineError:
    """Transient when running again may help (lost connection, deadlock, full disk, shutdown), else Permanent."""
    passing = (psycopg.OperationalError, errors.TransactionRollback)
    lost = isinstance(error, psycopg.InterfaceError) and "closed" in str(error)
    if isinstance(error, passing) or lost:
        return Transient(f"The warehouse failed: {_said(error)}")
    return Permanent(f"The warehouse refused a statement: {_said(error)}")


def _said(error: psycopg.Error) -> str:
    text = error.diag.message_primary or str(error) or type(error).__name__
    return " ".join(text.split()).rstrip(".") + "."


def _options(url: str, ours: str) -> str:
    theirs = dict(parse_qsl(urlsplit(libpq_url(url)).query)).get("options", "")
    return f"{theirs} {ours}".strip()
