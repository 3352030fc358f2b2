"""What an export costs in calls to Xero, counted there: fifty records a call, none for what a check refuses (Must show 3, 5)."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from xero_pipeline.stages.export.online_urls import KEPT_FOR_OTHERS, MOST_A_RUN
from xero_pipeline_tests.e2e.export_desk import EXPORT, EXPORTING, Desk, Line

AUTHORISING = EXPORTING.model_copy(update={"export": EXPORT.model_copy(update={"status": "authorised"})})
MANY = 1000
ALLOWED = 45
PUMP = Line("PMP-120")


def _sell_many(desk: Desk, count: int) -> list[str]:
    """So many sales of one line, entered as an import of Salesforce's would."""
    customers = desk.customers
    sales = [
        {
            "AccountId": customers[number % len(customers)].account_id,
            "Name": f"Sale {number}",
            "StageName": "Closed Won",
            "CloseDate": desk.pair.now.date().isoformat(),
            "Xero_Export__c": True,
        }
        for number in range(count)
    ]
    ids = _create(desk, "Opportunity", sales)
    entry_id = desk.entries["PMP-120"]
    lines = [
        {"OpportunityId": sale_id, "PricebookEntryId": entry_id, "Quantity": 1 + number % 9, "UnitPrice": "1849.00"}
        for number, sale_id in enumerate(ids)
    ]
    _create(desk, "OpportunityLineItem", lines)
    return ids


def _create(desk: Desk, sobject: str, records: list[dict[str, object]]) -> list[str]:
    ids: list[str] = []
    for start in range(0, len(records), 200):
        batch = [{"attributes": {"type": sobject}, **record} for record in records[start : start + 200]]
        answer = desk.crm.salesforce.restful(
            "composite/sobjects", method="POST", json={"allOrNone": True, "records": batch}
        )
        assert all(each["success"] for each in answer)
        ids += [each["id"] for each in answer]
    desk.pair.pass_time(seconds=1)
    return ids


def test_a_thousand_sales_are_invoiced_fifty_a_call_and_each_of_them_once(desk: Desk) -> None:
    ids = _sell_many(desk, MANY)
    desk.pair.forget_requests()

    desk.export(AUTHORISING)

    calls = Counter(call.split("/")[0] for call in desk.calls())
    urls = Counter(str(each.get("Url")).rpartition("/")[2] for each in desk.xero.list("Invoices"))
    assert sum(calls.values()) <= ALLOWED
    assert calls["PUT Invoices"] == MANY / 50
    shown = desk.crm.whole("Opportunity")
    assert {shown[sale_id]["Xero_Export_Message__c"] for sale_id in ids} == {None}
    assert {shown[sale_id]["Xero_Export_Status__c"] for sale_id in ids} == {"Succeeded"}
    assert {urls[sale_id] for sale_id in ids} == {1}
    assert sum(1 for sale_id in ids if shown[sale_id]["Xero_Invoice_Url__c"]) == MOST_A_RUN


def test_a_run_in_which_every_sale_is_refused_calls_nobody(desk: Desk) -> None:
    refused = [
        desk.sell(),
        desk.sell(PUMP, Xero_Currency__c="EUR"),
        desk.sell(PUMP, Xero_Tax_Type__c="NOSUCH"),
        desk.sell(PUMP, Xero_Account_Code__c="255"),
        desk.sell(Line("PMP-960")),
        desk.sell(PUMP, CloseDate="2001-01-01"),
        desk.sell(Line(quantity="-1")),
    ]
    desk.pair.forget_requests()

    outcome = desk.export()

    assert desk.calls() == []
    assert outcome.calls == 0
    assert {desk.entry(sale_id).status for sale_id in refused} == {"failed"}


def test_an_approved_invoice_gets_the_address_where_its_customer_sees_it(desk: Desk) -> None:
    sale_id = desk.sell(PUMP)
    desk.export()
    assert desk.opportunity(sale_id)["Xero_Invoice_Url__c"] is None, "a draft has no page"
    invoice_id = desk.invoice_of(sale_id)["InvoiceID"]
    desk.pair.pull("approve_invoice", invoice=invoice_id)
    desk.pair.sync("delta")

    answer = desk.xero.http.get(f"Invoices/{invoice_id}/OnlineInvoice").json()

    shown = desk.opportunity(sale_id)
    assert shown["Xero_Invoice_Url__c"] == answer["OnlineInvoices"][0]["OnlineInvoiceUrl"]
    assert shown["Xero_Invoice_Status__c"] == "AUTHORISED"
    desk.pair.forget_requests()
    desk.export()
    assert desk.calls() == []


def test_addresses_are_asked_for_a_few_a_run_until_every_invoice_has_its_own(desk: Desk) -> None:
    ids = _sell_many(desk, MOST_A_RUN + 3)
    desk.export(AUTHORISING)

    desk.export(AUTHORISING)

    shown = desk.crm.whole("Opportunity")
    assert len({shown[sale_id]["Xero_Invoice_Url__c"] for sale_id in ids} - {None}) == len(ids)


def test_addresses_wait_when_the_day_has_few_calls_left(desk: Desk) -> None:
    sale_id = desk.sell(PUMP)
    desk.pair.control("POST", "limits", {"day": KEPT_FOR_OTHERS // 2, "reset": True})

    desk.export(AUTHORISING)

    shown = desk.opportunity(sale_id)
    assert (shown["Xero_Export_Status__c"], shown["Xero_Invoice_Url__c"]) == ("Succeeded", None)
    assert not [call for call in desk.calls() if "OnlineInvoice" in call]


def test_an_address_that_cannot_be_had_fails_nothing(desk: Desk) -> None:
    sale_id = desk.sell(PUMP)
    desk.pair.fault("500", "OnlineInvoice")

    desk.export(AUTHORISING)

    assert desk.entry(sale_id).status == "succeeded"
    assert desk.opportunity(sale_id)["Xero_Export_Status__c"] == "Succeeded"


def test_an_exported_invoice_counts_for_its_sale_whatever_it_refers_to(desk: Desk) -> None:
    sale_id = desk.sell(PUMP)
    desk.export(AUTHORISING)

    desk.pair.sync("delta", org=AUTHORISING)

    link = desk.pair.row("select target_type, status from sync.invoice_links where target_id = %s", sale_id)
    assert link == {"target_type": "opportunity", "status": "linked"}
    invoiced = Decimal(str(desk.opportunity(sale_id)["Xero_Total_Invoiced__c"]))
    assert invoiced == Decimal(desk.invoice_of(sale_id)["Total"])


def test_what_xero_answered_to_a_write_is_what_a_reading_finds(desk: Desk) -> None:
    desk.sell(PUMP)
    desk.export()

    desk.pair.sync("delta")

    drifted = desk.pair.rows("select * from sync.events where system = 'xero' and action in ('drifted', 'updated')")
    assert [event for event in drifted if event["object"] == "invoices"] == []
