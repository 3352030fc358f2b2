"""The book itself: what it says has changed, and that it comes back from text as it was."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

import pytest

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.codec import decode, encode
from xero_pipeline.sandbox.xero.contacts import create_contact
from xero_pipeline.sandbox.xero.credits import allocate, create_credit_note
from xero_pipeline.sandbox.xero.documents import change_status
from xero_pipeline.sandbox.xero.edit import edit
from xero_pipeline.sandbox.xero.journals import create_manual_journal
from xero_pipeline.sandbox.xero.money_in import pay
from xero_pipeline.sandbox.xero.orders import change_order_status, create_purchase_order, create_quote
from xero_pipeline.sandbox.xero.record import Record
from xero_pipeline.sandbox.xero.refusal import Refusal
from xero_pipeline_tests.sandbox.xero_book.samples import CUSTOMER, NOW, SUPPLIER, credit, invoiced, sale, small_book

LATER = NOW + timedelta(hours=3)


def test_changes_are_drained_once() -> None:
    book = small_book()
    invoice_id, _ = invoiced(book)
    assert ("Invoices", invoice_id) in book.drain_changes()
    assert book.drain_changes() == set()


def test_every_change_moves_the_revision_of_its_collection() -> None:
    book = small_book()
    before = dict(book.revisions)
    invoiced(book)
    assert book.revisions["Invoices"] == before["Invoices"] + 1
    assert book.revisions["Payments"] == before["Payments"]


def test_a_removed_record_is_a_change_that_names_nothing() -> None:
    book = small_book()
    item_id = next(iter(book.collections["Items"]))
    book.remove("Items", item_id)
    assert book.drain_changes() == {("Items", item_id)}
    assert book.find("Items", item_id) is None
    assert book.numbered("Items", "PUMP") is None


def test_an_edit_without_a_stamp_is_drift() -> None:
    book = small_book()
    invoice_id, invoice = invoiced(book)
    edit(book, "Invoices", invoice_id, {"Reference": "changed"}, LATER, stamp=False)
    assert (invoice["Reference"], invoice["UpdatedDateUTC"]) == ("changed", NOW)
    edit(book, "Invoices", invoice_id, {"Reference": None}, LATER)
    assert "Reference" not in invoice
    assert invoice["UpdatedDateUTC"] == LATER


def test_a_book_comes_back_from_text_with_its_cross_references() -> None:
    book = small_book()
    invoice_id, _ = invoiced(book)
    note = create_credit_note(book, credit(), NOW)
    allocate(book, str(note["CreditNoteID"]), invoice_id, Decimal("46.00"), LATER)
    pay(book, invoice_id, "090", Decimal("9.50"), date(2026, 11, 5), LATER)
    stored = [(plural, record_id, encode(record)) for plural, record_id, record in book.records()]
    back = Book.load((plural, record_id, decode(line)) for plural, record_id, line in stored)
    assert back.organisation == book.organisation
    assert back.collections == book.collections
    assert back.payments_of(invoice_id) == book.payments_of(invoice_id)
    assert back.allocations_to(invoice_id) == book.allocations_to(invoice_id)
    assert back.balances(CUSTOMER, date(2026, 11, 20)) == book.balances(CUSTOMER, date(2026, 11, 20))
    assert not back.changed
    change_status(back, invoiced(back, sale(Status="DRAFT"))[0], "DELETED", LATER)
    assert invoiced(back)[1]["InvoiceNumber"] == "INV-0003"


def test_trailing_zeros_survive_the_way_through_text() -> None:
    record: Record = {"a": Decimal("1.0000"), "d": [{"Any": True}], "e": None}
    assert str(decode(encode(record))["a"]) == "1.0000"
    dates: Record = {
        "DueDate": date(1899, 12, 30),
        "UpdatedDateUTC": NOW,
        "Date": "",
        "Allocations": [{"Date": NOW.date()}],
    }
    assert decode(encode(record | dates)) == record | dates


def test_a_purchase_order_and_a_quote_follow_their_own_statuses() -> None:
    book = small_book()
    lines: list[Record] = [{"UnitAmount": Decimal("10.1234"), "AccountCode": "300", "Quantity": Decimal(3)}]
    order = create_purchase_order(book, {"Contact": {"ContactID": SUPPLIER}, "LineItems": lines}, NOW)
    assert (order["PurchaseOrderNumber"], str(order["SubTotal"])) == ("PO-0001", "30.37")
    change_order_status(book, "PurchaseOrders", str(order["PurchaseOrderID"]), "AUTHORISED", LATER)
    quote = create_quote(book, {"Contact": {"ContactID": CUSTOMER}, "LineItems": [{"ItemCode": "PUMP"}]}, NOW)
    assert (quote["QuoteNumber"], quote["LineAmountTypes"]) == ("QU-0001", "EXCLUSIVE")
    with pytest.raises(Refusal, match="Quote not of valid status"):
        change_order_status(book, "Quotes", str(quote["QuoteID"]), "ACCEPTED", LATER)


def test_a_journal_must_balance() -> None:
    lines: list[Record] = [
        {"LineAmount": Decimal("100.00"), "AccountCode": "300"},
        {"LineAmount": Decimal("-10.00"), "AccountCode": "200"},
    ]
    with pytest.raises(Refusal, match=r"The total debits \(100.00\) must equal total credits \(-10.00\)"):
        create_manual_journal(small_book(), {"Narration": "Accrual", "JournalLines": lines}, NOW)


def test_a_journal_leaves_the_control_accounts_alone() -> None:
    lines: list[Record] = [
        {"LineAmount": Decimal("10.00"), "AccountCode": "610"},
        {"LineAmount": Decimal("-10.00"), "AccountCode": "200"},
    ]
    with pytest.raises(Refusal, match="Account code '610' is not a valid code"):
        create_manual_journal(small_book(), {"Narration": "Accrual", "JournalLines": lines}, NOW)


def test_actions_that_end_in_an_exception_leave_nothing_behind() -> None:
    book = small_book()
    invoice_id, _ = invoiced(book)
    book.drain_changes()
    before = [(plural, record_id, encode(record)) for plural, record_id, record in book.records()]
    revisions = dict(book.revisions)

    with suppress(KeyError), book.all_or_nothing():
        pay(book, invoice_id, "090", Decimal("15.00"), date(2026, 11, 5), NOW)
        with suppress(ValueError), book.all_or_nothing():
            create_contact(book, {"Name": "Inner"}, NOW)
            raise ValueError
        assert book.contact_named("Inner") is None
        invoiced(book)
        raise KeyError

    assert [(plural, record_id, encode(record)) for plural, record_id, record in book.records()] == before
    assert (book.drain_changes(), book.revisions) == (set(), revisions)
    assert book.payments_of(invoice_id) == []
    assert invoiced(book)[1]["InvoiceNumber"] == "INV-0002"
