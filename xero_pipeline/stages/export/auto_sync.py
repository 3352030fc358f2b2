"""What an Auto Sync would do, shown before it is done (FF-18): what it creates, what it sends, and what it cannot help."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from xero_pipeline.domain.org import Org
from xero_pipeline.domain.payloads import Payload, new_contact, new_item
from xero_pipeline.domain.sales import Sale
from xero_pipeline.domain.windows import latest_complete
from xero_pipeline.settings import Settings
from xero_pipeline.stages import matching, salesforce
from xero_pipeline.stages.export import queue
from xero_pipeline.stages.export.looking_again import look_again
from xero_pipeline.stages.export.plan import Planned, plan_sales
from xero_pipeline.stages.export.run import require_export
from xero_pipeline.stages.export.sources import select
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Clock, Session, Sleep, open_session, utc_now


@dataclass(frozen=True)
class Creation:
    """A contact or an item that would be created, with what it would hold, in Xero's names."""

    what: str
    name: str
    fields: Payload


@dataclass(frozen=True)
class Sending:
    """An invoice that would be sent: `action` is create or update; or one that would still be refused, with the reasons."""

    name: str
    action: str
    total: Decimal
    currency: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """What an Auto Sync of some failures would do."""

    creates: tuple[Creation, ...]
    invoices: tuple[Sending, ...]


def preview(
    settings: Settings, org: Org, ids: Sequence[int], *, clock: Clock = utc_now, sleep: Sleep = time.sleep
) -> Preview:
    """Look at these failures as an Auto Sync would, with Salesforce and Xero as they are now; nothing is noted or sent.

    Raises as `run.export` does, and Permanent when one of them has not failed.
    """
    require_export(settings, org)
    with open_session(settings, org, kind="manual", mode="export", clock=clock, sleep=sleep) as session:
        with session.warehouse.connect(purpose="auto sync") as conn:
            queue.require_failures(conn, session.org_id, ids)
            ids = queue.with_dependants(conn, session.org_id, ids)
        window, report = latest_complete(clock()), StageReport("auto_sync")
        salesforce.run(session, window)
        look_again(session, report, ids)
        matching.run(session, window)
        planned, sales = _planned(session, ids)
    return Preview(tuple(_creations(planned, sales)), tuple(map(_sending, planned)))


def _planned(session: Session, ids: Sequence[int]) -> tuple[list[Planned], dict[str, Sale]]:
    export = session.organisation.export
    with session.warehouse.connect(purpose="auto sync") as conn:
        entries = queue.log(conn, session.org_id, ids=ids, limit=len(ids))
        wanted = {entry.external_id for entry in entries if entry.object == "invoices"}
        sale_ids = sorted({external_id.split(":")[0] for external_id in wanted})
        selection = select(
            conn, org_id=session.org_id, salesforce_org_id=session.salesforce_org_id, export=export, only=sale_ids
        )
        planned = plan_sales(session, conn, selection.sales, wish="auto_sync")
    return [each for each in planned if each.draft.external_id in wanted], {s.sale_id: s for s in selection.sales}


def _creations(planned: Sequence[Planned], sales: dict[str, Sale]) -> list[Creation]:
    found: dict[str, Creation] = {}
    for each in planned:
        if each.decision.action not in ("create", "update"):
            continue
        sale = sales[each.draft.sale_id]
        if each.draft.contact_state == "to_create" and sale.customer:
            contact = new_contact(sale.customer)
            found.setdefault(sale.customer.account_id, Creation("contact", str(contact["Name"]), contact))
        products = {line.product.product_id: line.product for line in sale.lines if line.product}
        for line in each.draft.lines:
            if line.item_state == "to_create" and line.product_id in products:
                item = new_item(products[line.product_id], line.account_code, line.tax_type)
                found.setdefault(line.product_id, Creation("item", str(item["Code"]), item))
    return list(found.values())


def _sending(planned: Planned) -> Sending:
    draft, decision = planned.draft, planned.decision
    name = draft.sale_name or draft.sale_id
    reasons = tuple(dict.fromkeys(f"{refusal.sentence} {refusal.check.fix}" for refusal in planned.refused))
    return Sending(
        name=name if draft.part == "whole" else f"{name} ({draft.part})",
        action=decision.action,
        total=draft.total,
        currency=draft.currency_code,
        reasons=reasons or tuple(filter(None, (decision.waits,))),
    )
