"""Payments, reversals and allocations over the API (xero.md section 2, Payments, CreditNotes, Prepayments and Overpayments)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from xero_pipeline_tests.sandbox.writes.writer import Json, Writer, line, money, sale

ZEROS = "00000000-0000-0000-0000-000000000000"


def current(writer: Writer, invoice: Json) -> Json:
    return writer.one(f"Invoices/{invoice['InvoiceID']}")


def payment(invoice: Json, **fields: object) -> Json:
    key = {"InvoiceID": invoice["InvoiceID"]}
    return {"Invoice": key, "Account": {"Code": "090"}, "Date": "2026-11-10", "Amount": 15} | fields


def credited(writer: Writer, amount: int = 40) -> tuple[Json, Json]:
    """An invoice and an approved credit note of the same contact, `amount` plus tax."""
    invoice = writer.invoice()
    contact = {"ContactID": invoice["Contact"]["ContactID"]}
    body = {"Type": "ACCRECCREDIT", "Status": "AUTHORISED", "Contact": contact, "LineItems": [line(UnitAmount=amount)]}
    return invoice, writer.put("CreditNotes", body)[0]


def test_a_payment_lowers_what_is_due_and_the_last_one_pays_the_invoice(writer: Writer) -> None:
    invoice = writer.invoice()
    first = writer.pay(invoice, "15.00", Date="2026-11-10", Reference="half")
    part_paid = current(writer, invoice)
    writer.pay(invoice, "100.00", Date="2026-11-12")
    paid = current(writer, invoice)

    assert (first["PaymentType"], first["Status"], first["Reference"]) == ("ACCRECPAYMENT", "AUTHORISED", "half")
    assert str(first["Invoice"]["AmountDue"]) == "100.00"
    assert (part_paid["Status"], money(part_paid)) == ("AUTHORISED", ("115.00", "100.00", "15.00", "0.00"))
    assert (paid["Status"], money(paid)) == ("PAID", ("115.00", "0.00", "115.00", "0.00"))
    assert paid["FullyPaidOnDate"] == "/Date(1794441600000+0000)/"


def test_payment_and_invoice_carry_the_same_stamp(writer: Writer) -> None:
    invoice = writer.invoice()
    paid = writer.pay(invoice, "15.00")

    assert current(writer, invoice)["UpdatedDateUTC"] == paid["UpdatedDateUTC"]


def test_a_reversal_opens_the_invoice_again_and_leaves_its_date_of_payment(writer: Writer) -> None:
    invoice = writer.invoice()
    paid = writer.pay(invoice, "115.00")
    (reversed_,) = writer.post(f"Payments/{paid['PaymentID']}", {"Status": "DELETED"})
    after = current(writer, invoice)

    assert reversed_["Status"] == "DELETED"
    assert (after["Status"], money(after)) == ("AUTHORISED", ("115.00", "115.00", "0.00", "0.00"))
    assert "FullyPaidOnDate" in after
    assert "Payments" not in after
    assert after["UpdatedDateUTC"] == reversed_["UpdatedDateUTC"]
    assert reversed_["PaymentID"] in [row["PaymentID"] for row in writer.client.every("Payments")]


def test_a_payment_can_only_be_reversed_and_only_once(writer: Writer) -> None:
    paid = writer.pay(writer.invoice(), "15.00")
    path = f"Payments/{paid['PaymentID']}"

    assert writer.refused("POST", path, {"Amount": 16}) == ["Payments cannot be edited: delete it and make another"]
    writer.post(path, {"Status": "DELETED"})
    assert writer.refused("POST", path, {"Status": "DELETED"}) == ["Payment not of valid status for modification"]


def test_an_invoice_is_named_by_number_too_and_several_are_paid_at_once(writer: Writer) -> None:
    first, second = writer.invoice(), writer.invoice()
    by_number = payment(first, Invoice={"InvoiceNumber": first["InvoiceNumber"]})

    made = writer.put("Payments", {"Payments": [by_number, payment(second)]})

    assert [entry["Invoice"]["InvoiceID"] for entry in made] == [first["InvoiceID"], second["InvoiceID"]]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"Amount": "115.01"}, "Payment amount exceeds the amount outstanding on this document"),
        ({"Amount": 0}, "Payment amount must be greater than zero"),
        ({"Account": {"Code": "9999"}}, "Account could not be found"),
        ({"Account": {"Code": "200"}}, "The account must be a bank account or allow payments"),
        ({"Invoice": {"InvoiceID": "7df8949c-b71f-40c0-bbcf-39f2f450f286"}}, "Invoice could not be found"),
        (
            {"CreditNote": {"CreditNoteNumber": "CN-0001"}},
            "A payment must be for one invoice, credit note, prepayment or overpayment",
        ),
    ],
)
def test_a_payment_that_breaks_a_rule_is_refused(writer: Writer, fields: dict[str, Any], message: str) -> None:
    invoice = writer.invoice()

    assert writer.refused("PUT", "Payments", payment(invoice, **fields)) == [message]
    assert money(current(writer, invoice)) == ("115.00", "115.00", "0.00", "0.00")


def test_only_an_approved_document_is_paid(writer: Writer) -> None:
    draft = writer.invoice(Status="DRAFT")

    assert writer.refused("PUT", "Payments", payment(draft)) == [
        "Payments can only be made against Authorised documents"
    ]


def test_of_two_payments_that_are_too_much_together_neither_is_made(writer: Writer) -> None:
    invoice = writer.invoice()
    both = {"Payments": [payment(invoice, Amount=100), payment(invoice, Amount=100)]}

    assert writer.refused("PUT", "Payments", both) == ["Payment amount exceeds the amount outstanding on this document"]
    assert money(current(writer, invoice)) == ("115.00", "115.00", "0.00", "0.00")
    good, bad = writer.put("Payments", both, summarizeErrors="false")
    assert (good["StatusAttributeString"], bad["StatusAttributeString"]) == ("OK", "ERROR")
    assert money(current(writer, invoice)) == ("115.00", "15.00", "100.00", "0.00")


def test_a_credit_note_is_refunded_by_a_payment(writer: Writer) -> None:
    _, note = credited(writer)
    refund = {"CreditNote": {"CreditNoteID": note["CreditNoteID"]}, "Account": {"Code": "090"}, "Amount": 46}
    (made,) = writer.put("Payments", refund)

    assert made["PaymentType"] == "ARCREDITPAYMENT"
    after = writer.one(f"CreditNotes/{note['CreditNoteID']}")
    assert (after["Status"], str(after["RemainingCredit"])) == ("PAID", "0.00")


def test_an_allocation_credits_the_invoice_and_its_removal_takes_it_back(writer: Writer) -> None:
    invoice, note = credited(writer)
    path = f"CreditNotes/{note['CreditNoteID']}/Allocations"
    (made,) = writer.put(path, {"Amount": 46, "Invoice": {"InvoiceID": invoice["InvoiceID"]}})
    used, after = writer.one(f"CreditNotes/{note['CreditNoteID']}"), current(writer, invoice)

    assert (str(made["Amount"]), made["Invoice"]["InvoiceNumber"]) == ("46.00", invoice["InvoiceNumber"])
    assert (used["Status"], str(used["RemainingCredit"])) == ("PAID", "0.00")
    assert money(after) == ("115.00", "69.00", "0.00", "46.00")
    assert after["UpdatedDateUTC"] == used["UpdatedDateUTC"]

    response = writer.send("DELETE", f"{path}/{made['AllocationID']}")
    removed = response.json()
    assert (removed["AllocationID"], removed["IsDeleted"]) == (made["AllocationID"], True)
    assert "Status" not in removed
    assert money(current(writer, invoice)) == ("115.00", "115.00", "0.00", "0.00")
    assert writer.send("DELETE", f"{path}/{made['AllocationID']}").status_code == 404


def test_an_invoice_with_a_credit_on_it_is_not_voided(writer: Writer) -> None:
    invoice, note = credited(writer)
    key = {"InvoiceID": invoice["InvoiceID"]}
    writer.put(f"CreditNotes/{note['CreditNoteID']}/Allocations", {"Amount": 10, "Invoice": key})

    assert writer.refused("POST", f"Invoices/{invoice['InvoiceID']}", {"Status": "VOIDED"}) == [
        "This document cannot be edited as it has a payment or credit note allocated to it."
    ]


def test_an_allocation_beyond_the_credit_or_the_invoice_is_refused(writer: Writer) -> None:
    invoice, note = credited(writer, 200)
    path, key = f"CreditNotes/{note['CreditNoteID']}/Allocations", {"InvoiceID": invoice["InvoiceID"]}

    assert writer.refused("PUT", path, {"Amount": "115.01", "Invoice": key}) == [
        "Credit Note cannot be allocated as amount is greater than amount outstanding"
    ]
    assert writer.refused("PUT", path, {"Amount": "230.01", "Invoice": key}) == [
        "The amount to allocate exceeds the remaining credit"
    ]
    writer.pay(invoice, "115.00")
    assert writer.refused("PUT", path, {"Amount": 1, "Invoice": key}) == [
        "The invoice you are trying to allocate to has already been paid off"
    ]


def test_a_credit_goes_to_its_own_contact_alone(writer: Writer) -> None:
    _, note = credited(writer)
    other = writer.invoice()
    allocation = {"Amount": 1, "Invoice": {"InvoiceID": other["InvoiceID"]}}

    assert writer.refused("PUT", f"CreditNotes/{note['CreditNoteID']}/Allocations", allocation) == [
        "The contact on the credit and the invoice must be the same"
    ]


@pytest.mark.parametrize(("kind", "plural"), [("prepayment", "Prepayments"), ("overpayment", "Overpayments")])
def test_prepayments_and_overpayments_are_allocated_alike(writer: Writer, kind: str, plural: str) -> None:
    invoice = writer.invoice()
    source = writer.client.pull(
        f"create_{kind}",
        Type=f"RECEIVE-{kind.upper()}",
        Contact={"ContactID": invoice["Contact"]["ContactID"]},
        LineItems=[{"Description": "Ahead", "UnitAmount": 50, "AccountCode": "200"}],
    )
    source_id = source[f"{plural.removesuffix('s')}ID"]
    path = f"{plural}/{source_id}/Allocations"

    (made,) = writer.put(path, {"Allocations": [{"Amount": 20, "Invoice": {"InvoiceID": invoice["InvoiceID"]}}]})
    used = Decimal(str(writer.one(f"{plural}/{source_id}")["RemainingCredit"]))
    writer.send("DELETE", f"{path}/{made['AllocationID']}")

    assert Decimal(str(source["RemainingCredit"])) - used == 20
    assert money(current(writer, invoice)) == ("115.00", "115.00", "0.00", "0.00")


def test_balances_follow_every_write(writer: Writer) -> None:
    contact = writer.contact()
    path, key = f"Contacts/{contact['ContactID']}", {"ContactID": contact["ContactID"]}

    def owed() -> str:
        balances = writer.one(path).get("Balances")
        return "none" if balances is None else str(balances["AccountsReceivable"]["Outstanding"])

    seen = [owed()]
    (invoice,) = writer.put("Invoices", sale(Contact=key))
    seen.append(owed())
    paid = writer.pay(invoice, "15.00")
    seen.append(owed())
    writer.post(f"Payments/{paid['PaymentID']}", {"Status": "DELETED"})
    seen.append(owed())
    writer.post(f"Invoices/{invoice['InvoiceID']}", {"Status": "VOIDED"})
    seen.append(owed())

    assert seen == ["none", "115.00", "100.00", "115.00", "0.00"]


def test_what_is_due_does_not_stamp_the_contact(writer: Writer) -> None:
    contact = writer.contact()
    writer.client.control("POST", "clock", {"advance_seconds": 60})
    (invoice,) = writer.put("Invoices", sale(Contact={"ContactID": contact["ContactID"]}))
    writer.pay(invoice, "15.00")

    assert writer.one(f"Contacts/{contact['ContactID']}")["UpdatedDateUTC"] == contact["UpdatedDateUTC"]
