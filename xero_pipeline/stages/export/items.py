"""Products that are ticked in Salesforce become items in Xero, new ones and those that changed; none is ever deleted (SFX-17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from xero_pipeline.domain.export_gate import Refusal, item_refusals
from xero_pipeline.domain.items import ItemDraft, draft_item
from xero_pipeline.domain.payloads import Payload, new_item
from xero_pipeline.domain.sales import Product, digest
from xero_pipeline.domain.windows import Window
from xero_pipeline.stages.export.books import books_for
from xero_pipeline.stages.export.kinds import ITEMS
from xero_pipeline.stages.export.leave import may_write
from xero_pipeline.stages.export.looking_again import look_again
from xero_pipeline.stages.export.sending import Sender
from xero_pipeline.stages.export.sources import ticked_products
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session
from xero_pipeline.warehouse import settings
from xero_pipeline.warehouse.outbox import Delivery, Outbox

# The settings that keep the newest plan: its id, and what its items were to be. Its invoices are in sync.export_documents.
_NEWEST = "export_plan"
_KEPT = "export_plan_items"


@dataclass(frozen=True)
class PlannedItem:
    """A ticked product: `action` is create, update, no_op, blocked or waiting, as for invoices."""

    product: Product
    draft: ItemDraft
    action: str
    refused: tuple[Refusal, ...]
    payload: Payload

    @property
    def name(self) -> str:
        return self.product.code or self.product.name

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
        refused = item_refusals(draft)
        action = _action(draft, known.get(product.product_id), bool(refused), digest(payload))
        planned.append(PlannedItem(product, draft, action, refused, payload))
    return planned


def run(session: Session, window: Window) -> StageReport:
    """Send what is new or has changed; of a plan that was made before only what has not moved since. `window` does not matter."""
    report = StageReport("export_items")
    if not may_write(session, report):
        return report
    look_again(session, report)
    with session.warehouse.connect(purpose="export items") as conn:
        judged_at = session.clock()
        planned = due_items(session, conn)
        outbox = Outbox(conn, session.org_id, ITEMS.object_name, session.run_id, session.clock)
        for each in planned:
            if each.action in ("create", "update"):
                product_id = each.product.product_id
                outbox.want(product_id, each.payload, record_name=each.name, source_hash=each.source_hash)
            elif each.action == "blocked":
                refuse(outbox, each.product, each.source_hash, each.refused, judged_at)
        conn.commit()
        report.rows_seen = len(planned)
        report.notes["refused"] = sum(1 for each in planned if each.action == "blocked")
        Sender(session, conn, ITEMS, report).send()
    return report


def due_items(session: Session, conn: Connection) -> list[PlannedItem]:
    """What this run is to do: the plan of now, or of the plan that it is to apply what still stands."""
    planned = plan_items(session, conn)
    if session.plan_id is None:
        return planned
    before = settings.get(conn, session.org_id, _KEPT)
    then = before if isinstance(before, dict) else {}
    return [each for each in planned if then.get(each.product.product_id) == each.source_hash]


def keep(conn: Connection, org_id: str, plan_id: str, planned: Sequence[PlannedItem], *, now: datetime) -> None:
    """Make this the newest plan, with these items in it."""
    settings.put(conn, org_id, _NEWEST, plan_id, now=now)
    settings.put(conn, org_id, _KEPT, {each.product.product_id: each.source_hash for each in planned}, now=now)


def newest(conn: Connection, org_id: str) -> str | None:
    """The id of the newest plan; None before the first."""
    found = settings.get(conn, org_id, _NEWEST)
    return found if isinstance(found, str) else None


def refuse(outbox: Outbox, product: Product, source_hash: str, refused: Sequence[Refusal], judged_at: datetime) -> None:
    """Put an item into the queue unsent, with every reason."""
    outbox.refuse(
        product.product_id,
        record_name=product.code or product.name,
        source_hash=source_hash,
        judged_at=judged_at,
        step="item",
        cause=refused[0].cause,
        code=refused[0].check.name,
        error=" ".join(f"{refusal.sentence} {refusal.check.fix}" for refusal in refused),
    )


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
