"""Products that are ticked in Salesforce become items in Xero, new ones and those that changed; none is ever deleted (SFX-17)."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import Connection

from xero_pipeline.domain.export_gate import Refusal, refusal_of
from xero_pipeline.domain.items import ITEM_CHECKS, ItemDraft, draft_item
from xero_pipeline.domain.payloads import Payload, new_item
from xero_pipeline.domain.sales import Product, digest
from xero_pipeline.domain.windows import Window
from xero_pipeline.stages.export.books import books_for
from xero_pipeline.stages.export.kinds import ITEMS
from xero_pipeline.stages.export.sending import Sender
from xero_pipeline.stages.export.sources import ticked_products
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session
from xero_pipeline.warehouse.outbox import Delivery, Outbox


@dataclass(frozen=True)
class PlannedItem:
    """A ticked product: `action` is create, update, no_op, blocked or waiting, as for invoices."""

    product: Product
    draft: ItemDraft
    action: str
    refused: tuple[Refusal, ...]
    payload: Payload

    @property
    def source_hash(self) -> str:
        return digest(self.payload)


def plan_items(session: Session, conn: Connection) -> list[PlannedItem]:
    """What each ticked product would do to Xero's items (SFX-X05, the preview)."""
    export = session.organisation.export
    products = ticked_products(conn, session.salesforce_org_id, export)
    books = books_for(conn, session.org_id, session.today(conn), more_products=products)
    outbox = Outbox(conn, session.org_id, ITEMS.object_name, session.run_id, session.clock)
    known = outbox.known([product.product_id for product in products])
    planned = []
    for product in products:
        draft = draft_item(product, books, export)
        payload = new_item(product, draft.account_code, draft.tax_type)
        refused = tuple(found for check in ITEM_CHECKS if (found := refusal_of(check, draft)))
        action = _action(draft, known.get(product.product_id), bool(refused), digest(payload))
        planned.append(PlannedItem(product, draft, action, refused, payload))
    return planned


def run(session: Session, window: Window) -> StageReport:
    """Send what is new or has changed. `window` does not matter here."""
    report = StageReport("export_items")
    with session.warehouse.connect(purpose="export items") as conn:
        planned = plan_items(session, conn)
        outbox = Outbox(conn, session.org_id, ITEMS.object_name, session.run_id, session.clock)
        for each in planned:
            name = each.product.code or each.product.name
            if each.action in ("create", "update"):
                outbox.want(each.product.product_id, each.payload, record_name=name, source_hash=each.source_hash)
            elif each.action == "blocked":
                outbox.refuse(
                    each.product.product_id,
                    record_name=name,
                    source_hash=each.source_hash,
                    step="item",
                    cause=each.refused[0].cause,
                    code=each.refused[0].check.name,
                    error=" ".join(f"{refusal.sentence} {refusal.check.fix}" for refusal in each.refused),
                )
        conn.commit()
        report.rows_seen = len(planned)
        report.notes["refused"] = sum(1 for each in planned if each.action == "blocked")
        Sender(session, conn, ITEMS, report).send()
    return report


def _action(draft: ItemDraft, known: Delivery | None, refused: bool, source_hash: str) -> str:
    """As for invoices (`decisions.decide`): a failure waits for a person or for a change."""
    if known is not None and known.in_doubt:
        return "waiting"
    if known is not None and known.source_hash == source_hash:
        if known.status == "succeeded":
            return "no_op"
        if known.status == "failed" and known.resolution in ("", "dismiss"):
            return "blocked" if refused and not known.resolution else "waiting"
    if refused:
        return "blocked"
    return "update" if draft.item_id else "create"
