"""What must hold of the staged data, each check one query for the rows that break it.

Structural faults are errors and stop what builds on them, because a wrong number is worse than no number; faults of single
rows are warnings with a count, so that one bad record never stops the others (design, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

from psycopg import Connection
from psycopg.rows import dict_row

from xero_pipeline.domain.org import Org
from xero_pipeline.settings import Settings
from xero_pipeline.stages import connections
from xero_pipeline.warehouse.connection import Warehouse

Severity = Literal["ERROR", "WARN"]

PROOF = "contacts_tie_to_xero"


@dataclass(frozen=True)
class CheckResult:
    """The outcome: `count` rows break the rule, `sample` shows the first of them, `sentence` says it to a person."""

    passed: bool
    severity: Severity
    count: int
    sentence: str
    sample: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Check:
    """A rule on what a stage wrote. `faults` selects the rows that break it, binding org_id.

    `rests_on` names the tables of the schema xero that the rule depends on, and on nothing else. Such a rule need not be looked
    at again where it held and none of them was written since (known.py). No rule that stops what builds on it has any: those
    are looked at whole in every run.
    """

    name: str
    stage: str
    table: tuple[str, str]
    severity: Severity
    sentence: str
    faults: str
    rests_on: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Changes with the rule."""
        return sha256(self.faults.encode()).hexdigest()[:16]

    def unchanged(self) -> CheckResult:
        """What a look would find where nothing was written since the rule was found to hold."""
        return CheckResult(
            True, self.severity, 0, "It holds: nothing that it rests on was written since it was last looked at."
        )

    def run(self, conn: Connection, org: Org, org_id: str) -> CheckResult:
        """Look for rows that break the rule; reads only."""
        with conn.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(
                f"select * from ({self.faults}) as fault limit 1001".encode(), {"org_id": org_id}
            ).fetchall()
        severity = self.severity
        if self.name == PROOF and (org.proof == "warn" or not org.proof_can_hold):
            severity = "WARN"
        sample = [{k: str(v) for k, v in row.items() if v is not None} for row in rows[:5]]
        count = f"{len(rows)}" if len(rows) <= 1000 else "more than 1000"
        sentence = "It holds." if not rows else f"{count} rows break it: {self.sentence}"
        return CheckResult(not rows, severity, len(rows), sentence, sample)


CHECKS: tuple[Check, ...] = (
    Check(
        "base_currency_is_known",
        "metadata",
        ("xero", "organisations"),
        "ERROR",
        "the organisation must name its base currency, or nothing can be added up.",
        """
        select %(org_id)s as organisation
        where not exists (select 1 from xero.organisations where org_id = %(org_id)s and base_currency <> '')
        """,
    ),
    Check(
        "tax_rates_are_staged",
        "metadata",
        ("xero", "tax_rates"),
        "ERROR",
        "an organisation without a single active tax rate was not read completely.",
        """
        select %(org_id)s as organisation
        where not exists (
            select 1 from xero.tax_rates where org_id = %(org_id)s and status = 'ACTIVE' and vanished_at is null
        )
        """,
    ),
    Check(
        "invoices_add_up",
        "balances",
        ("analytics", "contact_balances_proof"),
        "ERROR",
        "the total must be what was paid, credited and is still due.",
        """
        select invoice_number, status, total, amount_paid, amount_credited, amount_due, cis_deduction
        from xero.invoices
        where
            org_id = %(org_id)s and vanished_at is null and status not in ('VOIDED', 'DELETED')
            -- The one known exception: the UK's CIS deduction lowers what is due (products.md 2.2).
            and total <> amount_paid + amount_credited + amount_due + coalesce(cis_deduction, 0)
        """,
    ),
    Check(
        "lines_add_up_to_their_invoice",
        "balances",
        ("analytics", "contact_balances_proof"),
        "WARN",
        "the lines must add up to the subtotal, or to the total where amounts include tax.",
        """
        with line_total as (
            select org_id, invoice_id, sum(line_amount) as line_amount, sum(tax_amount) as tax_amount
            from xero.invoice_lines
            where org_id = %(org_id)s
            group by org_id, invoice_id
        )

        select invoices.invoice_number, invoices.sub_total, invoices.total_tax, invoices.total, line_total.line_amount
        from xero.invoices
        inner join line_total using (org_id, invoice_id)
        where
            invoices.vanished_at is null
            and line_total.line_amount
            <> case when invoices.line_amount_types = 'Inclusive' then invoices.total else invoices.sub_total end
        """,
        rests_on=("xero.invoices", "xero.invoice_lines"),
    ),
    Check(
        PROOF,
        "balances",
        ("analytics", "contact_balances_proof"),
        "ERROR",
        "what the staged documents add up to must equal the contact's balances in Xero, to the cent.",
        "select * from analytics.contact_balances_proof where org_id = %(org_id)s and not ties",
    ),
    Check(
        "every_document_has_its_contact",
        "balances",
        ("analytics", "contact_balances_proof"),
        "ERROR",
        "a document's contact must be staged before it.",
        """
        select invoice_id, invoice_number, contact_id
        from xero.invoices
        where
            org_id = %(org_id)s
            and contact_id is not null
            and not exists (
                select 1 from xero.contacts
                where contacts.org_id = invoices.org_id and contacts.contact_id = invoices.contact_id
            )
        """,
    ),
    Check(
        "foreign_invoices_have_a_rate",
        "invoices",
        ("xero", "invoices"),
        "WARN",
        "without a currency rate there is no base-currency figure, so their account has none either.",
        """
        select foreign_invoices.*
        from xero.organisations
        -- Two ranges of an index that has those without a rate alone; that something differs is none.
        cross join lateral (
            select invoice_number, currency_code, total
            from xero.invoices
            where
                org_id = organisations.org_id and currency_code < organisations.base_currency
                and coalesce(currency_rate, 0) = 0 and vanished_at is null and status in ('AUTHORISED', 'PAID')
            union all
            select invoice_number, currency_code, total
            from xero.invoices
            where
                org_id = organisations.org_id and currency_code > organisations.base_currency
                and coalesce(currency_rate, 0) = 0 and vanished_at is null and status in ('AUTHORISED', 'PAID')
        ) as foreign_invoices
        where organisations.org_id = %(org_id)s
        """,
        rests_on=("xero.invoices", "xero.organisations"),
    ),
    Check(
        "codes_are_known",
        "invoices",
        ("xero", "invoices"),
        "WARN",
        "a line names an account or tax rate that Xero's own lists do not have.",
        """
        select invoice_lines.invoice_id, invoice_lines.account_code, invoice_lines.tax_type
        from xero.invoice_lines
        left join xero.accounts on accounts.org_id = invoice_lines.org_id and accounts.code = invoice_lines.account_code
        left join xero.tax_rates on tax_rates.org_id = invoice_lines.org_id and tax_rates.tax_type = invoice_lines.tax_type
        where
            invoice_lines.org_id = %(org_id)s
            and (
                (invoice_lines.account_code <> '' and accounts.account_id is null)
                or (invoice_lines.tax_type <> '' and tax_rates.tax_type is null)
            )
        """,
        rests_on=("xero.invoice_lines", "xero.accounts", "xero.tax_rates"),
    ),
    Check(
        "contacts_match_one_account",
        "contact_matches",
        ("sync", "contact_matches"),
        "WARN",
        "the contact fits several accounts; choose one.",
        "select contact_id, evidence from sync.contact_matches where org_id = %(org_id)s and status = 'ambiguous'",
    ),
    Check(
        "invoices_link_to_one_record",
        "invoice_links",
        ("sync", "invoice_links"),
        "WARN",
        "the invoice names several opportunities or orders, or one of another account; link it by hand.",
        "select invoice_id, candidates from sync.invoice_links where org_id = %(org_id)s and status = 'ambiguous'",
    ),
    Check(
        "opportunities_never_exceed_their_account",
        "rollups",
        ("analytics", "account_rollups"),
        "WARN",
        "its opportunities together were invoiced for more than the account; a contact was moved after they were linked.",
        """
        with by_account as (
            select opportunities.account_id, rollups.currency_code, sum(rollups.total_invoiced) as total_invoiced
            from analytics.opportunity_rollups as rollups
            inner join salesforce.opportunities using (opportunity_id)
            where rollups.org_id = %(org_id)s
            group by opportunities.account_id, rollups.currency_code
        )

        select by_account.account_id, by_account.currency_code, by_account.total_invoiced, whole.total_invoiced as account_total
        from by_account
        inner join analytics.account_rollups as whole
            on whole.org_id = %(org_id)s
            and whole.account_id = by_account.account_id and whole.currency_code = by_account.currency_code
        -- Sales invoices are never negative, so a part is larger than the whole only if a contact moved to another account.
        where by_account.total_invoiced > whole.total_invoiced
        """,
    ),
    Check(
        "records_reach_salesforce",
        "write_back",
        ("salesforce", "xero_invoices"),
        "WARN",
        "Salesforce refused the record; the reason stands beside it.",
        """
        select object, external_id, record_name, error_code, error
        from sync.deliveries
        where org_id = %(org_id)s and system = 'salesforce' and status = 'failed'
        """,
    ),
)


def checks_of(stage: str) -> tuple[Check, ...]:
    """The checks on what a stage wrote."""
    return tuple(check for check in CHECKS if check.stage == stage)


def run_check(settings: Settings, org: Org, check: Check) -> CheckResult:
    """Look at one rule by itself, as the Dagster UI does. Raises Permanent when the organisation was never connected."""
    warehouse = Warehouse(settings.warehouse_url)
    with warehouse.connect(purpose=check.name) as conn:
        return check.run(conn, org, connections.known_org_id(conn, org))
