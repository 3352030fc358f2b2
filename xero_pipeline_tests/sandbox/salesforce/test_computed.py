"""What standard objects work out for themselves."""

from __future__ import annotations

from decimal import Decimal

import pytest

from xero_pipeline.sandbox.salesforce import Org
from xero_pipeline.sandbox.salesforce.incoming import read_record
from xero_pipeline.sandbox.salesforce.writes import Writer
from xero_pipeline_tests.sandbox.salesforce.client import START, Salesforce


@pytest.fixture
def entry(salesforce: Salesforce, org: Org) -> str:
    """The standard price, 50, of a pump."""
    book = salesforce.create("Pricebook2", Name="Standard", IsActive=True)
    org.put(org.schema.objects["Pricebook2"], {**org.tables["Pricebook2"].rows[book], "IsStandard": True})
    product = salesforce.create("Product2", Name="Pump", ProductCode="PMP", IsActive=True)
    return salesforce.create("PricebookEntry", Pricebook2Id=book, Product2Id=product, UnitPrice=50, IsActive=True)


@pytest.fixture
def opportunity(salesforce: Salesforce) -> str:
    return salesforce.create("Opportunity", Name="Deal", StageName="Prospecting", CloseDate="2026-12-01", Amount=7)


def test_a_person_account_is_named_by_its_person(salesforce: Salesforce) -> None:
    account_id = salesforce.create("Account", FirstName="Aroha", LastName="Ngata", PersonEmail="a@post.example")
    record = salesforce.read("Account", account_id)
    assert (record["Name"], record["IsPersonAccount"]) == ("Aroha Ngata", True)
    salesforce.call("PATCH", f"sobjects/Account/{account_id}", json={"LastName": "Rewi"})
    assert salesforce.read("Account", account_id)["Name"] == "Aroha Rewi"
    assert salesforce.call("PATCH", f"sobjects/Account/{account_id}", json={"Name": "X"}).status_code == 400


def test_a_stage_says_whether_a_deal_is_closed_and_won(salesforce: Salesforce, opportunity: str) -> None:
    path = f"sobjects/Opportunity/{opportunity}"
    for stage, closed, won in (
        ("Closed Won", True, True),
        ("Closed Lost", True, False),
        ("Qualification", False, False),
    ):
        salesforce.call("PATCH", path, json={"StageName": stage})
        record = salesforce.read("Opportunity", opportunity)
        assert (record["IsClosed"], record["IsWon"]) == (closed, won)


def test_an_opportunitys_amount_is_that_of_its_lines_once_it_has_some(
    salesforce: Salesforce, entry: str, opportunity: str
) -> None:
    line = salesforce.create(
        "OpportunityLineItem", OpportunityId=opportunity, PricebookEntryId=entry, Quantity=3, UnitPrice=40, Discount=10
    )
    record = salesforce.read("OpportunityLineItem", line)
    assert (record["TotalPrice"], record["ListPrice"], record["ProductCode"]) == (108.0, 50.0, "PMP")
    assert salesforce.read("Opportunity", opportunity)["Amount"] == 108.0
    salesforce.call("PATCH", f"sobjects/Opportunity/{opportunity}", json={"Amount": 1, "Description": "kept"})
    deal = salesforce.read("Opportunity", opportunity)
    assert (deal["Amount"], deal["Description"], deal["HasOpportunityLineItem"]) == (108.0, "kept", True)
    salesforce.call("DELETE", f"sobjects/OpportunityLineItem/{line}")
    assert salesforce.read("Opportunity", opportunity)["HasOpportunityLineItem"] is False


def test_a_line_has_one_price(salesforce: Salesforce, entry: str, opportunity: str) -> None:
    line = {"OpportunityId": opportunity, "PricebookEntryId": entry, "Quantity": 3}
    for prices in ({}, {"UnitPrice": 1, "TotalPrice": 3}):
        response = salesforce.call("POST", "sobjects/OpportunityLineItem", json={**line, **prices})
        assert response.json()[0]["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"
    by_total = salesforce.create("OpportunityLineItem", **line, TotalPrice=100)
    assert salesforce.read("OpportunityLineItem", by_total)["UnitPrice"] == 33.33


def test_an_order_is_drafted_filled_and_activated(salesforce: Salesforce, entry: str) -> None:
    order = salesforce.create("Order", EffectiveDate="2026-11-22", Status="Draft")
    path = f"sobjects/Order/{order}"
    assert salesforce.call("PATCH", path, json={"Status": "Activated"}).json()[0]["errorCode"] == "FAILED_ACTIVATION"
    item = {"OrderId": order, "PricebookEntryId": entry, "Quantity": 2, "UnitPrice": 45.5}
    salesforce.create("OrderItem", **item)
    assert salesforce.call("PATCH", path, json={"Status": "Activated"}).status_code == 204
    record = salesforce.read("Order", order)
    assert (record["OrderNumber"], record["StatusCode"], record["TotalAmount"]) == ("00000001", "Activated", 91.0)
    assert salesforce.call("POST", "sobjects/OrderItem", json=item).status_code == 400


def test_a_price_needs_a_standard_price_first(salesforce: Salesforce, entry: str) -> None:
    other = salesforce.create("Pricebook2", Name="Export", IsActive=True)
    product = salesforce.create("Product2", Name="Hose")
    body = {"Pricebook2Id": other, "Product2Id": product, "UnitPrice": 1}
    assert (
        salesforce.call("POST", "sobjects/PricebookEntry", json=body).json()[0]["errorCode"]
        == "STANDARD_PRICE_NOT_DEFINED"
    )


def test_a_product_that_was_sold_cannot_be_deleted(salesforce: Salesforce, entry: str, opportunity: str) -> None:
    salesforce.create("OpportunityLineItem", OpportunityId=opportunity, PricebookEntryId=entry, Quantity=1, UnitPrice=1)
    product = salesforce.read("PricebookEntry", entry)["Product2Id"]
    response = salesforce.call("DELETE", f"sobjects/Product2/{product}")
    assert response.json()[0]["errorCode"] == "DELETE_FAILED"
    assert salesforce.read("PricebookEntry", entry)["IsDeleted"] is False


def test_a_price_book_with_prices_cannot_be_deleted(salesforce: Salesforce, entry: str) -> None:
    book = salesforce.read("PricebookEntry", entry)["Pricebook2Id"]
    response = salesforce.call("DELETE", f"sobjects/Pricebook2/{book}")
    assert response.json()[0]["errorCode"] == "DELETE_FAILED"
    assert salesforce.read("PricebookEntry", entry)["Pricebook2Id"] == book


def test_money_is_summed_exactly(salesforce: Salesforce, org: Org, entry: str, opportunity: str) -> None:
    writer = Writer(org, org.integration_user_id, START)
    for _ in range(10):
        body = {"OpportunityId": opportunity, "PricebookEntryId": entry, "Quantity": 1, "UnitPrice": Decimal("0.1")}
        writer.create(read_record(org, org.schema.objects["OpportunityLineItem"], body))
    assert org.tables["Opportunity"].rows[opportunity]["Amount"] == Decimal("1.00")
