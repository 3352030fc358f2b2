"""What may be done to a sales invoice or a bill, and what Xero says when it may not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from xero_pipeline.sandbox.xero.documents import (
    approve,
    create_invoice,
    delete_draft,
    edit_line_account,
    update_invoice_fields,
    void_invoice,
)
from xero_pipeline.sandbox.xero.edit import edit
from xero_pipeline.sandbox.xero.money_in import pay
from xero_pipeline.sandbox.xero.record import children_of
from xero_pipeline.sandbox.xero.refusal import Refusal
from xero_pipeline_tests.sandbox.xero_book.samples import (
    CUSTOMER,
    NOW,
    SUPPLIER,
    amounts,
    bill,
    invoiced,
    sale,
    small_book,
)

LATER = NOW + timedelta(hours=3, microseconds=456)


def test_a_new_invoice_is_priced_numbered_and_stamped_to_the_millisecond() -> None:
    book = small_book()
    _, invoice = invoiced(book)
    assert (str(invoice["SubTotal"]), str(invoice["TotalTax"]), str(invoice["Total"])) == ("100.00", "15.00", "115.00")
    assert amounts(invoice) == ("115.00", "0.00", "0.00")
    assert invoice["InvoiceNumber"] == "INV-0001"
    assert invoice["UpdatedDateUTC"] == NOW


def test_an_item_fills_what_the_line_leaves_out() -> None:
    _, invoice = invoiced(small_book(), sale(LineItems=[{"ItemCode": "PUMP", "Quantity": Decimal(3)}]))
    line = children_of(invoice, "LineItems")[0]
    assert (line["Description"], line["AccountCode"], line["TaxType"]) == ("A pump", "200", "OUTPUT2")
    assert (str(line["Quantity"]), str(line["UnitAmount"]), str(line["LineAmount"])) == ("3.0000", "19.9900", "59.97")


def test_a_line_may_be_a_description_alone() -> None:
    _, invoice = invoiced(small_book(), sale(LineItems=[{"Description": "Note"}, {"ItemCode": "PUMP"}]))
    note = children_of(invoice, "LineItems")[0]
    assert "UnitAmount" not in note
    assert note["LineAmount"] == 0


def test_the_date_defaults_to_today_where_the_organisation_is() -> None:
    book = small_book()
    fields = sale()
    del fields["Date"]
    evening_in_utc = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
    assert create_invoice(book, fields, evening_in_utc)["Date"] == date(2026, 11, 21)


def test_the_first_document_of_a_side_marks_the_contact_without_stamping_it() -> None:
    book = small_book()
    create_invoice(book, bill(), LATER)
    contact = book.get("Contacts", SUPPLIER)
    assert (contact["IsSupplier"], contact["IsCustomer"]) == (True, False)
    assert contact["UpdatedDateUTC"] == NOW


def test_bills_share_numbers_and_invoices_do_not() -> None:
    book = small_book()
    invoiced(book, bill())
    invoiced(book, bill())
    invoiced(book, sale(InvoiceNumber="X-1"))
    with pytest.raises(Refusal, match=r"Invoice # must be unique\."):
        invoiced(book, sale(InvoiceNumber="X-1"))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"Contact": {}}, "A Contact must be specified"),
        ({"LineItems": []}, "One or more line items must be specified"),
        ({"CurrencyCode": "EUR"}, "Organisation is not subscribed to currency EUR"),
        ({"LineItems": [{"UnitAmount": Decimal(1), "AccountCode": "999"}]}, "Account code '999' is not a valid code"),
        ({"LineItems": [{"UnitAmount": Decimal(1), "AccountCode": "255"}]}, "Account code '255' has been archived"),
        (
            {"LineItems": [{"UnitAmount": Decimal(1), "AccountCode": "200", "TaxType": "INPUT2"}]},
            "The TaxType code 'INPUT2' cannot be used with account code '200'",
        ),
        (
            {"LineItems": [{"UnitAmount": Decimal(1), "LineAmount": Decimal(2), "AccountCode": "200"}]},
            "The line total 2 does not match the expected line total 1.00",
        ),
        ({"DueDate": None}, "due date"),
    ],
)
def test_a_faulty_invoice_is_refused_and_leaves_the_book_as_it_was(fields: dict[str, object], message: str) -> None:
    book = small_book()
    with pytest.raises(Refusal, match=message):
        create_invoice(book, sale() | fields, NOW)
    assert not book.collections["Invoices"]
    assert not book.changed


def test_a_locked_period_takes_no_document() -> None:
    book = small_book()
    edit(book, "Organisation", "", {"PeriodLockDate": date(2026, 11, 1)}, NOW)
    with pytest.raises(Refusal, match="period lock date, currently set at 01 Nov 2026"):
        invoiced(book)


def test_voiding_keeps_total_and_lines_and_clears_what_is_due() -> None:
    book = small_book()
    invoice_id, invoice = invoiced(book)
    void_invoice(book, invoice_id, LATER)
    assert (invoice["Status"], amounts(invoice)[0], str(invoice["Total"])) == ("VOIDED", "0.00", "115.00")


def test_a_paid_invoice_cannot_be_voided() -> None:
    book = small_book()
    invoice_id, _ = invoiced(book)
    pay(book, invoice_id, "090", Decimal("15.00"), date(2026, 11, 5), NOW)
    with pytest.raises(Refusal, match="has a payment or credit note allocated"):
        void_invoice(book, invoice_id, LATER)


def test_a_draft_is_deleted_and_an_approved_one_is_not() -> None:
    book = small_book()
    draft_id, draft = invoiced(book, sale(Status="DRAFT"))
    delete_draft(book, draft_id, LATER)
    assert draft["Status"] == "DELETED"
    approved_id, _ = invoiced(book)
    with pytest.raises(Refusal, match="Invoice not of valid status for modification"):
        delete_draft(book, approved_id, LATER)


def test_an_invoice_of_nil_is_paid_once_approved() -> None:
    book = small_book()
    invoice_id, invoice = invoiced(book, sale("0.00", Status="DRAFT"))
    approve(book, invoice_id, LATER)
    assert invoice["Status"] == "PAID"


def test_lines_are_updated_added_and_deleted_by_their_ids() -> None:
    book = small_book()
    invoice_id, invoice = invoiced(book, sale(LineItems=[{"ItemCode": "PUMP"}, {"ItemCode": "PUMP"}]))
    kept = children_of(invoice, "LineItems")[1]["LineItemID"]
    new = {"Description": "Extra", "UnitAmount": Decimal(5), "AccountCode": "201"}
    update_invoice_fields(book, invoice_id, {"LineItems": [{"LineItemID": kept, "Quantity": Decimal(2)}, new]}, LATER)
    first, second = children_of(invoice, "LineItems")
    assert (first["LineItemID"], str(first["LineAmount"]), str(first["TaxAmount"])) == (kept, "39.98", "6.00")
    assert str(second["LineAmount"]) == "5.00"
    assert str(invoice["Total"]) == str(invoice["AmountDue"]) == "51.73"


def test_after_a_payment_the_reference_changes_and_the_price_does_not() -> None:
    book = small_book()
    invoice_id, invoice = invoiced(book)
    pay(book, invoice_id, "090", Decimal("15.00"), date(2026, 11, 5), NOW)
    update_invoice_fields(book, invoice_id, {"Reference": "OPP-00001"}, LATER)
    assert invoice["Reference"] == "OPP-00001"
    line = children_of(invoice, "LineItems")[0] | {"UnitAmount": Decimal("200.00")}
    with pytest.raises(Refusal, match="cannot be edited"):
        update_invoice_fields(book, invoice_id, {"LineItems": [line]}, LATER)


def test_the_due_date_of_a_partly_paid_invoice_moves_no_stamp() -> None:
    book = small_book()
    invoice_id, invoice = invoiced(book)
    pay(book, invoice_id, "090", Decimal("15.00"), date(2026, 11, 5), NOW)
    update_invoice_fields(book, invoice_id, {"DueDate": date(2027, 1, 31)}, LATER)
    assert (invoice["DueDate"], invoice["UpdatedDateUTC"]) == (date(2027, 1, 31), NOW)


def test_coding_a_line_to_another_account_moves_no_stamp_and_is_still_a_change() -> None:
    book = small_book()
    invoice_id, invoice = invoiced(book)
    book.drain_changes()
    edit_line_account(book, invoice_id, str(children_of(invoice, "LineItems")[0]["LineItemID"]), "201")
    assert children_of(invoice, "LineItems")[0]["AccountCode"] == "201"
    assert invoice["UpdatedDateUTC"] == NOW
    assert book.changed == {("Invoices", invoice_id)}


def test_an_invoice_given_to_another_contact_counts_there() -> None:
    book = small_book()
    invoice_id, _ = invoiced(book)
    update_invoice_fields(book, invoice_id, {"Contact": {"ContactID": SUPPLIER}}, LATER)
    assert not list(book.documents_of(CUSTOMER))
    assert [plural for plural, _ in book.documents_of(SUPPLIER)] == ["Invoices"]
