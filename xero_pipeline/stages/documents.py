"""Stage the documents: invoices and bills, orders, credit notes, quotes, prepayments, overpayments, payments, journals."""

from __future__ import annotations

from psycopg import Connection, sql

from xero_pipeline.domain.windows import Window
from xero_pipeline.stages import metadata
from xero_pipeline.stages.reading import fetch_missing_contacts, read
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session
from xero_pipeline.warehouse import settings
from xero_pipeline.warehouse.loader import Load
from xero_pipeline.warehouse.unchanged import keep_digests

# Codes that lines changed by this run name and the staged lists lack, and the list that would know them. Lines are many and the
# codes on them few, so that each is looked up once, whatever the planner thinks of a table that has just been filled.
_UNKNOWN = """
with used as materialized (
    select distinct account_code, tax_type, {item_code} as item_code, tracking_1_category_id, tracking_2_category_id
    from {lines} as lines
)

select
    bool_or(used.account_code <> '' and accounts.account_id is null) as accounts,
    bool_or(used.tax_type <> '' and tax_rates.tax_type is null) as tax_rates,
    bool_or(used.item_code <> '' and items.item_id is null) as items,
    bool_or(used.tracking_1_category_id <> '' and first_category.tracking_category_id is null)
    or bool_or(used.tracking_2_category_id <> '' and second_category.tracking_category_id is null) as tracking_categories
from used
left join xero.accounts on accounts.org_id = %(org_id)s and accounts.code = used.account_code
left join xero.tax_rates on tax_rates.org_id = %(org_id)s and tax_rates.tax_type = used.tax_type
left join xero.items on items.org_id = %(org_id)s and items.code = used.item_code and items.vanished_at is null
left join xero.tracking_categories as first_category
    on first_category.org_id = %(org_id)s and first_category.tracking_category_id = used.tracking_1_category_id
left join xero.tracking_categories as second_category
    on second_category.org_id = %(org_id)s and second_category.tracking_category_id = used.tracking_2_category_id
"""

_SCOPE = """
update xero.invoices
set in_scope = wanted.in_scope, synced_at = %(now)s
from (
    select invoice_id, type <> 'ACCREC' or starts_with_any.hit as in_scope
    from xero.invoices
    cross join lateral (
        select coalesce(bool_or(starts_with(invoices.invoice_number, prefix)), false) or %(prefixes)s::text[] = '{}' as hit
        from unnest(%(prefixes)s::text[]) as prefix
    ) as starts_with_any
    where org_id = %(org_id)s
) as wanted
where
    invoices.org_id = %(org_id)s
    and invoices.invoice_id = wanted.invoice_id
    and invoices.in_scope <> wanted.in_scope
"""


def _run(
    session: Session,
    window: Window,
    name: str,
    lines: str | None = None,
    *,
    has_items: bool = True,
    everything: bool = False,
) -> StageReport:
    report = StageReport(name)
    unknown: list[str] = []

    def after_merge(conn: Connection, load: Load, report: StageReport) -> None:
        if name not in ("payments", "manual_journals"):
            fetch_missing_contacts(session, name, conn, load, report)
        if lines is not None and f"xero.{lines}" in report.tables and report.tables[f"xero.{lines}"].written:
            unknown.extend(_unknown_codes(session, conn, load, f"xero.{lines}", has_items=has_items))

    read(session, window, name, report, everything=everything, after_merge=after_merge)
    for each in unknown:
        # Once a run each (design, section 5).
        if session.once(f"learn {each}"):
            metadata.refresh(session, each, report)
    return report


def _unknown_codes(session: Session, conn: Connection, load: Load, lines: str, *, has_items: bool) -> list[str]:
    """The lists that would know a code which turned up on a line."""
    statement = sql.SQL(_UNKNOWN).format(
        lines=load.written(lines),
        item_code=sql.Identifier("lines", "item_code") if has_items else sql.SQL("null::text"),
    )
    unknown = conn.execute(statement, {"org_id": session.org_id, "now": session.started_at}).fetchone()
    lists = ("accounts", "tax_rates", "items", "tracking_categories")
    return [name for name, is_unknown in zip(lists, unknown or (), strict=False) if is_unknown]


def run_invoices(session: Session, window: Window) -> StageReport:
    """Sales invoices, and bills if they are switched on: both types come in one call (BW-04, BW-24).

    The watermark is one for both, so bills that are switched on again are read from the beginning once.
    """
    bills = session.organisation.sync.bills
    with session.warehouse.connect(purpose="invoices") as conn:
        were_off = settings.get(conn, session.org_id, "bills") is False
    report = _run(session, window, "invoices", "invoice_lines", everything=bills and were_off)
    with session.warehouse.connect(purpose="invoices") as conn:
        settings.put(conn, session.org_id, "bills", bills, now=session.started_at)
        report.notes["scope_changed"] = _apply_prefixes(session, conn)
    return report


def _apply_prefixes(session: Session, conn: Connection) -> int:
    # Rows carry their scope as they come; this catches up with a prefix filter that was changed in orgs.yaml (products.md 2.12).
    prefixes = list(session.organisation.invoice_prefixes)
    changed = settings.put(conn, session.org_id, "invoice_prefixes", prefixes, now=session.started_at)
    if not changed or session.known.was_empty("xero.invoices"):
        return 0
    keep_digests(conn)
    return conn.execute(_SCOPE, {"org_id": session.org_id, "now": session.started_at, "prefixes": prefixes}).rowcount


def run_purchase_orders(session: Session, window: Window) -> StageReport:
    """Purchase orders (BW-30)."""
    return _run(session, window, "purchase_orders", "purchase_order_lines")


def run_credit_notes(session: Session, window: Window) -> StageReport:
    """Credit notes with their allocations (BW-34)."""
    return _run(session, window, "credit_notes", "credit_note_lines")


def run_quotes(session: Session, window: Window) -> StageReport:
    """Quotes (SFX-21)."""
    return _run(session, window, "quotes", "quote_lines")


def run_prepayments(session: Session, window: Window) -> StageReport:
    """Prepayments with their allocations (SFX-21)."""
    return _run(session, window, "prepayments")


def run_overpayments(session: Session, window: Window) -> StageReport:
    """Overpayments with their allocations."""
    return _run(session, window, "overpayments")


def run_payments(session: Session, window: Window) -> StageReport:
    """Payments on invoices, bills, credit notes, prepayments and overpayments, deleted ones included (SFX-19)."""
    return _run(session, window, "payments")


def run_manual_journals(session: Session, window: Window) -> StageReport:
    """Manual journals, new and updated, in every status (SFX-X03)."""
    return _run(session, window, "manual_journals", "manual_journal_lines", has_items=False)
