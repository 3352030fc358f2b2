"""The contact of a customer: by what is kept, then by account number, then by name, and never by a guess (FF-04, FF-05)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.domain.books import Contact, Contacts, Found
from xero_pipeline_tests.domain.trade import ACCOUNT_ID, CUSTOMER, customer


def contact(contact_id: str, name: str = "Somebody", status: str = "ACTIVE", **given: str) -> Contact:
    return Contact(contact_id, name, status, **given)


BY_ID = contact("kept")
CREATED = contact("created", contact_number=ACCOUNT_ID)
MATCHED = contact("matched")
BY_NUMBER = contact("numbered", account_number="HC-100")
BY_NAME = contact("named", "Harbour Cafe")
WHO = customer(xero_contact_id="kept")
PAIRED = {ACCOUNT_ID: ["matched"]}
IN_ORDER = (BY_ID, CREATED, MATCHED, BY_NUMBER, BY_NAME)


@pytest.mark.parametrize("known", [IN_ORDER[place:] for place in range(5)])
def test_the_strongest_evidence_that_there_is_decides(known: tuple[Contact, ...]) -> None:
    assert Contacts(reversed(known), PAIRED).find(WHO) == Found("found", known[0])


def test_nobody_is_found_where_nothing_fits() -> None:
    assert Contacts([contact("other", "Harbour Cafe Ltd")]).find(CUSTOMER) == Found("not_found")


def test_what_a_customer_lacks_never_equals_what_a_contact_lacks() -> None:
    nameless = customer(name=" ", number="")
    assert Contacts([contact("c", " ")]).find(nameless) == Found("not_found")


@pytest.mark.parametrize("written", ["HC-100", " hc-100 ", "Hc-100"])
def test_numbers_are_compared_without_case_and_outer_blanks(written: str) -> None:
    assert Contacts([BY_NUMBER]).find(customer(number=written)).contact == BY_NUMBER


def test_names_are_compared_without_case_and_surplus_blanks() -> None:
    assert Contacts([BY_NAME]).find(customer(name="  HARBOUR   cafe ")).contact == BY_NAME


def test_an_id_is_the_same_in_capitals() -> None:
    assert Contacts([BY_ID]).find(customer(xero_contact_id=" KEPT ")).contact == BY_ID


def test_an_id_of_another_organisations_contact_is_no_evidence_here() -> None:
    assert Contacts([BY_NAME]).find(customer(xero_contact_id="elsewhere")).contact == BY_NAME


def test_of_several_active_contacts_none_is_guessed() -> None:
    assert Contacts([BY_NAME, replace(BY_NAME, contact_id="twin")]).find(CUSTOMER) == Found("ambiguous")


def test_several_with_the_number_are_not_settled_by_a_weaker_rule() -> None:
    twins = [BY_NUMBER, replace(BY_NUMBER, contact_id="twin"), BY_NAME]
    assert Contacts(twins).find(CUSTOMER) == Found("ambiguous")


def test_an_archived_namesake_is_no_rival() -> None:
    retired = replace(BY_NAME, contact_id="old", status="ARCHIVED")
    assert Contacts([retired, BY_NAME]).find(CUSTOMER) == Found("found", BY_NAME)


@pytest.mark.parametrize("status", ["ARCHIVED", "GDPRREQUEST", ""])
def test_a_contact_that_is_not_active_is_found_but_of_no_use(status: str) -> None:
    assert Contacts([replace(BY_NUMBER, status=status)]).find(CUSTOMER) == Found("archived")


def test_an_active_contact_of_weaker_evidence_is_taken_before_an_archived_one() -> None:
    assert Contacts([replace(BY_NUMBER, status="ARCHIVED"), BY_NAME]).find(CUSTOMER).contact == BY_NAME


def test_a_merged_contact_leads_to_the_one_that_took_it_over_however_often() -> None:
    chain = [
        contact("kept", status="ARCHIVED", merged_to="B"),
        contact("b", status="ARCHIVED", merged_to="c"),
        contact("c"),
    ]
    assert Contacts(chain).find(WHO) == Found("found", chain[2])


def test_two_that_were_merged_into_one_are_that_one() -> None:
    merged = [replace(BY_NAME, contact_id=each, status="ARCHIVED", merged_to="c") for each in ("a", "b")]
    assert Contacts([*merged, contact("c")]).find(CUSTOMER) == Found("found", contact("c"))


def test_an_heir_that_xero_does_not_show_leaves_the_contact_archived() -> None:
    assert Contacts([contact("kept", status="ARCHIVED", merged_to="gone")]).find(WHO) == Found("archived")


@given(st.lists(st.integers(0, 5), min_size=1, max_size=6), st.lists(st.booleans(), min_size=6, max_size=6))
def test_merges_of_any_shape_even_circles_come_to_an_end(heirs: list[int], active: list[bool]) -> None:
    contacts = [
        contact(f"c{place}", status="ACTIVE" if active[place] else "ARCHIVED", merged_to=f"c{heir}")
        for place, heir in enumerate(heirs)
    ]
    found = Contacts(contacts).find(customer(xero_contact_id="c0"))
    assert found.state in ("found", "archived")
    assert (found.contact is not None and found.contact.is_active) == (found.state == "found")
