"""Payments, credits and their allocation: what moves, what is stamped, and what is refused."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from xero_pipeline.sandbox.xero.credits import (
    allocate,
    create_credit_note,
    create_overpayment,
    create_prepayment,
    remove_allocation,
)
from xero_pipeline.sandbox.xero.money_in import pay, reconcile_payment, reverse_payment
from xero_pipeline.sandbox.xero.refusal import Refusal
from xero_pipeline_tests.sandbox.xero_book.samples import (
    CUSTOMER,
    NOW,
    SUPPLIER,
    amounts,
    bill,
    credit,
    invoiced,
    sale,
    small_book,
)

LATER = NOW + timedelta(hours=3)
LATEST = NOW + timedelta(hours=9)
DAY = date(2026, 11, 5)


def test_paying_all_makes_an_invoice_paid_and_stamps_both_alike() -> None:
    book = small_book()
    invoice_id, invoice = invoiced(book)
    payment = pay(book, invoice_id, "090", Decimal("115.00"), DAY, LATER)
    assert (invoice["Status"], invoice["FullyPaidOnDate"]) == ("PAID", DAY)
    assert amounts(invoice) == ("0.00", "115.00", "0.00")
    assert invoice["UpdatedDateUTC"] == payment["UpdatedDateUTC"] == LATER
    assert book.payments_of(invoice_id) == [payment]


def test_reversing_opens_the_invoice_again_and_leaves_a_stale_date() -> None:
    book = small_book()
    invoice_id, invoice = invoiced(book)
    payment = pay(book, invoice_id, "090", Decimal("115.00"), DAY, LATER)
    reverse_payment(book, str(payment["PaymentID"]), LATEST)
    assert (invoice["Status"], amounts(invoice)[0], invoice["FullyPaidOnDate"]) == ("AUTHORISED", "115.00", DAY)
    assert payment["Status"] == "DELETED"
    assert invoice["UpdatedDateUTC"] == payment["UpdatedDateUTC"] == LATEST
    assert book.payments_of(invoice_id) == []
    assert book.payments_of(invoice_id, include_deleted=True) == [payment]


def test_reconciling_stamps_the_payment_alone() -> None:
    book = small_book()
    invoice_id, invoice = invoiced(book)
    payment = pay(book, invoice_id, "090", Decimal("115.00"), DAY, LATER)
    reconcile_payment(book, str(payment["PaymentID"]), LATEST)
    assert (payment["UpdatedDateUTC"], invoice["UpdatedDateUTC"]) == (LATEST, LATER)


def test_a_payment_above_what_is_due_is_refused() -> None:
    book = small_book()
    invoice_id, _ = invoiced(book)
    with pytest.raises(Refusal, match="Payment amount exceeds the amount outstanding on this document"):
        pay(book, invoice_id, "090", Decimal("115.01"), DAY, LATER)


def test_a_draft_takes_no_payment() -> None:
    book = small_book()
    invoice_id, _ = invoiced(book, sale(Status="DRAFT"))
    with pytest.raises(Refusal, match="Payments can only be made against Authorised documents"):
        pay(book, invoice_id, "090", Decimal("1.00"), DAY, LATER)


def test_money_comes_from_a_bank_or_an_account_that_allows_payments() -> None:
    book = small_book()
    invoice_id, _ = invoiced(book)
    with pytest.raises(Refusal, match="bank account"):
        pay(book, invoice_id, "200", Decimal("1.00"), DAY, LATER)


def test_a_payment_made_by_batch_cannot_be_reversed() -> None:
    book = small_book()
    invoice_id, _ = invoiced(book, bill())
    extra: dict[str, object] = {"BatchPayment": {"BatchPaymentID": "b"}}
    payment = pay(book, invoice_id, "090", Decimal("10.00"), DAY, LATER, extra=extra)
    with pytest.raises(Refusal, match="batch"):
        reverse_payment(book, str(payment["PaymentID"]), LATEST)


def test_an_allocation_moves_both_documents_with_one_stamp() -> None:
    book = small_book()
    invoice_id, invoice = invoiced(book)
    note = create_credit_note(book, credit(), NOW)
    allocation = allocate(book, str(note["CreditNoteID"]), invoice_id, Decimal("46.00"), LATER)
    assert amounts(invoice) == ("69.00", "0.00", "46.00")
    assert (note["Status"], str(note["RemainingCredit"])) == ("PAID", "0.00")
    assert allocation["Date"] == date(2026, 11, 3)
    assert invoice["UpdatedDateUTC"] == note["UpdatedDateUTC"] == LATER
    assert [found.source_id for found in book.allocations_to(invoice_id)] == [note["CreditNoteID"]]


def test_removing_an_allocation_restores_both_documents() -> None:
    book = small_book()
    invoice_id, invoice = invoiced(book)
    note = create_credit_note(book, credit(), NOW)
    allocation = allocate(book, str(note["CreditNoteID"]), invoice_id, Decimal("46.00"), LATER)
    remove_allocation(book, str(note["CreditNoteID"]), str(allocation["AllocationID"]), LATEST)
    assert amounts(invoice) == ("115.00", "0.00", "0.00")
    assert (note["Status"], str(note["RemainingCredit"]), note["Allocations"]) == ("AUTHORISED", "46.00", [])
    assert book.allocations_to(invoice_id) == []


@pytest.mark.parametrize(("amount", "message"), [("46.01", "remaining credit"), ("0.00", "greater than zero")])
def test_an_allocation_stays_within_the_credit(amount: str, message: str) -> None:
    book = small_book()
    invoice_id, _ = invoiced(book)
    note = create_credit_note(book, credit(), NOW)
    with pytest.raises(Refusal, match=message):
        allocate(book, str(note["CreditNoteID"]), invoice_id, Decimal(amount), LATER)


def test_credit_goes_to_the_same_contact_and_side_only() -> None:
    book = small_book()
    bill_id, _ = invoiced(book, bill())
    other_id, _ = invoiced(book, sale(Contact={"ContactID": SUPPLIER}))
    note = create_credit_note(book, credit(), NOW)
    for invoice_id in (bill_id, other_id):
        with pytest.raises(Refusal):
            allocate(book, str(note["CreditNoteID"]), invoice_id, Decimal("1.00"), LATER)


def test_a_refund_uses_up_a_credit_note() -> None:
    book = small_book()
    note = create_credit_note(book, credit(), NOW)
    payment = pay(book, str(note["CreditNoteID"]), "090", Decimal("46.00"), DAY, LATER)
    assert payment["PaymentType"] == "ARCREDITPAYMENT"
    assert (note["Status"], str(note["RemainingCredit"])) == ("PAID", "0.00")


def test_a_deposit_and_an_overpayment_are_credit_too() -> None:
    book = small_book()
    invoice_id, invoice = invoiced(book)
    fields: dict[str, object] = credit("50.00", LineAmountTypes="Inclusive")
    deposit = create_prepayment(book, fields | {"Type": "RECEIVE-PREPAYMENT"}, NOW)
    overpaid = create_overpayment(book, fields | {"Type": "RECEIVE-OVERPAYMENT"}, NOW)
    allocate(book, str(deposit["PrepaymentID"]), invoice_id, Decimal("50.00"), LATER)
    allocate(book, str(overpaid["OverpaymentID"]), invoice_id, Decimal("20.00"), LATER)
    assert amounts(invoice) == ("45.00", "0.00", "70.00")
    assert str(deposit["TotalTax"]) == "6.52"
    assert str(overpaid["TotalTax"]) == "0.00"
    assert str(overpaid["RemainingCredit"]) == "30.00"


def test_balances_net_credit_and_count_late_documents_in_full() -> None:
    book = small_book()
    invoiced(book, sale("100.00", DueDate=date(2026, 11, 10)))
    invoiced(book, sale("50.00", CurrencyCode="AUD", CurrencyRate=Decimal("0.9")))
    invoiced(book, sale("999.00", Status="DRAFT"))
    create_credit_note(book, credit("200.00"), NOW)
    receivable = book.balances(CUSTOMER, date(2026, 11, 20))["AccountsReceivable"]
    assert str(receivable["Outstanding"]) == "-51.11"
    assert str(receivable["Overdue"]) == "115.00"


def test_nothing_is_overdue_on_its_due_date() -> None:
    book = small_book()
    invoiced(book, bill(DueDate=date(2026, 11, 20)))
    payable = book.balances(SUPPLIER, date(2026, 11, 20))["AccountsPayable"]
    assert (str(payable["Outstanding"]), str(payable["Overdue"])) == ("115.00", "0.00")
