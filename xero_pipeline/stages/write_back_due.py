"""What of the records in Salesforce a run has to look at: everything, or in a delta what became due since the last write-back.

Loads and triggers note in sync.write_back_due what changed. The notes are taken in the transaction that plans every kind of
record, so that a run which fails before leaves them to the next, and one that fails after has its deliveries pending. What lines
have left stays noted until those are deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import dict_row

from xero_pipeline.stages.session import Session
from xero_pipeline.stages.sql import query
from xero_pipeline.warehouse import due
from xero_pipeline.warehouse.deliveries import ATTEMPTS

_CONSUMER = "write_back"
_KINDS = ("contacts", "documents", "changed", "payments", "removals")
# Looking at more single records than this takes longer than looking at them all together, unless there are many times as many.
_MOST = 20_000
_MANY_TIMES = 5
_SENT = "select count(*) from sync.deliveries where org_id = %(org_id)s and system = 'salesforce'"


@dataclass(frozen=True)
class Due:
    """What to look at, as values that the queries of records bind: ids by kind, which count unless it is `everything`.

    `documents` are invoices and credit notes, `changed` those of them that changed themselves: their lines and payments are
    looked at with them. `removals` are those that lost lines.
    """

    everything: bool
    contacts: list[str]
    documents: list[str]
    changed: list[str]
    payments: list[str]
    removals: list[str]

    def binds(self) -> dict[str, object]:
        return {
            "everything": self.everything,
            "contacts": self.contacts,
            "documents": self.documents,
            "changed": self.changed,
            "payments": self.payments,
            "removals": self.removals,
        }


def take(session: Session, conn: Connection) -> Due:
    """Take what is due, in the transaction that plans it."""
    binds = {"org_id": session.org_id, "most": ATTEMPTS}
    known = due.terms(conn, session.org_id, _CONSUMER)
    terms = _terms(session, conn)
    found: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    for kind, record_id in conn.execute(query("write_back/due"), binds):
        found[kind].append(record_id)
    due.keep(conn, session.org_id, _CONSUMER, known, terms, at=session.started_at)
    everything = session.mode != "delta" or known != terms or _are_many(conn, sum(map(len, found.values())), binds)
    return Due(everything, **found)


_REMOVED = """
delete from sync.write_back_due
where org_id = %(org_id)s and kind = 'removal' and record_id <> all(%(document_ids)s)
"""


def removed(conn: Connection, org_id: str, *, but_of: Iterable[str]) -> None:
    """Forget the documents of which lines were to be deleted, except those of which some could not be."""
    conn.execute(_REMOVED, {"org_id": org_id, "document_ids": sorted(set(but_of))})


def _terms(session: Session, conn: Connection) -> Mapping[str, str]:
    with conn.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(query("write_back/terms"), {"org_id": session.org_id}).fetchone()
    assert found is not None
    return {**found, "scope": ",".join(session.organisation.invoice_prefixes)}


def _are_many(conn: Connection, count: int, binds: Mapping[str, object]) -> bool:
    if count <= _MOST:
        return False
    (sent,) = conn.execute(_SENT, binds).fetchone() or (0,)
    return count * _MANY_TIMES > int(sent)
