"""What the demo changes in Xero and what it shows for it: candidates from the staged rows, and the proof in two sums."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from psycopg.rows import class_row

from xero_pipeline.domain.org import Org
from xero_pipeline.settings import Settings
from xero_pipeline.stages.connections import known_org_id
from xero_pipeline.warehouse.connection import Warehouse

_CANDIDATES = """
with unpaid as (
    select invoice_number, row_number() over (order by date desc, invoice_number desc) as place
    from xero.invoices
    where
        org_id = %(org_id)s and type = 'ACCREC' and status = 'AUTHORISED' and amount_due = total and total > 0
        and vanished_at is null
),

contact as (
    select contact_id, name
    from xero.contacts
    where org_id = %(org_id)s and not is_archived and is_customer and vanished_at is null
    order by name
    limit 1
)

select
    %(org_id)s as org_id,
    (select invoice_number from unpaid where place = 1) as to_pay,
    (select invoice_number from unpaid where place = 2) as to_void,
    (select contact_id from contact) as contact_id,
    (select name from contact) as contact_name
"""

_PROOF = """
select
    count(*)::integer as contacts,
    (count(*) filter (where ties))::integer as ties,
    coalesce(sum(receivable_outstanding), 0) as receivable,
    coalesce(sum(payable_outstanding), 0) as payable,
    (select base_currency from xero.organisations where org_id = %(org_id)s) as currency
from analytics.contact_balances_proof
where org_id = %(org_id)s
"""


@dataclass(frozen=True)
class Candidates:
    """An invoice to pay and another to void, by number, and a contact to edit; None where the organisation has none."""

    org_id: str
    to_pay: str | None
    to_void: str | None
    contact_id: str | None
    contact_name: str | None


@dataclass(frozen=True)
class Proof:
    """How many contacts tie to Xero, and what is owed in all, in base currency."""

    contacts: int
    ties: int
    receivable: Decimal
    payable: Decimal
    currency: str


def candidates(settings: Settings, org: Org) -> Candidates:
    """What the demo can change. Raises Permanent when the organisation was never synced."""
    with (
        Warehouse(settings.warehouse_url).connect(purpose="demo") as conn,
        conn.cursor(row_factory=class_row(Candidates)) as cursor,
    ):
        found = cursor.execute(_CANDIDATES, {"org_id": known_org_id(conn, org)}).fetchone()
    assert found is not None
    return found


def proof(settings: Settings, org: Org) -> Proof:
    """How the staged documents stand beside Xero's balances. Raises Permanent when the organisation was never synced."""
    with (
        Warehouse(settings.warehouse_url).connect(purpose="demo") as conn,
        conn.cursor(row_factory=class_row(Proof)) as cursor,
    ):
        found = cursor.execute(_PROOF, {"org_id": known_org_id(conn, org)}).fetchone()
    assert found is not None
    return found
