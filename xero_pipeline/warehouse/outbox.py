"""What is to be written to Xero: every delivery is kept with its payload before the call, and each call with its key.

A call that was begun is in doubt until its outcome is written here. Its deliveries carry the same `call_key` and are told in the
order of their ids, so that the very same request can be made again by a process that knows nothing else of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from psycopg import Connection
from psycopg.rows import class_row

from xero_pipeline.warehouse import outbox_statements as statements
from xero_pipeline.warehouse.exact_json import encoded, jsonb, read_exactly

# The lines of an invoice in the order they are sent in: the id of each in Salesforce, and in Xero where that is known.
Lines: TypeAlias = Sequence[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One record on its way to Xero. `called_at` (aware UTC) is when a call was begun whose outcome is not known."""

    id: int
    external_id: str
    record_name: str | None
    payload: Mapping[str, Any] | None
    source_hash: str | None
    status: Literal["pending", "succeeded", "failed"]
    attempts: int
    remote_id: str | None
    error: str | None
    step: str | None
    cause: str | None
    resolution: str
    call_key: str | None
    called_at: datetime | None
    lines: Lines | None

    @property
    def in_doubt(self) -> bool:
        return self.status == "pending" and self.called_at is not None


@dataclass(frozen=True, slots=True)
class Outbox:
    """The deliveries of one kind of record (contacts, items, invoices or notes) of one organisation. The caller commits.

    `clock` tells the instant, aware UTC, that calls and outcomes are stamped with.
    """

    conn: Connection
    org_id: str
    object_name: str
    run_id: str
    clock: Callable[[], datetime]

    def known(self, external_ids: Sequence[str]) -> dict[str, Delivery]:
        """What is known of these records, by external id."""
        found = self._deliveries(statements.KNOWN, external_ids=list(external_ids))
        return {delivery.external_id: delivery for delivery in found}

    def ready(self) -> list[Delivery]:
        """What waits to be sent, oldest first."""
        return self._deliveries(statements.READY)

    def in_doubt(self) -> list[list[Delivery]]:
        """The calls whose outcome is not known, oldest first, each with its deliveries in the order they were sent in."""
        calls: dict[str, list[Delivery]] = {}
        for delivery in self._deliveries(statements.IN_DOUBT):
            calls.setdefault(str(delivery.call_key), []).append(delivery)
        return list(calls.values())

    def want(
        self,
        external_id: str,
        payload: Mapping[str, Any],
        *,
        record_name: str,
        source_hash: str,
        remote_id: str | None = None,
        lines: Lines | None = None,
    ) -> None:
        """Keep what is to be sent. A record that is in doubt keeps what it was sent with."""
        content = {"payload": jsonb(dict(payload)), "payload_hash": _digest(payload), "source_hash": source_hash}
        ids = {"remote_id": remote_id, "line_ids": None if lines is None else jsonb([list(pair) for pair in lines])}
        self._execute(statements.WANT, external_id=external_id, record_name=record_name, **content, **ids)

    def refuse(
        self,
        external_id: str,
        *,
        record_name: str,
        source_hash: str,
        judged_at: datetime,
        step: str,
        cause: str,
        code: str,
        error: str,
    ) -> None:
        """Put a record into the queue unsent, with the reason. One that waits there for the same reason stays as it is, and so
        does one that a person has decided about since `judged_at`, aware UTC."""
        why = {"step": step, "cause": cause, "error_code": code, "error": error}
        what = {"record_name": record_name, "source_hash": source_hash, "judged_at": judged_at}
        self._execute(statements.REFUSE, external_id=external_id, **what, **why)

    def call(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Begin a call for these deliveries: as they are now, with its idempotency key. Commit before it is made."""
        parts = [f"{each.id} {each.attempts} {_digest(each.payload or {})}" for each in deliveries]
        key = hashlib.sha256("\n".join([self.org_id, self.run_id, self.object_name, *parts]).encode()).hexdigest()
        self._execute(statements.CALL, key=key, ids=[each.id for each in deliveries])
        return next(call for call in self.in_doubt() if call[0].call_key == key)

    def not_done(self, deliveries: Sequence[Delivery]) -> None:
        """The call was made in vain: its deliveries wait to be sent anew, with another key."""
        self._execute(statements.NOT_DONE, ids=[each.id for each in deliveries])

    def plan_anew(self, deliveries: Sequence[Delivery]) -> None:
        """Nothing is sent of these before the next plan, which sees what the call has left."""
        self._execute(statements.PLAN_ANEW, ids=[each.id for each in deliveries])

    def succeeded(
        self, delivery: Delivery, remote_id: str, response: object = None, lines: Lines | None = None
    ) -> None:
        """Xero has the record; `lines` are now known by their ids there."""
        pairs = None if lines is None else [list(pair) for pair in lines]
        self._settle(delivery, "succeeded", remote_id=remote_id, response=response, line_ids=pairs)

    def failed(self, delivery: Delivery, *, step: str, cause: str, code: str, error: str, response: object) -> None:
        """Xero refused the record; it waits in the queue."""
        self._settle(delivery, "failed", step=step, cause=cause, error_code=code, error=error, response=response)

    def unchanged(self, external_id: str, source_hash: str) -> None:
        """The record moved in Salesforce and nothing follows from it in Xero."""
        self._execute(statements.UNCHANGED, external_id=external_id, source_hash=source_hash)

    def withdraw(self, sale_ids: Sequence[str]) -> int:
        """Close what failed or still waits of sales that are no longer selected; how many."""
        return self.conn.execute(statements.WITHDRAW, self._binds(sale_ids=list(sale_ids))).rowcount

    def _settle(self, delivery: Delivery, status: str, **outcome: object) -> None:
        empty = dict.fromkeys(("remote_id", "line_ids", "step", "cause", "error_code", "error", "response"))
        values = {**empty, **outcome}
        for name in ("line_ids", "response"):
            values[name] = None if values[name] is None else jsonb(values[name])
        self._execute(statements.SETTLE, id=delivery.id, status=status, **values)

    def _deliveries(self, statement: str, **binds: object) -> list[Delivery]:
        read_exactly(self.conn)
        with self.conn.cursor(row_factory=class_row(Delivery)) as cursor:
            return cursor.execute(statement.encode(), self._binds(**binds)).fetchall()

    def _execute(self, statement: str, **binds: object) -> None:
        self.conn.execute(statement.encode(), self._binds(**binds))

    def _binds(self, **more: object) -> dict[str, object]:
        scope = {"org_id": self.org_id, "object": self.object_name, "run_id": self.run_id, "now": self.clock()}
        return {**scope, **more}


def _digest(payload: Mapping[str, Any]) -> str:
    return hashlib.sha256(encoded(payload)).hexdigest()
