"""The Salesforce side of the demo: it fits the Xero book, and has the gaps that real orgs have."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from xero_pipeline.sandbox.demo import organisation, salesforce
from xero_pipeline.sandbox.demo.salesforce_world import HISTORY
from xero_pipeline.sandbox.salesforce import Org
from xero_pipeline.sandbox.salesforce.values import Row
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.record import decimal_of, text_of

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
CENTS_OF_ROUNDING = Decimal("0.10")


@pytest.fixture(scope="module")
def book() -> Book:
    return organisation.build(7, NOW, 1500)


@pytest.fixture(scope="module")
def org(book: Book) -> Org:
    return salesforce.build(book, 7, NOW)


def rows(org: Org, sobject: str) -> list[Row]:
    return list(org.tables[sobject].rows.values())


def records(org: Org) -> list[tuple[str, str, bytes]]:
    """What is kept but for the organisation row, which holds the keys."""
    return [kept for kept in org.dump() if kept[0] != "salesforce:organisation"]


def normal(text: object) -> str:
    return " ".join(str(text).casefold().split())


def customers(book: Book) -> dict[str, dict[str, object]]:
    buyers = {
        str(invoice["Contact"]["ContactID"])  # type: ignore[index]
        for invoice in book.collections["Invoices"].values()
        if invoice["Type"] == "ACCREC"
    }
    return {key: contact for key, contact in book.collections["Contacts"].items() if key in buyers}


def test_the_same_seed_gives_the_same_records(book: Book, org: Org) -> None:
    assert records(salesforce.build(book, 7, NOW)) == records(org)


@pytest.mark.parametrize("day", [datetime(2026, 3, 9), datetime(2026, 4, 20), datetime(2026, 8, 17)])
def test_whatever_the_day_some_of_each_kind_of_contact_are_left_for_the_sales_to_be_exported(day: datetime) -> None:
    now = day.replace(hour=9, tzinfo=UTC)
    assert rows(salesforce.build(organisation.build(1, now, 1000), 1, now), "Opportunity")


def test_another_seed_gives_others(book: Book, org: Org) -> None:
    assert records(salesforce.build(book, 8, NOW)) != records(org)


def test_every_stamp_lies_between_the_beginning_of_the_org_and_now(org: Org) -> None:
    stamps = [row["SystemModstamp"] for table in org.tables.values() for row in table.rows.values()]
    assert min(stamps) >= NOW - HISTORY  # type: ignore[type-var, operator]
    assert max(stamps) <= NOW  # type: ignore[type-var, operator]


def test_the_integration_user_is_there_and_a_former_colleague_is_not_active(org: Org) -> None:
    integration = org.user(salesforce.INTEGRATION_USERNAME)
    assert integration is not None
    assert integration["IsActive"] is True
    gone = [row["Id"] for row in rows(org, "User") if not row["IsActive"]]
    assert len(gone) == 1
    assert any(account["OwnerId"] == gone[0] for account in rows(org, "Account"))


def test_accounts_match_their_contacts_in_every_way_and_in_none(book: Book, org: Org) -> None:
    contacts = customers(book)
    by_name = {normal(contact["Name"]): contact for contact in contacts.values()}
    numbers = {contact.get("AccountNumber") for contact in contacts.values()} - {None}
    emails = {contact.get("EmailAddress") for contact in contacts.values()} - {None}
    found: Counter[str] = Counter()
    for account in rows(org, "Account"):
        known = by_name.get(normal(account["Name"]))
        found["number"] += account.get("AccountNumber") in numbers
        found["number but not name"] += account.get("AccountNumber") in numbers and known is None
        found["name"] += known is not None and known["Name"] == account["Name"]
        found["loose name"] += known is not None and known["Name"] != account["Name"]
        found["person by address"] += bool(account["IsPersonAccount"]) and account.get("PersonEmail") in emails
        found["already linked"] += account.get("Xero_Contact_Id__c") in contacts
        found["nobody"] += known is None and not account.get("AccountNumber") and not account.get("Xero_Contact_Id__c")
    names = Counter(normal(row["Name"]) for row in rows(org, "Account") if not row["IsPersonAccount"])
    found["twins"] = sum(count > 1 for count in names.values())
    assert all(count >= 2 for count in found.values()), found
    assert 0.7 * len(contacts) < len(rows(org, "Account")) < 1.1 * len(contacts)


def test_products_carry_the_codes_of_the_items(book: Book, org: Org) -> None:
    codes = {text_of(item, "Code") for item in book.collections["Items"].values()}
    products = rows(org, "Product2")
    assert codes < {product["ProductCode"] for product in products}
    missing = [product for product in products if product.get("StockKeepingUnit") is None]
    assert 0 < len(missing) < len(products) / 3
    entries = {entry["Product2Id"] for entry in rows(org, "PricebookEntry")}
    assert entries == {product["Id"] for product in products}


def quoted(book: Book) -> dict[str, Decimal]:
    """Net amounts in base currency of what is invoiced and not undone, by reference."""
    sums: dict[str, Decimal] = {}
    for invoice in book.collections["Invoices"].values():
        reference = text_of(invoice, "Reference")
        if reference and invoice["Type"] == "ACCREC" and invoice["Status"] not in ("VOIDED", "DELETED"):
            rate = decimal_of(invoice, "CurrencyRate") or Decimal(1)
            sums[reference] = sums.get(reference, Decimal(0)) + decimal_of(invoice, "SubTotal") / rate
    return sums


def test_an_opportunity_is_worth_what_its_invoices_are(book: Book, org: Org) -> None:
    sums = quoted(book)
    compared = 0
    for row in rows(org, "Opportunity"):
        expected = sums.get(str(row.get("Xero_Reference__c", "")).upper())
        if expected is not None:
            compared += 1
            assert abs(Decimal(str(row["Amount"])) - expected) < CENTS_OF_ROUNDING
    assert compared > 200


def test_most_references_find_their_opportunity_or_order(book: Book, org: Org) -> None:
    references = {reference for reference in quoted(book) if reference.startswith(("OPP-", "SO-"))}
    known = {str(row.get("Xero_Reference__c")).upper() for kind in ("Opportunity", "Order") for row in rows(org, kind)}
    assert 0.6 < len(references & known) / len(references) < 0.95
    assert any(reference.startswith("OPP-9") for reference in known - references)


def test_some_references_are_shared_and_some_are_in_small_letters(org: Org) -> None:
    references = [str(row["Xero_Reference__c"]) for row in rows(org, "Opportunity") if row.get("Xero_Reference__c")]
    counts = Counter(reference.upper() for reference in references)
    assert sum(count > 1 for count in counts.values()) >= 2
    assert any(reference.islower() for reference in references)


def test_sales_are_in_every_state(org: Org) -> None:
    stages = Counter(str(row["StageName"]) for row in rows(org, "Opportunity"))
    assert set(stages) == {
        "Prospecting",
        "Qualification",
        "Proposal/Price Quote",
        "Negotiation/Review",
        "Closed Won",
        "Closed Lost",
    }
    statuses = Counter(str(row["StatusCode"]) for row in rows(org, "Order"))
    assert statuses["Activated"] > statuses["Draft"] > 0
    ordered = {row["OrderId"] for row in rows(org, "OrderItem")}
    assert all(row["Id"] in ordered for row in rows(org, "Order") if row["StatusCode"] == "Activated")


def test_one_account_and_one_opportunity_carry_totals_that_are_no_longer_true(book: Book, org: Org) -> None:
    for sobject in ("Account", "Opportunity"):
        stale = [row for row in rows(org, sobject) if any(name.startswith("Xero_Total_") for name in row)]
        assert len(stale) == 1
        assert not any(normal(stale[0].get("Xero_Reference__c")) == normal(reference) for reference in quoted(book))


def test_an_org_of_the_demo_can_be_kept_and_loaded(org: Org) -> None:
    assert records(Org.load(org.dump())) == records(org)
