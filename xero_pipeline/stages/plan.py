"""Every stage of a sync, in order, and which of them each kind of sync performs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from xero_pipeline.domain.modes import Mode
from xero_pipeline.domain.org import Org
from xero_pipeline.domain.windows import Window
from xero_pipeline.stages import (
    balances,
    contacts,
    documents,
    invoice_links,
    matching,
    metadata,
    rollups,
    salesforce,
    write_back,
)
from xero_pipeline.stages.export import invoices as export_invoices
from xero_pipeline.stages.export import items as export_items
from xero_pipeline.stages.export import plan as export_plan
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session

Group = Literal[
    "metadata",
    "contacts",
    "invoices",
    "payments",
    "journals",
    "proof",
    "salesforce",
    "join",
    "rollups",
    "write_back",
    "export",
]


def _always(org: Org) -> bool:
    return True


def _exports(org: Org) -> bool:
    return org.export.enabled


@dataclass(frozen=True)
class Stage:
    """One use case: what it writes, what must have run before, and the function that does it.

    `outputs` are (schema, table) names; `after` names stages; a `windowed` stage reads a stretch of time from Xero and so is
    partitioned by sync windows; a `shared` stage serves every organisation (Salesforce is one org for all of them).
    """

    name: str
    group: Group
    outputs: tuple[tuple[str, str], ...]
    run: Callable[[Session, Window], StageReport]
    after: tuple[str, ...] = ()
    windowed: bool = False
    shared: bool = False
    enabled: Callable[[Org], bool] = _always
    grain: str = ""

    def outputs_for(self, org: Org) -> tuple[tuple[str, str], ...]:
        """The outputs this organisation has: bills arrive with invoices, when they are switched on (BW-04)."""
        return tuple(o for o in self.outputs if o != ("xero", "bills") or org.sync.bills)


# The order is Breadwinner's (BW-02, BW-03, BW-51) with the stages it lacks in their natural place. Each Xero stage waits for
# the one before it, so that a document's contact, a payment's invoice and an allocation's credit note are always staged first.
STAGES: tuple[Stage, ...] = (
    Stage(
        "metadata",
        "metadata",
        tuple(
            ("xero", table)
            for table in (
                "organisations",
                "branding_themes",
                "accounts",
                "tax_rates",
                "tracking_categories",
                "currencies",
                "items",
            )
        ),
        metadata.run,
        grain="One row a setting of the Xero organisation.",
    ),
    Stage(
        "contacts",
        "contacts",
        (("xero", "contacts"),),
        contacts.run,
        ("metadata",),
        windowed=True,
        grain="One row a contact, archived and merged ones included.",
    ),
    Stage(
        "invoices",
        "invoices",
        (("xero", "invoices"), ("xero", "bills")),
        documents.run_invoices,
        ("contacts",),
        windowed=True,
        grain="One row a sales invoice (ACCREC) or bill (ACCPAY); lines in xero.invoice_lines.",
    ),
    Stage(
        "purchase_orders",
        "invoices",
        (("xero", "purchase_orders"),),
        documents.run_purchase_orders,
        ("invoices",),
        windowed=True,
        enabled=lambda org: org.sync.purchase_orders,
        grain="One row a purchase order; lines in xero.purchase_order_lines.",
    ),
    Stage(
        "credit_notes",
        "invoices",
        (("xero", "credit_notes"),),
        documents.run_credit_notes,
        ("purchase_orders",),
        windowed=True,
        grain="One row a credit note; lines in xero.credit_note_lines, allocations in xero.allocations.",
    ),
    Stage(
        "quotes",
        "invoices",
        (("xero", "quotes"),),
        documents.run_quotes,
        ("credit_notes",),
        windowed=True,
        enabled=lambda org: org.sync.quotes,
        grain="One row a quote; lines in xero.quote_lines.",
    ),
    Stage(
        "prepayments",
        "payments",
        (("xero", "prepayments"),),
        documents.run_prepayments,
        ("quotes",),
        windowed=True,
        enabled=lambda org: org.sync.prepayments,
        grain="One row a prepayment; allocations in xero.allocations.",
    ),
    Stage(
        "overpayments",
        "payments",
        (("xero", "overpayments"),),
        documents.run_overpayments,
        ("prepayments",),
        windowed=True,
        enabled=lambda org: org.sync.overpayments,
        grain="One row an overpayment; allocations in xero.allocations.",
    ),
    Stage(
        "payments",
        "payments",
        (("xero", "payments"),),
        documents.run_payments,
        ("overpayments",),
        windowed=True,
        grain="One row a payment, deleted ones included.",
    ),
    Stage(
        "manual_journals",
        "journals",
        (("xero", "manual_journals"),),
        documents.run_manual_journals,
        ("payments",),
        windowed=True,
        enabled=lambda org: org.sync.manual_journals,
        grain="One row a manual journal; lines in xero.manual_journal_lines.",
    ),
    Stage(
        "balances",
        "proof",
        (("analytics", "contact_balances_proof"),),
        balances.run,
        ("manual_journals",),
        grain="One row a contact: what its staged documents add up to beside what Xero says it owes and is owed.",
    ),
    Stage(
        "salesforce",
        "salesforce",
        tuple(
            ("salesforce", t) for t in ("users", "accounts", "contacts", "products", "opportunities", "orders", "notes")
        ),
        salesforce.run,
        shared=True,
        grain="One row a Salesforce record, deleted ones included.",
    ),
    Stage(
        "contact_matches",
        "join",
        (("sync", "contact_matches"),),
        matching.run,
        ("balances", "salesforce"),
        grain="One row a Xero contact: its Salesforce account, or why it has none.",
    ),
    Stage(
        "invoice_links",
        "join",
        (("sync", "invoice_links"),),
        invoice_links.run,
        ("contact_matches",),
        grain="One row a sales invoice that names an opportunity or order.",
    ),
    Stage(
        "rollups",
        "rollups",
        (("analytics", "account_rollups"), ("analytics", "opportunity_rollups")),
        rollups.run,
        ("invoice_links",),
        enabled=lambda org: org.rollups.type != "none",
        grain="One row an account or opportunity and currency; currency '*' is the base-currency total.",
    ),
    Stage(
        "write_back",
        "write_back",
        tuple(
            ("salesforce", t)
            for t in (
                "xero_metadata",
                "xero_contacts",
                "xero_invoices",
                "xero_invoice_lines",
                "xero_payments",
                "rollup_fields",
            )
        ),
        write_back.run,
        ("rollups",),
        enabled=lambda org: org.write_back,
        grain="One record in Salesforce for each record in Xero.",
    ),
    Stage(
        "export_items",
        "export",
        (("export", "items"),),
        export_items.run,
        # By name although it comes before the write-back: an export alone has none, and still must not go on without links.
        ("invoice_links", "write_back"),
        enabled=lambda org: org.export.enabled and org.export.products,
        grain="One item in Xero for each product that is ticked in Salesforce.",
    ),
    Stage(
        "export_plan",
        "export",
        (("sync", "export_documents"), ("sync", "export_lines")),
        export_plan.run,
        ("export_items",),
        enabled=_exports,
        grain="One row an invoice to be: what it would change in Xero, or what keeps it from doing so.",
    ),
    Stage(
        "export_invoices",
        "export",
        (("export", "invoices"),),
        export_invoices.run,
        ("export_plan",),
        enabled=_exports,
        grain="One invoice in Xero for each sale that is ticked in Salesforce, or two where it has a deposit.",
    ),
)

_JOIN = ("contact_matches", "invoice_links", "rollups", "write_back")
# BW-22 to BW-38: invoices and bills with their payments, purchase orders, credit notes; then match, map, roll up.
_RESTART_INVOICES = ("invoices", "purchase_orders", "credit_notes", "payments", "balances", *_JOIN)

_PERFORMED: dict[Mode, tuple[str, ...]] = {
    "delta": tuple(stage.name for stage in STAGES),
    "full": tuple(stage.name for stage in STAGES),
    # BW-17 to BW-20: metadata, then rollups, because what is overdue changes with the date and no stamp moves.
    # The plan is made anew as well, because settings of Xero decide what may be sent.
    "metadata": ("metadata", "rollups", "write_back", "export_plan"),
    "rollups": ("rollups", "write_back"),
    "restart-invoices": _RESTART_INVOICES,
    "restart-contacts": ("contacts", *_RESTART_INVOICES),  # BW-41, BW-42
    # New customers and links decide whom a sale is invoiced to, and whether it was invoiced already.
    "export": ("salesforce", "contact_matches", "invoice_links", "export_items", "export_plan", "export_invoices"),
}


def stages_of(mode: Mode, org: Org) -> tuple[Stage, ...]:
    """The stages that a sync of this kind performs for an organisation, in order, without the switched-off ones."""
    return tuple(stage for stage in STAGES if stage.name in _PERFORMED[mode] and stage.enabled(org))
