"""A full sync finds what no timestamp tells: content that drifted, and rows that vanished or came back (issue A, 6)."""

from __future__ import annotations

from copy import deepcopy

import pytest

from xero_pipeline.warehouse.loader import Changes
from xero_pipeline_tests.e2e.other_clients import crm
from xero_pipeline_tests.e2e.pair import Pair, report_of

OLD_INVOICE = """
select invoices.invoice_id, invoices.invoice_number, invoices.updated_utc, lines.line_item_id, lines.account_code
from xero.invoices join xero.invoice_lines as lines using (org_id, invoice_id)
where invoices.type = 'ACCREC' and invoices.status = 'PAID' and lines.account_code = '200'
order by invoices.updated_utc, lines.line_number limit 1
"""
AN_ITEM = "select item_id, code, name from xero.items order by code limit 1"


def test_a_line_that_was_recoded_without_a_stamp_is_found_and_reported_by_a_full_sync(pair: Pair) -> None:
    line = pair.row(OLD_INVOICE)
    pair.pull("edit_line_account", invoice=line["invoice_number"], line=line["line_item_id"], account="260")
    code = "select account_code from xero.invoice_lines where line_item_id = %s"

    delta = pair.sync("delta")
    assert delta.rows_written == 0, "nothing tells a delta"
    assert pair.row(code, line["line_item_id"])["account_code"] == "200"

    full = pair.sync("full")
    assert pair.row(code, line["line_item_id"])["account_code"] == "260"
    invoices = report_of("invoices", full)
    assert invoices.tables["xero.invoice_lines"].drifted == 1
    assert full.rows_written == 1
    event = pair.row("select * from sync.events where run_id = %s and action = 'drifted'", full.run_id)
    assert (event["record_id"], event["record_name"]) == (line["invoice_id"], line["invoice_number"])
    with crm(pair.sandbox) as sales:
        sent = sales.whole("Xero_Invoice_Line__c")
    assert [each["Account_Code__c"] for each in sent.values() if line["line_item_id"] in each["Xero_Id__c"]] == ["260"]


def test_a_document_that_drifted_without_a_stamp_is_found_and_reported_too(pair: Pair) -> None:
    invoice = pair.row(OLD_INVOICE)
    fields = {"Reference": "changed behind the stamp"}
    pair.pull("edit", plural="Invoices", id=invoice["invoice_id"], fields=fields, stamp=False)

    full = pair.sync("full")

    after = pair.row("select * from xero.invoices where invoice_id = %s", invoice["invoice_id"])
    assert (after["reference"], after["updated_utc"]) == ("changed behind the stamp", invoice["updated_utc"])
    invoices = report_of("invoices", full)
    assert invoices.tables["xero.invoices"].drifted == 1


def test_an_item_that_was_deleted_is_marked_never_dropped_and_returns(pair: Pair) -> None:
    item = pair.row(AN_ITEM)
    vanished_at = "select vanished_at from xero.items where item_id = %s"
    (tenant,) = pair.world.tenants
    record = deepcopy(tenant.book.get("Items", item["item_id"]))
    pair.pull("remove", plural="Items", id=item["item_id"])

    full = pair.sync("full")
    assert pair.row(vanished_at, item["item_id"])["vanished_at"] is not None
    assert pair.row(
        "select action from sync.events where record_id = %s and run_id = %s", item["item_id"], full.run_id
    ) == {"action": "vanished"}
    with crm(pair.sandbox) as sales:
        assert _setting(sales.whole("Xero_Metadata__c"), item["item_id"])["Is_Archived__c"] is True

    assert pair.sync("full").rows_written == 0, "it is reported once"

    tenant.book.add("Items", record, pair.now)
    pair.sync("full")
    assert pair.row(vanished_at, item["item_id"])["vanished_at"] is None
    with crm(pair.sandbox) as sales:
        assert _setting(sales.whole("Xero_Metadata__c"), item["item_id"])["Is_Archived__c"] is False


def _setting(records: dict[str, dict[str, object]], key: str) -> dict[str, object]:
    (found,) = (each for each in records.values() if str(each["Xero_Id__c"]).endswith(key))
    return found


@pytest.mark.parametrize(
    "by_hand",
    [
        "update xero.invoices set total = total + 1 where invoice_id = %s",
        "update xero.invoice_lines set line_amount = line_amount + 1 where invoice_id = %s",
        "delete from xero.invoice_lines where invoice_id = %s",
        "delete from xero.invoices where invoice_id = %s",
    ],
)
def test_what_somebody_changed_by_hand_in_the_warehouse_is_put_right_by_a_full_sync(pair: Pair, by_hand: str) -> None:
    invoice = pair.row(OLD_INVOICE)["invoice_id"]
    staged = """
    select total, (select sum(line_amount) from xero.invoice_lines where invoice_id = invoices.invoice_id) as lines
    from xero.invoices where invoice_id = %s
    """
    before = pair.row(staged, invoice)
    assert pair.run(by_hand, invoice)
    assert pair.rows(staged, invoice) != [before]

    assert pair.sync("full").rows_written

    assert pair.row(staged, invoice) == before
    assert pair.sync("full").rows_written == 0


def test_a_full_sync_does_not_read_again_what_xero_sends_as_before(pair: Pair) -> None:
    invoices = pair.row("select count(*) as n from xero.invoices")["n"]
    pair.pull("edit", plural="Invoices", id=pair.row(OLD_INVOICE)["invoice_id"], fields={"Reference": "new"})

    (report,) = (each for each in pair.sync("full").reports if each.stage == "invoices")

    assert report.tables["xero.invoices"] == Changes(updated=1, unchanged=invoices - 1)
    # Lines come with the one invoice alone that was read.
    assert report.tables["xero.invoice_lines"].unchanged < 20
    assert report.rows_seen == invoices


def test_a_document_that_vanished_counts_no_more_and_stays_in_salesforce(pair: Pair) -> None:
    invoice = pair.row(
        """
        select invoice_id, account_id from xero.invoices join sync.contact_matches using (org_id, contact_id)
        where type = 'ACCREC' and invoices.status = 'DRAFT' and account_id is not null order by invoice_number limit 1
        """
    )
    draft = "select total_draft from analytics.account_rollups where account_id = %s and currency_code = '*'"
    before = pair.row(draft, invoice["account_id"])["total_draft"]
    pair.pull("remove", plural="Invoices", id=invoice["invoice_id"])

    pair.sync("full")

    after = pair.rows(draft, invoice["account_id"])
    assert not after or after[0]["total_draft"] < before
    with crm(pair.sandbox) as sales:
        kept = [each for each in sales.whole("Xero_Invoice__c").values() if each["Xero_Id__c"] == invoice["invoice_id"]]
    assert [each["IsDeleted"] for each in kept] == [False]


def test_a_record_that_somebody_deleted_in_salesforce_is_sent_again_by_a_full_sync(pair: Pair) -> None:
    invoice = pair.row(OLD_INVOICE)
    pair.in_salesforce("DELETE", f"Xero_Invoice__c/{invoice['invoice_id']}")

    outcome = pair.sync("full")

    assert outcome.sent >= 2, "the invoice, and the lines that went with it"
    with crm(pair.sandbox) as sales:
        found = sales.query(f"SELECT Id FROM Xero_Invoice__c WHERE Xero_Id__c = '{invoice['invoice_id']}'")
        lines = sales.query(
            f"SELECT Id FROM Xero_Invoice_Line__c WHERE Invoice__r.Xero_Id__c = '{invoice['invoice_id']}'"
        )
    assert len(found) == 1
    staged = pair.row("select count(*) as n from xero.invoice_lines where invoice_id = %s", invoice["invoice_id"])
    assert len(lines) == staged["n"]
    assert pair.sync("full").sent == 0
