"""A sale that is edited after it was exported: its invoice follows where Xero lets it, and else stays as it is, to the byte."""

from __future__ import annotations

from decimal import Decimal

import pytest

from xero_pipeline_tests.e2e.export_desk import Desk, Line, charged
from xero_pipeline_tests.e2e.other_clients import Record

PUMP = Line("PMP-120", "3", "1849.00", "10")
HOSE = Line("HSE-25", "7", "11.44")
VALVE = Line("VLV-50", "2", "688.90")
FREIGHT = Line("FRT-NI", "1", "48.00")
STAMPS = ("UpdatedDateUTC", "UpdatedDateUTCString")


def _by_code(invoice: Record) -> dict[str, Record]:
    return {line.get("ItemCode", line["Description"]): line for line in invoice["LineItems"]}


def _but_for(invoice: Record, *names: str) -> Record:
    return {name: value for name, value in invoice.items() if name not in (*STAMPS, *names)}


def _add_in_xero(desk: Desk, invoice: Record, line: Record) -> None:
    kept = [{"LineItemID": each["LineItemID"]} for each in invoice["LineItems"]]
    desk.pair.pull("update_invoice", invoice=invoice["InvoiceID"], fields={"LineItems": [*kept, line]})


def _lock(desk: Desk, day: str | None) -> None:
    desk.pair.pull("edit", plural="Organisation", fields={"PeriodLockDate": day})


def _refused(desk: Desk, sale_id: str, check: str, words: str) -> None:
    entry = desk.entry(sale_id)
    shown = desk.opportunity(sale_id)
    assert (entry.status, entry.error_code) == ("failed", check)
    assert words in (entry.error or "")
    assert (shown["Xero_Export_Status__c"], words in shown["Xero_Export_Message__c"]) == ("Failed", True)


@pytest.mark.parametrize("status", ["DRAFT", "AUTHORISED"])
def test_an_edited_sale_edits_its_invoice_line_by_line_and_touches_no_line_that_people_added(
    desk: Desk, status: str
) -> None:
    sale_id = desk.sell(PUMP, HOSE, VALVE)
    desk.export()
    before = desk.invoice_of(sale_id)
    if status == "AUTHORISED":
        desk.pair.pull("approve_invoice", invoice=before["InvoiceID"])
    _add_in_xero(
        desk,
        before,
        {"Description": "Handling", "Quantity": 1, "UnitAmount": 20, "AccountCode": "200", "TaxType": "OUTPUT2"},
    )
    lines = desk.lines_of(sale_id)
    desk.edit_line(lines[0]["Id"], Quantity="4")
    desk.remove_line(lines[1]["Id"])
    desk.add_line(sale_id, FREIGHT)
    desk.edit(sale_id, Xero_Reference__c="PO 4711")

    desk.pair.sync("delta")

    after = desk.invoice_of(sale_id)
    old, new = _by_code(before), _by_code(after)
    assert set(new) == {"PMP-120", "VLV-50", "FRT-NI", "Handling"}
    assert new["PMP-120"]["LineItemID"] == old["PMP-120"]["LineItemID"]
    assert new["VLV-50"] == old["VLV-50"]
    assert Decimal(new["PMP-120"]["Quantity"]) == 4
    assert after["Status"] == status
    assert after["Reference"] == "PO 4711"
    handling = Line("", "1", "20.00")
    total, tax = charged([Line("PMP-120", "4", "1849.00", "10"), VALVE, FREIGHT, handling])
    assert (Decimal(after["Total"]), Decimal(after["TotalTax"])) == (total, tax)
    assert after["InvoiceNumber"] == before["InvoiceNumber"]


def test_a_line_that_people_added_since_xero_was_read_is_not_lost_with_an_edit(desk: Desk) -> None:
    sale_id = desk.sell(PUMP, HOSE)
    desk.export()
    _add_in_xero(
        desk,
        desk.invoice_of(sale_id),
        {"Description": "Handling", "Quantity": 1, "UnitAmount": 20, "AccountCode": "200"},
    )
    desk.edit_line(desk.lines_of(sale_id)[0]["Id"], Quantity="5")

    desk.export()
    desk.export()

    lines = _by_code(desk.invoice_of(sale_id))
    assert set(lines) == {"PMP-120", "HSE-25", "Handling"}
    assert Decimal(lines["PMP-120"]["Quantity"]) == 5


def test_an_invoice_that_was_paid_since_xero_was_read_is_left_as_it_is(desk: Desk) -> None:
    sale_id = desk.sell(PUMP)
    desk.export()
    desk.pair.pull("approve_invoice", invoice=desk.invoice_of(sale_id)["InvoiceID"])
    desk.pair.pull("pay_invoice", invoice=desk.invoice_of(sale_id)["InvoiceID"], amount="100.00")
    paid = desk.invoice_of(sale_id)
    desk.edit_line(desk.lines_of(sale_id)[0]["Id"], Quantity="5")

    desk.export()
    desk.export()

    assert desk.invoice_of(sale_id) == paid
    _refused(desk, sale_id, "invoice_is_not_paid", "has a payment or credit on it")


def test_the_sale_of_a_paid_invoice_may_change_its_reference_and_not_its_amounts(desk: Desk) -> None:
    dear, renamed = desk.sell(PUMP, HOSE), desk.sell(PUMP, HOSE)
    desk.export()
    for sale_id in (dear, renamed):
        invoice_id = desk.invoice_of(sale_id)["InvoiceID"]
        desk.pair.pull("approve_invoice", invoice=invoice_id)
        desk.pair.pull("pay_invoice", invoice=invoice_id)
    paid = {sale_id: desk.invoice_of(sale_id) for sale_id in (dear, renamed)}
    desk.edit_line(desk.lines_of(dear)[0]["Id"], Quantity="4")
    desk.edit(dear, Xero_Reference__c="half of a change")
    desk.edit(renamed, Xero_Reference__c="PO 4711")

    desk.pair.sync("delta")

    assert desk.invoice_of(dear) == paid[dear]
    _refused(desk, dear, "invoice_is_not_paid", "Xero then lets nobody change its amounts, dates, tax or currency")
    after = desk.invoice_of(renamed)
    assert _but_for(after, "Reference") == _but_for(paid[renamed], "Reference")
    assert after["Reference"] == "PO 4711"
    assert desk.opportunity(renamed)["Xero_Export_Status__c"] == "Succeeded"


def test_a_change_that_is_undone_leaves_the_queue_by_itself(desk: Desk) -> None:
    sale_id = desk.sell(PUMP)
    desk.export()
    desk.pair.pull("approve_invoice", invoice=desk.invoice_of(sale_id)["InvoiceID"])
    desk.pair.pull("pay_invoice", invoice=desk.invoice_of(sale_id)["InvoiceID"])
    line_id = desk.lines_of(sale_id)[0]["Id"]
    desk.edit_line(line_id, Quantity="4")
    desk.pair.sync("delta")
    assert desk.entry(sale_id).status == "failed"

    desk.edit_line(line_id, Quantity="3")
    desk.export()

    shown = desk.opportunity(sale_id)
    assert desk.entry(sale_id).status == "succeeded"
    assert (shown["Xero_Export_Status__c"], shown["Xero_Export_Message__c"]) == ("Succeeded", None)


@pytest.mark.parametrize(
    ("lever", "status"), [("void_invoice", "VOIDED"), ("delete_invoice", "DELETED")], ids=["voided", "deleted"]
)
def test_the_sale_of_an_invoice_that_was_voided_or_deleted_brings_nothing_back(
    desk: Desk, lever: str, status: str
) -> None:
    sale_id = desk.sell(PUMP)
    desk.export()
    invoice_id = desk.invoice_of(sale_id)["InvoiceID"]
    if lever == "void_invoice":
        desk.pair.pull("approve_invoice", invoice=invoice_id)
    desk.pair.pull(lever, invoice=invoice_id)
    ended = desk.invoice_of(sale_id)
    desk.edit_line(desk.lines_of(sale_id)[0]["Id"], Quantity="4")

    desk.pair.sync("delta")

    assert desk.invoice_of(sale_id) == ended
    _refused(desk, sale_id, "invoice_is_not_voided", "voided or deleted in Xero")
    assert desk.opportunity(sale_id)["Xero_Invoice_Status__c"] == status
    desk.resolve(sale_id, how="retry")
    desk.export()
    assert desk.invoice_of(sale_id) == ended


def test_the_sale_of_an_invoice_in_a_locked_period_is_refused_before_xero_is_asked(desk: Desk) -> None:
    sale_id = desk.sell(PUMP)
    desk.export()
    locked = desk.invoice_of(sale_id)
    _lock(desk, desk.pair.now.date().isoformat())
    desk.pair.sync("metadata")
    desk.edit_line(desk.lines_of(sale_id)[0]["Id"], Quantity="4")
    desk.pair.forget_requests()

    desk.export()

    assert desk.calls() == []
    assert desk.invoice_of(sale_id) == locked
    _refused(desk, sale_id, "invoice_is_not_locked", "a period that is locked in Xero")


def test_an_edit_that_xero_refuses_is_made_whole_once_it_is_retried(desk: Desk) -> None:
    sale_id = desk.sell(PUMP, HOSE)
    desk.export()
    before = desk.invoice_of(sale_id)
    lines = desk.lines_of(sale_id)
    desk.remove_line(lines[1]["Id"])
    desk.add_line(sale_id, FREIGHT)
    # Nobody has told the pipeline yet.
    _lock(desk, desk.pair.now.date().isoformat())

    desk.export()

    entry = desk.entry(sale_id)
    assert (entry.status, entry.error_code, entry.step) == ("failed", "refused_by_xero", "invoice")
    assert "lock" in str(entry.error).lower()
    assert desk.invoice_of(sale_id) == before
    _lock(desk, None)
    desk.resolve(sale_id, how="retry")
    desk.export()
    after = desk.invoice_of(sale_id)
    assert set(_by_code(after)) == {"PMP-120", "FRT-NI"}
    assert Decimal(after["Total"]) == charged([PUMP, FREIGHT])[0]
    assert desk.entry(sale_id).status == "succeeded"


def test_a_sale_that_is_unticked_or_deleted_leaves_its_invoice_alone(desk: Desk) -> None:
    unticked, deleted = desk.sell(PUMP), desk.sell(HOSE)
    never = desk.sell(PUMP, Xero_Tax_Type__c="NOSUCH")
    desk.export()
    before = {sale_id: desk.invoice_of(sale_id) for sale_id in (unticked, deleted)}
    assert desk.entry(never).status == "failed"
    desk.edit(unticked, Xero_Export__c=False)
    desk.edit_line(desk.lines_of(unticked)[0]["Id"], Quantity="9")
    desk.pair.in_salesforce("DELETE", f"Opportunity/{deleted}")
    desk.edit(never, Xero_Export__c=False)
    desk.pair.forget_requests()

    desk.export()

    assert desk.calls() == []
    assert {sale_id: desk.invoice_of(sale_id) for sale_id in (unticked, deleted)} == before
    assert desk.entry(never).status == "dismissed"
    desk.edit(unticked, Xero_Export__c=True)
    desk.export()
    assert Decimal(desk.invoice_of(unticked)["LineItems"][0]["Quantity"]) == 9


def test_a_second_run_calls_nobody_and_writes_nothing(desk: Desk) -> None:
    for lines in ((PUMP, HOSE), (VALVE,)):
        desk.sell(*lines)
    desk.sell(PUMP, Xero_Tax_Type__c="NOSUCH")
    desk.export()
    desk.pair.forget_requests()
    logged = desk.log()

    outcome = desk.export()

    assert desk.calls() == []
    assert desk.pair.salesforce_writes() == []
    assert desk.log() == logged
    assert outcome.sent == 0


def test_what_changes_in_salesforce_without_meaning_for_xero_makes_no_call(desk: Desk) -> None:
    sale_id = desk.sell(PUMP)
    desk.export()
    before = desk.invoice_of(sale_id)
    desk.edit(sale_id, Description="Spoke to them", Name="A sale, won")
    desk.pair.forget_requests()

    desk.export()

    assert desk.calls() == []
    assert desk.invoice_of(sale_id) == before
