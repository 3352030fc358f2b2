"""Read again from Xero what a failed check looked at, before a person's Retry or Auto Sync is judged by it (FF-20).

Somebody who has mended a thing in Xero and presses Retry means Xero as it is now, and not as it was staged: lists up to an hour
ago, contacts and invoices up to 13 minutes. Nothing else is read, and nothing where nobody asks.
"""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import Connection

from xero_pipeline.domain.errors import Throttled
from xero_pipeline.domain.export_checks import EXPORT_CHECKS
from xero_pipeline.domain.items import ITEM_CHECKS
from xero_pipeline.domain.windows import latest_complete
from xero_pipeline.stages import contacts, documents, invoice_links, metadata
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session

# What each field of the evidence is read from, in Xero's own names.
_SOURCES = {
    "contact_state": "contacts",
    "currency_state": "currencies",
    "days_after_period_lock": "organisations",
    "days_after_year_end_lock": "organisations",
    "number_state": "invoices",
    "invoice_state": "invoices",
    "linked_invoices": "invoices",
    "branding_state": "branding_themes",
    "item_state": "items",
    "account_state": "accounts",
    "tax_state": "tax_rates",
    "tracking_1_state": "tracking_categories",
    "tracking_2_state": "tracking_categories",
}
_FIELDS = {check.name: check.field for check in (*EXPORT_CHECKS, *ITEM_CHECKS)} | {
    # Xero would not have what had to be created first; somebody may have created it since.
    "customer_could_not_be_created": "contact_state",
    "products_could_not_be_created": "item_state",
}

# The checks that refused what a person wants to go again: the first is on the delivery, the others in the plan.
_REFUSED = """
select distinct refused.check_name
from sync.deliveries
left join sync.export_documents as documents
    on documents.org_id = deliveries.org_id and documents.external_id = deliveries.external_id
    and deliveries.object = 'invoices' and jsonb_typeof(documents.reasons) = 'array'
cross join lateral (
    select deliveries.error_code as check_name
    union all
    select reason ->> 'check' from jsonb_array_elements(documents.reasons) as reason
) as refused
where
    deliveries.org_id = %(org_id)s and deliveries.system = 'xero' and deliveries.status = 'failed'
    and (
        case
            when %(ids)s::bigint[] is null then deliveries.resolution in ('retry', 'auto_sync')
            else deliveries.id = any(%(ids)s)
        end
    )
    -- What was asked for a sale that nobody selects any more is never honoured, and must not be read for in every run.
    and (
        deliveries.object <> 'invoices'
        or exists (
            select 1
            from sync.export_documents as planned
            where planned.org_id = deliveries.org_id and planned.external_id = deliveries.external_id
        )
    )
"""


def look_again(session: Session, report: StageReport, ids: Sequence[int] | None = None) -> None:
    """Read what decides about these failures, or about those that a person wants to go again; once a run each list."""
    with session.warehouse.connect(purpose="export") as conn:
        names = _sources(conn, session.org_id, ids)
    for name in names:
        if session.once(f"look again at {name}"):
            try:
                _read(session, name, report)
            except Throttled as error:
                # Pages that came before it are staged, and its report is lost.
                session.known.forget()
                # What Xero still allows today is kept for sending, and that needs no look at anything.
                report.problems.append(f"What is to be tried again is judged by what was read before: {error.message}")
                return


def _read(session: Session, name: str, report: StageReport) -> None:
    window = latest_complete(session.clock())
    if name == "contacts":
        _add(report, contacts.run(session, window))
    elif name == "invoices":
        _add(report, documents.run_invoices(session, window))
        # What an invoice says of its sale may be what was mended.
        _add(report, invoice_links.run(session, window))
    else:
        metadata.refresh(session, name, report)


def _sources(conn: Connection, org_id: str, ids: Sequence[int] | None) -> list[str]:
    binds = {"org_id": org_id, "ids": None if ids is None else list(ids)}
    checks = [row[0] for row in conn.execute(_REFUSED, binds).fetchall()]
    fields = [_FIELDS[check] for check in checks if check in _FIELDS]
    return sorted({_SOURCES[field] for field in fields if field in _SOURCES})


def _add(report: StageReport, done: StageReport) -> None:
    for table, changes in done.tables.items():
        report.add(table, changes)
    report.problems.extend(done.problems)
