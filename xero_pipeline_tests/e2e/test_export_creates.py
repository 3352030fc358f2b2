"""What an export creates on the way to an invoice: nothing unasked, and for an Auto Sync what is missing and nothing else.

FF-07, FF-10, FF-18; products.md 2.25, 2.27.
"""

from __future__ import annotations

import pytest

from xero_pipeline.domain.org import Org
from xero_pipeline_tests.e2e.export_desk import CREATING, EXPORTING, Desk, Line, held, new_records, stranger

PUMP = Line("PMP-120")
# In the price list of the sales team, and not among Xero's items.
UNKNOWN = Line("PMP-960", "1", "11850.00")


def test_nothing_is_created_on_the_automatic_path_unless_it_is_switched_on(desk: Desk) -> None:
    sale_id = desk.sell(PUMP, customer=stranger(desk))
    desk.pair.forget_requests()

    desk.export()

    entry = desk.entry(sale_id)
    assert desk.calls() == []
    assert (entry.status, entry.step, entry.error_code) == ("failed", "customer", "customer_is_known")
    assert "Tarapunga Fisheries" in str(entry.error)


def test_a_missing_customer_is_created_on_the_automatic_path_where_that_is_switched_on(desk: Desk) -> None:
    customer = stranger(desk)
    sales = [desk.sell(PUMP, customer=customer) for _ in range(2)]
    before = held(desk)

    desk.export(CREATING)

    new = new_records(before, held(desk))
    (contact,) = new["Contacts"]
    assert (contact["Name"], contact["AccountNumber"]) == ("Tarapunga Fisheries", "C-77001")
    assert contact["ContactNumber"] == customer.account_id
    assert len(new["Invoices"]) == 2
    assert {invoice["Contact"]["ContactID"] for invoice in new["Invoices"]} == {contact["ContactID"]}
    assert new["Items"] == []
    assert {desk.entry(sale_id).status for sale_id in sales} == {"succeeded"}
    desk.sell(PUMP, customer=customer)
    desk.pair.forget_requests()
    desk.export(CREATING)
    assert desk.calls() == ["PUT Invoices"], "it is known from now on"


@pytest.mark.parametrize("org", [EXPORTING, CREATING], ids=["create_contacts off", "create_contacts on"])
def test_an_item_is_never_created_on_the_automatic_path_nor_the_customer_of_a_sale_that_is_refused(
    desk: Desk, org: Org
) -> None:
    sale_id = desk.sell(PUMP, UNKNOWN, customer=stranger(desk))
    desk.pair.forget_requests()

    desk.export(org)

    assert desk.calls() == []
    assert desk.entry(sale_id).status == "failed"
    assert "PMP-960" in str(desk.entry(sale_id).error)


def test_auto_sync_creates_the_missing_customer_and_items_and_then_the_invoice_and_nothing_else(desk: Desk) -> None:
    customer = stranger(desk)
    sale_id = desk.sell(PUMP, UNKNOWN, customer=customer)
    other = desk.sell(UNKNOWN)
    desk.export()
    before = held(desk)
    waiting = {entry.external_id for entry in desk.log(status="failed", limit=5000)}
    desk.resolve(sale_id, how="auto_sync", reason="")
    desk.pair.forget_requests()

    desk.export()

    new = new_records(before, held(desk))
    (contact,), (item,), (invoice,) = new["Contacts"], new["Items"], new["Invoices"]
    assert contact["ContactNumber"] == customer.account_id
    assert (item["Code"], item["IsSold"], item["SalesDetails"]["AccountCode"]) == ("PMP-960", True, "200")
    assert item["SalesDetails"]["TaxType"] == "OUTPUT2"
    assert invoice["Contact"]["ContactID"] == contact["ContactID"]
    assert [line["ItemCode"] for line in invoice["LineItems"]] == ["PMP-120", "PMP-960"]
    assert [call for call in desk.writes() if "History" not in call] == ["PUT Contacts", "POST Items", "PUT Invoices"]
    assert (desk.entry(sale_id).status, desk.entry(sale_id).resolution) == ("succeeded", None)
    assert {entry.external_id for entry in desk.log(status="failed", limit=5000)} == waiting - {sale_id}
    assert desk.entry(other).status == "failed", "nobody asked for this one"


def test_auto_sync_creates_nothing_for_a_sale_that_is_refused_all_the_same(desk: Desk) -> None:
    sale_id = desk.sell(UNKNOWN, customer=stranger(desk), Xero_Tax_Type__c="NOSUCH")
    desk.export()
    desk.resolve(sale_id, how="auto_sync", reason="")
    desk.pair.forget_requests()

    desk.export()

    entry = desk.entry(sale_id)
    assert desk.writes() == []
    assert (entry.status, entry.error_code, entry.resolution) == ("failed", "tax_is_known", None)


def test_many_failures_of_one_cause_are_resolved_in_one_go(desk: Desk) -> None:
    sales = [desk.sell(UNKNOWN) for _ in range(4)]
    desk.export()
    assert {desk.entry(sale_id).cause for sale_id in sales} == {"item_is_known:PMP-960"}
    desk.resolve(*sales, how="auto_sync", reason="")
    before = held(desk)

    desk.export()

    new = new_records(before, held(desk))
    assert (len(new["Items"]), len(new["Invoices"]), new["Contacts"]) == (1, 4, [])
