"""The demo organisation: it has everything a real one has, obeys every rule of the book, and follows from its seed alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from xero_pipeline.sandbox.demo.organisation import build
from xero_pipeline.sandbox.demo.references import ORDER, sales_references
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.codec import encode
from xero_pipeline.sandbox.xero.record import Record, child_of, children_of, date_of, decimal_of, instant_of, text_of
from xero_pipeline_tests.sandbox.xero_book.invariants import check

NOW = datetime(2026, 11, 22, 8, 0, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
FIRST_DAY = date(2025, 5, 1)


@pytest.fixture(scope="module")
def book() -> Book:
    return build(7, NOW)


def of_type(book: Book, plural: str, kind: str) -> list[Record]:
    return [record for record in book.collections[plural].values() if record.get("Type") == kind]


def statuses(records: Iterable[Record]) -> set[object]:
    return {record["Status"] for record in records}


def stamp_of(record: Record) -> datetime:
    return instant_of(record, "UpdatedDateUTC") or NOW


def share(records: list[Record], has: Callable[[Record], bool]) -> float:
    return sum(map(has, records)) / len(records)


def test_every_rule_of_the_book_holds(book: Book) -> None:
    check(book, TODAY)


def test_the_same_seed_and_now_give_the_same_book() -> None:
    first, second, other = build(11, NOW, 60), build(11, NOW, 60), build(12, NOW, 60)
    dump = [encode(record) for _, _, record in first.records()]
    assert dump == [encode(record) for _, _, record in second.records()]
    assert dump != [encode(record) for _, _, record in other.records()]


@pytest.mark.parametrize("invoices", [1, 40])
def test_a_small_book_obeys_the_same_rules(invoices: int) -> None:
    small = build(3, NOW, invoices)
    assert len(of_type(small, "Invoices", "ACCREC")) == invoices
    check(small, TODAY)


def test_nothing_waits_to_be_drained(book: Book) -> None:
    assert not book.changed


def test_it_is_a_new_zealand_organisation_in_three_currencies(book: Book) -> None:
    organisation = book.organisation
    assert (organisation["Version"], organisation["BaseCurrency"]) == ("NZ", "NZD")
    assert organisation["Timezone"] == "NEWZEALANDSTANDARDTIME"
    assert set(book.collections["Currencies"]) == {"NZD", "AUD", "USD"}
    used = Counter(text_of(invoice, "CurrencyCode") for invoice in book.collections["Invoices"].values())
    assert min(used["AUD"], used["USD"]) > 20


def test_the_volumes_are_those_of_a_living_business(book: Book) -> None:
    counts = {plural: len(found) for plural, found in book.collections.items()}
    assert len(of_type(book, "Invoices", "ACCREC")) == 1500
    assert len(of_type(book, "Invoices", "ACCPAY")) == 600
    assert counts["Contacts"] >= 320
    assert counts["Payments"] >= 1200
    assert counts["PurchaseOrders"] >= 100
    assert counts["Quotes"] >= 100
    assert counts["CreditNotes"] >= 60
    assert counts["ManualJournals"] >= 50
    assert min(counts["Prepayments"], counts["Overpayments"]) >= 10


def test_the_chart_has_what_an_accountant_looks_for(book: Book) -> None:
    accounts = book.collections["Accounts"].values()
    names = {text_of(account, "Code"): text_of(account, "Name") for account in accounts}
    assert (names["200"], names["610"], names["820"]) == ("Sales", "Accounts Receivable", "GST")
    assert {"DEBTORS", "CREDITORS", "GST", "ROUNDING", "RETAINEDEARNINGS"} <= {a.get("SystemAccount") for a in accounts}
    assert statuses(accounts) == {"ACTIVE", "ARCHIVED"}
    assert any(account["Type"] == "BANK" and "Code" not in account for account in accounts)


def test_tax_rates_are_those_of_new_zealand_and_some_are_retired(book: Book) -> None:
    rates = book.collections["TaxRates"]
    assert {"OUTPUT2", "INPUT2", "NONE", "ZERORATED", "GSTONIMPORTS"} <= set(rates)
    assert rates["OUTPUT2"]["EffectiveRate"] == 15
    assert statuses(rates.values()) == {"ACTIVE", "ARCHIVED", "DELETED"}
    assert rates["TAX002"]["Status"] == "DELETED"


def test_region_and_department_are_tracked_and_one_option_is_archived(book: Book) -> None:
    categories = book.collections["TrackingCategories"].values()
    assert [category["Name"] for category in categories] == ["Region", "Department"]
    options = [option for category in categories for option in children_of(category, "Options")]
    assert sum(option["Status"] == "ARCHIVED" for option in options) == 1


def test_contacts_are_of_every_kind(book: Book) -> None:
    contacts = list(book.collections["Contacts"].values())
    assert sum(contact["ContactStatus"] == "ARCHIVED" for contact in contacts) >= 5
    assert sum("MergedToContactID" in contact for contact in contacts) == 1
    assert any(contact["IsCustomer"] and contact["IsSupplier"] for contact in contacts)
    assert any(text_of(c, "Name") == f"{c.get('FirstName')} {c.get('LastName')}" for c in contacts)
    assert 0.5 < share(contacts, lambda contact: "AccountNumber" in contact) < 0.9
    assert 0.7 < share(contacts, lambda contact: bool(contact["EmailAddress"])) < 0.98
    assert any(not text_of(contact, "Name").isascii() for contact in contacts)
    assert any("ContactPersons" in contact for contact in contacts)


def test_documents_are_in_every_status(book: Book) -> None:
    living = {"DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED"}
    assert statuses(of_type(book, "Invoices", "ACCREC")) == living
    assert statuses(of_type(book, "Invoices", "ACCPAY")) == living
    assert statuses(book.collections["CreditNotes"].values()) == living - {"SUBMITTED"}
    assert statuses(book.collections["Payments"].values()) == {"AUTHORISED", "DELETED"}
    assert statuses(book.collections["PurchaseOrders"].values()) == {
        "DRAFT",
        "SUBMITTED",
        "AUTHORISED",
        "BILLED",
        "DELETED",
    }
    quotes = {"DRAFT", "SENT", "ACCEPTED", "DECLINED", "INVOICED", "DELETED"}
    assert statuses(book.collections["Quotes"].values()) == quotes
    assert statuses(book.collections["ManualJournals"].values()) == {"DRAFT", "POSTED", "VOIDED"}


def test_some_invoices_are_partly_paid_late_or_settled_by_credit(book: Book) -> None:
    sales = of_type(book, "Invoices", "ACCREC")
    opened = [invoice for invoice in sales if invoice["Status"] == "AUTHORISED"]
    assert any(decimal_of(invoice, "AmountPaid") for invoice in opened)
    assert any((date_of(invoice, "DueDate") or TODAY) < TODAY for invoice in opened)
    assert any(invoice["Status"] == "PAID" and not decimal_of(invoice, "AmountPaid") for invoice in sales)
    assert any("FullyPaidOnDate" in invoice for invoice in opened)


def test_what_a_day_could_leave_to_chance_is_there_every_day() -> None:
    for now in (datetime(2026, 11, 13, 3, 12, tzinfo=UTC), datetime(2028, 4, 15, 22, 24, tzinfo=UTC)):
        demo = build(1, now)
        assert any(children_of(record, "Allocations") for record in demo.collections["Overpayments"].values())
        assert "DELETED" in statuses(of_type(demo, "Invoices", "ACCPAY"))


@pytest.mark.parametrize("plural", ["CreditNotes", "Prepayments", "Overpayments"])
def test_credit_is_allocated_refunded_and_left_standing(book: Book, plural: str) -> None:
    found = book.collections[plural]
    assert any(children_of(record, "Allocations") for record in found.values())
    assert any(book.payments_of(record_id) for record_id in found)
    assert any(r["Status"] == "AUTHORISED" and decimal_of(r, "RemainingCredit") == r["Total"] for r in found.values())


def test_prices_are_in_cents_hours_in_quarters_and_some_lines_discounted(book: Book) -> None:
    lines = [line for invoice in of_type(book, "Invoices", "ACCREC") for line in children_of(invoice, "LineItems")]
    assert any("DiscountRate" in line for line in lines)
    assert any(decimal_of(line, "Quantity") % 1 for line in lines)
    assert any("Quantity" not in line for line in lines)
    assert any(decimal_of(line, "UnitAmount") % Decimal("0.01") for line in lines)
    types = Counter(invoice["LineAmountTypes"] for invoice in of_type(book, "Invoices", "ACCREC"))
    assert set(types) == {"Exclusive", "Inclusive", "NoTax"}


def test_six_in_ten_invoices_carry_a_reference_and_some_share_one(book: Book) -> None:
    sales = of_type(book, "Invoices", "ACCREC")
    assert 0.53 < share(sales, lambda invoice: "Reference" in invoice) < 0.67
    deals = sales_references(book)
    assert all(re.fullmatch(r"(OPP|SO)-\d{5}", deal.reference) for deal in deals)
    assert sum(deal.kind == ORDER for deal in deals) > 50
    shared = [deal for deal in deals if len(deal.invoice_ids) == 2]
    assert len(shared) > 20
    for deal in shared:
        customers = {child_of(book.get("Invoices", one), "Contact")["ContactID"] for one in deal.invoice_ids}
        assert customers == {deal.contact_id}


@pytest.mark.parametrize("field", ["CurrencyRate", "BrandingThemeID", "SentToContact", "Reference", "FullyPaidOnDate"])
def test_optional_fields_are_there_on_some_rows_and_absent_on_others(book: Book, field: str) -> None:
    present = share(of_type(book, "Invoices", "ACCREC"), lambda invoice: field in invoice)
    assert 0.05 < present < 0.95


def test_a_foreign_document_always_has_its_rate(book: Book) -> None:
    for invoice in book.collections["Invoices"].values():
        assert invoice["CurrencyCode"] == "NZD" or decimal_of(invoice, "CurrencyRate") > 0


def test_stamps_follow_the_life_of_a_row_and_never_pass_now(book: Book) -> None:
    for plural, found in book.collections.items():
        for record in found.values():
            stamp = instant_of(record, "UpdatedDateUTC")
            if stamp is not None:
                assert stamp <= NOW, plural
                assert stamp.microsecond % 1000 == 0
    for payment in book.collections["Payments"].values():
        invoice = book.find("Invoices", text_of(child_of(payment, "Invoice"), "InvoiceID"))
        if invoice is not None and not payment["IsReconciled"]:
            assert stamp_of(invoice) >= stamp_of(payment)


def test_reconciled_payments_are_newer_than_their_invoice(book: Book) -> None:
    newer = 0
    for payment in book.collections["Payments"].values():
        invoice = book.find("Invoices", text_of(child_of(payment, "Invoice"), "InvoiceID"))
        newer += (
            bool(invoice)
            and payment["IsReconciled"]
            and str(payment["UpdatedDateUTC"]) > str(invoice["UpdatedDateUTC"])
        )
    assert newer > 500


def test_seed_rows_are_stamped_years_before_the_books_begin(book: Book) -> None:
    old = datetime(2014, 1, 1, tzinfo=UTC)
    for plural in ("Accounts", "Contacts", "Items"):
        assert any(stamp_of(record) < old for record in book.collections[plural].values())


def test_a_few_voided_documents_carry_dates_of_long_ago(book: Book) -> None:
    odd = [
        invoice
        for invoice in book.collections["Invoices"].values()
        if (date_of(invoice, "DueDate") or TODAY) < date(1971, 1, 1)
    ]
    assert 1 <= len(odd) <= 5
    assert statuses(odd) == {"VOIDED"}
    assert any((date_of(invoice, "DueDate") or TODAY) < date(1970, 1, 1) for invoice in odd)


def test_business_follows_the_season(book: Book) -> None:
    sales = [i for i in of_type(book, "Invoices", "ACCREC") if i["Status"] != "VOIDED"]
    days = [day for invoice in sales if isinstance(day := invoice["Date"], date)]
    assert min(days) >= FIRST_DAY
    assert max(days) <= TODAY
    months = Counter((day.year, day.month) for day in days)
    assert months[2026, 1] < months[2026, 3]
    weekdays = Counter(day.weekday() for day in days if day.day > 1)
    assert weekdays[5] + weekdays[6] < weekdays[1] / 4


def test_bills_repeat_numbers_or_have_none_and_some_are_paid_by_batch(book: Book) -> None:
    assert any(bill["InvoiceNumber"] == "" for bill in of_type(book, "Invoices", "ACCPAY"))
    assert not any("Reference" in bill or "BrandingThemeID" in bill for bill in of_type(book, "Invoices", "ACCPAY"))
    assert any("BatchPayment" in payment for payment in book.collections["Payments"].values())


def test_journals_balance(book: Book) -> None:
    for journal in book.collections["ManualJournals"].values():
        assert sum((decimal_of(line, "LineAmount") for line in children_of(journal, "JournalLines")), Decimal(0)) == 0


def test_recent_days_have_recent_work(book: Book) -> None:
    since = NOW - timedelta(days=7)
    recent = [invoice for invoice in book.collections["Invoices"].values() if stamp_of(invoice) > since]
    assert len(recent) > 20
