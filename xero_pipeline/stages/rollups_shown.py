"""Whose figures in Salesforce a run has to compare with the rollups: everybody's, or in a delta what changed on either side.

Rollups and triggers on what Salesforce shows note in sync.showing_due whose figures may differ. What is noted stays so until all
figures have gone out, zeros before others: a run that fails in between leaves all of it to the next.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg import Connection

from xero_pipeline.stages.session import Session
from xero_pipeline.warehouse import due

_CONSUMER = "showing"
# What could not be sent is looked at too: it takes its place before anything that changed since.
_LOOK = """
select id, kind, record_id from sync.showing_due where org_id = %(org_id)s
union all
select null, case object when 'Account' then 'account' else 'opportunity' end, external_id
from sync.deliveries
where
    org_id = %(org_id)s and system = 'salesforce' and object in ('Account', 'Opportunity') and status in ('pending', 'failed')
"""
_DONE = "delete from sync.showing_due where id = any(%(ids)s) and record_id <> all(%(but)s)"
# Looking at more single records than this takes longer than looking at them all together.
_MOST = 20_000


@dataclass(frozen=True)
class Shown:
    """What to compare, as values that the queries of figures bind; the ids count unless it is `everything`.

    `notes` are the rows of sync.showing_due that it was found by, `terms` those under which all is compared.
    """

    everything: bool
    accounts: list[str]
    opportunities: list[str]
    notes: list[int]
    terms: dict[str, str]

    def binds(self) -> dict[str, object]:
        return {"everything": self.everything, "accounts": self.accounts, "opportunities": self.opportunities}

    @property
    def is_nothing(self) -> bool:
        return not (self.everything or self.accounts or self.opportunities)


def look(session: Session, conn: Connection) -> Shown:
    """What is due now, which stays due until `done`. What changes from here on is noted for the next time."""
    org_id = session.org_id
    terms = {"type": session.organisation.rollups.type, "salesforce_org_id": session.salesforce_org_id}
    known = due.terms(conn, org_id, _CONSUMER)
    rows = conn.execute(_LOOK, {"org_id": org_id}).fetchall()
    everything = session.mode != "delta" or known != terms or len(rows) > _MOST
    if known != terms:
        # Until all of it has gone out, whoever comes next has to look at all of it as well.
        due.keep(conn, org_id, _CONSUMER, known, {**terms, "done": "no"}, at=session.started_at)
    found = {kind: sorted({key for _, one, key in rows if one == kind}) for kind in ("account", "opportunity")}
    notes = [note for note, _, _ in rows if note is not None]
    return Shown(everything, found["account"], found["opportunity"], notes, terms)


def done(session: Session, conn: Connection, shown: Shown, *, but: Iterable[str] = ()) -> None:
    """All of it was planned and sent, or waits with its reason, except the records `but`; what was noted since stays."""
    if shown.notes:
        conn.execute(_DONE, {"ids": shown.notes, "but": list(but)})
    known = due.terms(conn, session.org_id, _CONSUMER)
    due.keep(conn, session.org_id, _CONSUMER, known, shown.terms, at=session.started_at)
