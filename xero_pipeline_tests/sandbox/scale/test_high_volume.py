"""What a large organisation refuses: lists without pages, and filters and orders that Xero is slow at (xero.md section 1)."""

from __future__ import annotations

import pytest

from xero_pipeline.sandbox.xero import high_volume
from xero_pipeline_tests.sandbox.http.client import API, Client


@pytest.fixture(autouse=True)
def _large(monkeypatch: pytest.MonkeyPatch) -> None:
    # A hundred thousand records would make the same test slow; the shared sandbox has some hundreds.
    monkeypatch.setattr(high_volume, "THRESHOLD", 200)


def status(reader: Client, plural: str, **parameters: str | int) -> int:
    return reader.get(f"{API}/{plural}", params=parameters).status_code


def test_a_list_without_pages_is_refused_in_xeros_words(reader: Client) -> None:
    response = reader.get(f"{API}/Invoices")

    assert response.status_code == 400
    assert response.json()["ErrorNumber"] == 51
    assert response.json()["Type"] == "HighVolumeException"
    assert response.json()["Message"].startswith(
        "Your request is not filtering Invoices efficiently, given the extremely"
    )


def test_a_short_answer_needs_no_pages(reader: Client) -> None:
    assert reader.get(f"{API}/Invoices", headers={"If-Modified-Since": "2099-01-01T00:00:00"}).status_code == 200
    assert status(reader, "Items") == 200


@pytest.mark.parametrize(
    ("plural", "where"),
    [
        ("Invoices", 'Type=="ACCREC"'),
        ("Invoices", 'Type=="ACCREC" AND Status=="AUTHORISED" AND Date>=DateTime(2026,01,01)'),
        ("Invoices", 'Contact.Name=="A || B and AmountDue<>7" && AmountDue>=10.5'),
        ("Invoices", 'InvoiceID==guid("00000000-0000-0000-0000-000000000000") OR InvoiceID==guid("1")'),
        ("Payments", 'PaymentType=="ACCRECPAYMENT" AND Date<DateTime(2026,01,01)'),
        ("Contacts", 'Name=="Nobody"'),
    ],
)
def test_filters_that_xero_is_quick_at_are_answered(reader: Client, plural: str, where: str) -> None:
    assert status(reader, plural, where=where, page=1) == 200


@pytest.mark.parametrize(
    ("plural", "where"),
    [
        ("Invoices", "Total>100"),
        ("Invoices", 'Type!="ACCREC"'),
        ("Invoices", 'Type=="ACCREC" OR Type=="ACCPAY"'),
        ("Invoices", 'Reference.StartsWith("OPP")'),
        ("Invoices", 'Type=="ACCREC" AND IsDiscounted'),
        ("Contacts", "IsSupplier==true OR (IsSupplier==false AND IsCustomer==false)"),
        ("Contacts", 'ContactNumber="A400"||ContactNumber="A500"'),
    ],
)
def test_other_filters_are_refused(reader: Client, plural: str, where: str) -> None:
    assert status(reader, plural, where=where, page=1) == 400


def test_orders_that_xero_is_slow_at_are_refused(reader: Client) -> None:
    assert status(reader, "Invoices", order="Date DESC, InvoiceID", page=1) == 200
    assert status(reader, "Invoices", order="Total", page=1) == 400


def test_a_small_collection_may_be_filtered_in_any_way(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(high_volume, "THRESHOLD", 100_000)

    assert status(reader, "Invoices", where="Total>100") == 200
