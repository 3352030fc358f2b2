"""The export as a person asks for it: planned and shown, planned and applied, or applied as it was shown."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xero_pipeline.domain.errors import Permanent
from xero_pipeline.domain.org import Org
from xero_pipeline.domain.windows import latest_complete
from xero_pipeline.settings import Settings
from xero_pipeline.stages import connections, metadata
from xero_pipeline.stages.export.invoices import require_newest
from xero_pipeline.stages.export.items import PlannedItem, due_items, newest
from xero_pipeline.stages.export.queue import Entry, entries_of
from xero_pipeline.stages.plan import stages_of
from xero_pipeline.stages.session import Clock, Session, Sleep, open_session, utc_now
from xero_pipeline.stages.sync import Progress, SyncOutcome, perform, silent
from xero_pipeline.warehouse import export_plan, ledger
from xero_pipeline.warehouse.connection import Warehouse

Row = Mapping[str, Any]

# What the checks of an export are made against: without it everything would be refused.
_READ = ("contacts", "invoices", *metadata.ENDPOINTS)
_SENDS = ("export_items", "export_invoices")


@dataclass
class Exported:
    """A plan and, where it was applied, what became of it.

    `invoices` are the rows of sync.export_documents as they were planned, `lines` their lines by external id. `outcomes` are
    the entries of the log about the records that were to be sent, by object and external id.
    """

    outcome: SyncOutcome
    applied: bool
    plan_id: str | None = None
    invoices: Sequence[Row] = ()
    lines: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    items: Sequence[PlannedItem] = ()
    outcomes: Mapping[tuple[str, str], Entry] = field(default_factory=dict)


def plan_only(
    settings: Settings, org: Org, *, clock: Clock = utc_now, sleep: Sleep = time.sleep, progress: Progress = silent
) -> Exported:
    """Read Salesforce and plan, and send nothing to either side. Raises as `export` does."""
    require_export(settings, org)
    with open_session(settings, org, kind="manual", mode="export", clock=clock, sleep=sleep) as session:
        exported = Exported(SyncOutcome(session.run_id, session.kind, "export"), applied=False)
        for stage in stages_of("export", org):
            if stage.name not in _SENDS:
                perform(session, stage, latest_complete(clock()), exported.outcome, progress)
        _look_at_items(session, exported)
        _look_at_plan(session, exported)
    return exported


def export(
    settings: Settings,
    org: Org,
    *,
    plan_id: str | None = None,
    clock: Clock = utc_now,
    sleep: Sleep = time.sleep,
    progress: Progress = silent,
) -> Exported:
    """Plan and apply; or with `plan_id` apply the plan that a dry run made, to the letter, less what has moved since.

    Raises Permanent when the export is switched off, the books were never read or `plan_id` is not the newest plan, Reconnect
    when the connection may only read, AlreadyRunning when another sync of the organisation runs, and what stages raise.
    """
    require_export(settings, org)
    if plan_id is not None:
        # Before the run begins, so that none has failed; it is looked at again when the plan is read.
        with Warehouse(settings.warehouse_url).connect(purpose="export") as conn:
            require_newest(conn, connections.known_org_id(conn, org), org, plan_id)
    with open_session(settings, org, kind="manual", mode="export", clock=clock, sleep=sleep) as session:
        exported = Exported(SyncOutcome(session.run_id, session.kind, "export"), applied=True)
        session.plan_id = plan_id
        for stage in stages_of("export", org):
            if stage.name == "export_plan" and plan_id is not None:
                continue
            if stage.name == "export_items":
                _look_at_items(session, exported)
            if stage.name == "export_invoices":
                _look_at_plan(session, exported)
            perform(session, stage, latest_complete(clock()), exported.outcome, progress)
        _look_at_outcomes(session, exported)
    return exported


def require_export(settings: Settings, org: Org) -> None:
    """Raises Permanent when the export is switched off or the books were never read, Reconnect when Xero may only be read."""
    if not org.export.enabled:
        raise Permanent(
            f"The export to Xero is switched off for {org.alias}, and nothing is ever written there without it.",
            next_step=f"Switch it on with `export: {{enabled: true}}` under {org.alias} in orgs.yaml; `xero-pipeline doctor` "
            "then checks its settings.",
        )
    connections.require_export(settings, org, Warehouse(settings.warehouse_url))
    require_books(settings, org)


def require_books(settings: Settings, org: Org) -> None:
    """Raises Permanent when what an export is checked against was never read."""
    with Warehouse(settings.warehouse_url).connect(purpose="export") as conn:
        org_id = connections.known_org_id(conn, org)
        if any(ledger.watermark(conn, org_id, name) is None for name in _READ):
            raise Permanent(
                f"The books of {org.alias} are not staged yet, and nothing is exported that was not checked against them.",
                next_step=f"Run `xero-pipeline sync {org.alias} --mode full` first.",
            )


def _look_at_items(session: Session, exported: Exported) -> None:
    if session.organisation.export.products:
        with session.warehouse.connect(purpose="export items") as conn:
            exported.items = due_items(session, conn)


def _look_at_plan(session: Session, exported: Exported) -> None:
    with session.warehouse.connect(purpose="export plan") as conn:
        exported.plan_id = newest(conn, session.org_id)
        planned = export_plan.documents(conn, session.org_id)
        exported.invoices = [row for row in planned if row["plan_id"] == exported.plan_id]
        exported.lines = export_plan.lines(conn, session.org_id, [row["external_id"] for row in exported.invoices])


def _look_at_outcomes(session: Session, exported: Exported) -> None:
    invoices = [row["external_id"] for row in exported.invoices if row["action"] in ("create", "update")]
    items = [each.product.product_id for each in exported.items if each.action in ("create", "update")]
    with session.warehouse.connect(purpose="export") as conn:
        found = [
            *entries_of(conn, session.org_id, "invoices", invoices),
            *entries_of(conn, session.org_id, "items", items),
        ]
    exported.outcomes = {(entry.object, entry.external_id): entry for entry in found}
