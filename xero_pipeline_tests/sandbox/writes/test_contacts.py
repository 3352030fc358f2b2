"""Contacts written over the API (xero.md section 2, Contacts, and section 3, contact matching)."""

from __future__ import annotations

import pytest

from xero_pipeline_tests.sandbox.writes.writer import Writer, line, sale

TAKEN = (
    "The contact name {} is already assigned to another contact. "
    "The contact name must be unique across all active contacts."
)


def test_put_creates_and_refuses_a_name_that_an_active_contact_has(writer: Writer) -> None:
    writer.put("Contacts", {"Name": "Manuka Honey Co"})

    assert writer.refused("PUT", "Contacts", {"Name": "MANUKA honey co"}) == [TAKEN.format("MANUKA honey co")]


def test_post_edits_the_contact_of_that_name_and_keeps_what_it_does_not_name(writer: Writer) -> None:
    contact = writer.put("Contacts", {"Name": "Kea Optics", "FirstName": "Ana", "EmailAddress": "ana@kea.example"})[0]

    (edited,) = writer.post("Contacts", {"Name": "Kea Optics", "FirstName": "Hana"})

    assert edited["ContactID"] == contact["ContactID"]
    assert (edited["FirstName"], edited["EmailAddress"]) == ("Hana", "ana@kea.example")


def test_post_finds_a_contact_by_its_number_before_its_name(writer: Writer) -> None:
    contact = writer.contact(ContactNumber="C-100")

    (edited,) = writer.post("Contacts", {"ContactNumber": "C-100", "Name": "Renamed by number"})

    assert (edited["ContactID"], edited["Name"]) == (contact["ContactID"], "Renamed by number")
    assert writer.one("Contacts/C-100")["Name"] == "Renamed by number"


def test_phones_and_addresses_change_by_type_and_a_list_of_persons_replaces_the_old(writer: Writer) -> None:
    contact = writer.contact(
        Phones=[{"PhoneType": "DEFAULT", "PhoneNumber": "555 0100"}],
        ContactPersons=[{"FirstName": "Ana"}, {"FirstName": "Ben"}],
    )

    phones = [{"PhoneType": "MOBILE", "PhoneNumber": "555 0200"}]
    change = {"Phones": phones, "ContactPersons": [{"FirstName": "Cai"}]}
    (edited,) = writer.post(f"Contacts/{contact['ContactID']}", change)

    numbers = {phone["PhoneType"]: phone["PhoneNumber"] for phone in edited["Phones"]}
    assert numbers == {"DDI": "", "DEFAULT": "555 0100", "FAX": "", "MOBILE": "555 0200"}
    assert [address["AddressType"] for address in edited["Addresses"]] == ["POBOX", "STREET"]
    assert [person["FirstName"] for person in edited["ContactPersons"]] == ["Cai"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"FirstName": "Nobody"}, "Contact Name cannot be empty."),
        ({"Name": "Bad mail", "EmailAddress": "not an address"}, "Email address must be valid."),
        ({"Name": "Double  space"}, "Contact Name is not valid"),
        ({"Name": "x" * 256}, "Name must not be longer than 255 characters"),
        ({"Name": "Six persons", "ContactPersons": [{}] * 6}, "ContactPersons must not have more than 5 elements"),
        ({"Name": "Yen", "DefaultCurrency": "JPY"}, "Organisation is not subscribed to currency JPY"),
    ],
)
def test_a_contact_that_breaks_a_rule_is_refused(writer: Writer, fields: dict[str, object], message: str) -> None:
    assert writer.refused("PUT", "Contacts", fields) == [message]


def test_account_and_contact_numbers_belong_to_one_contact(writer: Writer) -> None:
    writer.contact(AccountNumber="A-1", ContactNumber="N-1")

    assert writer.refused("PUT", "Contacts", {"Name": "Second A-1", "AccountNumber": "A-1"}) == [
        "The Account Number already exists. Please enter a different Account Number."
    ]
    assert writer.refused("PUT", "Contacts", {"Name": "Second N-1", "ContactNumber": "N-1"}) == [
        "Another contact has this contact number. Please enter a different contact number."
    ]


def test_a_contact_is_archived_and_can_then_be_on_no_document(writer: Writer) -> None:
    contact = writer.contact()
    (archived,) = writer.post("Contacts", {"ContactID": contact["ContactID"], "ContactStatus": "ARCHIVED"})

    assert archived["ContactStatus"] == "ARCHIVED"
    assert writer.refused("PUT", "Invoices", sale(Contact={"ContactID": contact["ContactID"]})) == [
        (
            "The contact with the specified contact details has been archived. "
            "The contact must be un-archived before creating new invoices or credit notes."
        )
    ]


def test_a_document_makes_the_contact_it_names_and_finds_it_the_next_time(writer: Writer) -> None:
    first = writer.invoice(Contact={"Name": "Tūī Feathers"})
    second = writer.invoice(Contact={"Name": "tūī feathers", "ContactNumber": ""})

    assert second["Contact"]["ContactID"] == first["Contact"]["ContactID"]
    assert writer.one(f"Contacts/{first['Contact']['ContactID']}")["IsCustomer"] is True


def test_a_document_finds_a_contact_by_id_then_number_then_name(writer: Writer) -> None:
    numbered, named = writer.contact(ContactNumber="D-7"), writer.contact()

    by_number = writer.invoice(Contact={"ContactNumber": "D-7"})
    by_id = writer.invoice(Contact={"ContactID": named["ContactID"]})

    assert by_number["Contact"]["ContactID"] == numbered["ContactID"]
    assert by_id["Contact"]["Name"] == named["Name"]


def test_a_name_beside_the_id_renames_the_contact(writer: Writer) -> None:
    contact = writer.contact()
    writer.invoice(Contact={"ContactID": contact["ContactID"], "Name": "Renamed by invoice"})

    assert writer.one(f"Contacts/{contact['ContactID']}")["Name"] == "Renamed by invoice"


def test_a_contact_sent_back_as_it_was_read_is_not_stamped(writer: Writer) -> None:
    invoice = writer.invoice()
    contact = writer.one(f"Contacts/{invoice['Contact']['ContactID']}")
    writer.client.control("POST", "clock", {"advance_seconds": 60})
    body = {key: contact[key] for key in ("ContactID", "Name", "Addresses", "Phones", "ContactStatus", "IsCustomer")}
    writer.invoice(Contact=body)

    assert writer.one(f"Contacts/{contact['ContactID']}")["UpdatedDateUTC"] == contact["UpdatedDateUTC"]


def test_a_document_without_a_contact_is_refused(writer: Writer) -> None:
    missing = sale()
    del missing["Contact"]

    assert writer.refused("PUT", "Invoices", missing) == ["A Contact must be specified for this type of transaction"]
    assert writer.refused("PUT", "Invoices", sale(Contact={})) == [
        (
            "The Contact must contain at least 1 of the following elements to identify the contact: "
            "Name, ContactID, ContactNumber"
        )
    ]


def test_what_is_wrong_with_the_contact_of_a_document_is_said_on_the_contact(writer: Writer) -> None:
    bad = sale(Contact={"Name": "Mail trouble", "EmailAddress": "nonsense"})
    element = writer.send("PUT", "Invoices", bad).json()["Elements"][0]

    assert element["ValidationErrors"] == []
    assert element["Contact"]["ValidationErrors"] == [{"Message": "Email address must be valid."}]
    assert element["Contact"]["HasValidationErrors"] is True


def test_a_purchase_order_makes_no_contact(writer: Writer) -> None:
    order = {"Contact": {"Name": "Unheard of"}, "LineItems": [line(AccountCode="300")]}

    assert writer.refused("PUT", "PurchaseOrders", order) == ["The Contact could not be found"]
