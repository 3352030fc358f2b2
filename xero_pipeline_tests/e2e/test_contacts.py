"""Contacts that are missing, archived or merged (BW-12, BW-26, BW-X04)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from xero_pipeline_tests.e2e.other_clients import Crm, crm
from xero_pipeline_tests.e2e.pair import Pair, report_of

# Owed an invoice, matched to an account of its own.
CUSTOMERS = """
select contacts.contact_id, contacts.name, matches.account_id, min(invoices.invoice_number) as invoice_number
from xero.contacts
join sync.contact_matches as matches using (org_id, contact_id)
join xero.invoices using (org_id, contact_id)
where
    not contacts.is_archived and matches.status = 'matched' and invoices.type = 'ACCREC'
    and invoices.status = 'AUTHORISED' and invoices.currency_code = 'NZD' and invoices.amount_due > 5
group by 1, 2, 3
order by 4
"""
# On no document at all.
STRANGERS = """
select contact_id, name from xero.contacts
where
    not is_archived
    and contact_id not in (
        select contact_id from xero.invoices
        union select contact_id from xero.purchase_orders
        union select contact_id from xero.quotes
        union select contact_id from xero.credit_notes
        union select contact_id from xero.prepayments
        union select contact_id from xero.overpayments
    )
order by name
"""


@pytest.fixture
def sales(pair: Pair) -> Iterator[Crm]:
    """Salesforce, as another client reads it."""
    with crm(pair.sandbox) as client:
        yield client


def _sent(sales: Crm, contact_id: str) -> dict[str, object]:
    (found,) = (each for each in sales.whole("Xero_Contact__c").values() if each["Xero_Id__c"] == contact_id)
    return found


def test_a_contact_that_a_document_refers_to_and_the_warehouse_lacks_is_fetched_by_id(pair: Pair) -> None:
    customer = pair.rows(CUSTOMERS)[0]
    before = pair.row("select * from xero.contacts where contact_id = %s", customer["contact_id"])
    assert pair.run("delete from xero.contacts where contact_id = %s", customer["contact_id"]) == 1
    pair.pass_time(hours=1)
    pair.pull("pay_invoice", invoice=customer["invoice_number"], amount="1.00")
    pair.forget_requests()

    outcome = pair.sync("delta")

    invoices = report_of("invoices", outcome)
    assert invoices.notes["contacts_fetched"] == 1
    asked = [each["query"] for each in pair.requests("xero") if each["path"].endswith("/Contacts")]
    assert any(customer["contact_id"] in query for query in asked)
    after = pair.row("select * from xero.contacts where contact_id = %s", customer["contact_id"])
    moved = {name for name in before if before[name] != after[name]}
    assert moved - {"accounts_receivable_overdue"} == {"accounts_receivable_outstanding", "synced_at", "digest"}


@pytest.mark.parametrize(
    ("lever", "table", "fields"),
    [
        ("create_invoice", "invoices", {"Type": "ACCPAY", "InvoiceNumber": "THEIRS-1"}),
        ("create_purchase_order", "purchase_orders", {}),
        ("create_credit_note", "credit_notes", {"Type": "ACCRECCREDIT"}),
        ("create_quote", "quotes", {}),
    ],
)
def test_every_kind_of_document_brings_its_contact(
    pair: Pair, lever: str, table: str, fields: dict[str, object]
) -> None:
    stranger = pair.rows(STRANGERS)[0]
    pair.run("delete from xero.contacts where contact_id = %s", stranger["contact_id"])
    pair.pass_time(hours=1)
    line = {"Description": "Pump", "Quantity": 1, "UnitAmount": 20, "AccountCode": "200"}
    pair.pull(lever, Contact={"ContactID": stranger["contact_id"]}, LineItems=[line], **fields)

    outcome = pair.sync("delta")

    fetched = {r.stage: r.notes["contacts_fetched"] for r in outcome.reports if "contacts_fetched" in r.notes}
    assert fetched == {table: 1}
    staged = pair.row("select name from xero.contacts where contact_id = %s", stranger["contact_id"])
    assert staged == {"name": stranger["name"]}


def test_an_archived_contact_is_marked_on_both_sides_and_keeps_its_account_and_documents(
    pair: Pair, sales: Crm
) -> None:
    customer = pair.rows(CUSTOMERS)[0]
    documents = "select count(*) as n from xero.invoices where contact_id = %s"
    before = pair.row(documents, customer["contact_id"])
    pair.pull("archive_contact", contact=customer["contact_id"])

    pair.sync("delta")

    contact = pair.row("select * from xero.contacts where contact_id = %s", customer["contact_id"])
    assert (contact["contact_status"], contact["is_archived"], contact["vanished_at"]) == ("ARCHIVED", True, None)
    sent = _sent(sales, customer["contact_id"])
    assert (sent["Is_Archived__c"], sent["Status__c"], sent["IsDeleted"]) == (True, "ARCHIVED", False)
    assert sent["Account__c"] == customer["account_id"]
    assert pair.row(documents, customer["contact_id"]) == before


def test_a_contact_taken_out_of_the_archive_is_marked_no_more(pair: Pair, sales: Crm) -> None:
    archived = pair.rows("select contact_id from xero.contacts where is_archived and merged_to_contact_id is null")[0]
    fields = {"ContactStatus": "ACTIVE"}
    pair.pull("edit", plural="Contacts", id=archived["contact_id"], fields=fields)

    pair.sync("delta")

    contact = pair.row("select is_archived from xero.contacts where contact_id = %s", archived["contact_id"])
    assert contact == {"is_archived": False}
    assert _sent(sales, archived["contact_id"])["Is_Archived__c"] is False


def test_merged_contacts_point_to_the_survivor_who_has_the_documents_and_balances(pair: Pair, sales: Crm) -> None:
    merged, survivor, *_ = pair.rows(CUSTOMERS)
    theirs = [
        row["invoice_id"]
        for row in pair.rows("select invoice_id from xero.invoices where contact_id = %s", merged["contact_id"])
    ]
    rollup = "select documents, total_due from analytics.account_rollups where account_id = %s and currency_code = '*'"
    before = [pair.row(rollup, each["account_id"]) for each in (merged, survivor)]
    pair.pull("merge_contacts", **{"from": merged["contact_id"], "into": survivor["contact_id"]})

    pair.sync("delta")

    contact = pair.row("select * from xero.contacts where contact_id = %s", merged["contact_id"])
    assert (contact["is_archived"], contact["merged_to_contact_id"]) == (True, survivor["contact_id"])
    owners = pair.rows("select distinct contact_id from xero.invoices where invoice_id = any(%s)", theirs)
    assert owners == [{"contact_id": survivor["contact_id"]}]
    assert pair.rows("select name from analytics.contact_balances_proof where not ties") == []
    after = pair.row(rollup, survivor["account_id"])
    assert after["total_due"] == before[0]["total_due"] + before[1]["total_due"]
    assert pair.rows(rollup, merged["account_id"]) == []
    assert _sent(sales, merged["contact_id"])["Merged_To__c"] == survivor["contact_id"]
    under = {
        (each["Account__c"], each["Xero_Contact__c"])
        for each in sales.whole("Xero_Invoice__c").values()
        if each["Xero_Id__c"] in theirs
    }
    assert under == {(survivor["account_id"], _sent(sales, survivor["contact_id"])["Id"])}
    assert sales.whole("Account")[merged["account_id"]]["Xero_Total_Invoiced__c"] == 0
