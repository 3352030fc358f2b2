"""What failed waits for a person: Retry creates nothing, Dismiss touches nothing, and a changed sale opens what was closed.

FF-15 to FF-21; products.md 2.25, 2.26.
"""

from __future__ import annotations

import pytest

from xero_pipeline.domain.errors import Permanent
from xero_pipeline_tests.e2e.export_desk import CREATING, Desk, Line, held, new_records, stranger

PUMP = Line("PMP-120")
# In the price list of the sales team, and not among Xero's items.
UNKNOWN = Line("PMP-960", "1", "11850.00")


def test_retry_creates_nothing_even_where_creating_is_switched_on(desk: Desk) -> None:
    sale_id = desk.sell(PUMP, customer=stranger(desk))
    desk.export()
    desk.resolve(sale_id, how="retry", reason="")
    desk.pair.forget_requests()

    desk.export(CREATING)

    entry = desk.entry(sale_id)
    assert desk.writes() == []
    assert (entry.status, entry.error_code, entry.resolution) == ("failed", "customer_is_known", None)


def test_retry_sees_what_a_person_has_set_right_in_xero_a_moment_ago(desk: Desk) -> None:
    customer = stranger(desk)
    sale_id = desk.sell(PUMP, UNKNOWN, customer=customer)
    archived = next(
        sale for sale in desk.crm.whole("Opportunity").values() if sale["Name"] == "Export check: customer_is_active"
    )
    desk.export()
    assert {desk.entry(each).status for each in (sale_id, archived["Id"])} == {"failed"}
    contact = desk.pair.pull("create_contact", Name="Tarapunga Fisheries Ltd", AccountNumber="C-77001")
    answer = desk.xero.http.put("Items", json={"Items": [{"Code": "PMP-960", "Name": "Made by Ana"}]})
    assert answer.is_success
    number = desk.crm.whole("Account")[archived["AccountId"]]["AccountNumber"]
    (asleep,) = (each for each in desk.xero.list("Contacts") if each.get("AccountNumber") == number)
    desk.pair.pull("edit", plural="Contacts", id=asleep["ContactID"], fields={"ContactStatus": "ACTIVE"})
    before = held(desk)
    desk.resolve(sale_id, archived["Id"], how="retry", reason="")
    desk.pair.forget_requests()

    desk.export()

    new = new_records(before, held(desk))
    assert (new["Contacts"], new["Items"]) == ([], [])
    assert {invoice["Contact"]["ContactID"] for invoice in new["Invoices"]} == {
        contact["ContactID"],
        asleep["ContactID"],
    }
    assert desk.writes() == ["PUT Invoices"]
    desk.pair.forget_requests()
    desk.export()
    assert desk.calls() == [], "what was asked for once is done once"


def test_retry_sees_that_a_payment_was_taken_off_a_moment_ago(desk: Desk) -> None:
    sale_id = desk.sell(PUMP)
    desk.export()
    invoice_id = desk.invoice_of(sale_id)["InvoiceID"]
    desk.pair.pull("approve_invoice", invoice=invoice_id)
    payment = desk.pair.pull("pay_invoice", invoice=invoice_id)
    desk.edit_line(desk.lines_of(sale_id)[0]["Id"], Quantity="2")
    desk.pair.sync("delta")
    assert desk.entry(sale_id).error_code == "invoice_is_not_paid"
    desk.pair.pull("reverse_payment", payment=payment["PaymentID"])
    desk.resolve(sale_id, how="retry", reason="")

    desk.export()

    assert desk.entry(sale_id).status == "succeeded"
    assert str(desk.invoice_of(sale_id)["LineItems"][0]["Quantity"]) == "2.0000"


def test_a_failure_whose_cause_is_gone_waits_for_a_person_all_the_same(desk: Desk) -> None:
    sale_id = desk.sell(PUMP, customer=stranger(desk))
    desk.export()
    desk.pair.pull("create_contact", Name="Tarapunga Fisheries Ltd", AccountNumber="C-77001")
    desk.pair.sync("delta")

    entry = desk.entry(sale_id)
    plan = desk.pair.row("select action, reasons from sync.export_documents where sale_id = %s", sale_id)
    assert entry.status == "failed"
    assert plan["action"] == "waiting"
    assert "Retry sends it" in plan["reasons"][0]["sentence"]


def test_a_failure_whose_sale_was_corrected_goes_by_itself(desk: Desk) -> None:
    sale_id = desk.sell(PUMP, Xero_Tax_Type__c="NOSUCH")
    desk.export()
    assert desk.entry(sale_id).status == "failed"
    desk.edit(sale_id, Xero_Tax_Type__c="ZERORATED")

    desk.export()

    assert desk.invoice_of(sale_id)["LineItems"][0]["TaxType"] == "ZERORATED"
    assert desk.entry(sale_id).status == "succeeded"


def test_dismiss_keeps_the_failure_with_who_and_when_and_why_and_touches_nothing(desk: Desk) -> None:
    sale_id = desk.sell(PUMP, customer=stranger(desk))
    desk.export()
    failed = desk.entry(sale_id)
    before = held(desk)

    desk.resolve(sale_id, how="dismiss", reason="Invoiced by hand")
    at = desk.pair.now
    desk.pair.forget_requests()
    desk.export()

    entry = desk.entry(sale_id)
    assert desk.calls() == []
    assert held(desk) == before
    assert entry.status == "dismissed"
    assert (entry.resolved_by, entry.resolution_reason, entry.resolved_at) == ("Ana", "Invoiced by hand", at)
    assert (entry.error, entry.error_code, entry.step) == (failed.error, failed.error_code, failed.step)
    assert sale_id not in {each.external_id for each in desk.log(status="failed", limit=5000)}
    assert desk.opportunity(sale_id)["Xero_Export_Status__c"] == "Failed"
    row = desk.pair.row(
        "select status, resolution from sync.deliveries where system = 'xero' and external_id = %s", sale_id
    )
    assert row == {"status": "failed", "resolution": "dismiss"}
    told = desk.pair.row("select detail from sync.events where record_id = %s and action = 'resolved'", sale_id)
    assert told["detail"] == {"resolution": "dismiss", "by": "Ana", "reason": "Invoiced by hand"}


def test_a_dismissed_failure_opens_again_when_its_sale_changes(desk: Desk) -> None:
    still, mended = (desk.sell(PUMP, Xero_Tax_Type__c="NOSUCH") for _ in range(2))
    desk.export()
    desk.resolve(still, mended, how="dismiss", reason="Later")
    desk.export()
    desk.edit(still, Xero_Reference__c="PO 1")
    desk.edit(mended, Xero_Tax_Type__c="OUTPUT2")

    desk.export()

    entry = desk.entry(still)
    assert (entry.status, entry.resolution, entry.resolved_by) == ("failed", None, None)
    assert desk.entry(mended).status == "succeeded"
    assert desk.invoice_of(mended)


def test_a_dismissed_failure_can_still_be_retried(desk: Desk) -> None:
    sale_id = desk.sell(PUMP, customer=stranger(desk))
    desk.export()
    desk.resolve(sale_id, how="dismiss", reason="Later")
    desk.export()
    desk.resolve(sale_id, how="auto_sync", reason="")

    desk.export()

    assert desk.entry(sale_id).status == "succeeded"


def test_a_sale_that_is_ticked_again_is_looked_at_again(desk: Desk) -> None:
    sale_id = desk.sell(PUMP, customer=stranger(desk))
    desk.export()
    desk.edit(sale_id, Xero_Export__c=False)
    desk.export()
    shown = desk.opportunity(sale_id)
    assert (shown["Xero_Export_Status__c"], shown["Xero_Export_Message__c"]) == (None, None)
    assert desk.entry(sale_id).status == "dismissed"

    desk.edit(sale_id, Xero_Export__c=True)
    desk.export()

    assert desk.entry(sale_id).status == "failed"
    assert desk.opportunity(sale_id)["Xero_Export_Status__c"] == "Failed"


def test_an_edit_that_was_refused_is_closed_when_its_sale_is_unticked(desk: Desk) -> None:
    sale_id = desk.sell(PUMP)
    desk.export()
    paid = desk.invoice_of(sale_id)["InvoiceID"]
    desk.pair.pull("approve_invoice", invoice=paid)
    desk.pair.pull("pay_invoice", invoice=paid)
    desk.edit_line(desk.lines_of(sale_id)[0]["Id"], Quantity="2")
    desk.pair.sync("delta")
    assert desk.entry(sale_id).status == "failed"

    desk.edit(sale_id, Xero_Export__c=False)
    desk.export()

    assert desk.entry(sale_id).status == "dismissed"
    assert desk.opportunity(sale_id)["Xero_Invoice_Id__c"] == paid


def test_only_failures_can_be_resolved_and_only_with_a_reason_dismissed(desk: Desk) -> None:
    good, bad = desk.sell(PUMP), desk.sell(PUMP, Xero_Tax_Type__c="NOSUCH")
    desk.export()

    with pytest.raises(Permanent, match="Nothing has failed under"):
        desk.resolve(good, bad, how="retry")
    with pytest.raises(Permanent, match="with a reason"):
        desk.resolve(bad, how="dismiss", reason=" ")

    assert desk.entry(bad).resolution is None
