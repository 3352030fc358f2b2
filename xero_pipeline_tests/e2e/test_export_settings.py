"""What orgs.yaml says of the export, seen in Xero: off unless switched on, numbers of our own, whom and when a sale names."""

from __future__ import annotations

from xero_pipeline_tests.e2e.export_desk import EXPORT, EXPORTING, Desk, Line
from xero_pipeline_tests.e2e.pair import DEMO

NUMBERING = EXPORTING.model_copy(update={"export": EXPORT.model_copy(update={"number": "reference"})})
PUMP = Line("PMP-120")


def test_nothing_is_written_to_xero_unless_exports_are_switched_on(desk: Desk) -> None:
    sale_id = desk.sell(PUMP)
    desk.pair.forget_requests()

    for mode in ("delta", "metadata"):
        desk.pair.sync(mode, org=DEMO)

    assert [call for call in desk.calls() if not call.startswith("GET")] == []
    assert desk.opportunity(sale_id)["Xero_Export_Status__c"] is None


def test_a_sale_that_nobody_ticked_is_exported_where_no_tick_is_asked_for(desk: Desk) -> None:
    sale_id = desk.sell(PUMP, Xero_Export__c=False)
    desk.export()
    assert desk.invoices_of(sale_id) == []

    desk.export(EXPORTING.model_copy(update={"export": EXPORT.model_copy(update={"require_checkbox": False})}))

    assert len(desk.invoices_of(sale_id)) == 1


def test_an_invoice_numbered_by_its_reference_follows_it_and_no_two_share_one(desk: Desk) -> None:
    first, second = desk.sell(PUMP, Xero_Reference__c="JOB-1"), desk.sell(PUMP, Xero_Reference__c="JOB-1")

    desk.export(NUMBERING)

    invoices = [*desk.invoices_of(first), *desk.invoices_of(second)]
    assert [invoice["InvoiceNumber"] for invoice in invoices] == ["JOB-1"]
    refused = next(each for each in (first, second) if desk.entry(each).status == "failed")
    assert desk.entry(refused).error == "Invoice # must be unique."
    desk.resolve(refused, how="retry", reason="")
    desk.export(NUMBERING)
    assert desk.entry(refused).error_code == "number_is_free", "by now it is known before Xero is asked"
    desk.edit(refused, Xero_Reference__c="JOB-2")
    desk.export(NUMBERING)
    assert desk.invoice_of(refused)["InvoiceNumber"] == "JOB-2"
    desk.edit(refused, Xero_Reference__c="JOB-3")
    desk.export(NUMBERING)
    renumbered = desk.invoice_of(refused)
    assert (renumbered["InvoiceNumber"], renumbered["Reference"]) == ("JOB-3", "JOB-3")


def test_a_paid_invoice_still_follows_its_reference_in_its_number_too(desk: Desk) -> None:
    sale_id = desk.sell(PUMP, Xero_Reference__c="JOB-1")
    desk.export(NUMBERING)
    invoice_id = desk.invoice_of(sale_id)["InvoiceID"]
    desk.pair.pull("approve_invoice", invoice=invoice_id)
    desk.pair.pull("pay_invoice", invoice=invoice_id)
    desk.edit(sale_id, Xero_Reference__c="JOB-2")

    desk.pair.sync("delta", org=NUMBERING)

    invoice = desk.invoice_of(sale_id)
    assert desk.entry(sale_id).status == "succeeded"
    assert (invoice["Status"], invoice["InvoiceNumber"], invoice["Reference"]) == ("PAID", "JOB-2", "JOB-2")


def test_a_sale_that_goes_to_another_customer_takes_its_draft_along(desk: Desk) -> None:
    sale_id = desk.sell(PUMP)
    desk.export()
    other = desk.customers[1]
    desk.edit(sale_id, AccountId=other.account_id)

    desk.export()

    assert desk.invoices_of(sale_id) == []
    assert desk.invoice_of(sale_id, other)["Contact"]["ContactID"] == other.contact_id


def test_what_is_asked_for_a_sale_that_nobody_selects_any_more_costs_no_calls(desk: Desk) -> None:
    sale_id = desk.sell(PUMP, CloseDate="2001-01-01")
    desk.export()
    desk.edit(sale_id, Xero_Export__c=False)
    desk.export()
    desk.resolve(sale_id, how="retry", reason="")
    desk.export()
    desk.pair.forget_requests()

    desk.export()

    assert desk.calls() == []
    assert desk.invoices_of(sale_id) == []


def test_retry_goes_on_with_what_was_read_when_the_day_has_no_calls_left_for_reading(desk: Desk) -> None:
    waits, goes = desk.sell(PUMP, CloseDate="2001-01-01"), desk.sell(PUMP)
    desk.export()
    desk.edit_line(desk.lines_of(goes)[0]["Id"], Quantity="2")
    fresh = desk.sell(PUMP)
    desk.resolve(waits, how="retry", reason="")
    desk.pair.control("POST", "limits", {"day": 60, "reset": True})

    desk.export()

    assert desk.invoice_of(fresh)
    assert str(desk.invoice_of(goes)["LineItems"][0]["Quantity"]) == "2.0000"
    assert desk.entry(waits).status == "failed"
