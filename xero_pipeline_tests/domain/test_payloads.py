"""What is sent to Xero says what was decided, in Xero's names and within its limits, and nothing else (xero.md sections 2, 3)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.domain.books import Contact, Invoice, InvoiceLine
from xero_pipeline.domain.drafts import Creates, Draft
from xero_pipeline.domain.payloads import edited_invoice, new_contact, new_invoice, new_item, sale_url
from xero_pipeline.domain.sales import Address, Sale, Wishes
from xero_pipeline_tests.domain.trade import (
    ACCOUNT_ID,
    SALE_ID,
    books,
    customer,
    invoiced,
    line,
    product,
    sale,
    settings,
    the_draft,
)

HOST = "https://harbour.my.salesforce.com"
URL = f"{HOST}/{SALE_ID}"
TRACKED = settings(tracking=[{"category": "Region"}, {"category": "Department"}], number="reference")
SOLD = sale(
    line(discount=Decimal(10), wishes=Wishes(tracking=("North", "Retail"))),
    line("00k2", product=None, description="By hand"),
    reference="SO-1",
    wishes=Wishes(branding_theme="Special"),
)
THERE = invoiced(the_draft(SOLD, export=TRACKED), export=TRACKED)
FREIGHT = InvoiceLine("theirs", "Freight", Decimal(1), Decimal(9), None, "", "200", "OUTPUT2", {})
PAID = replace(THERE, amount_paid=Decimal(1))


def created(draft: Draft, **given: Any) -> dict[str, Any]:
    return new_invoice(draft, URL, books(), settings(**given))


def edited(sold: Sale, invoice: Invoice = THERE) -> dict[str, Any]:
    return edited_invoice(the_draft(sold, export=TRACKED), URL, invoice, books(), TRACKED)


def test_an_invoice_is_created_with_all_that_was_decided_and_no_more() -> None:
    assert new_invoice(the_draft(SOLD, export=TRACKED), URL, books(), TRACKED) == {
        "Type": "ACCREC",
        "Status": "DRAFT",
        "Contact": {"ContactID": "c-1"},
        "Date": "2026-05-04",
        "DueDate": "2026-05-24",
        "LineAmountTypes": "Exclusive",
        "Reference": "SO-1",
        "CurrencyCode": "NZD",
        "Url": URL,
        "InvoiceNumber": "SO-1",
        "BrandingThemeID": "b-2",
        "LineItems": [
            {
                "Description": "Beans, 1 kg",
                "Quantity": Decimal(2),
                "UnitAmount": Decimal(50),
                "AccountCode": "200",
                "TaxType": "OUTPUT2",
                "ItemCode": "BEANS",
                "DiscountRate": Decimal(10),
                "Tracking": [{"Name": "Region", "Option": "North"}, {"Name": "Department", "Option": "Retail"}],
            },
            {
                "Description": "By hand",
                "Quantity": Decimal(2),
                "UnitAmount": Decimal(50),
                "AccountCode": "200",
                "TaxType": "OUTPUT2",
            },
        ],
    }


def test_what_xero_is_to_decide_is_not_said() -> None:
    assert {"InvoiceNumber", "BrandingThemeID"}.isdisjoint(created(the_draft(sale())))


def test_an_invoice_names_its_contact_by_id_alone_because_more_would_edit_the_contact() -> None:
    assert created(the_draft(sale()))["Contact"] == {"ContactID": "c-1"}


def test_the_contact_of_a_customer_that_is_created_first_is_filled_in_then() -> None:
    draft = the_draft(sale(), books(Contact("c-9", "Somebody", "ACTIVE")), create=Creates(contacts=True))
    assert created(draft)["Contact"] == {"ContactID": None}


def test_an_invoice_is_approved_only_where_the_settings_say_so() -> None:
    assert created(the_draft(sale()), status="authorised")["Status"] == "AUTHORISED"


def test_the_same_draft_is_always_the_same_payload() -> None:
    assert repr(created(the_draft(SOLD))) == repr(created(the_draft(SOLD)))


# The address that an invoice is known by


def test_every_part_of_a_sale_has_an_address_of_its_own() -> None:
    assert sale_url(HOST + "/", SALE_ID, "whole") == URL
    assert sale_url(HOST, SALE_ID, "deposit") == f"{URL}?part=deposit"
    assert sale_url(HOST, SALE_ID, "balance") == f"{URL}?part=balance"


@pytest.mark.parametrize("host", ["https://xero.my.salesforce.com", "https://acme-XERO--uat.my.salesforce.com/", ""])
def test_an_address_that_xero_refuses_gives_way_to_salesforces_own(host: str) -> None:
    assert sale_url(host, SALE_ID, "whole") == f"https://login.salesforce.com/{SALE_ID}"


# Edits


def test_an_edit_keeps_the_ids_of_lines_and_leaves_the_status_to_people() -> None:
    payload = edited(replace(SOLD, reference="SO-2"))
    assert payload["InvoiceID"] == THERE.invoice_id
    assert [each.get("LineItemID") for each in payload["LineItems"]] == ["l-1", "l-2"]
    assert {"Status", "Type"}.isdisjoint(payload)
    assert (payload["Reference"], payload["Url"]) == ("SO-2", URL)


def test_lines_that_are_new_have_no_id_and_lines_that_go_are_not_named() -> None:
    payload = edited(replace(SOLD, lines=(SOLD.lines[1], line("00k3"))))
    assert [each.get("LineItemID") for each in payload["LineItems"]] == ["l-2", None]


def test_a_line_that_people_added_is_kept_as_it_is() -> None:
    payload = edited(SOLD, replace(THERE, lines=(FREIGHT, *THERE.lines)))
    assert payload["LineItems"][-1] == {"LineItemID": "theirs"}


def test_a_line_that_people_took_away_is_not_called_by_an_id_that_is_gone() -> None:
    payload = edited(SOLD, replace(THERE, lines=THERE.lines[1:]))
    assert [each.get("LineItemID") for each in payload["LineItems"]] == [None, "l-2"]


def test_what_a_line_loses_is_said_because_what_is_not_said_stays() -> None:
    bare, _ = edited(replace(SOLD, lines=(line(product=None, description="By hand"), SOLD.lines[1])))["LineItems"]
    assert (bare["DiscountRate"], bare["ItemCode"], bare["Tracking"]) == (0, "", [])


def test_what_people_track_in_a_category_of_their_own_stays() -> None:
    export = settings(tracking=[{"category": "Region"}], number="reference")
    there = replace(THERE, lines=(replace(THERE.lines[0], tracking={"Region": "North", "Department": "Retail"}),))

    def tracking(option: str) -> object:
        sold = replace(SOLD, lines=(line(wishes=Wishes(tracking=(option, ""))),))
        payload: dict[str, Any] = edited_invoice(the_draft(sold, export=export), URL, there, books(), export)
        return payload["LineItems"][0]["Tracking"]

    theirs = {"Name": "Department", "Option": "Retail"}
    assert tracking("South") == [{"Name": "Region", "Option": "South"}, theirs]
    assert tracking("") == [theirs]


def test_where_the_settings_track_nothing_tracking_is_not_spoken_of() -> None:
    payload: dict[str, Any] = edited_invoice(the_draft(SOLD), URL, THERE, books(), settings())
    assert all("Tracking" not in each for each in payload["LineItems"])


def test_what_a_line_never_had_is_not_taken_from_it() -> None:
    _, bare = edited(SOLD)["LineItems"]
    assert {"DiscountRate", "ItemCode", "Tracking"}.isdisjoint(bare)


def test_of_a_settled_invoice_only_what_may_change_is_sent() -> None:
    payload = edited(replace(SOLD, reference="SO-2"), replace(PAID, lines=(*THERE.lines, FREIGHT)))
    assert payload == {
        "InvoiceID": THERE.invoice_id,
        "Contact": {"ContactID": "c-1"},
        "DueDate": "2026-05-24",
        "Reference": "SO-2",
        "InvoiceNumber": "SO-2",
        "BrandingThemeID": "b-2",
        "Url": URL,
        "LineItems": [
            {
                "LineItemID": "l-1",
                "Description": "Beans, 1 kg",
                "AccountCode": "200",
                "Tracking": [{"Name": "Region", "Option": "North"}, {"Name": "Department", "Option": "Retail"}],
            },
            {"LineItemID": "l-2", "Description": "By hand", "AccountCode": "200"},
            {"LineItemID": "theirs"},
        ],
    }


# Contacts


def test_a_contact_is_known_by_the_id_of_its_account() -> None:
    assert new_contact(customer(number="", address=Address())) == {
        "Name": "Harbour Cafe",
        "ContactNumber": ACCOUNT_ID,
    }


def test_a_contact_has_what_the_account_has() -> None:
    person = customer(email="ana@example.com", phone="09 555 0100", first_name="Ana", last_name="Tau")
    assert new_contact(person) == {
        "Name": "Harbour Cafe",
        "ContactNumber": ACCOUNT_ID,
        "AccountNumber": "HC-100",
        "EmailAddress": "ana@example.com",
        "FirstName": "Ana",
        "LastName": "Tau",
        "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "09 555 0100"}],
        "Addresses": [
            {
                "AddressType": "POBOX",
                "AddressLine1": "1 Quay St",
                "City": "Auckland",
                "Region": "AUK",
                "PostalCode": "1010",
                "Country": "New Zealand",
            }
        ],
    }


@given(st.text(min_size=1), st.text(), st.text(), st.text())
def test_a_contact_keeps_within_xeros_limits_whatever_the_account_says(
    name: str, number: str, street: str, country: str
) -> None:
    long = "x" * 600
    contact: dict[str, Any] = new_contact(
        customer(
            name=name, number=number + long, phone=long, email=long, address=Address(street, long, long, long, country)
        )
    )
    assert len(contact["Name"]) <= 255
    assert contact["Name"] == " ".join(contact["Name"].split())
    assert {"<", ">"}.isdisjoint(contact["Name"])
    assert len(contact["AccountNumber"]) <= 50
    assert len(contact["Phones"][0]["PhoneNumber"]) <= 50
    assert "EmailAddress" not in contact
    (address,) = contact["Addresses"]
    assert all(0 < len(address[part]) <= limit for part, limit in (("City", 255), ("Region", 255), ("PostalCode", 50)))
    assert all(len(value) <= 500 and value == value.strip() for key, value in address.items() if "Line" in key)
    assert all(letter.isalpha() or letter == " " for letter in address.get("Country", ""))
    assert len(address.get("Country", "")) <= 50


def test_a_name_is_cut_without_a_blank_at_its_end() -> None:
    assert new_contact(customer(name="a" * 254 + " b"))["Name"] == "a" * 254


def test_a_long_street_loses_none_of_its_lines() -> None:
    contact: dict[str, Any] = new_contact(customer(address=Address("One\r\n\r\nTwo\nThree\nFour\nFive")))
    (address,) = contact["Addresses"]
    assert [address[f"AddressLine{number}"] for number in (1, 2, 3, 4)] == ["One", "Two", "Three", "Four, Five"]


@pytest.mark.parametrize(
    ("written", "sent"), [("Côte d'Ivoire", "Côte dIvoire"), ("New Zealand (NZ)", "New Zealand NZ"), ("64", None)]
)
def test_a_country_has_letters_only(written: str, sent: str | None) -> None:
    contact: dict[str, Any] = new_contact(customer(address=Address("1 Quay St", country=written)))
    assert contact["Addresses"][0].get("Country") == sent


# Items


def test_a_product_becomes_an_item_that_is_sold() -> None:
    assert new_item(product(price=Decimal("49.90")), "200", "OUTPUT2") == {
        "Code": "BEANS",
        "Name": "Coffee beans",
        "IsSold": True,
        "SalesDetails": {"UnitPrice": Decimal("49.90"), "AccountCode": "200", "TaxType": "OUTPUT2"},
        "Description": "Beans, 1 kg",
    }


def test_what_is_not_known_of_a_product_is_not_said_of_its_item() -> None:
    assert new_item(product(description=""), None, None) == {
        "Code": "BEANS",
        "Name": "Coffee beans",
        "IsSold": True,
        "SalesDetails": {},
    }


def test_a_product_for_nothing_has_a_price_of_nothing() -> None:
    item: dict[str, Any] = new_item(product(price=Decimal(0)), None, None)
    assert item["SalesDetails"] == {"UnitPrice": Decimal(0)}
