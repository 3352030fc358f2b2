"""What has to be in Xero before an invoice: its customer, and for an Auto Sync its items (FF-03, FF-07, FF-18).

An invoice whose customer or item could not be created fails with that reason and is not sent (FF-12, FF-14).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xero_pipeline.domain.payloads import new_contact, new_item
from xero_pipeline.domain.sales import digest
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
            _refuse(session, conn, row, contact, "customer", f"The customer {row['account_name']}")
    conn.commit()
    return ready


def with_items(session: Session, conn: WarehouseConnection, due: Sequence[Row], report: StageReport) -> list[Row]:
    """Create the items that an Auto Sync asked for; the rows that may go on."""
    lines = export_plan.lines(conn, session.org_id, [row["external_id"] for row in due])
    wanted = {
        line["product_id"]: line
        for of_invoice in lines.values()
        for line in of_invoice
        if line["item_state"] == "to_create"
    }
    if not wanted:
        return list(due)
    outbox = Outbox(conn, session.org_id, ITEMS.object_name, session.run_id, session.clock)
    for product in products_of(conn, session.salesforce_org_id, list(wanted), session.organisation.export):
        line = wanted[product.product_id]
        payload = new_item(product, line["account_code"], line["tax_type"])
        outbox.want(product.product_id, payload, record_name=product.code, source_hash=digest(payload))
    conn.commit()
    Sender(session, conn, ITEMS, report).send()
    made = outbox.known(list(wanted))
    ready: list[Row] = []
    for row in due:
        ours = [line for line in lines.get(row["external_id"], ()) if line["product_id"] in wanted]
        failed = next((line for line in ours if not _is_there(made.get(line["product_id"]))), None)
        if failed is None:
            ready.append(row)
        else:
            _refuse(session, conn, row, made.get(failed["product_id"]), "products", f"The item {failed['item_code']}")
    conn.commit()
    return ready


def _is_there(delivery: Delivery | None) -> bool:
    return delivery is not None and delivery.status == "succeeded"


def _refuse(
    session: Session, conn: WarehouseConnection, row: Row, failed: Delivery | None, step: str, what: str
) -> None:
    reason = failed.error if failed is not None and failed.error else "It is no longer there in Salesforce."
    Outbox(conn, session.org_id, INVOICES.object_name, session.run_id, session.clock).refuse(
        row["external_id"],
        record_name=row["sale_name"] or row["sale_id"],
        source_hash=row["source_hash"],
        step=step,
        cause=failed.cause if failed is not None and failed.cause else f"{step}_could_not_be_created",
        code=f"{step}_could_not_be_created",
        error=f"{what} could not be created in Xero: {reason}",
    )
