"""What is kept out on purpose: invoices by the prefix of their number, and bills (BW-04, BW-24; products.md 2.11, 2.12)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from xero_pipeline.domain.org import Org
from xero_pipeline_tests.e2e.contents import changes, of_salesforce, of_warehouse
from xero_pipeline_tests.e2e.other_clients import Crm, crm, xero
from xero_pipeline_tests.e2e.pair import DEMO, EVERYTHING, Pair

NO_BILLS = DEMO.model_copy(update={"sync": EVERYTHING.model_copy(update={"bills": False})})
LINES = [{"Description": "Pump", "Quantity": 2, "UnitAmount": 50, "AccountCode": "200"}]
CUSTOMER = """
select contact_id, account_id from sync.contact_matches join analytics.account_rollups using (account_id)
where currency_code = 'NZD' order by contact_id limit 1
"""
ROLLUP = """
select total_invoiced, total_draft, documents from analytics.account_rollups
where account_id = %s and currency_code = '*'
"""


@pytest.fixture
def sales(pair: Pair) -> Iterator[Crm]:
    """Salesforce, as another client reads it."""
    with crm(pair.sandbox) as client:
        yield client


def _prefixed(*prefixes: str) -> Org:
    return DEMO.model_copy(update={"invoice_prefixes": prefixes})


def _new_invoice(pair: Pair, number: str, contact_id: str) -> str:
    made = pair.pull(
        "create_invoice",
        Type="ACCREC",
        InvoiceNumber=number,
        Contact={"ContactID": contact_id},
        LineItems=LINES,
        DueDate="2026-12-20",
    )
    pair.pull("approve_invoice", invoice=number)
    return str(made["InvoiceID"])


def test_an_invoice_without_the_prefix_is_staged_but_neither_rolled_up_nor_sent(pair: Pair, sales: Crm) -> None:
    org, customer = _prefixed("INV-"), pair.row(CUSTOMER)
    before = pair.row(ROLLUP, customer["account_id"])
    invoice_id = _new_invoice(pair, "WEB-0001", customer["contact_id"])
    pair.pull("pay_invoice", invoice="WEB-0001", amount="10.00")

    pair.sync("delta", org=org)

    assert pair.row("select in_scope from xero.invoices where invoice_id = %s", invoice_id) == {"in_scope": False}
    assert pair.row(ROLLUP, customer["account_id"]) == before
    sent = {each["Xero_Id__c"] for each in sales.whole("Xero_Invoice__c").values()}
    assert invoice_id not in sent
    lines = sales.whole("Xero_Invoice_Line__c").values()
    assert not [each for each in lines if str(each["Xero_Id__c"]).startswith(invoice_id)]
    payment = pair.row("select payment_id from xero.payments where invoice_id = %s", invoice_id)
    payments = {each["Xero_Id__c"] for each in sales.whole("Xero_Payment__c").values()}
    assert payment["payment_id"] not in payments, "a payment follows its invoice"
    assert pair.rows("select name from analytics.contact_balances_proof where not ties") == []


def test_removing_the_prefix_heals_what_it_kept_out(pair: Pair, sales: Crm) -> None:
    customer = pair.row(CUSTOMER)
    before = pair.row(ROLLUP, customer["account_id"])
    invoice_id = _new_invoice(pair, "WEB-0001", customer["contact_id"])
    pair.pull("pay_invoice", invoice="WEB-0001", amount="10.00")
    pair.sync("delta", org=_prefixed("INV-"))
    pair.pass_time(hours=3)

    pair.sync("delta", org=DEMO)

    assert pair.row("select in_scope from xero.invoices where invoice_id = %s", invoice_id) == {"in_scope": True}
    assert pair.row(ROLLUP, customer["account_id"])["documents"] == before["documents"] + 1
    (sent,) = (each for each in sales.whole("Xero_Invoice__c").values() if each["Xero_Id__c"] == invoice_id)
    assert (sent["Name"], sent["Payment_Status__c"]) == ("WEB-0001", "Partially Paid")
    lines = sales.whole("Xero_Invoice_Line__c").values()
    assert len([each for each in lines if str(each["Xero_Id__c"]).startswith(invoice_id)]) == 1
    payment = pair.row("select payment_id from xero.payments where invoice_id = %s", invoice_id)
    assert payment["payment_id"] in {each["Xero_Id__c"] for each in sales.whole("Xero_Payment__c").values()}


def test_a_prefix_set_later_keeps_what_was_sent_and_takes_it_out_of_the_rollups(pair: Pair, sales: Crm) -> None:
    before = of_warehouse(pair), of_salesforce(sales)

    pair.sync("delta", org=_prefixed("INV-01", "INV-02"))

    scopes = pair.rows("select type, invoice_number, in_scope from xero.invoices")
    for row in scopes:
        number = row["invoice_number"] or ""
        assert row["in_scope"] is (row["type"] == "ACCPAY" or number.startswith(("INV-01", "INV-02")))
    assert {row["in_scope"] for row in scopes if row["type"] == "ACCREC"} == {True, False}
    counted = pair.row("select sum(documents) as n from analytics.account_rollups where currency_code = '*'")
    assert (
        0
        < counted["n"]
        < sum(
            row["documents"] for row in before[0]["analytics.account_rollups"].values() if row["currency_code"] == "*"
        )
    )
    touched = set(changes(before[1], of_salesforce(sales)))
    assert touched == {"Account", "Opportunity"}, "invoices, lines and payments that were sent are kept as they are"

    pair.sync("delta", org=DEMO)

    healed = changes(before[0], of_warehouse(pair))
    assert set(healed) <= {
        "xero.invoices", "analytics.account_rollups", "analytics.opportunity_rollups",
        "salesforce.accounts", "salesforce.opportunities", "sync.deliveries", "sync.settings",
    }  # fmt: skip
    for table, marks in (("xero.invoices", {"synced_at"}), ("analytics.account_rollups", {"computed_at"})):
        assert set().union(*healed[table].values()) == marks, "everything else is as it was"
    accounts = changes(before[1], of_salesforce(sales))
    assert set().union(*accounts.get("Account", {}).values()) <= {
        "SystemModstamp",
        "LastModifiedDate",
        "LastModifiedById",
    }


def test_a_prefix_set_after_a_sync_that_was_killed_before_it_noted_its_own_is_applied_too(pair: Pair) -> None:
    pair.run("delete from sync.settings where key = 'invoice_prefixes'")

    pair.sync("delta", org=_prefixed("INV-01"))

    scopes = pair.rows("select invoice_number, in_scope from xero.invoices where type = 'ACCREC'")
    assert {row["in_scope"] for row in scopes} == {True, False}
    assert all(row["in_scope"] is row["invoice_number"].startswith("INV-01") for row in scopes)


def test_the_prefix_tells_upper_case_from_lower(pair: Pair) -> None:
    pair.sync("delta", org=_prefixed("inv-"))

    assert pair.rows("select 1 from xero.invoices where type = 'ACCREC' and in_scope") == []


def test_without_bills_only_sales_invoices_are_asked_for_and_staged(unsynced: Pair) -> None:
    unsynced.forget_requests()

    unsynced.sync("full", org=NO_BILLS.model_copy(update={"write_back": False}))

    types = unsynced.rows("select type, count(*) as n from xero.invoices group by 1")
    with xero(unsynced.sandbox) as client:
        theirs = [each for each in client.list("Invoices") if each["Type"] == "ACCREC"]
    assert types == [{"type": "ACCREC", "n": len(theirs)}]
    asked = [each["query"] for each in unsynced.requests("xero") if each["path"].endswith("/Invoices")]
    assert any("ACCREC" in query for query in asked)
    orphans = "select 1 from xero.invoice_lines where invoice_id not in (select invoice_id from xero.invoices)"
    assert unsynced.rows(orphans) == []


def test_switching_bills_off_leaves_those_that_were_staged_as_they_are(pair: Pair, sales: Crm) -> None:
    bills = "select * from xero.invoices where type = 'ACCPAY' order by invoice_id"
    lines = "select * from xero.invoice_lines join xero.invoices using (org_id, invoice_id) where type = 'ACCPAY'"
    before = pair.rows(bills), len(pair.rows(lines)), of_salesforce(sales)
    assert before[0]

    outcome = pair.sync("full", org=NO_BILLS)

    assert (pair.rows(bills), len(pair.rows(lines))) == before[:2]
    assert (outcome.rows_written, outcome.sent) == (0, 0)
    assert changes(before[2], of_salesforce(sales)) == {}


def test_bills_switched_on_again_are_caught_up_with_by_the_next_delta(pair: Pair) -> None:
    bill = pair.rows(
        "select invoice_id from xero.invoices where type = 'ACCPAY' and status = 'AUTHORISED' and amount_due > 5"
    )[0]
    amount = "select amount_paid from xero.invoices where invoice_id = %s"
    pair.pull("pay_invoice", invoice=bill["invoice_id"], amount="1.25")
    pair.sync("delta", org=NO_BILLS)
    before = pair.row(amount, bill["invoice_id"])["amount_paid"]
    pair.pass_time(hours=2)
    pair.sync("delta", org=NO_BILLS)

    pair.sync("delta", org=DEMO)
    seen = {report.stage: report.rows_seen for report in pair.sync("delta", org=DEMO).reports}

    assert pair.row(amount, bill["invoice_id"])["amount_paid"] > before
    assert pair.rows("select name from analytics.contact_balances_proof where not ties") == []
    assert seen["invoices"] < 20, "once is enough"


def test_a_line_that_leaves_its_invoice_is_deleted_in_salesforce(pair: Pair, sales: Crm) -> None:
    customer = pair.row(CUSTOMER)
    two = [*LINES, {"Description": "Hose", "Quantity": 1, "UnitAmount": 5, "AccountCode": "200"}]
    contact = {"ContactID": customer["contact_id"]}
    invoice = pair.pull("create_invoice", Type="ACCREC", InvoiceNumber="INV-9001", Contact=contact, LineItems=two)
    pair.sync("delta")
    pair.pull("edit", plural="Invoices", id=invoice["InvoiceID"], fields={"LineItems": invoice["LineItems"][:1]})

    pair.sync("delta")

    lines = [
        each
        for each in sales.whole("Xero_Invoice_Line__c").values()
        if str(each["Xero_Id__c"]).startswith(invoice["InvoiceID"])
    ]
    assert sorted((each["Description__c"], each["IsDeleted"]) for each in lines) == [("Hose", True), ("Pump", False)]


def test_lines_of_a_document_that_vanished_stay_with_it_in_salesforce(pair: Pair, sales: Crm) -> None:
    invoice = pair.rows("select invoice_id from xero.invoices where status = 'DRAFT' and type = 'ACCREC' order by 1")[0]
    before = of_salesforce(sales)["Xero_Invoice_Line__c"]
    pair.pull("remove", plural="Invoices", id=invoice["invoice_id"])

    pair.sync("full")

    assert of_salesforce(sales)["Xero_Invoice_Line__c"] == before
