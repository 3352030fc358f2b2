"""Invoices edited over the API: lines by id, statuses, and what a payment forbids (xero.md section 2, Invoices)."""

from __future__ import annotations

from typing import Any

import pytest

from xero_pipeline_tests.sandbox.http.client import instant
from xero_pipeline_tests.sandbox.writes.writer import Writer, line, money, sale

STATUS = "Invoice not of valid status for modification"
ALLOCATED = "This document cannot be edited as it has a payment or credit note allocated to it."


def path_of(invoice: dict[str, Any]) -> str:
    return f"Invoices/{invoice['InvoiceID']}"


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
