"""Tables of schema `analytics`: rollups that are computed and kept. The views beside them are in warehouse/views."""

from __future__ import annotations

from sqlalchemy import Table

from xero_pipeline.warehouse.tables.metadata import AnyColumn, instant, integer, key, metadata, money, org_id, text


def _totals() -> tuple[AnyColumn, ...]:
    return (
        money("total_invoiced", "Total of authorised and paid sales invoices"),
        money("total_paid", "Paid on them by payments"),
        money("total_credited", "Covered on them by credit notes, prepayments and overpayments"),
        money("total_due", "Still due on authorised sales invoices"),
        money("total_overdue", "Due on those past their due date, in the organisation's time zone"),
        money("total_draft", "Total of drafts and, if so configured, of submitted invoices"),
    )


def _rollups(name: str, comment: str, target: str, *columns: AnyColumn) -> Table:
    return Table(
        name,
        metadata,
        org_id("Xero organisation the invoices are of, by OrganisationID"),
        key(target, "Salesforce record the invoices are rolled up to"),
        key("currency_code", "ISO code of the amounts; * for all currencies together, in base currency"),
        *_totals(),
        *columns,
        instant("computed_at", "When a figure of this row last changed", required=True),
        schema="analytics",
        comment=comment,
        postgresql_with={"fillfactor": 80},
    )


account_rollups = _rollups(
    "account_rollups",
    "What each Salesforce account was invoiced, paid and owes, a row a currency and one in base currency",
    "account_id",
    money("unallocated_credit", "Remaining credit of authorised credit notes, prepayments and overpayments"),
    integer("documents", "Documents counted", required=True),
    text("status", "Overdue, Owing, In Credit, Paid Up or Draft Only"),
)

opportunity_rollups = _rollups(
    "opportunity_rollups",
    "What the invoices linked to each opportunity add up to, a row a currency and one in base currency",
    "opportunity_id",
    integer("documents", "Documents counted", required=True),
)

TABLES = (account_rollups, opportunity_rollups)
