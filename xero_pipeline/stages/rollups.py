"""Roll invoices up to opportunities and accounts, per currency and in base currency (BW-45 to BW-49, BW-X01)."""

from __future__ import annotations

from psycopg import Connection, sql

from xero_pipeline.domain.errors import Permanent
from xero_pipeline.domain.windows import Window
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session
from xero_pipeline.stages.sql import query
from xero_pipeline.warehouse.loader import Changes

_BASE_CURRENCY = "select base_currency from xero.organisations where org_id = %(org_id)s"


def run(session: Session, window: Window) -> StageReport:
    """Recompute every rollup and rewrite those that differ, opportunities first (BW-48); one transaction.

    All of them, not only those of changed invoices: what is overdue changes with the date, and no stamp moves (products.md 2.3).
    With rollup type "none" nothing happens at all, zeroing included (BW-49). `window` does not matter here.
    Raises Permanent when the organisation's base currency was never staged.
    """
    rules = session.organisation.rollups
    report = StageReport("rollups")
    with session.warehouse.connect() as conn:
        bind = session.binds() | {
            "today": session.today(conn),
            "base_currency": _base_currency(conn, session),
            "draft_statuses": ["DRAFT", "SUBMITTED"] if rules.submitted_counts_as_draft else ["DRAFT"],
            "prepayments_count": rules.prepayments_count_as_credit,
        }
        targets = [("opportunity_rollups", rules.for_opportunities), ("account_rollups", rules.for_accounts)]
        for table in (name for name, wanted in targets if wanted):
            document = sql.SQL(query("documents.part")).format(basis=sql.Identifier(rules.basis))
            counts = conn.execute(sql.SQL(query(table)).format(document=document), bind).fetchone()
            assert counts is not None
            seen, inserted, updated, removed = counts
            report.rows_seen += seen
            report.add(f"analytics.{table}", Changes(inserted=inserted, updated=updated, removed=removed))
    return report


def _base_currency(conn: Connection, session: Session) -> str:
    row = conn.execute(_BASE_CURRENCY, session.binds()).fetchone()
    if row is None or not row[0]:
        raise Permanent(
            f"The base currency of {session.organisation.alias} is not known, so nothing can be added up.",
            next_step="Run the metadata stage first.",
        )
    return str(row[0])
