"""Where customers see their invoices: asked of Xero for a few approved invoices a run, because each costs a call of its own."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg.rows import class_row

from xero_pipeline.domain.errors import Throttled, Transient
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session

# A batch sends fifty invoices for the price of one address, so addresses wait for sending and reading.
MOST_A_RUN = 10
KEPT_FOR_OTHERS = 500

# The newest first: those are the ones that somebody is about to send to a customer.
_WITHOUT = """
select deliveries.id, deliveries.remote_id as invoice_id
from sync.deliveries
inner join xero.invoices on invoices.org_id = deliveries.org_id and invoices.invoice_id = deliveries.remote_id
where
    deliveries.org_id = %(org_id)s and deliveries.system = 'xero' and deliveries.object = 'invoices'
    and deliveries.online_url is null and invoices.status in ('AUTHORISED', 'PAID') and invoices.vanished_at is null
order by deliveries.last_at desc nulls last, deliveries.id desc
limit %(most)s
"""

# Empty: Xero has no page for it, and is not asked again.
_KEEP = "update sync.deliveries set online_url = %(url)s where id = %(id)s"


@dataclass(frozen=True, slots=True)
class _Invoice:
    id: int
    invoice_id: str


def fetch_online_urls(session: Session, report: StageReport) -> None:
    """Ask for the addresses of exported invoices that were approved and have none yet: `MOST_A_RUN` at most, and none when fewer
    than `KEPT_FOR_OTHERS` calls are left of the day. What could not be asked now is asked by the next run."""
    with session.warehouse.connect(purpose="online invoices") as conn:
        with conn.cursor(row_factory=class_row(_Invoice)) as cursor:
            found = cursor.execute(_WITHOUT, {"org_id": session.org_id, "most": MOST_A_RUN}).fetchall()
        conn.commit()
        for invoice in found:
            left = session.xero.left.day
            if left is not None and left < KEPT_FOR_OTHERS:
                break
            try:
                url = session.xero.writer.online_invoice_url(invoice.invoice_id)
            except (Throttled, Transient) as error:
                report.problems.append(f"Where customers see their invoices could not be asked: {error.message}")
                break
            conn.execute(_KEEP, {"id": invoice.id, "url": url or ""})
            conn.commit()
