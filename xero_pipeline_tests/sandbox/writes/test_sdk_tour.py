"""Xero's own SDK writes to the sandbox, unpatched but for the host (xero.md section 8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from xero_python.accounting import (
    Account,
    AccountingApi,
    Allocation,
    Allocations,
    Contact,
    CreditNote,
    CreditNotes,
    HistoryRecord,
    HistoryRecords,
    Invoice,
    Invoices,
    Item,
    Items,
    LineItem,
    Payment,
    PaymentDelete,
    Payments,
)
from xero_python.api_client.oauth2 import TokenApi
from xero_python.exceptions import AccountingBadRequestException

from xero_pipeline.sandbox.server import Sandbox
from xero_pipeline_tests.sandbox.http.client import API, credentials
from xero_pipeline_tests.sandbox.http.test_sdk import SCOPES, sdk


@pytest.fixture
def accounting(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[AccountingApi]:
    for name in ("refresh_token_url", "client_credentials_token_url"):
        monkeypatch.setattr(TokenApi, name, f"{sandbox.url}/connect/token")
    token: dict[str, object] = {"scope": SCOPES}
    client = sdk(sandbox, token, *credentials(sandbox))
    client.get_client_credentials_token()
    yield AccountingApi(client, base_url=f"{sandbox.url}{API}")
    client.rest_client.pool_manager.clear()


def sale(name: str = "Rātā Cycles", **fields: object) -> Invoice:
    line = LineItem(description="Service", quantity=2.0, unit_amount=50.0, account_code="200")
    return Invoice(
        type="ACCREC",
        status="AUTHORISED",
        contact=Contact(name=name),
        date=date(2026, 11, 3),
        due_date=date(2030, 12, 20),
        line_items=[line],
        **fields,
    )


def created(accounting: AccountingApi, *invoices: Invoice) -> list[Invoice]:
    return accounting.create_invoices("", invoices=Invoices(invoices=list(invoices or (sale(),)))).invoices


def test_an_invoice_is_created_and_got_by_id_and_by_number(accounting: AccountingApi) -> None:
    (invoice,) = created(accounting, sale(invoice_number="SDK-0001"))

    assert (invoice.sub_total, invoice.total_tax, invoice.total) == (100, 15, 115)
    assert (invoice.date, invoice.due_date) == (date(2026, 11, 3), date(2030, 12, 20))
    assert accounting.get_invoice("", invoice.invoice_id).invoices[0].invoice_number == "SDK-0001"
    assert accounting.get_invoice("", "SDK-0001").invoices[0].invoice_id == invoice.invoice_id


def test_an_invoice_is_updated_and_voided(accounting: AccountingApi) -> None:
    (invoice,) = created(accounting)

    change = Invoices(invoices=[Invoice(reference="PO 77")])
    updated = accounting.update_invoice("", invoice.invoice_id, invoices=change).invoices[0]
    change = Invoices(invoices=[Invoice(invoice_id=invoice.invoice_id, status="VOIDED")])
    voided = accounting.update_or_create_invoices("", invoices=change).invoices[0]

    assert (updated.reference, updated.total) == ("PO 77", 115)
    assert (voided.status, voided.amount_due, voided.total) == ("VOIDED", 0, 115)


def test_an_invoice_is_paid_and_the_payment_reversed(accounting: AccountingApi) -> None:
    (invoice,) = created(accounting)
    payment = Payment(
        invoice=Invoice(invoice_id=invoice.invoice_id),
        account=Account(code="090"),
        date=date(2026, 11, 10),
        amount=Decimal("115.00"),
    )

    paid = accounting.create_payments("", payments=Payments(payments=[payment])).payments[0]
    after = accounting.get_invoice("", invoice.invoice_id).invoices[0]
    reversed_ = accounting.delete_payment("", paid.payment_id, PaymentDelete(status="DELETED")).payments[0]
    again = accounting.get_invoice("", invoice.invoice_id).invoices[0]

    assert (paid.status, paid.invoice.amount_due) == ("AUTHORISED", 0)
    assert (after.status, after.amount_paid) == ("PAID", 115)
    assert reversed_.status == "DELETED"
    assert (again.status, again.amount_due) == ("AUTHORISED", 115)


def test_a_credit_note_is_allocated_and_the_allocation_deleted(accounting: AccountingApi) -> None:
    (invoice,) = created(accounting)
    line = LineItem(description="Returned", quantity=1.0, unit_amount=40.0, account_code="200")
    note = CreditNote(
        type="ACCRECCREDIT",
        status="AUTHORISED",
        contact=Contact(contact_id=invoice.contact.contact_id),
        line_items=[line],
    )

    note = accounting.create_credit_notes("", credit_notes=CreditNotes(credit_notes=[note])).credit_notes[0]
    allocation = Allocation(amount=46.0, date=date(2026, 11, 4), invoice=Invoice(invoice_id=invoice.invoice_id))
    given = Allocations(allocations=[allocation])
    made = accounting.create_credit_note_allocation("", note.credit_note_id, allocations=given).allocations[0]
    used = accounting.get_credit_note("", note.credit_note_id).credit_notes[0]
    due = accounting.get_invoice("", invoice.invoice_id).invoices[0].amount_due
    gone = accounting.delete_credit_note_allocations("", note.credit_note_id, used.allocations[0].allocation_id)

    assert (made.amount, used.status, used.remaining_credit, due) == (46, "PAID", 0, 69)
    assert gone.is_deleted is True
    assert accounting.get_credit_note("", note.credit_note_id).credit_notes[0].remaining_credit == 46


def test_a_batch_with_one_bad_element_keeps_the_good_ones_when_errors_are_not_summarized(
    accounting: AccountingApi,
) -> None:
    bad = sale()
    bad.line_items[0].account_code = "nowhere"

    answer = accounting.create_invoices("", invoices=Invoices(invoices=[sale(), bad]), summarize_errors=False)
    good, failed = answer.invoices

    assert (good.status_attribute_string, failed.status_attribute_string) == ("OK", "ERROR")
    assert failed.invoice_id == "00000000-0000-0000-0000-000000000000"
    assert [error.message for error in failed.validation_errors] == [
        "Account code 'nowhere' is not a valid code for this document."
    ]
    assert accounting.get_invoice("", good.invoice_id).invoices[0].total == 115


def test_a_batch_with_one_bad_element_is_refused_whole_when_errors_are_summarized(accounting: AccountingApi) -> None:
    bad = sale()
    bad.line_items[0].account_code = "nowhere"

    with pytest.raises(AccountingBadRequestException) as caught:
        accounting.create_invoices(
            "", invoices=Invoices(invoices=[sale(invoice_number="SDK-GOOD"), bad]), summarize_errors=True
        )

    assert caught.value.reason == "Account code 'nowhere' is not a valid code for this document."
    assert accounting.get_invoices("", invoice_numbers=["SDK-GOOD"]).invoices == []


def test_a_note_is_added_to_the_history(accounting: AccountingApi) -> None:
    (invoice,) = created(accounting)

    note = HistoryRecords(history_records=[HistoryRecord(details="Promised for Friday")])
    accounting.create_invoice_history("", invoice.invoice_id, history_records=note)
    newest = accounting.get_invoice_history("", invoice.invoice_id).history_records[0]

    assert (newest.changes, newest.user, newest.details) == ("Note", "System Generated", "Promised for Friday")


def test_a_repeated_create_with_the_same_key_makes_one_invoice(accounting: AccountingApi) -> None:
    batch = Invoices(invoices=[sale(reference="once")])

    first = accounting.create_invoices("", invoices=batch, idempotency_key="order-1").invoices[0]
    second = accounting.create_invoices("", invoices=batch, idempotency_key="order-1").invoices[0]

    assert second.invoice_id == first.invoice_id
    assert len(accounting.get_invoices("", where='Reference=="once"').invoices) == 1


def test_an_item_is_created_found_by_code_changed_and_deleted(accounting: AccountingApi) -> None:
    item = Item(code="SDK-PUMP", name="Pump", is_sold=True)

    created_item = accounting.create_items("", items=Items(items=[item])).items[0]
    change = Items(items=[Item(code="SDK-PUMP", name="Better pump")])
    accounting.update_or_create_items("", items=change)
    found = accounting.get_item("", "SDK-PUMP").items[0]
    accounting.delete_item("", created_item.item_id)

    assert (found.item_id, found.name) == (created_item.item_id, "Better pump")
    assert "SDK-PUMP" not in [left.code for left in accounting.get_items("").items]
