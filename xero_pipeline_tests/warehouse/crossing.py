"""A transaction that meets a row which another has changed and not committed yet."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

_WAITS = "select count(*) from pg_stat_activity where pid = %s and wait_event_type = 'Lock'"


@contextmanager
def crossing(
    conn: psycopg.Connection, act: Callable[[], object], looking: psycopg.Connection
) -> Iterator[list[Exception]]:
    """Let `act`, which uses `conn` alone, begin; the block is entered when it waits for a lock, and is to let it go on.

    What it raised is in the list once the block has ended, and its transaction is over then.
    """
    raised: list[Exception] = []

    def cross() -> None:
        try:
            act()
        except Exception as error:
            raised.append(error)
        finally:
            conn.rollback()

    other = threading.Thread(target=cross)
    other.start()
    try:
        for _ in range(3000):
            if looking.execute(_WAITS, [conn.info.backend_pid]).fetchone() == (1,):
                break
            threading.Event().wait(0.01)
        else:
            raise AssertionError("It did not wait for anybody.")
        yield raised
    finally:
        other.join(30)
