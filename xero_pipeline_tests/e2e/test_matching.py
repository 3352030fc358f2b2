"""Who is who: contacts and accounts, invoices and the records they name, as the demo plants them (BW-09, BW-10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from xero_pipeline_tests.e2e.other_clients import Crm, Record, crm
from xero_pipeline_tests.e2e.pair import Pair


def _same(one: str | None, other: str | None) -> bool:
    """Equal but for case and spaces, and not empty."""
    return bool(one) and " ".join(str(one).lower().split()) == " ".join(str(other).lower().split())


# The rules in their order, each by what it compares (products.md 2.7).
RULES = {
    "external_id": lambda contact, account: _same(contact["contact_id"], account["Xero_Contact_Id__c"]),
    "account_number": lambda contact, account: _same(contact["account_number"], account["AccountNumber"]),
    "person_email": lambda contact, account: (
        account["IsPersonAccount"] and _same(contact["email_address"], account["PersonEmail"])
    ),
    "name": lambda contact, account: _same(contact["name"], account["Name"]),
}
DECIDED = (
    "select contacts.*, matches.* from sync.contact_matches as matches join xero.contacts using (org_id, contact_id)"
)


@pytest.fixture(scope="module")
def accounts(demo: Pair) -> dict[str, Record]:
    with crm(demo.sandbox) as client:
        return client.whole("Account", deleted_too=False)


@pytest.fixture
def sales(pair: Pair) -> Iterator[Crm]:
    with crm(pair.sandbox) as client:
        yield client


def _hits(contact: dict[str, Any], accounts: dict[str, Record]) -> dict[str, set[str]]:
    return {
        rule: found
        for rule, fits in RULES.items()
        if (found := {key for key, account in accounts.items() if fits(contact, account)})
    }


def test_a_matched_contact_has_the_one_account_that_its_rule_finds(demo: Pair, accounts: dict[str, Record]) -> None:
    matched = demo.rows(f"{DECIDED} where matches.status = 'matched'")

    assert {contact["rule"] for contact in matched} == set(RULES)
    for contact in matched:
        hits = _hits(contact, accounts)
        stronger = list(hits)[: list(hits).index(contact["rule"])]
        assert contact["account_id"] in hits[contact["rule"]]
        assert len(hits[contact["rule"]].intersection(*(hits[rule] for rule in stronger))) == 1
        assert all(len(hits[rule]) > 1 for rule in stronger), "a stronger rule would have decided alone"


def test_an_ambiguous_contact_has_all_its_candidates_and_no_account(demo: Pair, accounts: dict[str, Record]) -> None:
    ambiguous = demo.rows(f"{DECIDED} where matches.status = 'ambiguous'")

    assert len(ambiguous) >= 3, "the demo plants twins"
    for contact in ambiguous:
        assert contact["account_id"] is None
        assert set(contact["candidates"]) == next(iter(_hits(contact, accounts).values()))
        assert len(contact["candidates"]) > 1


def test_an_unmatched_contact_has_no_account_that_any_rule_finds(demo: Pair, accounts: dict[str, Record]) -> None:
    unmatched = demo.rows(f"{DECIDED} where matches.status = 'unmatched'")

    assert len(unmatched) > 20
    assert [contact["name"] for contact in unmatched if _hits(contact, accounts)] == []


def test_every_contact_that_is_not_archived_was_decided(demo: Pair) -> None:
    undecided = demo.rows(
        "select name, is_archived from xero.contacts left join sync.contact_matches as m using (org_id, contact_id) "
        "where m.contact_id is null"
    )

    assert undecided
    assert all(contact["is_archived"] for contact in undecided)


def test_records_in_salesforce_are_under_the_account_of_their_contact_or_none(demo: Pair) -> None:
    account_of = {row["contact_id"]: row["account_id"] for row in demo.rows("select * from sync.contact_matches")}
    invoices = {row["invoice_id"]: row["contact_id"] for row in demo.rows("select * from xero.invoices")}
    with crm(demo.sandbox) as client:
        contacts, documents = client.whole("Xero_Contact__c"), client.whole("Xero_Invoice__c")

    assert {each["Xero_Id__c"]: each["Account__c"] for each in contacts.values()} == {
        each["Xero_Id__c"]: account_of.get(each["Xero_Id__c"]) for each in contacts.values()
    }
    found = {each["Xero_Id__c"]: each["Account__c"] for each in documents.values() if each["Xero_Id__c"] in invoices}
    assert found == {key: account_of.get(contact_id) for key, contact_id in invoices.items()}


def test_an_invoice_is_linked_to_the_one_record_of_its_account_that_it_names(demo: Pair) -> None:
    account_of = {row["contact_id"]: row["account_id"] for row in demo.rows("select * from sync.contact_matches")}
    links = {row["invoice_id"]: row for row in demo.rows("select * from sync.invoice_links")}
    named: dict[str, list[tuple[str, Record]]] = defaultdict(list)
    with crm(demo.sandbox) as client:
        for kind, name in (("order", "Order"), ("opportunity", "Opportunity")):
            for record in client.whole(name, deleted_too=False).values():
                if record["Xero_Reference__c"]:
                    named[record["Xero_Reference__c"].lower()].append((kind, record))
        shown = {each["Xero_Id__c"]: each for each in client.whole("Xero_Invoice__c").values()}
    found = {"linked": 0, "ambiguous": 0, "none": 0}
    for invoice in demo.rows("select * from xero.invoices where type = 'ACCREC' and status <> 'DELETED'"):
        records = named.get((invoice["reference"] or "").strip().lower(), [])
        account_id = account_of.get(invoice["contact_id"])
        fitting = [(kind, each["Id"]) for kind, each in records if account_id and each["AccountId"] == account_id]
        link = links.get(invoice["invoice_id"])
        sent = shown[invoice["invoice_id"]]
        if not records:
            found["none"] += 1
            assert link is None
        elif len(fitting) == 1:
            found["linked"] += 1
            assert (link["status"], link["target_type"], link["target_id"]) == ("linked", *fitting[0])
            field = "Order__c" if fitting[0][0] == "order" else "Opportunity__c"
            assert sent[field] == fitting[0][1]
        else:
            found["ambiguous"] += 1
            assert link["status"] == "ambiguous"
            assert (sent["Order__c"], sent["Opportunity__c"]) == (None, None)
    assert min(found.values()) >= 5, found


def test_choosing_one_of_two_twins_in_salesforce_settles_the_contact_and_all_that_is_its(
    pair: Pair, sales: Crm
) -> None:
    contact = pair.rows(
        f"""
        {DECIDED} where matches.status = 'ambiguous'
        and exists (select 1 from xero.invoices where invoices.contact_id = contacts.contact_id and type = 'ACCREC')
        order by contacts.name
        """
    )[0]
    chosen = contact["candidates"][-1]
    pair.in_salesforce("PATCH", f"Account/{chosen}", {"Xero_Contact_Id__c": contact["contact_id"]})

    pair.sync("delta")

    match = pair.row("select * from sync.contact_matches where contact_id = %s", contact["contact_id"])
    assert (match["status"], match["account_id"], match["rule"]) == ("matched", chosen, "external_id")
    ids = [
        row["invoice_id"]
        for row in pair.rows("select * from xero.invoices where contact_id = %s", contact["contact_id"])
    ]
    under = {each["Account__c"] for each in sales.whole("Xero_Invoice__c").values() if each["Xero_Id__c"] in ids}
    assert under == {chosen}
    assert sales.whole("Account")[chosen]["Xero_Account_Status__c"] is not None


def test_what_was_matched_is_never_matched_anew_though_better_evidence_turns_up(pair: Pair) -> None:
    contact = pair.rows(f"{DECIDED} where matches.rule = 'name' order by contacts.name")[0]
    other = pair.rows("select account_id from salesforce.accounts where account_id <> %s", contact["account_id"])[0]
    pair.in_salesforce("PATCH", f"Account/{other['account_id']}", {"Xero_Contact_Id__c": contact["contact_id"]})

    pair.sync("delta")

    match = pair.row("select * from sync.contact_matches where contact_id = %s", contact["contact_id"])
    assert (match["account_id"], match["rule"]) == (contact["account_id"], "name")


def test_a_match_ends_with_its_account(pair: Pair) -> None:
    contact = pair.rows(
        f"""
        {DECIDED} where matches.rule = 'name'
        and not exists (select 1 from salesforce.opportunities as o where o.account_id = matches.account_id)
        and not exists (select 1 from salesforce.orders as o where o.account_id = matches.account_id)
        order by contacts.name
        """
    )[0]
    pair.in_salesforce("DELETE", f"Account/{contact['account_id']}")

    pair.sync("delta")

    match = pair.row("select * from sync.contact_matches where contact_id = %s", contact["contact_id"])
    assert (match["status"], match["account_id"]) == ("unmatched", None)
    assert not pair.rows("select 1 from analytics.account_rollups where account_id = %s", contact["account_id"])
