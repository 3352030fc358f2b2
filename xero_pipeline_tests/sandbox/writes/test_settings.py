"""Items, accounts, tax rates, currencies, tracking and history over the API (xero.md section 2)."""

from __future__ import annotations

from itertools import count

import pytest

from xero_pipeline_tests.sandbox.http.client import instant
from xero_pipeline_tests.sandbox.writes.writer import Json, Writer, line

NUMBERS = count(1)


def item(**fields: object) -> Json:
    return {"Code": f"IT-{next(NUMBERS)}", "Name": "Valve", **fields}


# -- items ---------------------------------------------------------------------------------------------------------------


def test_an_item_is_created_edited_by_code_and_gone_after_delete(writer: Writer) -> None:
    (created,) = writer.put("Items", item(SalesDetails={"UnitPrice": "9.995", "AccountCode": "200"}))
    (edited,) = writer.post("Items", {"Code": created["Code"], "SalesDetails": {"UnitPrice": "12.5"}})
    response = writer.send("DELETE", f"Items/{created['Code']}")

    assert (created["IsSold"], str(created["SalesDetails"]["UnitPrice"])) == (True, "10.00")
    assert (edited["ItemID"], edited["SalesDetails"]["AccountCode"]) == (created["ItemID"], "200")
    assert (response.status_code, response.content) == (204, b"")
    assert writer.send("GET", f"Items/{created['ItemID']}").status_code == 404


def test_four_places_of_a_price_are_kept_when_asked_for(writer: Writer) -> None:
    (created,) = writer.put("Items", item(SalesDetails={"UnitPrice": "0.1234"}), unitdp=4)

    assert str(created["SalesDetails"]["UnitPrice"]) == "0.1234"


def test_put_refuses_the_code_of_another_item(writer: Writer) -> None:
    (created,) = writer.put("Items", item())

    assert writer.refused("PUT", "Items", {"Code": created["Code"], "Name": "Again"}) == [
        f"Price List Item with Code '{created['Code']}' already exists"
    ]


def test_a_side_switched_off_loses_its_details(writer: Writer) -> None:
    (created,) = writer.put("Items", item(SalesDetails={"UnitPrice": 5}, PurchaseDetails={"UnitPrice": 3}))
    (edited,) = writer.post("Items", {"Code": created["Code"], "IsPurchased": False})

    assert ("SalesDetails" in edited, "PurchaseDetails" in edited) == (True, False)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"Name": "No code"}, "Item Code must be specified"),
        ({"Code": "x" * 31}, "Code must not be longer than 30 characters"),
        (
            {"Code": "BAD", "SalesDetails": {"AccountCode": "9999"}},
            "Account code '9999' is not a valid code for this document.",
        ),
        (
            {"Code": "BAD", "SalesDetails": {"AccountCode": "200", "TaxType": "INPUT2"}},
            "The TaxType code 'INPUT2' cannot be used with account code '200'.",
        ),
    ],
)
def test_an_item_that_breaks_a_rule_is_refused(writer: Writer, fields: dict[str, object], message: str) -> None:
    assert writer.refused("PUT", "Items", fields) == [message]


# -- the chart, tax and currencies ---------------------------------------------------------------------------------------


def test_an_account_is_added_used_archived_and_then_refused(writer: Writer) -> None:
    (account,) = writer.put(
        "Accounts", {"Code": "286", "Name": "Training sales", "Type": "REVENUE", "TaxType": "OUTPUT2"}
    )
    writer.invoice(LineItems=[line(AccountCode="286")])
    path = f"Accounts/{account['AccountID']}"

    assert (account["Class"], account["Status"]) == ("REVENUE", "ACTIVE")
    assert writer.send("DELETE", path).status_code == 400
    assert writer.post(path, {"Status": "ARCHIVED"})[0]["Status"] == "ARCHIVED"
    assert writer.send("PUT", "Items", item(SalesDetails={"AccountCode": "286"})).status_code == 400


def test_an_account_nothing_was_coded_to_is_deleted(writer: Writer) -> None:
    (account,) = writer.put("Accounts", {"Code": "287", "Name": "Mistake", "Type": "REVENUE"})
    response = writer.send("DELETE", f"Accounts/{account['AccountID']}")

    assert response.json()["Accounts"][0]["Status"] == "DELETED"
    assert writer.put("Accounts", {"Code": "287", "Name": "Mistake", "Type": "REVENUE"})[0]["Code"] == "287"


def test_codes_and_names_of_accounts_are_unique(writer: Writer) -> None:
    assert writer.refused("PUT", "Accounts", {"Code": "200", "Name": "Fresh", "Type": "REVENUE"}) == [
        "Please enter a unique Code."
    ]
    taken = next(found["Name"] for found in writer.client.rows("Accounts") if found.get("Code") == "200")
    assert writer.refused("PUT", "Accounts", {"Code": "288", "Name": taken.upper(), "Type": "REVENUE"}) == [
        "Please enter a unique Name."
    ]


def test_accounts_come_one_a_request(writer: Writer) -> None:
    two = {"Accounts": [{"Code": "1", "Name": "1"}, {"Code": "2", "Name": "2"}]}

    assert writer.send("PUT", "Accounts", two).json()["ErrorNumber"] == 14


def test_a_tax_rate_gets_a_type_of_its_own_and_is_deleted_by_its_status(writer: Writer) -> None:
    component = {"Name": "GST", "Rate": "12.34567"}
    (rate,) = writer.put("TaxRates", {"Name": "Special GST", "ReportTaxType": "OUTPUT", "TaxComponents": [component]})
    invoice = writer.invoice(LineItems=[line(TaxType=rate["TaxType"])])
    (gone,) = writer.post("TaxRates", {"Name": "Special GST", "Status": "DELETED"})

    assert (rate["TaxType"], str(rate["EffectiveRate"])) == ("TAX003", "12.3457")
    assert (rate["CanApplyToRevenue"], rate["CanApplyToExpenses"]) == (True, False)
    assert str(invoice["TotalTax"]) == "12.35"
    assert (gone["TaxType"], gone["Status"]) == ("TAX003", "DELETED")


def test_a_compound_component_is_taken_on_top_of_the_others(writer: Writer) -> None:
    components = [{"Name": "State", "Rate": 10}, {"Name": "City", "Rate": 5, "IsCompound": True}]
    (rate,) = writer.put("TaxRates", {"Name": "Two taxes", "TaxComponents": components})

    assert str(rate["EffectiveRate"]) == "15.5000"


def test_the_systems_tax_rates_cannot_be_edited(writer: Writer) -> None:
    assert writer.refused("POST", "TaxRates", {"TaxType": "OUTPUT2", "Name": "Mine"}) == [
        "The tax rate cannot be edited"
    ]


def test_a_currency_is_subscribed_to_and_then_used(writer: Writer) -> None:
    assert writer.send("PUT", "Invoices", {}).status_code == 400
    (currency,) = writer.put("Currencies", {"Code": "SGD", "Description": "Singapore Dollar"})

    assert currency == {"Code": "SGD", "Description": "Singapore Dollar"}
    assert writer.invoice(CurrencyCode="SGD")["CurrencyCode"] == "SGD"


# -- tracking ------------------------------------------------------------------------------------------------------------


def test_options_are_added_renamed_and_deleted_or_archived_once_used(writer: Writer) -> None:
    category = writer.client.rows("TrackingCategories")[0]
    path = f"TrackingCategories/{category['TrackingCategoryID']}/Options"
    used, unused = (writer.put(path, {"Name": name})[0] for name in ("Fiordland", "Stewart Island"))
    tracking = [{"Name": category["Name"], "Option": "Fiordland"}]
    invoice = writer.invoice(LineItems=[line(Tracking=tracking)])

    (renamed,) = writer.post(f"{path}/{used['TrackingOptionID']}", {"Name": "Southern Fiordland"})
    deleted = writer.send("DELETE", f"{path}/{unused['TrackingOptionID']}").json()["Options"][0]
    archived = writer.send("DELETE", f"{path}/{used['TrackingOptionID']}").json()["Options"][0]

    assert renamed["Name"] == "Southern Fiordland"
    assert (deleted["Status"], deleted["IsDeleted"]) == ("DELETED", True)
    assert (archived["Status"], archived["IsArchived"]) == ("ARCHIVED", True)
    shown = writer.one(f"Invoices/{invoice['InvoiceID']}")["LineItems"][0]["Tracking"][0]
    assert shown["Option"] == "Southern Fiordland"
    assert writer.refused("PUT", path, {"Name": "southern fiordland"}) == ["Please enter a unique Name."]


def test_two_categories_are_active_at_most(writer: Writer) -> None:
    full = ["You have reached the maximum number of tracking categories"]
    first = writer.client.rows("TrackingCategories")[0]
    path = f"TrackingCategories/{first['TrackingCategoryID']}"

    assert writer.refused("PUT", "TrackingCategories", {"Name": "Third"}) == full
    writer.post(path, {"Status": "ARCHIVED"})
    (third,) = writer.put("TrackingCategories", {"Name": "Third", "Options": [{"Name": "One"}]})
    deleted = writer.send("DELETE", f"TrackingCategories/{third['TrackingCategoryID']}")
    writer.post(path, {"Status": "ACTIVE", "Name": first["Name"]})

    assert [option["Name"] for option in third["Options"]] == ["One"]
    assert deleted.json()["TrackingCategories"][0]["Status"] == "DELETED"


# -- history -------------------------------------------------------------------------------------------------------------


def test_every_write_leaves_an_entry_and_the_newest_comes_first(writer: Writer) -> None:
    invoice = writer.invoice(Status="DRAFT")
    path = f"Invoices/{invoice['InvoiceID']}"
    for change in ({"Reference": "PO"}, {"Status": "AUTHORISED"}):
        writer.post(path, change)
    paid = writer.pay(invoice, "15.00", Date="2026-11-10")
    writer.post(f"Payments/{paid['PaymentID']}", {"Status": "DELETED"})
    writer.post(path, {"Status": "VOIDED"})

    entries = writer.client.read(f"{path}/History")["HistoryRecords"]

    changes = [entry["Changes"] for entry in entries]
    assert changes == ["Voided", "Payment Deleted", "Paid", "Approved", "Edited", "Created"]
    assert entries[-1]["Details"] == f"{invoice['InvoiceNumber']} to {invoice['Contact']['Name']} for 115.00."
    assert {entry["User"] for entry in entries} == {"System Generated"}
    assert entries[-2]["Details"].startswith("Received through the Xero API from ")


def test_a_note_is_answered_with_its_time_and_stamps_nothing(writer: Writer) -> None:
    invoice = writer.invoice()
    path = f"Invoices/{invoice['InvoiceID']}"
    writer.client.control("POST", "clock", {"advance_seconds": 60})

    (note,) = writer.put(f"{path}/History", {"HistoryRecords": [{"Details": "Called about it"}]})

    assert (note["Details"], note["ValidationErrors"]) == ("Called about it", [])
    assert instant(note["DateUTC"]).strftime("%Y-%m-%dT%H:%M:%S") == note["DateUTCString"]
    assert writer.one(path)["UpdatedDateUTC"] == invoice["UpdatedDateUTC"]


@pytest.mark.parametrize("plural", ["Contacts", "Items", "CreditNotes", "PurchaseOrders", "Quotes", "Payments"])
def test_notes_go_on_every_kind_of_record(writer: Writer, plural: str) -> None:
    record_id = writer.client.control("GET", f"xero/first/records/{plural}")[0]
    path = f"{plural}/{record_id}/History"

    assert writer.client.read(path)["HistoryRecords"] == []
    writer.put(path, {"Details": "Seen"})
    assert [entry["Changes"] for entry in writer.client.read(path)["HistoryRecords"]] == ["Note"]


def test_a_note_on_nothing_is_refused_as_the_published_example_does(writer: Writer) -> None:
    path = "Invoices/7df8949c-b71f-40c0-bbcf-39f2f450f286/History"

    assert writer.refused("PUT", path, {"Details": "Hello World"}) == [
        "The document with the supplied id was not found for this endpoint."
    ]
    assert writer.send("GET", path).status_code == 404
    assert writer.refused("PUT", path, {"Details": "x" * 2501}) == ["Details must not be longer than 2500 characters"]
