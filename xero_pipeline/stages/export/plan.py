"""Plan the export: what each sale would change in Xero, field by field, and what keeps it from doing so. Writes nothing there.

The plan is kept in sync.export_documents and sync.export_lines, and is what is applied, to the letter. Sales that the last plan
found done are looked at again when they move, and in a full run. No call is made to Xero, except to look again at what a person
says is mended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import uuid4

from psycopg import Connection

from xero_pipeline.domain.books import Books, Invoice
from xero_pipeline.domain.decisions import Decision, Known, decide
from xero_pipeline.domain.drafting import drafts, external_id, numbers_of
from xero_pipeline.domain.drafts import Creates, Draft, Part
from xero_pipeline.domain.export_gate import Refusal, refusals
from xero_pipeline.domain.export_settings import Export
from xero_pipeline.domain.invoice_changes import changes, fields_in_xero, fields_of
from xero_pipeline.domain.payloads import edited_invoice, new_invoice, sale_url
from xero_pipeline.domain.recognition import recognised
from xero_pipeline.domain.sales import Sale
from xero_pipeline.domain.windows import Window
from xero_pipeline.stages.export import preview
from xero_pipeline.stages.export.books import books_for
from xero_pipeline.stages.export.items import keep, plan_items
from xero_pipeline.stages.export.looking_again import look_again
from xero_pipeline.stages.export.sources import select
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session
from xero_pipeline.warehouse import export_plan
from xero_pipeline.warehouse.outbox import Delivery, Outbox

_PARTS: tuple[Part, ...] = ("whole", "deposit", "balance")


@dataclass(frozen=True)
class Planned:
    """A draft and what is to be done about it."""

    draft: Draft
    decision: Decision
    refused: tuple[Refusal, ...]
    before: Mapping[str, str] | None
    payload: Mapping[str, Any] | None
    existing: Invoice | None

    @property
    def creates(self) -> list[str]:
        """What has to be created in Xero first, a sentence each."""
        customer = [f"contact {self.draft.account_name}"] if self.draft.contact_state == "to_create" else []
        items = dict.fromkeys(line.item_code for line in self.draft.lines if line.item_state == "to_create")
        return [*customer, *(f"item {code}" for code in items)]


def run(session: Session, window: Window) -> StageReport:
    """Plan what has moved since the last plan, or every sale in a full run. `window` does not matter here."""
    report = make_plan(session)
    preview.show(session, report)
    return report


def make_plan(session: Session) -> StageReport:
    """Put the sales that moved since the last plan into a new one; what the report says of the stage."""
    report = StageReport("export_plan")
    export = session.organisation.export
    look_again(session, report)
    with session.warehouse.connect(purpose="export plan") as conn:
        everything = session.mode in ("full", "metadata")
        selection = select(
            conn,
            org_id=session.org_id,
            salesforce_org_id=session.salesforce_org_id,
            export=export,
            everything=everything,
        )
        items = plan_items(session, conn) if export.products else []
        # Items are sent before invoices. By the time a run plans, its own are there; a dry run plans as if they were.
        coming = frozenset(each.product.code for each in items if each.action == "create")
        planned = plan_sales(session, conn, selection.sales, coming)
        plan_id = str(uuid4())
        documents = [_document(session, plan_id, each) for each in planned]
        lines = [line for each in planned for line in _lines(session, each)]
        replanned = [*(sale.sale_id for sale in selection.sales), *selection.gone]
        if replanned:
            export_plan.replace(conn, session.org_id, replanned, documents, lines)
        keep(conn, session.org_id, plan_id, items, now=session.clock())
        if selection.gone:
            Outbox(conn, session.org_id, "invoices", session.run_id, session.clock).withdraw(selection.gone)
    actions = Counter(each.decision.action for each in planned)
    report.rows_seen = len(selection.sales)
    report.notes |= {f"plan_{action}": count for action, count in sorted(actions.items())}
    if actions["blocked"]:
        report.problems.append(f"{actions['blocked']} invoices are refused by a check; `xero-pipeline log` says why.")
    return report


def plan_sales(
    session: Session, conn: Connection, sales: Sequence[Sale], coming: frozenset[str] = frozenset(), wish: str = ""
) -> list[Planned]:
    """What follows from these sales, with the books as they are staged now and items of the codes `coming`.

    With `wish` as if a person had asked for that of each of them.
    """
    export = session.organisation.export
    instance_url = session.salesforce.instance_url
    urls = {
        external_id(sale.sale_id, part): sale_url(instance_url, sale.sale_id, part) for sale in sales for part in _PARTS
    }
    numbers = [number for sale in sales for number in numbers_of(sale, export)]
    books = books_for(
        conn,
        session.org_id,
        session.today(conn),
        salesforce_org_id=session.salesforce_org_id,
        sales=sales,
        urls=urls,
        numbers=numbers,
    )
    books = books.with_categories(rule.category for rule in export.tracking)
    outbox = Outbox(conn, session.org_id, "invoices", session.run_id, session.clock)
    known = outbox.known(list(urls))
    if wish:
        known = {key: replace(each, resolution=wish) for key, each in known.items()}
    return [
        _planned(draft, delivery, urls[draft.external_id], books, export)
        for sale in sales
        for draft, delivery in _drafts(sale, known, books, export, coming)
    ]


def _drafts(
    sale: Sale, known: Mapping[str, Delivery], books: Books, export: Export, coming: frozenset[str]
) -> Iterator[tuple[Draft, Delivery | None]]:
    """The drafts of a sale. What may be created on the way is what a person asked for, or else orgs.yaml (products.md 2.25)."""
    asked = {each.resolution for key, each in known.items() if key.split(":")[0] == sale.sale_id}
    create = Creates(contacts=export.create_contacts, coming=coming)
    if "retry" in asked:
        create = Creates(coming=coming)
    if "auto_sync" in asked:
        create = Creates(contacts=True, items=True)
    for draft in drafts(sale, books, export, create=create):
        yield draft, known.get(draft.external_id)


def _planned(draft: Draft, delivery: Delivery | None, url: str, books: Books, export: Export) -> Planned:
    existing = books.exported.get(draft.external_id)
    existing = recognised(existing, draft.lines) if existing else None
    before = fields_in_xero(existing, draft, books) if existing else None
    changed = changes(before or {}, fields_of(draft))
    refused = refusals(draft)
    known = Known(delivery.status, delivery.source_hash, delivery.resolution, delivery.in_doubt) if delivery else None
    decision = decide(draft, known, refused, changed)
    payload = None
    if decision.action == "create":
        payload = new_invoice(draft, url, books, export)
    if decision.action == "update" and existing:
        payload = edited_invoice(draft, url, existing, books, export)
    return Planned(draft, decision, refused, before, payload, existing)


def _document(session: Session, plan_id: str, planned: Planned) -> dict[str, object]:
    draft, action = planned.draft, planned.decision.action
    told = action in ("create", "update", "blocked")
    refused = planned.refused if action in ("blocked", "waiting") else ()
    reasons: list[object] = [
        {
            "check": each.check.name,
            "step": each.step,
            "sentence": each.sentence,
            "fix": each.check.fix,
            "line": each.line_id,
        }
        for each in refused
    ]
    if planned.decision.waits:
        reasons.append({"sentence": planned.decision.waits})
    return {
        **{name: getattr(draft, name) for name in Draft.__dataclass_fields__ if name != "lines"},
        "org_id": session.org_id,
        "plan_id": plan_id,
        "planned_at": session.clock(),
        "action": action,
        "reasons": reasons or None,
        "cause": refused[0].cause if refused else None,
        "before": planned.before if told else None,
        "after": fields_of(draft) if told else None,
        "creates": planned.creates or None if told else None,
        "payload": planned.payload,
    }


def _lines(session: Session, planned: Planned) -> list[dict[str, object]]:
    key = {"org_id": session.org_id, "external_id": planned.draft.external_id}
    return [{**key, **asdict(line)} for line in planned.draft.lines]
