"""From a sale to its invoice: whether there is one, whose it is, and what stands on its head."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.domain.books import Contact, Terms
from xero_pipeline.domain.drafting import external_id
from xero_pipeline.domain.drafts import Creates
from xero_pipeline.domain.sales import Wishes
from xero_pipeline_tests.domain.trade import (
    CONTACT,
    SALE_ID,
    SOLD_ON,
    TODAY,
    books,
    customer,
    drafted,
    invoiced,
    line,
    sale,
    settings,
    the_draft,
)

EARLY = {"opportunities": {"stages": ["Closed Won"], "deposit_stages": ["Negotiation/Review"]}}


@pytest.mark.parametrize(
    ("sold", "selected"),
    [
        ({"phase": "Closed Won"}, True),
        ({"phase": "closed won"}, False),
        ({"phase": "Closed Lost"}, False),
        ({"phase": "Negotiation/Review"}, False),
        ({"phase": "Negotiation/Review", "deposit_percent": Decimal(30)}, True),
        ({"phase": "Negotiation/Review", "deposit_percent": Decimal(0)}, False),
        ({"phase": "Negotiation/Review", "deposit_percent": Decimal(100)}, False),
        ({"phase": "Prospecting", "deposit_percent": Decimal(30)}, False),
        ({"phase": "Closed Won", "deposit_percent": Decimal(130)}, True),
        ({"sale_type": "order", "phase": "Activated"}, True),
        ({"sale_type": "order", "phase": "Draft"}, False),
        ({"sale_type": "order", "phase": "Closed Won"}, False),
        ({"sale_type": "order", "phase": "Negotiation/Review", "deposit_percent": Decimal(30)}, False),
    ],
)
def test_a_sale_has_invoices_by_its_stage_or_status(sold: dict[str, Any], selected: bool) -> None:
    assert bool(drafted(sale(**sold), export=settings(**EARLY))) is selected


def test_no_stage_named_means_no_opportunity() -> None:
    assert not drafted(sale(), export=settings(opportunities={"stages": []}))


def test_an_invoice_is_known_by_its_sale_and_its_part() -> None:
    assert external_id(SALE_ID, "whole") == SALE_ID
    assert external_id(SALE_ID, "deposit") == f"{SALE_ID}:deposit"
    assert external_id(SALE_ID, "balance") == f"{SALE_ID}:balance"


# The customer


def test_a_sale_without_an_account_has_nobody_to_invoice() -> None:
    draft = the_draft(sale(customer=None))
    assert (draft.contact_state, draft.contact_id, draft.account_name) == ("no_account", None, None)


def test_an_account_kept_out_of_the_sync_is_not_even_looked_for() -> None:
    draft = the_draft(sale(customer=customer(do_not_sync=True)), create=Creates(contacts=True))
    assert (draft.contact_state, draft.contact_id) == ("do_not_sync", None)


@pytest.mark.parametrize(
    ("contacts", "create", "state"),
    [
        ([CONTACT], True, "found"),
        ([replace(CONTACT, status="ARCHIVED")], True, "archived"),
        ([CONTACT, replace(CONTACT, contact_id="c-2")], True, "ambiguous"),
        ([Contact("c-9", "Somebody", "ACTIVE")], False, "not_found"),
        ([Contact("c-9", "Somebody", "ACTIVE")], True, "to_create"),
    ],
)
def test_only_a_customer_whom_xero_does_not_know_is_created(contacts: list[Contact], create: bool, state: str) -> None:
    draft = the_draft(sale(), books(*contacts), create=Creates(contacts=create))
    assert draft.contact_state == state
    assert draft.contact_id == ("c-1" if state == "found" else None)


# What is said on the sale, on the account, or by default


themes = st.sampled_from(["", "Standard", "Special", "special"])


@given(themes, themes, themes)
def test_the_most_specific_branding_theme_wins_and_case_matters(of_sale: str, of_customer: str, default: str) -> None:
    who = customer(wishes=Wishes(branding_theme=of_customer))
    draft = the_draft(
        sale(customer=who, wishes=Wishes(branding_theme=of_sale)), export=settings(branding_theme=default)
    )
    heard = of_sale or of_customer or default
    state = {"": "default", "special": "unknown"}.get(heard, "known")
    assert (draft.branding_theme, draft.branding_state) == (heard or None, state)


terms = st.sampled_from(["", "Exclusive", "Inclusive", "NoTax"])


@given(terms, terms, st.sampled_from(["exclusive", "inclusive", "no_tax"]))
def test_the_most_specific_word_on_tax_in_amounts_wins(of_sale: str, of_customer: str, default: str) -> None:
    who = customer(wishes=Wishes(amounts=of_customer))
    draft = the_draft(sale(customer=who, wishes=Wishes(amounts=of_sale)), export=settings(amounts=default))
    by_default = {"exclusive": "Exclusive", "inclusive": "Inclusive", "no_tax": "NoTax"}[default]
    assert draft.amounts == (of_sale or of_customer or by_default)


@pytest.mark.parametrize(
    ("written", "code", "state"),
    [
        ("", "NZD", "subscribed"),
        ("AUD", "AUD", "subscribed"),
        (" aud ", "AUD", "subscribed"),
        ("EUR", "EUR", "not_subscribed"),
    ],
)
def test_the_currency_is_the_sales_and_else_the_organisations(written: str, code: str, state: str) -> None:
    draft = the_draft(sale(currency=written))
    assert (draft.currency_code, draft.currency_state) == (code, state)


def test_an_organisation_may_always_invoice_in_its_own_currency() -> None:
    assert the_draft(sale(), books(currencies=frozenset())).currency_state == "subscribed"


@pytest.mark.parametrize(
    ("chosen", "reference"),
    [("xero_reference", "PO 7"), ("name", "Beans for May"), ("number", "00000101"), ("id", SALE_ID)],
)
def test_the_reference_is_the_field_that_the_settings_choose(chosen: str, reference: str) -> None:
    sold = sale(reference=" PO 7 ", number="00000101")
    assert the_draft(sold, export=settings(reference=chosen)).reference == reference


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_reference_falls_back_to_the_sales_id(empty: str) -> None:
    assert the_draft(sale(reference=empty)).reference == SALE_ID


# Numbers


def test_xero_numbers_invoices_unless_the_reference_is_to_be_the_number() -> None:
    draft = the_draft(sale(reference="PO 7"))
    assert (draft.invoice_number, draft.number_state) == (None, "by_xero")


@pytest.mark.parametrize(
    ("reference", "state"),
    [
        ("SO-1", "free"),
        ("SO-2", "taken"),
        ("Bestellung für Mai", "not_printable"),
        ("a" * 255, "free"),
        ("a" * 256, "not_printable"),
    ],
)
def test_a_number_of_ours_is_held_against_those_in_use(reference: str, state: str) -> None:
    draft = the_draft(sale(reference=reference), books(numbers={"SO-2": "another"}), settings(number="reference"))
    assert (draft.invoice_number, draft.number_state) == (reference, state)


def test_an_invoice_keeps_the_number_it_has() -> None:
    export = settings(number="reference")
    there = invoiced(the_draft(sale(reference="SO-1"), export=export), number="SO-1")
    held = books(numbers={"SO-1": there.invoice_id}, exported={SALE_ID: there})
    assert the_draft(sale(reference="SO-1"), held, export).number_state == "own"


# Dates


def test_an_invoice_is_dated_as_the_sale_or_on_the_day_it_is_made() -> None:
    assert the_draft(sale()).invoice_date == SOLD_ON
    assert the_draft(sale(), export=settings(date="today")).invoice_date == TODAY


def test_an_invoice_keeps_the_day_on_which_it_was_made() -> None:
    export = settings(date="today")
    there = invoiced(the_draft(sale(), export=export), day=date(2026, 5, 1))
    assert the_draft(sale(), books(exported={SALE_ID: there}), export).invoice_date == date(2026, 5, 1)


def test_a_sale_without_a_day_has_neither_a_date_nor_a_due_date() -> None:
    draft = the_draft(sale(day=None), books(period_lock_date=TODAY))
    assert (draft.invoice_date, draft.due_date, draft.days_after_period_lock) == (None, None, None)


def test_the_sales_own_due_date_wins_over_terms_and_terms_over_the_rule() -> None:
    with_terms = books(replace(CONTACT, terms=Terms(20, "OFFOLLOWINGMONTH")))
    export = settings(due={"rule": "days_after_invoice_date", "days": 7})
    assert the_draft(sale(due_date=date(2026, 7, 1)), with_terms, export).due_date == date(2026, 7, 1)
    assert the_draft(sale(), with_terms, export).due_date == date(2026, 6, 20)
    assert the_draft(sale(), export=export).due_date == SOLD_ON + timedelta(days=7)


@given(st.integers(-400, 400), st.integers(-400, 400))
def test_the_distance_to_each_lock_is_told_in_days(period: int, year_end: int) -> None:
    held = books(
        period_lock_date=SOLD_ON - timedelta(days=period), year_end_lock_date=SOLD_ON - timedelta(days=year_end)
    )
    draft = the_draft(sale(), held)
    assert (draft.days_after_period_lock, draft.days_after_year_end_lock) == (period, year_end)


def test_an_invoice_that_stays_on_its_day_is_not_moved_into_a_locked_period() -> None:
    there = invoiced(the_draft(sale()))
    held = books(exported={SALE_ID: there}, period_lock_date=SOLD_ON, year_end_lock_date=SOLD_ON)
    assert the_draft(sale(), held).days_after_period_lock is None
    moved = the_draft(sale(day=SOLD_ON - timedelta(days=3)), held)
    assert (moved.days_after_period_lock, moved.days_after_year_end_lock) == (-3, -3)


# Totals


def test_totals_are_those_that_xero_will_make() -> None:
    lines = [line(str(price), quantity=Decimal(1), unit_price=Decimal(price)) for price in ("25.06", "25.61", "25.63")]
    draft = the_draft(sale(*lines))
    assert (draft.sub_total, draft.total_tax, draft.total) == (Decimal("76.30"), Decimal("11.44"), Decimal("87.74"))
    assert (draft.salesforce_total, draft.difference_beyond_tolerance) == (Decimal("76.30"), 0)


def test_prices_that_include_tax_are_compared_with_it() -> None:
    draft = the_draft(sale(), export=settings(amounts="inclusive"))
    assert (draft.sub_total, draft.total, draft.salesforce_total) == (Decimal("86.96"), Decimal(100), Decimal(100))
    assert draft.difference_beyond_tolerance == 0


@pytest.mark.parametrize(("tolerance", "beyond"), [("0.01", "0.99"), ("0.99", "0.01"), ("1.00", "0.00"), ("5", "0")])
def test_a_difference_counts_in_as_far_as_it_is_not_tolerated(tolerance: str, beyond: str) -> None:
    # Four places a unit cannot give 1,000.00 for thirty thousand: 0.0333 gives 999.00.
    odd = line(quantity=Decimal(30000), unit_price=Decimal("0.03"), total_price=Decimal(1000))
    draft = the_draft(sale(odd), export=settings(tolerance=tolerance))
    assert draft.difference_beyond_tolerance == Decimal(beyond)


def test_what_is_tolerated_is_a_cent_a_line() -> None:
    odd = line(quantity=Decimal(30000), unit_price=Decimal("0.03"), total_price=Decimal(1000))
    even = [line(f"00k{place}") for place in range(9)]
    assert the_draft(sale(odd, *even)).difference_beyond_tolerance == Decimal("0.90")


def test_a_sale_without_lines_comes_to_nothing() -> None:
    draft = the_draft(replace(sale(), lines=()))
    assert (draft.line_count, draft.total, draft.difference_beyond_tolerance) == (0, 0, 0)


def test_invoices_of_other_origin_count_until_the_sale_has_its_own() -> None:
    others = {SALE_ID: ("INV-7", "INV-8")}
    assert the_draft(sale(), books(others=others)).linked_invoices == 2
    there = invoiced(the_draft(sale()))
    assert the_draft(sale(), books(others=others, exported={SALE_ID: there})).linked_invoices == 0


def test_a_draft_is_made_of_the_sale_as_it_was_read() -> None:
    assert the_draft(sale()).source_hash == sale().source_hash
