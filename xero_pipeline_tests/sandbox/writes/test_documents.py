"""Invoices and bills created over the API: defaults, arithmetic, and what is refused (xero.md sections 2 and 3)."""

from __future__ import annotations

from typing import Any

import pytest

from xero_pipeline_tests.sandbox.http.client import instant
from xero_pipeline_tests.sandbox.writes.writer import Writer, line, money, sale

STATUS = "Invoice not of valid status for modification"


def bill(**fields: object) -> dict[str, Any]:
    return sale(Type="ACCPAY", LineItems=[line(AccountCode="300")], **fields)


def test_a_document_defaults_to_a_draft_of_today_in_the_base_currency_exclusive_of_tax(writer: Writer) -> None:
    (invoice,) = writer.put("Invoices", {"Type": "ACCREC", "Contact": {"Name": "Defaults Ltd"}})

    assert (invoice["Status"], invoice["CurrencyCode"], invoice["LineAmountTypes"]) == ("DRAFT", "NZD", "Exclusive")
    assert invoice["InvoiceNumber"].startswith("INV-")
    assert money(invoice) == ("0.00", "0.00", "0.00", "0.00")


def test_tax_is_rounded_half_up_by_line_and_then_summed(writer: Writer) -> None:
    invoice = writer.invoice(LineItems=[line(UnitAmount=amount) for amount in ("25.06", "25.61", "25.63")])

    assert [str(item["TaxAmount"]) for item in invoice["LineItems"]] == ["3.76", "3.84", "3.84"]
    assert (str(invoice["TotalTax"]), str(invoice["Total"])) == ("11.44", "87.74")


def test_tax_is_taken_out_of_inclusive_amounts(writer: Writer) -> None:
    invoice = writer.invoice(LineAmountTypes="Inclusive", LineItems=[line(UnitAmount="89.00")])

    assert (str(invoice["SubTotal"]), str(invoice["TotalTax"]), str(invoice["Total"])) == ("77.39", "11.61", "89.00")


def test_an_item_fills_what_a_line_leaves_out_and_given_values_win(writer: Writer) -> None:
    details = {"UnitPrice": 80, "AccountCode": "210", "TaxType": "OUTPUT2"}
    writer.put("Items", {"Code": "FILL", "Name": "Filler", "Description": "Fills in", "SalesDetails": details})

    invoice = writer.invoice(LineItems=[{"ItemCode": "FILL", "Quantity": 2}, {"ItemCode": "FILL", "UnitAmount": 10}])

    filled, given = invoice["LineItems"]
    assert (filled["Description"], filled["AccountCode"], filled["TaxType"]) == ("Fills in", "210", "OUTPUT2")
    assert (str(filled["LineAmount"]), str(given["LineAmount"])) == ("160.00", "10.00")


def test_a_line_without_tax_type_takes_its_accounts(writer: Writer) -> None:
    assert writer.invoice()["LineItems"][0]["TaxType"] == "OUTPUT2"
    assert writer.invoice(LineItems=[line(AccountCode="270")])["LineItems"][0]["TaxType"] == "NONE"


def test_a_line_may_name_its_account_by_id(writer: Writer) -> None:
    account = next(found for found in writer.client.rows("Accounts") if found.get("Code") == "210")
    given = {"Description": "By id", "UnitAmount": 5, "AccountID": account["AccountID"]}

    assert writer.invoice(LineItems=[given])["LineItems"][0]["AccountCode"] == "210"


def test_tracking_is_named_by_ids_or_by_names(writer: Writer) -> None:
    category = writer.client.rows("TrackingCategories")[0]
    option = category["Options"][0]
    by_name = [{"Name": category["Name"], "Option": option["Name"]}]
    by_id = [{key: found[key] for found in (category, option) for key in found if key in IDS}]

    invoice = writer.invoice(LineItems=[line(Tracking=by_name), line(Tracking=by_id)])

    first, second = (item["Tracking"] for item in invoice["LineItems"])
    assert first == second
    assert (first[0]["TrackingOptionID"], first[0]["Option"]) == (option["TrackingOptionID"], option["Name"])


IDS = ("TrackingCategoryID", "TrackingOptionID")


def test_unit_amounts_have_two_places_unless_four_are_asked_for(writer: Writer) -> None:
    (two,) = writer.put("Invoices", sale(LineItems=[line(UnitAmount="1.2345", Quantity=100)]))
    (four,) = writer.put("Invoices", sale(LineItems=[line(UnitAmount="1.2345", Quantity=100)]), unitdp=4)

    assert (str(two["LineItems"][0]["UnitAmount"]), str(two["SubTotal"])) == ("1.23", "123.00")
    assert (str(four["LineItems"][0]["UnitAmount"]), str(four["SubTotal"])) == ("1.2345", "123.45")


def test_a_foreign_invoice_takes_a_rate_of_its_own_or_the_days(writer: Writer) -> None:
    own = writer.invoice(CurrencyCode="AUD", CurrencyRate="0.91234567")
    days = writer.invoice(CurrencyCode="AUD")

    assert (str(own["CurrencyRate"]), days["CurrencyRate"] > 0) == ("0.912346", True)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"LineItems": [line(AccountCode="9999")]}, "Account code '9999' is not a valid code for this document."),
        ({"LineItems": [line(AccountCode="610")]}, "Account code '610' is not a valid code for this document."),
        ({"LineItems": [line(AccountCode="090")]}, "Account code '090' is not a valid code for this document."),
        (
            {"LineItems": [line(AccountCode="457")]},
            "Account code '457' has been archived, or has been deleted. Each line item must reference a valid account.",
        ),
        (
            {"LineItems": [line(TaxType="INPUT2")]},
            "The TaxType code 'INPUT2' cannot be used with account code '200'.",
        ),
        (
            {"LineItems": [line(TaxType="GST on Income")]},
            "The TaxType code GST on Income does not exist or cannot be used for this type of transaction.",
        ),
        ({"CurrencyCode": "EUR"}, "Organisation is not subscribed to currency EUR"),
        ({"LineItems": []}, "One or more line items must be specified"),
        ({"LineItems": [line(ItemCode="NOPE")]}, "Item code 'NOPE' is not valid"),
        ({"LineItems": [line(LineAmount=99)]}, "The line total 99 does not match the expected line total 100.00"),
        ({"LineItems": [line(DiscountRate=101)]}, "The discount rate must be between 0 and 100"),
        ({"InvoiceNumber": "Nº 5"}, "InvoiceNumber must be printable ASCII"),
        ({"Status": "VOIDED"}, STATUS),
        ({"Status": "PAID"}, STATUS),
    ],
)
def test_an_invoice_that_breaks_a_rule_is_refused(writer: Writer, fields: dict[str, object], message: str) -> None:
    assert writer.refused("PUT", "Invoices", sale(**fields)) == [message]


def test_an_invoice_needs_a_type_and_once_approved_a_due_date(writer: Writer) -> None:
    assert writer.refused("PUT", "Invoices", {"Contact": {"Name": "Typeless"}}) == ["Invoice type must be specified"]
    assert writer.refused("PUT", "Invoices", {**sale(), "DueDate": None}) == ["The document due date must be specified"]


def test_a_document_in_a_locked_period_is_refused(writer: Writer) -> None:
    lock = (instant(writer.client.read("Organisation")["Organisations"][0]["PeriodLockDate"])).date()
    message = f"The document date cannot be before the period lock date, currently set at {lock:%d %b %Y}"

    assert writer.refused("PUT", "Invoices", sale(Date=lock.isoformat())) == [message]


def test_put_refuses_a_number_that_is_taken_and_a_bill_shares_its_number_freely(writer: Writer) -> None:
    writer.invoice(InvoiceNumber="TAKEN-1")
    first = writer.put("Invoices", bill(InvoiceNumber="B-1"))[0]
    second = writer.put("Invoices", bill(InvoiceNumber="B-1"))[0]

    assert writer.refused("PUT", "Invoices", sale(InvoiceNumber="TAKEN-1")) == ["Invoice # must be unique."]
    assert first["InvoiceID"] != second["InvoiceID"]
    third = writer.post("Invoices", bill(InvoiceNumber="B-1"))[0]
    assert third["InvoiceID"] not in (first["InvoiceID"], second["InvoiceID"])
