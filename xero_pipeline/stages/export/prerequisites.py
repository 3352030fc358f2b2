"""What has to be in Xero before an invoice: its customer, and for an Auto Sync its items (FF-03, FF-07, FF-18).

An invoice whose customer or item could not be created fails with that reason and is not sent (FF-12, FF-14).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from xero_pipeline.domain.export_gate import item_refusals
from xero_pipeline.domain.items import draft_item
from xero_pipeline.domain.payloads import new_contact, new_item
from xero_pipeline.domain.sales import digest
from xero_pipeline.stages.export.books import books_for
from xero_pipeline.stages.export.items import refuse
from xero_pipeline.stages.export.kinds import CONTACTS, INVOICES, ITEMS
from xero_pipeline.stages.export.sending import Sender
from xero_pipeline.stages.export.sources import customers_of, products_of
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session
from xero_pipeline.warehouse import export_plan
from xero_pipeline.warehouse.connection import WarehouseConnection
from xero_pipeline.warehouse.outbox import Delivery, Outbox

Row = Mapping[str, Any]

# The join would find it by name or number in the next sync; until then, and for ever, it is certain.
_MATCH = """
insert into sync.contact_matches (
    org_id, contact_id, salesforce_org_id, account_id, rule, status, evidence, decided_at, run_id
)
select
    %(org_id)s, remote_id, %(salesforce_org_id)s, external_id, 'external_id', 'matched',
    'the contact was created from this account', %(now)s, %(run_id)s
from sync.deliveries
where
    org_id = %(org_id)s and system = 'xero' and object = 'contacts' and status = 'succeeded'
    and external_id = any(%(account_ids)s)
on conflict (org_id, contact_id) do nothing
"""

# Customers and items that could not be created and that somebody has made in Xero since: nothing is left to do about them.
_THERE = """
with there as (
    select 'contacts' as object, account_id as external_id, contact_id as remote_id
    from sync.export_documents
    where org_id = %(org_id)s and contact_state = 'found'

    union

    select 'items' as object, products.product_id as external_id, items.item_id as remote_id
    from sync.export_lines as lines
    inner join salesforce.products
        on products.org_id = %(salesforce_org_id)s and products.product_id = lines.product_id
    inner join xero.items on items.org_id = lines.org_id and items.code = lines.item_code and items.vanished_at is null
    -- A product that is ticked is sent for its own sake, and fails for its own sake.
    where lines.org_id = %(org_id)s and lines.item_state = 'known' and products.xero_sync is not true
)

update sync.deliveries set
    status = 'succeeded',
    remote_id = there.remote_id,
    step = null,
    cause = null,
    error_code = null,
    error = null,
    response = null,
    resolution = null,
    resolution_reason = null,
    resolved_by = null,
    resolved_at = null
from there
where
    deliveries.org_id = %(org_id)s and deliveries.system = 'xero' and deliveries.status = 'failed'
    and deliveries.called_at is null
    and deliveries.object = there.object and deliveries.external_id = there.external_id
"""


def close_those_there(session: Session, conn: WarehouseConnection) -> None:
    """Close the failures of customers and items that the plan has found in Xero."""
    conn.execute(_THERE, {"org_id": session.org_id, "salesforce_org_id": session.salesforce_org_id})


def with_customers(session: Session, conn: WarehouseConnection, due: Sequence[Row], report: StageReport) -> list[Row]:
    """Create the customers that the plan names; the rows that may go on, now with the ids of their contacts."""
    account_ids = list(dict.fromkeys(row["account_id"] for row in due if row["contact_state"] == "to_create"))
    if not account_ids:
        return list(due)
    outbox = Outbox(conn, session.org_id, CONTACTS.object_name, session.run_id, session.clock)
    known = outbox.known(account_ids)
    for account_id, customer in customers_of(conn, session.salesforce_org_id, account_ids).items():
        if account_id not in known or known[account_id].remote_id is None:
            payload = new_contact(customer)
            outbox.want(account_id, payload, record_name=customer.name, source_hash=digest(payload))
    conn.commit()
    Sender(session, conn, CONTACTS, report).send()
    binds = {"org_id": session.org_id, "salesforce_org_id": session.salesforce_org_id, "account_ids": account_ids}
    conn.execute(_MATCH, {**binds, "now": session.clock(), "run_id": session.run_id})
    created = outbox.known(account_ids)
    ready: list[Row] = []
    for row in due:
        contact = created.get(row["account_id"])
        if row["contact_state"] != "to_create":
            ready.append(row)
        elif contact is not None and contact.remote_id:
            ready.append({**row, "payload": {**row["payload"], "Contact": {"ContactID": contact.remote_id}}})
        else:
            _leave(session, conn, row, contact, "customer", f"The customer {row['account_name']}")
    conn.commit()
    return ready


def with_items(session: Session, conn: WarehouseConnection, due: Sequence[Row], report: StageReport) -> list[Row]:
    """Create the items that an Auto Sync asked for and that are not there by now; the rows that may go on."""
    lines = export_plan.lines(conn, session.org_id, [row["external_id"] for row in due])
    wanted = {
        line["product_id"]: line
        for of_invoice in lines.values()
        for line in of_invoice
        if line["item_state"] == "to_create"
    }
    if not wanted:
        return list(due)
    export = session.organisation.export
    outbox = Outbox(conn, session.org_id, ITEMS.object_name, session.run_id, session.clock)
    products = products_of(conn, session.salesforce_org_id, list(wanted), export)
    books = books_for(conn, session.org_id, session.today(conn), more_products=products)
    for product in products:
        line = wanted[product.product_id]
        payload = new_item(product, line["account_code"], line["tax_type"])
        if product.code in books.items:
            continue
        # The account and the tax are those of the line, which has passed its checks.
        draft = replace(draft_item(product, books, export), account_state="active", tax_state="fits")
        if refused := item_refusals(draft):
            refuse(outbox, product, digest(payload), refused, session.clock())
        else:
            outbox.want(product.product_id, payload, record_name=product.code, source_hash=digest(payload))
    conn.commit()
    Sender(session, conn, ITEMS, report).send()
    made = outbox.known(list(wanted))
    there = {product_id for product_id, delivery in made.items() if delivery.status == "succeeded"}
    there |= {product.product_id for product in products if product.code in books.items}
    ready: list[Row] = []
    for row in due:
        ours = [line for line in lines.get(row["external_id"], ()) if line["product_id"] in wanted]
        failed = next((line for line in ours if line["product_id"] not in there), None)
        if failed is None:
            ready.append(row)
        else:
            _leave(session, conn, row, made.get(failed["product_id"]), "products", f"The item {failed['item_code']}")
    conn.commit()
    return ready


def _leave(
    session: Session, conn: WarehouseConnection, row: Row, needed: Delivery | None, step: str, what: str
) -> None:
    """A row whose customer or item is not there: it fails with it, or waits for the next plan while that is not settled."""
    if needed is not None and needed.status == "pending":
        return
    reason = needed.error if needed is not None and needed.error else "It is no longer there in Salesforce."
    Outbox(conn, session.org_id, INVOICES.object_name, session.run_id, session.clock).refuse(
        row["external_id"],
        record_name=row["sale_name"] or row["sale_id"],
        source_hash=row["source_hash"],
        judged_at=row["planned_at"],
        step=step,
        cause=needed.cause if needed is not None and needed.cause else f"{step}_could_not_be_created",
        code=f"{step}_could_not_be_created",
        error=f"{what} could not be created in Xero: {reason}",
    )
