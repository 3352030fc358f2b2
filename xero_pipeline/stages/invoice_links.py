"""Tie sales invoices to the opportunities and orders they name (BW-10)."""

from __future__ import annotations

from psycopg import sql

from xero_pipeline.domain.org import InvoiceLinks
from xero_pipeline.domain.windows import Window
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session
from xero_pipeline.stages.sql import query
from xero_pipeline.warehouse.loader import Changes

_STANDING = """
select
    count(*) filter (where status in ('linked', 'manual')) as linked,
    count(*) filter (where status = 'ambiguous') as ambiguous
from sync.invoice_links
where org_id = %(org_id)s
"""


def run(session: Session, window: Window) -> StageReport:
    """Link every unlinked invoice that names exactly one record of its account; one transaction. `window` does not matter."""
    rules = session.organisation.invoice_links
    report = StageReport("invoice_links")
    bind = session.binds() | {
        "preferred": rules.prefer,
        "other": "opportunity" if rules.prefer == "order" else "order",
        "rule": f"{rules.xero_field} names the record, same account",
    }
    with session.warehouse.connect() as conn:
        forgotten = conn.execute(query("invoice_links_forget"), bind).rowcount
        new, changed = conn.execute(_linking(rules), bind).fetchone() or (0, 0)
        standing = conn.execute(_STANDING, bind).fetchone()
        assert standing is not None
    report.rows_seen = new + changed
    report.add("sync.invoice_links", Changes(inserted=new, updated=changed, removed=forgotten))
    report.notes.update(linked=standing[0], ambiguous=standing[1])
    if standing[1]:
        report.problems.append(
            f"{standing[1]} invoices name several records, or one of another account; link them by hand."
        )
    return report


def _linking(rules: InvoiceLinks) -> sql.Composed:
    # The fields are names from a fixed list (domain/org.py), never text from data.
    return sql.SQL(query("invoice_links")).format(
        xero_field=sql.Identifier(rules.xero_field),
        opportunity_field=sql.Identifier(rules.opportunity_field),
        order_field=sql.Identifier(rules.order_field),
    )
