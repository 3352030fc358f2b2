"""An invoice's way from unpaid to paid and back, run by run, on both sides (SCW-10, SCW-11, D-PAY; products.md 2.29)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from xero_pipeline_tests.e2e.other_clients import Crm, crm, xero
from xero_pipeline_tests.e2e.pair import Pair

UNPAID = """
select invoices.*, matches.account_id
from xero.invoices join sync.contact_matches as matches using (org_id, contact_id)
where
    type = 'ACCREC' and invoices.status = 'AUTHORISED' and amount_due = total and total > 20 and currency_code = 'NZD'
    and account_id is not null
order by invoice_number limit 1
"""
ROLLUP = """
select total_invoiced, total_paid, total_credited, total_due, total_overdue, unallocated_credit, status
from analytics.account_rollups where account_id = %s and currency_code = '*'
"""


@pytest.fixture
def sales(pair: Pair) -> Iterator[Crm]:
    """Salesforce, as another client reads it."""
    with crm(pair.sandbox) as client:
        yield client


def _sent(sales: Crm, name: str, record_id: str) -> dict[str, Any]:
    (found,) = (each for each in sales.whole(name).values() if each["Xero_Id__c"] == record_id)
    return found


def _standing(sales: Crm, invoice: dict[str, Any]) -> tuple[str, str, Decimal]:
    sent = _sent(sales, "Xero_Invoice__c", invoice["invoice_id"])
    return sent["Status__c"], sent["Payment_Status__c"], sent["Amount_Due__c"]


def test_a_payment_that_is_reversed_leaves_both_sides_as_before_but_for_its_trace(pair: Pair, sales: Crm) -> None:
    invoice = pair.row(UNPAID)
    before = pair.row(ROLLUP, invoice["account_id"])
    assert _standing(sales, invoice) == ("AUTHORISED", "Unpaid", invoice["total"])

    first = pair.pull("pay_invoice", invoice=invoice["invoice_number"], amount="7.77")
    pair.sync("delta")
    assert _standing(sales, invoice) == ("AUTHORISED", "Partially Paid", invoice["total"] - Decimal("7.77"))
    assert pair.row(ROLLUP, invoice["account_id"])["total_paid"] == before["total_paid"] + Decimal("7.77")

    second = pair.pull("pay_invoice", invoice=invoice["invoice_number"])
    pair.sync("delta")
    assert _standing(sales, invoice) == ("PAID", "Paid", Decimal(0))
    assert pair.row(ROLLUP, invoice["account_id"])["total_due"] == before["total_due"] - invoice["total"]
    assert _sent(sales, "Xero_Invoice__c", invoice["invoice_id"])["Fully_Paid_On__c"] is not None

    pair.pull("reverse_payment", payment=second["PaymentID"])
    pair.sync("delta")
    assert _standing(sales, invoice) == ("AUTHORISED", "Partially Paid", invoice["total"] - Decimal("7.77"))
    assert _sent(sales, "Xero_Invoice__c", invoice["invoice_id"])["Fully_Paid_On__c"] is None

    pair.pull("reverse_payment", payment=first["PaymentID"])
    pair.sync("delta")
    assert _standing(sales, invoice) == ("AUTHORISED", "Unpaid", invoice["total"])
    assert pair.row(ROLLUP, invoice["account_id"]) == before
    for payment in (first, second):
        assert pair.row("select status from xero.payments where payment_id = %s", payment["PaymentID"]) == {
            "status": "DELETED"
        }
        sent = _sent(sales, "Xero_Payment__c", payment["PaymentID"])
        assert (sent["Status__c"], sent["IsDeleted"]) == ("DELETED", False)
    assert pair.rows("select name from analytics.contact_balances_proof where not ties") == []


def test_a_payment_that_neither_it_nor_its_bill_gives_a_name_goes_by_its_id(pair: Pair, sales: Crm) -> None:
    contact = {"ContactID": pair.row(UNPAID)["contact_id"]}
    line = {"Description": "Rent", "Quantity": 1, "UnitAmount": 10, "AccountCode": "300"}
    kind = {"Type": "ACCPAY", "Status": "AUTHORISED", "DueDate": "2026-12-20"}
    bill = pair.pull("create_invoice", Contact=contact, LineItems=[line], **kind)
    payment = pair.pull("pay_invoice", invoice=bill["InvoiceID"])["PaymentID"]
    pair.sync("delta")
    assert _sent(sales, "Xero_Payment__c", payment)["Name"] == payment

    pair.pull("reconcile_payment", payment=payment)
    pair.sync("delta")
    sent = _sent(sales, "Xero_Payment__c", payment)
    assert (sent["Name"], sent["Is_Reconciled__c"]) == (payment, True)


def test_an_invoice_that_a_credit_note_settles_is_paid_by_credit_until_the_credit_is_taken_back(
    pair: Pair, sales: Crm
) -> None:
    invoice = pair.row(UNPAID)
    before = pair.row(ROLLUP, invoice["account_id"])
    contact = {"ContactID": invoice["contact_id"]}
    line = {"Description": "Credit", "Quantity": 1, "UnitAmount": float(invoice["total"] + 5), "AccountCode": "200"}
    note = pair.pull(
        "create_credit_note", Type="ACCRECCREDIT", Contact=contact, LineAmountTypes="NoTax", LineItems=[line]
    )
    pair.pull("approve_credit_note", credit=note["CreditNoteID"])
    pair.sync("delta")
    held = pair.row(ROLLUP, invoice["account_id"])
    assert held["unallocated_credit"] == before["unallocated_credit"] + invoice["total"] + 5

    allocated = pair.pull("allocate_credit", credit=note["CreditNoteID"], invoice=invoice["invoice_id"])
    pair.sync("delta")
    assert _standing(sales, invoice) == ("PAID", "Paid by Credit", Decimal(0))
    staged = pair.row("select * from xero.allocations where source_id = %s", note["CreditNoteID"])
    assert (staged["source_type"], staged["invoice_id"], staged["amount"]) == (
        "credit_note",
        invoice["invoice_id"],
        invoice["total"],
    )
    after = pair.row(ROLLUP, invoice["account_id"])
    assert after["total_credited"] == before["total_credited"] + invoice["total"]
    assert after["unallocated_credit"] == before["unallocated_credit"] + 5
    sent = _sent(sales, "Xero_Invoice__c", note["CreditNoteID"])
    assert (sent["Type__c"], sent["Payment_Status__c"], sent["Remaining_Credit__c"]) == (
        "ACCRECCREDIT",
        "Partially Paid",
        Decimal(5),
    )

    allocation_id = staged["allocation_id"]
    assert allocation_id in str(allocated)
    pair.pull("remove_allocation", credit=note["CreditNoteID"], allocation=allocation_id)
    pair.sync("delta")
    assert _standing(sales, invoice) == ("AUTHORISED", "Unpaid", invoice["total"])
    assert pair.rows("select 1 from xero.allocations where source_id = %s", note["CreditNoteID"]) == []
    assert pair.row(ROLLUP, invoice["account_id"]) == held
    assert pair.rows("select name from analytics.contact_balances_proof where not ties") == []


def test_a_prepayment_and_an_overpayment_are_credit_until_they_are_used(pair: Pair, sales: Crm) -> None:
    invoice = pair.row(UNPAID)
    before = pair.row(ROLLUP, invoice["account_id"])
    contact = {"ContactID": invoice["contact_id"]}
    line = {"Description": "Deposit", "Quantity": 1, "UnitAmount": 10, "AccountCode": "200"}
    for lever, kind in (("create_prepayment", "RECEIVE-PREPAYMENT"), ("create_overpayment", "RECEIVE-OVERPAYMENT")):
        credit = pair.pull(lever, Type=kind, Contact=contact, LineAmountTypes="NoTax", LineItems=[line])
        pair.sync("delta")
        held = pair.row(ROLLUP, invoice["account_id"])
        assert held["unallocated_credit"] == before["unallocated_credit"] + 10

        credit_id = credit[f"{lever.removeprefix('create_').capitalize()}ID"]
        pair.pull("allocate_credit", credit=credit_id, invoice=invoice["invoice_id"])
        pair.sync("delta")
        assert pair.row(ROLLUP, invoice["account_id"])["unallocated_credit"] == before["unallocated_credit"]
    assert _standing(sales, invoice) == ("AUTHORISED", "Partially Paid", invoice["total"] - 20)


def _payment_status(invoice: dict[str, Any]) -> str:
    """Products.md 2.29 in words of its own."""
    match invoice["Status"]:
        case "DRAFT" | "SUBMITTED":
            return "Draft"
        case "VOIDED":
            return "Voided"
        case "DELETED":
            return "Deleted"
        case "PAID" if invoice["AmountPaid"] == 0 and invoice["AmountCredited"] > 0:
            return "Paid by Credit"
        case "PAID":
            return "Paid"
        case _ if invoice["AmountDue"] < invoice["Total"]:
            return "Partially Paid"
    return "Unpaid"


def test_every_invoice_of_the_demo_says_in_salesforce_how_it_stands(demo: Pair) -> None:
    with xero(demo.sandbox) as client:
        expected = {each["InvoiceID"]: _payment_status(each) for each in client.list("Invoices")}
    with crm(demo.sandbox) as client:
        sent = {each["Xero_Id__c"]: each["Payment_Status__c"] for each in client.whole("Xero_Invoice__c").values()}

    assert {key: sent[key] for key in expected} == expected
    assert set(Counter(expected.values())) == {
        "Draft", "Unpaid", "Partially Paid", "Paid", "Paid by Credit", "Voided", "Deleted"
    }  # fmt: skip
