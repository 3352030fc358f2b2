"""After the initial sync every count and total equals what both systems tell another client (issue A, 3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import pytest

from xero_pipeline_tests.e2e.copied_tables import LISTS, TABLES, Book, at, counts, total
from xero_pipeline_tests.e2e.other_clients import Crm, Record, crm, xero
from xero_pipeline_tests.e2e.pair import Pair, Snapshot


@pytest.fixture(scope="module")
def book(demo: Pair) -> Book:
    """Everything Xero lists, as another client reads it."""
    with xero(demo.sandbox) as client:
        return {plural: client.list(plural) for plural in LISTS}


@pytest.fixture(scope="module")
def sales(demo: Pair) -> Iterator[Crm]:
    """Salesforce, as another client reads it."""
    with crm(demo.sandbox) as client:
        yield client


@pytest.mark.parametrize("table", TABLES)
def test_every_row_and_every_total_of_a_table_is_xeros_own(demo: Pair, book: Book, table: str) -> None:
    copied = TABLES[table]
    theirs = list(copied.records(book))
    ours = demo.rows(f"select * from xero.{table}")

    assert theirs, "the demo organisation has none, so nothing is proven"
    assert Counter(tuple(row[column] for column in copied.ids) for row in ours) == Counter(
        tuple(at(record, name) for name in copied.ids.values()) for record in theirs
    )
    assert {column: total(row[column] for row in ours) for column in copied.sums} == {
        column: total(at(record, name) for record in theirs) for column, name in copied.sums.items()
    }
    assert {column: counts(row[column] for row in ours) for column in copied.counted} == {
        column: counts(at(record, name) for record in theirs) for column, name in copied.counted.items()
    }


def test_no_table_of_xero_was_left_out(demo: Pair) -> None:
    found = demo.rows("select table_name from information_schema.tables where table_schema = 'xero'")

    assert {row["table_name"] for row in found} == set(TABLES)


def test_the_other_client_read_what_the_sandbox_says_it_holds(demo: Pair, book: Book) -> None:
    totals = demo.control("GET", "xero/first/totals")

    assert {plural: len(records) for plural, records in book.items()} == {
        plural: totals["Organisation" if plural == "Organisations" else plural]["count"] for plural in LISTS
    }
    for plural, name in (("Invoices", "Total"), ("Payments", "Amount"), ("CreditNotes", "RemainingCredit")):
        assert total(record.get(name) for record in book[plural]) == Decimal(totals[plural]["sums"][name])


def test_the_demo_organisation_is_of_the_size_it_is_said_to_be(demo: Pair) -> None:
    found = demo.row(
        """
        select
            (select count(*) from xero.contacts) as contacts,
            (select count(*) from xero.invoices where type = 'ACCREC') as invoices,
            (select count(*) from xero.invoices where type = 'ACCPAY') as bills
        """
    )

    assert found["contacts"] >= 300
    assert found["invoices"] >= 1500
    assert found["bills"] >= 600


def test_a_sum_of_lines_is_the_document_and_of_payments_what_was_paid(demo: Pair) -> None:
    differing = demo.rows(
        """
        select invoices.invoice_number, invoices.amount_paid, paid.amount
        from xero.invoices
        left join lateral (
            select coalesce(sum(payments.amount), 0) as amount
            from xero.payments
            where payments.invoice_id = invoices.invoice_id and payments.status <> 'DELETED'
        ) as paid on true
        where invoices.amount_paid <> paid.amount and invoices.status <> 'VOIDED'
        """
    )

    assert differing == []


def test_the_initial_sync_says_what_it_was_and_what_it_did(demo: Pair, whole: Snapshot) -> None:
    run = demo.row("select * from sync.runs")

    assert (run["kind"], run["outcome"], run["org_id"]) == (
        "initial",
        "succeeded",
        demo.row("select org_id from xero.organisations")["org_id"],
    )
    assert run["rows_written"] == whole.outcome.rows_written
    assert run["deliveries"] == whole.outcome.sent
    assert demo.rows("select * from analytics.coverage_gaps") == []


@pytest.mark.parametrize(
    ("table", "name", "sums"),
    [
        ("users", "User", {}),
        ("accounts", "Account", {}),
        ("contacts", "Contact", {}),
        ("products", "Product2", {}),
        ("opportunities", "Opportunity", {"amount": "Amount"}),
        ("opportunity_lines", "OpportunityLineItem", {"quantity": "Quantity", "total_price": "TotalPrice"}),
        ("orders", "Order", {"total_amount": "TotalAmount"}),
        ("order_lines", "OrderItem", {"quantity": "Quantity", "total_price": "TotalPrice"}),
    ],
)
def test_every_row_and_every_total_of_a_table_is_salesforces_own(
    demo: Pair, sales: Crm, table: str, name: str, sums: dict[str, str]
) -> None:
    theirs = sales.whole(name)
    ours = demo.rows(f"select * from salesforce.{table}")
    key = {"opportunities": "opportunity_id"}.get(table, f"{table.removesuffix('s')}_id")

    assert theirs
    assert {row[key] for row in ours} == set(theirs)
    assert sum(not row.get("is_deleted", False) for row in ours) == sum(
        not each["IsDeleted"] for each in theirs.values()
    )
    assert {column: total(row[column] for row in ours) for column in sums} == {
        column: total(each[field] for each in theirs.values()) for column, field in sums.items()
    }


def _written(sales: Crm, name: str) -> list[Record]:
    return list(sales.whole(name, deleted_too=False).values())


def test_salesforce_holds_every_invoice_bill_and_credit_note_with_its_amounts(book: Book, sales: Crm) -> None:
    written = _written(sales, "Xero_Invoice__c")
    invoices, credit_notes = book["Invoices"], book["CreditNotes"]

    assert Counter(each["Xero_Id__c"] for each in written) == Counter(
        [each["InvoiceID"] for each in invoices] + [each["CreditNoteID"] for each in credit_notes]
    )
    for kind in ("ACCREC", "ACCPAY", "ACCRECCREDIT", "ACCPAYCREDIT"):
        theirs = [each for each in (*invoices, *credit_notes) if each["Type"] == kind]
        ours = [each for each in written if each["Type__c"] == kind]
        assert theirs
        for ours_name, name in (
            ("Sub_Total__c", "SubTotal"),
            ("Total_Tax__c", "TotalTax"),
            ("Total__c", "Total"),
            ("Amount_Paid__c", "AmountPaid"),
            ("Amount_Credited__c", "AmountCredited"),
            ("Amount_Due__c", "AmountDue"),
            ("Remaining_Credit__c", "RemainingCredit"),
        ):
            assert total(each[ours_name] for each in ours) == total(each.get(name) for each in theirs), (kind, name)
        assert counts(each["Status__c"] for each in ours) == counts(each["Status"] for each in theirs)


def test_salesforce_holds_every_line_of_them(book: Book, sales: Crm) -> None:
    written = _written(sales, "Xero_Invoice_Line__c")
    lines = [*TABLES["invoice_lines"].records(book), *TABLES["credit_note_lines"].records(book)]

    assert Counter(each["Xero_Id__c"] for each in written) == Counter(
        f"{line.get('InvoiceID') or line['CreditNoteID']}:{line['LineItemID']}" for line in lines
    )
    assert total(each["Line_Amount__c"] for each in written) == total(line.get("LineAmount") for line in lines)
    assert total(each["Tax_Amount__c"] for each in written) == total(line.get("TaxAmount") for line in lines)


def test_salesforce_holds_every_payment(book: Book, sales: Crm) -> None:
    written = _written(sales, "Xero_Payment__c")

    assert Counter(each["Xero_Id__c"] for each in written) == Counter(each["PaymentID"] for each in book["Payments"])
    assert total(each["Amount__c"] for each in written) == total(each["Amount"] for each in book["Payments"])
    assert counts(each["Status__c"] for each in written) == counts(each["Status"] for each in book["Payments"])


def test_salesforce_holds_every_contact_with_its_balances(book: Book, sales: Crm) -> None:
    written = _written(sales, "Xero_Contact__c")

    assert Counter(each["Xero_Id__c"] for each in written) == Counter(each["ContactID"] for each in book["Contacts"])
    for ours_name, path in (
        ("Receivable_Outstanding__c", "Balances.AccountsReceivable.Outstanding"),
        ("Receivable_Overdue__c", "Balances.AccountsReceivable.Overdue"),
        ("Payable_Outstanding__c", "Balances.AccountsPayable.Outstanding"),
        ("Payable_Overdue__c", "Balances.AccountsPayable.Overdue"),
    ):
        assert total(each[ours_name] for each in written) == total(at(each, path) for each in book["Contacts"])


def test_salesforce_holds_every_setting(book: Book, sales: Crm) -> None:
    written = _written(sales, "Xero_Metadata__c")

    assert Counter(each["Kind__c"] for each in written) == {
        "Branding Theme": len(book["BrandingThemes"]),
        "Account": len(book["Accounts"]),
        "Tax Rate": len(book["TaxRates"]),
        "Tracking Category": len(book["TrackingCategories"]),
        "Tracking Option": sum(len(each["Options"]) for each in book["TrackingCategories"]),
        "Currency": len(book["Currencies"]),
        "Item": len(book["Items"]),
    }
