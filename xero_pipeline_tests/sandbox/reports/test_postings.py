"""What each kind of document posts, account by account (debits positive)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from xero_pipeline.sandbox.xero import credits, journals, money_in  # noqa: A004
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.documents import void_invoice
from xero_pipeline.sandbox.xero.ledger import Ledger
from xero_pipeline.sandbox.xero.record import Record, text_of
from xero_pipeline.sandbox.xero.trial_balance import TrialBalance
from xero_pipeline_tests.sandbox.xero_book.samples import (
    NOW,
    add_account,
    bill,
    credit,
    invoiced,
    sale,
    small_book,
)

PAID_ON = date(2026, 11, 10)
AUD: Record = {"CurrencyCode": "AUD", "CurrencyRate": Decimal("0.800000")}


def book() -> Book:
    made = small_book()
    for code, system in (("820", "GST"), ("860", "ROUNDING"), ("499", "REALISEDCURRENCYGAIN")):
        add_account(made, code, "CURRLIAB", "LIABILITY", "NONE", SystemAccount=system)
    add_account(made, "960", "EQUITY", "EQUITY", "NONE", SystemAccount="RETAINEDEARNINGS")
    return made


def posted(made: Book) -> dict[str, Decimal]:
    """The sum of every account that holds anything, by code."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for posting in Ledger(made).postings():
        sums[text_of(made.get("Accounts", posting.account), "Code")] += posting.amount
    return {code: amount for code, amount in sums.items() if amount}


def money(**amounts: str) -> dict[str, Decimal]:
    return {code[1:]: Decimal(amount) for code, amount in amounts.items()}


def test_a_sale_debits_the_debtors_and_credits_its_lines_and_gst() -> None:
    made = book()
    invoiced(made, sale("100.00"))

    assert posted(made) == money(_610="115.00", _200="-100.00", _820="-15.00")


def test_tax_is_taken_out_of_an_inclusive_line() -> None:
    made = book()
    invoiced(made, bill("115.00", LineAmountTypes="Inclusive"))

    assert posted(made) == money(_800="-115.00", _300="100.00", _820="15.00")


def test_drafts_and_voided_documents_post_nothing() -> None:
    made = book()
    invoiced(made, sale(Status="DRAFT"))
    void_invoice(made, invoiced(made)[0], NOW)

    assert posted(made) == {}


def test_a_payment_moves_the_debt_to_the_bank_on_its_own_date() -> None:
    made = book()
    invoice_id, _ = invoiced(made, sale("100.00"))
    money_in.pay(made, invoice_id, "090", Decimal("15.00"), PAID_ON, NOW)

    assert posted(made) == money(_610="100.00", _090="15.00", _200="-100.00", _820="-15.00")
    bank = text_of(made.numbered("Accounts", "090") or {}, "AccountID")
    assert TrialBalance(made).held(bank, date(2026, 11, 9)) == 0
    assert TrialBalance(made).held(bank, PAID_ON) == 15


def test_a_reversed_payment_posts_nothing() -> None:
    made = book()
    invoice_id, _ = invoiced(made, sale("100.00"))
    payment = money_in.pay(made, invoice_id, "090", Decimal("15.00"), PAID_ON, NOW)
    money_in.reverse_payment(made, text_of(payment, "PaymentID"), NOW)

    assert posted(made) == money(_610="115.00", _200="-100.00", _820="-15.00")


def test_a_credit_note_undoes_a_sale_and_its_refund_leaves_the_bank() -> None:
    made = book()
    note = credits.create_credit_note(made, credit("40.00"), NOW)
    money_in.pay(made, text_of(note, "CreditNoteID"), "090", Decimal("46.00"), PAID_ON, NOW)

    assert posted(made) == money(_090="-46.00", _200="40.00", _820="6.00")


def test_money_received_ahead_stands_with_the_debtors() -> None:
    made = book()
    credits.create_prepayment(made, credit("40.00", Type="RECEIVE-PREPAYMENT"), NOW)
    credits.create_overpayment(made, credit("5.00", Type="RECEIVE-OVERPAYMENT"), NOW)

    assert posted(made) == money(_610="-51.00", _090="51.00")


def test_what_a_payment_at_another_rate_brings_more_is_a_realised_gain() -> None:
    made = book()
    invoice_id, _ = invoiced(made, sale("80.00", LineAmountTypes="NoTax", **AUD))
    extra: Record = {"CurrencyRate": Decimal("0.640000")}
    money_in.pay(made, invoice_id, "090", Decimal("80.00"), PAID_ON, NOW, extra=extra)

    assert posted(made) == money(_090="125.00", _200="-100.00", _499="-25.00")


def test_a_credit_at_another_rate_gains_too() -> None:
    made = book()
    invoice_id, _ = invoiced(made, sale("80.00", LineAmountTypes="NoTax", **AUD))
    dearer = AUD | {"CurrencyRate": Decimal("1.000000")}
    note = credits.create_credit_note(made, credit("80.00", LineAmountTypes="NoTax", **dearer), NOW)
    credits.allocate(made, text_of(note, "CreditNoteID"), invoice_id, Decimal("80.00"), NOW)

    assert posted(made) == money(_200="-20.00", _499="20.00")


def test_what_rounding_leaves_of_a_foreign_document_goes_to_rounding() -> None:
    made = book()
    line: Record = {"UnitAmount": Decimal("10.00"), "AccountCode": "200"}
    rate: Record = {"CurrencyCode": "AUD", "CurrencyRate": Decimal("3.000000")}
    invoiced(made, sale(LineItems=[line, line], LineAmountTypes="NoTax", **rate))

    assert posted(made) == money(_610="6.67", _200="-6.66", _860="-0.01")


def test_a_journal_posts_its_lines_net_and_their_gst() -> None:
    for types, amount in (("Inclusive", "115.00"), ("Exclusive", "100.00")):
        made = book()
        lines: list[Record] = [
            {"AccountCode": "300", "LineAmount": Decimal(amount), "TaxType": "INPUT2"},
            {"AccountCode": "201", "LineAmount": Decimal("-115.00"), "TaxType": "NONE"},
        ]
        fields: Record = {"Narration": "Moved", "Status": "POSTED", "JournalLines": lines, "LineAmountTypes": types}
        journals.create_manual_journal(made, fields, NOW)

        assert posted(made) == money(_300="100.00", _820="15.00", _201="-115.00"), types


def test_revenue_counts_by_financial_year_and_what_was_earned_before_is_retained() -> None:
    made = book()
    made.organisation |= {"FinancialYearEndMonth": 3, "FinancialYearEndDay": 31}
    for day, amount in ((date(2026, 3, 31), "70.00"), (date(2026, 4, 1), "100.00")):
        invoiced(made, sale(amount, Date=day, LineAmountTypes="NoTax"))

    def column(on: date) -> dict[str, Decimal]:
        balances = TrialBalance(made).on(on)
        return {text_of(made.get("Accounts", one.account_id), "Code"): one.year_to_date for one in balances}

    assert column(date(2026, 3, 31)) == money(_610="70.00", _200="-70.00")
    assert column(date(2026, 4, 1)) == money(_610="170.00", _200="-100.00", _960="-70.00")
