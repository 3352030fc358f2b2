"""Invoices, bills, credit notes, orders, quotes and journals written over the API (xero.md sections 2 and 3)."""

from __future__ import annotations

from typing import Any

import pytest

from xero_pipeline_tests.sandbox.http.client import instant
from xero_pipeline_tests.sandbox.writes.writer import Writer, line, money, sale

STATUS = "Invoice not of valid status for modification"
ALLOCATED = "This document cannot be edited as it has a payment or credit note allocated to it."


def path_of(invoice: dict[str, Any]) -> str:
    return f"Invoices/{invoice['InvoiceID']}"


def bill(**fields: object) -> dict[str, Any]:
    return sale(Type="ACCPAY", LineItems=[line(AccountCode="300")], **fields)


# -- creating ------------------------------------------------------------------------------------------------------------


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


# -- editing -------------------------------------------------------------------------------------------------------------


def test_post_edits_the_sale_of_that_number(writer: Writer) -> None:
    invoice = writer.invoice(InvoiceNumber="EDIT-1")

    (edited,) = writer.post("Invoices", {"Type": "ACCREC", "InvoiceNumber": "EDIT-1", "Reference": "PO 9"})

    assert (edited["InvoiceID"], edited["Reference"]) == (invoice["InvoiceID"], "PO 9")
    assert len(edited["LineItems"]) == 1


def test_the_number_of_a_deleted_draft_cannot_be_used_again_by_post(writer: Writer) -> None:
    draft = writer.invoice(InvoiceNumber="GONE-1", Status="DRAFT")
    writer.post(path_of(draft), {"Status": "DELETED"})

    assert writer.refused("POST", "Invoices", sale(InvoiceNumber="GONE-1")) == [STATUS]


def test_lines_with_an_id_are_updated_without_one_added_and_those_left_out_deleted(writer: Writer) -> None:
    invoice = writer.invoice(LineItems=[line(Description="keep"), line(Description="drop")])
    kept = invoice["LineItems"][0]["LineItemID"]

    lines = [{"LineItemID": kept, "UnitAmount": 50}, line(Description="new", UnitAmount=7)]
    (edited,) = writer.post(path_of(invoice), {"LineItems": lines})

    assert [(item["Description"], str(item["LineAmount"])) for item in edited["LineItems"]] == [
        ("keep", "50.00"),
        ("new", "7.00"),
    ]
    assert edited["LineItems"][0]["LineItemID"] == kept
    assert money(edited) == ("65.55", "65.55", "0.00", "0.00")


def test_an_edit_without_lines_leaves_them(writer: Writer) -> None:
    invoice = writer.invoice()
    (edited,) = writer.post(path_of(invoice), {"DueDate": "2031-01-31"})

    assert edited["LineItems"] == invoice["LineItems"]
    assert edited["DueDateString"] == "2031-01-31T00:00:00"


def test_another_line_amount_type_prices_every_line_anew(writer: Writer) -> None:
    invoice = writer.invoice()
    line_id = invoice["LineItems"][0]["LineItemID"]

    alone = writer.post(path_of(invoice), {"LineAmountTypes": "Inclusive"})[0]
    with_lines = writer.post(
        path_of(invoice), {"LineAmountTypes": "Exclusive", "LineItems": [{"LineItemID": line_id}]}
    )[0]

    assert (str(alone["Total"]), str(alone["TotalTax"])) == ("100.00", "13.04")
    assert (str(with_lines["Total"]), str(with_lines["TotalTax"])) == ("115.00", "15.00")


@pytest.mark.parametrize(
    ("start", "allowed"),
    [
        ("DRAFT", {"DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"}),
        ("SUBMITTED", {"SUBMITTED", "AUTHORISED", "DRAFT", "DELETED"}),
        ("AUTHORISED", {"AUTHORISED", "VOIDED"}),
    ],
)
def test_an_invoice_moves_by_xeros_table(writer: Writer, start: str, allowed: set[str]) -> None:
    for status in ("DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED"):
        invoice = writer.invoice(Status=start)
        response = writer.send("POST", path_of(invoice), {"Status": status})
        assert (response.status_code == 200) is (status in allowed), status


def test_approving_takes_the_edits_that_come_along(writer: Writer) -> None:
    invoice = writer.invoice(Status="DRAFT", LineItems=[{"Description": "No account", "UnitAmount": 10}])

    assert writer.refused("POST", path_of(invoice), {"Status": "AUTHORISED"}) == ["Account code must be specified"]
    line_id = invoice["LineItems"][0]["LineItemID"]
    change = {
        "Status": "AUTHORISED",
        "LineItems": [{"LineItemID": line_id, "AccountCode": "200", "TaxType": "OUTPUT2"}],
    }
    (approved,) = writer.post(path_of(invoice), change)
    assert (approved["Status"], str(approved["Total"])) == ("AUTHORISED", "11.50")


def test_a_voided_invoice_keeps_its_total_and_owes_nothing(writer: Writer) -> None:
    invoice = writer.invoice()
    (voided,) = writer.post(path_of(invoice), {"Status": "VOIDED"})

    assert money(voided) == ("115.00", "0.00", "0.00", "0.00")
    assert writer.refused("POST", path_of(invoice), {"Reference": "late"}) == [STATUS]


def test_of_a_part_paid_invoice_only_the_documented_fields_change(writer: Writer) -> None:
    invoice = writer.invoice()
    writer.pay(invoice, "15.00")
    (item,) = invoice["LineItems"]
    other = writer.contact()

    change = {
        "Reference": "new",
        "DueDate": "2031-02-28",
        "InvoiceNumber": f"{invoice['InvoiceNumber']}-B",
        "Contact": {"ContactID": other["ContactID"]},
        "LineItems": [{**item, "Description": "better said", "AccountCode": "210"}],
    }
    (edited,) = writer.post(path_of(invoice), change)

    assert (edited["Reference"], edited["Contact"]["Name"]) == ("new", other["Name"])
    assert (edited["LineItems"][0]["Description"], edited["LineItems"][0]["AccountCode"]) == ("better said", "210")
    assert money(edited) == ("115.00", "100.00", "15.00", "0.00")
    for refused in ({"Date": "2026-11-01"}, {"CurrencyCode": "AUD"}, {"LineItems": [line()]}):
        assert writer.refused("POST", path_of(invoice), refused) == [ALLOCATED]
    assert writer.refused("POST", path_of(invoice), {"Status": "VOIDED"}) == [ALLOCATED]


def test_a_paid_invoice_sent_back_as_it_was_read_is_accepted(writer: Writer) -> None:
    invoice = writer.invoice()
    writer.pay(invoice, "115.00")
    read = writer.one(path_of(invoice))

    (edited,) = writer.post("Invoices", read)

    assert edited == read | {field: edited[field] for field in ("UpdatedDateUTC", "UpdatedDateUTCString")}


def test_a_line_of_words_alone_is_worth_nothing_and_can_be_sent_back(writer: Writer) -> None:
    invoice = writer.invoice(LineItems=[line(), {"Description": "Thank you"}])
    (edited,) = writer.post("Invoices", invoice)

    assert edited["LineItems"] == invoice["LineItems"]
    assert str(edited["LineItems"][1]["LineAmount"]) == "0.00"


def test_an_edit_moves_the_stamp_but_for_the_due_date_of_a_part_paid_invoice(writer: Writer) -> None:
    invoice = writer.invoice()
    writer.pay(invoice, "15.00")
    stamp = writer.one(path_of(invoice))["UpdatedDateUTC"]
    writer.client.control("POST", "clock", {"advance_seconds": 60})

    writer.post(path_of(invoice), {"DueDate": "2031-03-31"})
    unmoved = writer.one(path_of(invoice))["UpdatedDateUTC"]
    writer.post(path_of(invoice), {"Reference": "stamped"})

    assert unmoved == stamp
    assert instant(writer.one(path_of(invoice))["UpdatedDateUTC"]) > instant(stamp)


# -- the other documents -------------------------------------------------------------------------------------------------


def note(**fields: object) -> dict[str, Any]:
    fields = {"Type": "ACCRECCREDIT", "Status": "AUTHORISED", "LineItems": [line(UnitAmount=40)]} | fields
    return {"Contact": {"Name": "Credited Ltd"}} | fields


def test_a_credit_note_is_created_edited_and_voided(writer: Writer) -> None:
    (created,) = writer.put("CreditNotes", note(CreditNoteNumber="CR-1"))
    (edited,) = writer.post("CreditNotes", {"CreditNoteNumber": "CR-1", "LineItems": [line(UnitAmount=60)]})
    (voided,) = writer.post(f"CreditNotes/{created['CreditNoteID']}", {"Status": "VOIDED"})

    assert (str(created["RemainingCredit"]), str(edited["RemainingCredit"])) == ("46.00", "69.00")
    assert edited["CreditNoteID"] == created["CreditNoteID"]
    assert (voided["Status"], str(voided["RemainingCredit"])) == ("VOIDED", "0.00")


def test_an_unknown_credit_note_is_named_as_the_published_example_does(writer: Writer) -> None:
    unknown = note(CreditNoteID="7df8949c-b71f-40c0-bbcf-39f2f450f286")

    assert writer.refused("POST", "CreditNotes", unknown) == [
        "An existing Credit Note with the specified CreditNoteID could not be found"
    ]


def test_a_purchase_order_is_created_edited_by_number_and_billed(writer: Writer) -> None:
    contact = {"ContactID": writer.contact()["ContactID"]}
    body = {
        "Contact": contact,
        "PurchaseOrderNumber": "PO-A",
        "LineItems": [line(AccountCode="300", UnitAmount="1.2345")],
    }

    (created,) = writer.put("PurchaseOrders", body)
    (edited,) = writer.post("PurchaseOrders", {"PurchaseOrderNumber": "PO-A", "DeliveryDate": "2031-01-01"})
    billed = [
        writer.post(f"PurchaseOrders/{created['PurchaseOrderID']}", {"Status": status})[0]["Status"]
        for status in ("AUTHORISED", "BILLED")
    ]

    assert str(created["LineItems"][0]["UnitAmount"]) == "1.2345"
    assert (edited["PurchaseOrderID"], edited["DeliveryDateString"]) == (
        created["PurchaseOrderID"],
        "2031-01-01T00:00:00",
    )
    assert billed == ["AUTHORISED", "BILLED"]
    assert writer.refused("PUT", "PurchaseOrders", body) == ["Order number must be unique"]


def quote(writer: Writer, **fields: object) -> dict[str, Any]:
    contact = {"ContactID": writer.contact()["ContactID"]}
    return {"Contact": contact, "Date": "2026-11-01", "LineItems": [line()], **fields}


def test_a_quote_is_sent_accepted_and_invoiced(writer: Writer) -> None:
    (created,) = writer.put("Quotes", quote(writer, LineAmountTypes="INCLUSIVE"))
    path = f"Quotes/{created['QuoteID']}"
    moved = [writer.post(path, {"Status": status})[0]["Status"] for status in ("SENT", "ACCEPTED", "INVOICED")]

    assert (created["LineAmountTypes"], str(created["Total"])) == ("INCLUSIVE", "100.00")
    assert moved == ["SENT", "ACCEPTED", "INVOICED"]
    assert writer.refused("POST", path, {"Status": "DRAFT"}) == ["Quote not of valid status for modification"]
    assert str(writer.one(path)["Total"]) == "100.00"


def test_a_quote_whose_lines_come_without_line_amount_types_is_priced_as_exclusive(writer: Writer) -> None:
    (created,) = writer.put("Quotes", quote(writer, LineAmountTypes="INCLUSIVE"))
    lines = [{"LineItemID": created["LineItems"][0]["LineItemID"], "Description": "Reworded"}]
    (edited,) = writer.post(f"Quotes/{created['QuoteID']}", {"LineItems": lines})

    assert (edited["LineAmountTypes"], str(edited["Total"])) == ("EXCLUSIVE", "115.00")


def test_a_quote_needs_a_date_and_lines(writer: Writer) -> None:
    assert writer.refused("PUT", "Quotes", quote(writer, Date=None)) == [
        "A quote must have a date and at least one line item"
    ]


def journal(second: int = -100, **fields: object) -> dict[str, Any]:
    lines = [{"LineAmount": 100, "AccountCode": "400"}, {"LineAmount": second, "AccountCode": "404"}]
    return {"Narration": "Accrual", "JournalLines": lines, **fields}


def test_a_manual_journal_balances_is_posted_and_voided(writer: Writer) -> None:
    (draft,) = writer.put("ManualJournals", journal())
    path = f"ManualJournals/{draft['ManualJournalID']}"
    (posted,) = writer.post(path, {"Narration": "Accrual, posted", "Status": "POSTED"})
    (voided,) = writer.post(path, {"Status": "VOIDED"})

    assert (draft["Status"], draft["LineAmountTypes"]) == ("DRAFT", "NoTax")
    assert (posted["Status"], posted["Narration"], voided["Status"]) == ("POSTED", "Accrual, posted", "VOIDED")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (journal(-10), "The total debits (100.00) must equal total credits (-10.00)"),
        (journal(Narration=""), "Narration must be specified"),
        (
            {"Narration": "One", "JournalLines": [{"LineAmount": 0}]},
            "A manual journal must have at least two journal lines",
        ),
        (
            {"Narration": "Bank", "JournalLines": [{"LineAmount": 1, "AccountCode": "090"}, {"LineAmount": -1}]},
            "Account code '090' is not a valid code for this document.",
        ),
    ],
)
def test_a_manual_journal_that_breaks_a_rule_is_refused(
    writer: Writer, fields: dict[str, object], message: str
) -> None:
    assert writer.refused("PUT", "ManualJournals", fields) == [message]
