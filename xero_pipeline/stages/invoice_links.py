"""Tie sales invoices to the opportunities and orders they name (BW-10).

A delta looks only at invoices that changed, whose contact came to another account, or whose link a person took away, which loads
and triggers note in sync.linking_due. When what opportunities and orders are found by has changed, any invoice may name one, and
all are looked at. The rows are taken in the transaction that links, so a run that fails leaves them to the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from psycopg import Connection, sql

from xero_pipeline.domain.org import InvoiceLinks, Org
from xero_pipeline.domain.windows import Window
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session
from xero_pipeline.stages.sql import query
from xero_pipeline.warehouse import due
from xero_pipeline.warehouse.loader import Changes

_STANDING = """
select
    count(*) filter (where status in ('linked', 'manual')) as linked,
    count(*) filter (where status = 'ambiguous') as ambiguous
from sync.invoice_links
where org_id = %(org_id)s
"""


_CONSUMER = "linking"
# Looking at more single records than this takes longer than looking at them all together.
_MOST = 20_000


def run(session: Session, window: Window) -> StageReport:
    """Link every unlinked invoice that names exactly one record of its account, in a delta those alone that may by now.

    One transaction. `window` does not matter here.
    """
    report = StageReport("invoice_links")
    with session.warehouse.connect() as conn:
        changes = bring_up_to_date(conn, session.organisation, session.binds(), whole=session.mode != "delta")
        standing = conn.execute(_STANDING, {"org_id": session.org_id}).fetchone()
        assert standing is not None
    report.rows_seen = changes.inserted + changes.updated
    report.add("sync.invoice_links", changes)
    report.notes.update(linked=standing[0], ambiguous=standing[1])
    if standing[1]:
        report.problems.append(
            f"{standing[1]} invoices name several records, or one of another account; link them by hand."
        )
    return report


def bring_up_to_date(conn: Connection, org: Org, bind: Mapping[str, object], *, whole: bool) -> Changes:
    """Make the links what the organisation's rules say, in the caller's transaction. Binds are the session's.

    Without `whole` only what became due since the last time is looked at, if that was by the same rules.
    """
    rules, org_id, now = org.invoice_links, str(bind["org_id"]), bind["now"]
    assert isinstance(now, datetime)
    known = due.terms(conn, org_id, _CONSUMER)
    terms = {
        **rules.model_dump(),
        "scope": ",".join(org.invoice_prefixes),
        "salesforce_org_id": str(bind["salesforce_org_id"]),
    }
    found = due.take(conn, org_id, _CONSUMER)
    invoices, contacts = found.get("invoice", []), found.get("contact", [])
    everything = whole or known != terms or "targets" in found or len(invoices) + len(contacts) > _MOST
    changes = Changes()
    if everything or invoices or contacts:
        looked_at = {
            **bind,
            "everything": everything,
            "invoices": [] if everything else invoices,
            "contacts": [] if everything else contacts,
            "preferred": rules.prefer,
            "other": "opportunity" if rules.prefer == "order" else "order",
            "rule": f"{rules.xero_field} names the record, same account",
        }
        forgotten = conn.execute(query("invoice_links_forget"), looked_at).rowcount
        new, changed = conn.execute(_linking(rules), looked_at).fetchone() or (0, 0)
        changes = Changes(inserted=new, updated=changed, removed=forgotten)
    due.keep(conn, org_id, _CONSUMER, known, terms, at=now)
    return changes


def _linking(rules: InvoiceLinks) -> sql.Composed:
    # The fields are names from a fixed list (domain/org.py), never text from data.
    return sql.SQL(query("invoice_links")).format(
        xero_field=sql.Identifier(rules.xero_field),
        opportunity_field=sql.Identifier(rules.opportunity_field),
        order_field=sql.Identifier(rules.order_field),
    )
