"""Nothing is lost while nobody reads: hours without a run, and runs that fail (issue A, 6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from xero_pipeline.domain.errors import Throttled, Transient
from xero_pipeline.domain.windows import due
from xero_pipeline.stages.plan import STAGES
from xero_pipeline.stages.status import oldest_watermark
from xero_pipeline.warehouse import ledger
from xero_pipeline_tests.e2e.other_clients import xero
from xero_pipeline_tests.e2e.pair import Pair

OPEN_INVOICES = """
select invoice_number, contact_id from xero.invoices
where type = 'ACCREC' and status = 'AUTHORISED' and amount_due > 5 and amount_paid = 0 and amount_credited = 0
order by invoice_number
"""
ACTIVE_CONTACTS = "select contact_id from xero.contacts where not is_archived order by name"
LINES = [{"Description": "Pump", "Quantity": 2, "UnitAmount": 10.05, "AccountCode": "200"}]


@dataclass
class Changed:
    """The ids of what changed in Xero, by table."""

    ids: dict[str, set[str]] = field(default_factory=dict)

    def note(self, table: str, record_id: str) -> None:
        self.ids.setdefault(table, set()).add(record_id)


def _an_hour(pair: Pair, hour: int, changed: Changed) -> None:
    """What happens in an hour: something in every list that is read."""
    invoices, contacts = pair.rows(OPEN_INVOICES), pair.rows(ACTIVE_CONTACTS)
    contact = {"ContactID": contacts[hour]["contact_id"]}
    pair.pass_time(minutes=23)
    paid = pair.pull("pay_invoice", invoice=invoices[3 * hour]["invoice_number"], amount="2.50")
    changed.note("payments", paid["PaymentID"])
    changed.note("invoices", paid["Invoice"]["InvoiceID"])
    voided = pair.pull("void_invoice", invoice=invoices[3 * hour + 1]["invoice_number"])
    changed.note("invoices", voided["InvoiceID"])
    made = pair.pull("create_invoice", Type="ACCREC", Contact=contact, LineItems=LINES)
    changed.note("invoices", made["InvoiceID"])
    edited = pair.pull("edit_contact", contact=contact["ContactID"], fields={"EmailAddress": f"h{hour}@example.com"})
    changed.note("contacts", edited["ContactID"])
    note = pair.pull("create_credit_note", Type="ACCRECCREDIT", Contact=contact, LineItems=LINES)
    changed.note("credit_notes", note["CreditNoteID"])
    order = pair.pull("create_purchase_order", Contact=contact, LineItems=LINES)
    changed.note("purchase_orders", order["PurchaseOrderID"])
    quote = pair.pull("create_quote", Contact=contact, LineItems=LINES)
    changed.note("quotes", quote["QuoteID"])
    pair.pass_time(minutes=36)


KEYS = {
    "payments": ("payment_id", "Payments", "PaymentID"),
    "invoices": ("invoice_id", "Invoices", "InvoiceID"),
    "contacts": ("contact_id", "Contacts", "ContactID"),
    "credit_notes": ("credit_note_id", "CreditNotes", "CreditNoteID"),
    "purchase_orders": ("purchase_order_id", "PurchaseOrders", "PurchaseOrderID"),
    "quotes": ("quote_id", "Quotes", "QuoteID"),
}


def _assert_caught(pair: Pair, changed: Changed, since: datetime) -> None:
    """Everything that changed is staged as it is now, no time is uncovered, every contact ties."""
    with xero(pair.sandbox) as client:
        for table, ids in changed.ids.items():
            column, plural, id_field = KEYS[table]
            theirs = {each[id_field]: each for each in client.list(plural)}
            ours = {row[column]: row for row in pair.rows(f"select * from xero.{table}")}
            assert ids <= set(ours), table
            assert {key: row["updated_utc"] for key, row in ours.items()} == {
                key: _instant(each["UpdatedDateUTC"]) for key, each in theirs.items()
            }, table
    with pair.warehouse.connect() as conn:
        org_id = pair.row("select org_id from xero.organisations")["org_id"]
        watermark = oldest_watermark(pair.warehouse, org_id, pair.org)
        assert watermark is not None
        for stage in STAGES:
            if stage.windowed:
                assert ledger.gaps(conn, org_id, stage.name, since, watermark) == [], stage.name
    assert due(pair.now, watermark) is None
    assert pair.rows("select * from analytics.coverage_gaps") == []
    assert pair.rows("select name from analytics.contact_balances_proof where not ties") == []


def _instant(wire: str) -> datetime:
    milliseconds = int(wire.removeprefix("/Date(").removesuffix("+0000)/"))
    return datetime.fromisoformat("1970-01-01T00:00:00+00:00") + timedelta(milliseconds=milliseconds)


def test_the_first_delta_after_five_hours_catches_the_changes_of_every_hour(pair: Pair) -> None:
    since, changed = pair.now - timedelta(hours=1), Changed()
    for hour in range(5):
        _an_hour(pair, hour, changed)
    assert pair.now - since > timedelta(hours=5)

    outcome = pair.sync("delta")

    assert {table: len(ids) for table, ids in changed.ids.items()} == {**dict.fromkeys(KEYS, 5), "invoices": 15}
    _assert_caught(pair, changed, since)
    assert outcome.sent > 0
    assert pair.sync("delta").rows_written == 0


def test_nothing_is_lost_when_two_runs_in_a_row_fail(pair: Pair) -> None:
    since, changed = pair.now - timedelta(hours=1), Changed()
    _an_hour(pair, 0, changed)
    pair.fault("503", "/Payments$")
    with pytest.raises(Transient):
        pair.sync("delta")
    pair.mend()

    _an_hour(pair, 1, changed)
    pair.fault("429 day", "/Invoices$")
    with pytest.raises(Throttled):
        pair.sync("delta")
    pair.mend()

    _an_hour(pair, 2, changed)
    pair.sync("delta")

    _assert_caught(pair, changed, since)
    outcomes = [row["outcome"] for row in pair.rows("select outcome from sync.runs order by started_at")]
    assert outcomes == ["succeeded", "failed", "failed", "succeeded"]


def test_what_was_staged_before_a_run_failed_stays_and_is_not_read_from_the_beginning_again(pair: Pair) -> None:
    changed = Changed()
    _an_hour(pair, 0, changed)
    pair.fault("503", "/Payments$")
    with pytest.raises(Transient):
        pair.sync("delta")

    staged = {row["invoice_id"] for row in pair.rows("select invoice_id from xero.invoices")}
    assert changed.ids["invoices"] <= staged
    assert not pair.rows("select 1 from xero.payments where payment_id = any(%s)", [*changed.ids["payments"]])

    pair.mend()
    outcome = pair.sync("delta")
    seen = {report.stage: report.rows_seen for report in outcome.reports}
    assert 0 < seen["payments"] < 20
    assert seen["invoices"] < 20


def test_a_failed_write_to_salesforce_is_made_good_by_the_next_run(pair: Pair) -> None:
    changed = Changed()
    _an_hour(pair, 0, changed)
    pair.fault("503", "/composite/sobjects")
    with pytest.raises(Transient):
        pair.sync("delta")
    pair.mend()

    outcome = pair.sync("delta")

    assert outcome.sent > 0
    assert pair.rows("select * from sync.deliveries where status <> 'succeeded'") == []
    assert pair.sync("delta").sent == 0
