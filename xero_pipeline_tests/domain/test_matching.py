"""Contacts are matched to accounts by exact evidence in order, and never by a guess."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.domain.matching import Account, Contact, Matcher, normalised

CONTACT = Contact("c-1", "Harbour Cafe", "HC-100", "owner@harbour.example")


def account(
    account_id: str,
    name: str | None = None,
    number: str | None = None,
    email: str | None = None,
    xero_contact_id: str | None = None,
) -> Account:
    return Account(account_id, name, number, email, xero_contact_id)


def test_the_stored_xero_id_wins_over_everything() -> None:
    match = Matcher([account("a", name="Harbour Cafe"), account("b", xero_contact_id="C-1")]).decide(CONTACT)
    assert (match.account_id, match.rule) == ("b", "external_id")


def test_the_account_number_wins_over_the_name() -> None:
    match = Matcher([account("a", name="Harbour Cafe"), account("b", number=" hc-100 ")]).decide(CONTACT)
    assert (match.account_id, match.rule) == ("b", "account_number")


def test_a_person_account_is_found_by_its_email() -> None:
    match = Matcher([account("p", name="Someone Else", email="Owner@Harbour.example")]).decide(CONTACT)
    assert (match.account_id, match.rule) == ("p", "person_email")


def test_names_are_equal_after_trimming_folding_and_collapsing_spaces() -> None:
    match = Matcher([account("a", name="  HARBOUR   cafe ")]).decide(CONTACT)
    assert (match.account_id, match.rule) == ("a", "name")


def test_a_name_spelled_differently_never_matches() -> None:
    assert Matcher([account("a", name="Harbour Café Ltd")]).decide(CONTACT).status == "unmatched"


def test_two_accounts_with_the_same_name_are_left_to_a_person() -> None:
    match = Matcher([account("a", name="Harbour Cafe"), account("b", name="harbour cafe")]).decide(CONTACT)
    assert (match.status, match.candidates, match.account_id) == ("ambiguous", ("a", "b"), None)


def test_a_weaker_rule_may_choose_among_the_candidates_of_a_stronger_one() -> None:
    accounts = [account("a", name="Harbour Cafe", number="HC-100"), account("b", name="Old Harbour", number="HC-100")]
    match = Matcher(accounts).decide(CONTACT)
    assert (match.account_id, match.rule) == ("a", "name")


def test_a_weaker_rule_that_points_elsewhere_never_overrules_a_stronger_one() -> None:
    accounts = [account("a", number="HC-100"), account("b", number="HC-100"), account("c", name="Harbour Cafe")]
    match = Matcher(accounts).decide(CONTACT)
    assert (match.status, match.candidates) == ("ambiguous", ("a", "b"))


def test_empty_never_equals_empty() -> None:
    bare = Contact("c-2", None, "", None)
    assert Matcher([account("a", name="", number=None, email="")]).decide(bare).status == "unmatched"


words = st.sampled_from(["", "alpha", "Alpha ", "beta", "gamma delta", "GAMMA  delta", "x-1", "x-2"])
accounts = st.lists(
    st.builds(Account, st.uuids().map(str), words, words, words, words | st.none()),
    max_size=12,
    unique_by=lambda a: a.account_id,
)
contacts = st.builds(Contact, words, words, words, words)


@given(accounts, contacts)
def test_a_match_always_rests_on_equal_evidence_that_no_other_account_shares(
    known: list[Account], contact: Contact
) -> None:
    match = Matcher(known).decide(contact)
    fields = {
        "external_id": (contact.contact_id, lambda a: a.xero_contact_id),
        "account_number": (contact.account_number, lambda a: a.account_number),
        "person_email": (contact.email, lambda a: a.person_email),
        "name": (contact.name, lambda a: a.name),
    }
    if match.status == "matched":
        assert match.rule is not None
        mine, theirs = fields[match.rule]
        found = next(a for a in known if a.account_id == match.account_id)
        assert normalised(mine) == normalised(theirs(found)) != ""
    elif match.status == "ambiguous":
        assert len(match.candidates) > 1
    else:
        assert not any(normalised(m) and normalised(m) == normalised(of(a)) for m, of in fields.values() for a in known)


@given(accounts, contacts)
def test_the_order_of_the_accounts_does_not_matter(known: list[Account], contact: Contact) -> None:
    shuffled = sorted(known, key=lambda a: a.account_id, reverse=True)
    assert Matcher(known).decide(contact) == Matcher(shuffled).decide(contact)
