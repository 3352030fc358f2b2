"""A sync writes and sends what changed and nothing else (issue A, 5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from xero_pipeline.stages.sync import SyncOutcome
from xero_pipeline_tests.e2e.contents import (
    AUDIT,
    Changes,
    changes,
    columns,
    keys,
    of_salesforce,
    of_warehouse,
)
from xero_pipeline_tests.e2e.other_clients import Crm, crm
from xero_pipeline_tests.e2e.pair import Pair, Snapshot, copied

# Unpaid sales invoices of matched contacts, none of them with two, and the record they are linked to.
UNPAID = """
select
    invoices.invoice_id, invoices.invoice_number, invoices.contact_id, invoices.total, invoices.due_date, matches.account_id,
    links.target_type, links.target_id
from xero.invoices
join sync.contact_matches as matches using (org_id, contact_id)
left join sync.invoice_links as links using (org_id, invoice_id)
where
    invoices.type = 'ACCREC' and invoices.status = 'AUTHORISED' and invoices.amount_due = invoices.total
    and invoices.currency_code = 'NZD' and matches.account_id is not null
order by invoices.invoice_number
"""
SOMEBODY = """
select contact_id, account_id from xero.contacts join sync.contact_matches using (org_id, contact_id)
where account_id is not null and contact_id <> all(%s) and not is_archived
order by name limit 1
"""
# The only thing a run that finds nothing leaves outside its diary.
CALLS_LEFT = {"sync.settings": {("org", "", "xero_calls_left"), ("org", "", "known")}}


@pytest.fixture
def sales(pair: Pair) -> Iterator[Crm]:
    """Salesforce, as another client reads it."""
    with crm(pair.sandbox) as client:
        yield client


def test_a_second_full_sync_writes_no_row_and_sends_no_record(pair: Pair, sales: Crm) -> None:
    before = of_warehouse(pair), of_salesforce(sales)
    pair.forget_requests()

    outcome = pair.sync("full")

    assert (outcome.rows_written, outcome.sent) == (0, 0)
    assert pair.salesforce_writes() == []
    assert keys(changes(before[0], of_warehouse(pair))) == CALLS_LEFT
    assert changes(before[1], of_salesforce(sales)) == {}
    assert pair.rows("select * from sync.events where run_id = %s", outcome.run_id) == []


def test_a_delta_after_nothing_happened_writes_no_row_and_sends_no_record(pair: Pair, sales: Crm) -> None:
    before = of_warehouse(pair), of_salesforce(sales)
    pair.pass_time(minutes=13)
    pair.forget_requests()

    outcome = pair.sync("delta")

    assert (outcome.rows_written, outcome.sent) == (0, 0)
    assert pair.salesforce_writes() == []
    assert keys(changes(before[0], of_warehouse(pair))) == CALLS_LEFT
    assert changes(before[1], of_salesforce(sales)) == {}


@dataclass
class Morning:
    """What was done in Xero, what of it the next delta changed on both sides, and what the delta after it did."""

    pair: Pair
    sales: Crm
    paid: dict[str, Any]
    voided: dict[str, Any]
    edited: dict[str, Any]
    payment_id: str
    warehouse: Changes
    salesforce: Changes
    run_id: str
    again: SyncOutcome


@pytest.fixture(scope="module")
def morning(small: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    """One invoice paid, one contact edited, one invoice voided; a delta, and another."""
    with copied(small, tmp_path_factory.mktemp("morning")) as pair, crm(pair.sandbox) as sales:
        yield _morning(pair, sales)


def _morning(pair: Pair, sales: Crm) -> Morning:
    unpaid = pair.rows(UNPAID)
    # Not due yet, so that what is overdue stays as it is.
    not_due = [each for each in unpaid if each["due_date"] > pair.now.date() + timedelta(days=1)]
    paid = next(each for each in not_due if each["target_type"] == "opportunity")
    voided = next(each for each in unpaid if each["target_type"] is None and each["account_id"] != paid["account_id"])
    edited = pair.row(SOMEBODY, [paid["contact_id"], voided["contact_id"]])
    before = of_warehouse(pair), of_salesforce(sales)
    pair.pass_time(minutes=7)
    payment = pair.pull("pay_invoice", invoice=paid["invoice_number"])
    pair.pull("edit_contact", contact=edited["contact_id"], fields={"EmailAddress": "accounts.new@example.com"})
    pair.pull("void_invoice", invoice=voided["invoice_number"])
    outcome = pair.sync("delta")
    after = of_warehouse(pair), of_salesforce(sales)
    return Morning(
        pair=pair,
        sales=sales,
        paid=paid,
        voided=voided,
        edited=edited,
        payment_id=payment["PaymentID"],
        warehouse=changes(before[0], after[0]),
        salesforce=changes(before[1], after[1]),
        run_id=outcome.run_id,
        again=pair.sync("delta"),
    )


def test_a_delta_changes_exactly_the_rows_of_what_happened(morning: Morning) -> None:
    paid, voided, edited = morning.paid, morning.voided, morning.edited
    records = {
        "Xero_Invoice__c": {paid["invoice_id"], voided["invoice_id"]},
        "Xero_Payment__c": {morning.payment_id},
        # Xero moves the balances of the two that owed the invoices, and stamps neither.
        "Xero_Contact__c": {edited["contact_id"], paid["contact_id"], voided["contact_id"]},
        "Account": {paid["account_id"], voided["account_id"]},
        "Opportunity": {paid["target_id"]},
    }

    assert keys(morning.warehouse) == CALLS_LEFT | {
        "xero.invoices": records["Xero_Invoice__c"],
        "xero.payments": records["Xero_Payment__c"],
        "xero.contacts": records["Xero_Contact__c"],
        "analytics.account_rollups": {
            (account_id, currency) for account_id in records["Account"] for currency in ("NZD", "*")
        },
        "analytics.opportunity_rollups": {(paid["target_id"], currency) for currency in ("NZD", "*")},
        "salesforce.accounts": records["Account"],
        "salesforce.opportunities": records["Opportunity"],
        "sync.deliveries": {(name, key) for name, sent in records.items() for key in sent},
    }
    assert keys(morning.salesforce) == records


def test_a_delta_changes_only_the_columns_of_what_happened(morning: Morning) -> None:
    changed = morning.warehouse
    assert columns(changed, "xero.invoices") == {
        "status", "amount_due", "amount_paid", "fully_paid_on_date", "updated_utc", "synced_at", "digest"
    }  # fmt: skip
    balances = {"accounts_receivable_outstanding", "accounts_receivable_overdue"}
    assert columns(changed, "xero.contacts") - balances == {"email_address", "updated_utc", "synced_at", "digest"}
    assert changed["xero.contacts"][morning.edited["contact_id"]] == {
        "email_address",
        "updated_utc",
        "synced_at",
        "digest",
    }
    assert changed["xero.payments"] == {morning.payment_id: "new"}

    sent = morning.salesforce
    assert columns(sent, "Xero_Invoice__c") - AUDIT == {
        "Status__c", "Payment_Status__c", "Amount_Due__c", "Amount_Paid__c", "Fully_Paid_On__c", "Updated_In_Xero__c"
    }  # fmt: skip
    assert sent["Xero_Contact__c"][morning.edited["contact_id"]] - AUDIT == {"Email__c", "Updated_In_Xero__c"}
    assert sent["Opportunity"][morning.paid["target_id"]] - AUDIT == {"Xero_Total_Paid__c", "Xero_Total_Due__c"}
    assert {"Xero_Total_Paid__c", "Xero_Total_Due__c"} <= sent["Account"][morning.paid["account_id"]]
    assert {"Xero_Total_Invoiced__c", "Xero_Total_Due__c"} <= sent["Account"][morning.voided["account_id"]]


def test_a_delta_leaves_both_sides_as_xero_has_them(morning: Morning) -> None:
    pair = morning.pair
    invoices = {each["Xero_Id__c"]: each for each in morning.sales.whole("Xero_Invoice__c").values()}
    paid, voided = invoices[morning.paid["invoice_id"]], invoices[morning.voided["invoice_id"]]

    assert (paid["Status__c"], paid["Payment_Status__c"], paid["Amount_Due__c"]) == ("PAID", "Paid", 0)
    assert paid["Amount_Paid__c"] == morning.paid["total"]
    assert (voided["Status__c"], voided["Payment_Status__c"]) == ("VOIDED", "Voided")
    assert pair.row("select email_address from xero.contacts where contact_id = %s", morning.edited["contact_id"]) == {
        "email_address": "accounts.new@example.com"
    }
    assert pair.rows("select name from analytics.contact_balances_proof where not ties") == []


def test_a_delta_logs_what_changed_and_what_was_sent(morning: Morning) -> None:
    events = morning.pair.rows("select object, record_id, action from sync.events where run_id = %s", morning.run_id)
    found = {(each["object"], each["record_id"], each["action"]) for each in events}

    assert {
        ("invoices", morning.paid["invoice_id"], "updated"),
        ("invoices", morning.voided["invoice_id"], "updated"),
        ("payments", morning.payment_id, "inserted"),
        ("contacts", morning.edited["contact_id"], "updated"),
        ("Xero_Invoice__c", morning.paid["invoice_id"], "sent"),
        ("Xero_Payment__c", morning.payment_id, "sent"),
    } <= found
    assert {each["action"] for each in events} <= {"inserted", "updated", "sent"}


def test_a_delta_after_a_delta_finds_nothing_though_it_reads_the_same_again(morning: Morning) -> None:
    seen = {report.stage: report.rows_seen for report in morning.again.reports}

    assert seen["invoices"] >= 2
    assert seen["payments"] >= 1
    assert (morning.again.rows_written, morning.again.sent) == (0, 0)


def test_a_delta_reads_no_more_of_xero_than_what_may_have_changed(pair: Pair) -> None:
    pair.pass_time(hours=2)
    pair.sync("delta")
    pair.pass_time(minutes=40)
    pair.pull("pay_invoice", invoice=pair.rows(UNPAID)[0]["invoice_number"], amount="0.10")

    outcome = pair.sync("delta")

    seen = {report.stage: report.rows_seen for report in outcome.reports}
    assert (seen["contacts"], seen["invoices"], seen["payments"], seen["credit_notes"]) == (0, 1, 1, 0)
