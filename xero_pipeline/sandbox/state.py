"""The sandbox's state on disk: one SQLite file of (section, id, body) rows, written through after every request that changed it.

A book's rows keep the order they were first written in, which is the order its records were made in.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

FILE = "sandbox.sqlite"
CREATE = """
CREATE TABLE IF NOT EXISTS kept (
    section TEXT NOT NULL,
    id TEXT NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (section, id)
)
"""
PUT = """
INSERT INTO kept (section, id, body) VALUES (?, ?, ?)
ON CONFLICT (section, id) DO UPDATE SET body = excluded.body
"""
DELETE = "DELETE FROM kept WHERE section = ? AND id = ?"
READ = "SELECT id, body FROM kept WHERE section = ? ORDER BY rowid"
READ_LIKE = "SELECT section, id, body FROM kept WHERE section GLOB ? ORDER BY rowid"

Row = tuple[str, str, bytes]


class StateInUse(OSError):
    """Another sandbox has this state open."""


class Store:
    """One state directory. A killed process loses nothing that was written; a failing machine may lose the last moments."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / FILE
        # The file holds the sandbox's own keys, so no one else on the machine has to read it.
        path.touch(mode=0o600)
        # The store is opened by the thread that builds the sandbox and used by the one that serves it, never by both at once.
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0.1)
        try:
            # Two sandboxes that write one state would each undo what the other did.
            self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            # Records are about a kilobyte: larger pages and some memory halve the time that a large first state takes.
            self._connection.execute("PRAGMA page_size = 8192")
            self._connection.execute("PRAGMA cache_size = -65536")
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA journal_size_limit = 16777216")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute(CREATE)
        except sqlite3.OperationalError as error:
            self._connection.close()
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            raise StateInUse(f"Another sandbox is running with the state in {directory}.") from error

    def write(self, rows: Iterable[Row], gone: Iterable[tuple[str, str]] = ()) -> None:
        """Writes and deletes in one transaction."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._connection.executemany(PUT, rows)
            self._connection.executemany(DELETE, gone)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def section(self, name: str) -> Iterator[tuple[str, bytes]]:
        """The (id, body) rows of one section, in the order they were first written."""
        yield from self._connection.execute(READ, (name,))

    def sections(self, pattern: str) -> Iterator[Row]:
        """The rows of every section that matches a GLOB pattern, in the order they were first written."""
        yield from self._connection.execute(READ_LIKE, (pattern,))

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()
