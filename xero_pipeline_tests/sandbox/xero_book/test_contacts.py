"""Contacts: unique among the active, archived and restored, merged without moving the survivor's stamp."""

from __future__ import annotations

from datetime import timedelta

import pytest

from xero_pipeline.sandbox.xero.contacts import archive_contact, create_contact, edit_contact, merge_contacts
from xero_pipeline.sandbox.xero.refusal import Refusal
from xero_pipeline_tests.sandbox.xero_book.samples import CUSTOMER, NOW, SUPPLIER, invoiced, sale, small_book

LATER = NOW + timedelta(days=1)


def test_two_active_contacts_cannot_share_a_name_whatever_the_case() -> None:
    with pytest.raises(Refusal, match="is already assigned to another contact"):
        create_contact(small_book(), {"Name": "RIMU dairy ltd"}, NOW)


def test_the_name_of_an_archived_contact_is_free() -> None:
    book = small_book()
    archive_contact(book, CUSTOMER, LATER)
    contact = create_contact(book, {"Name": "Rimu Dairy Ltd"}, LATER)
    assert book.contact_named("rimu dairy ltd") == contact
    with pytest.raises(Refusal, match="unique across all active contacts"):
        edit_contact(book, CUSTOMER, {"ContactStatus": "ACTIVE"}, LATER)


def test_account_numbers_are_unique() -> None:
    book = small_book()
    edit_contact(book, CUSTOMER, {"AccountNumber": "C-1"}, LATER)
    with pytest.raises(Refusal, match="The Account Number already exists"):
        edit_contact(book, SUPPLIER, {"AccountNumber": "C-1"}, LATER)


@pytest.mark.parametrize("name", ["", " Rimu", "Rimu  Two", "<Rimu>", "x" * 256])
def test_a_name_keeps_to_the_rules(name: str) -> None:
    with pytest.raises(Refusal, match="Contact Name"):
        create_contact(small_book(), {"Name": name}, NOW)


def test_an_archived_contact_is_on_no_new_document() -> None:
    book = small_book()
    archive_contact(book, CUSTOMER, LATER)
    with pytest.raises(Refusal, match="archived"):
        invoiced(book)


def test_an_edit_keeps_what_it_does_not_name() -> None:
    book = small_book()
    edit_contact(book, CUSTOMER, {"EmailAddress": "accounts@rimu.example", "FirstName": "Mere"}, LATER)
    contact = edit_contact(book, CUSTOMER, {"FirstName": None}, LATER)
    assert contact["EmailAddress"] == "accounts@rimu.example"
    assert "FirstName" not in contact


def test_merging_moves_the_documents_and_not_the_survivors_stamp() -> None:
    book = small_book()
    _, invoice = invoiced(book, sale())
    merge_contacts(book, CUSTOMER, SUPPLIER, LATER)
    merged, survivor = book.get("Contacts", CUSTOMER), book.get("Contacts", SUPPLIER)
    assert (merged["ContactStatus"], merged["MergedToContactID"]) == ("ARCHIVED", SUPPLIER)
    assert invoice["Contact"] == {"ContactID": SUPPLIER}
    assert (survivor["UpdatedDateUTC"], survivor["IsCustomer"]) == (NOW, True)
    assert merged["UpdatedDateUTC"] == LATER
