"""Credit notes, purchase orders, quotes and manual journals written over the API (xero.md section 2)."""

from __future__ import annotations

from typing import Any

import pytest

from xero_pipeline_tests.sandbox.writes.writer import Writer, line


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
