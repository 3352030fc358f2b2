"""What an edited sale would change about its invoice, and whether Xero lets it (xero.md section 2, Invoices)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.domain.books import Books, Invoice, InvoiceLine
from xero_pipeline.domain.drafts import Draft
from xero_pipeline.domain.export_settings import Export
from xero_pipeline.domain.invoice_changes import Change, changes, fields_in_xero, fields_of
from xero_pipeline.domain.sales import Sale, Wishes
from xero_pipeline_tests.domain.trade import (
    CONTACT,
    SALE_ID,
    SOLD_ON,
    books,
    customer,
    invoiced,
    line,
    product,
    sale,
    settings,
    the_draft,
)

TRACKED = settings(tracking=[{"category": "Department"}, {"category": "Region"}], number="reference")
SOLD = sale(
    line(wishes=Wishes(tracking=("Retail", "North"))),
    line("00k2", discount=Decimal(10), product=None, description="By hand"),
    reference="SO-1",
    wishes=Wishes(branding_theme="Special"),
)
MADE = the_draft(SOLD, export=TRACKED)
THERE = invoiced(MADE, export=TRACKED, branding_theme_id="b-2")
OTHER = replace(CONTACT, contact_id="c-2", name="Other", account_number="")

PAID = replace(THERE, status="PAID", amount_paid=Decimal(215))
PART_PAID = replace(THERE, amount_paid=Decimal(1))
CREDITED = replace(THERE, amount_credited=Decimal(1))


def held(invoice: Invoice, **given: Any) -> Books:
    return books(CONTACT, OTHER, exported={SALE_ID: invoice}, numbers={"SO-1": invoice.invoice_id}, **given)


def again(sold: Sale, invoice: Invoice, export: Export = TRACKED, **given: Any) -> Draft:
    """The draft of a sale of which there is an invoice."""
    return the_draft(sold, held(invoice, **given), export)


def changed(sold: Sale, invoice: Invoice = THERE, export: Export = TRACKED) -> tuple[Change, ...]:
    """What the sale would change."""
    draft = again(sold, invoice, export)
    return changes(fields_in_xero(invoice, draft, held(invoice)), fields_of(draft))


def with_line(place: int, invoice: Invoice = THERE, **given: Any) -> Invoice:
    """The invoice with one line changed in Xero."""
    lines = list(invoice.lines)
    lines[place] = replace(lines[place], **given)
    return replace(invoice, lines=tuple(lines))


FIRST, SECOND = SOLD.lines
HEADER_EDITS = {
    "Reference": replace(SOLD, reference="SO-2"),
    "DueDate": replace(SOLD, due_date=date(2026, 7, 1)),
    "BrandingTheme": replace(SOLD, wishes=Wishes(branding_theme="Standard")),
    "Contact": replace(SOLD, customer=customer(name="Other", number="")),
}
WORD_EDITS = {
    "Description": replace(SOLD, lines=(replace(FIRST, description="Beans, roasted"), SECOND)),
    "AccountCode": replace(SOLD, lines=(replace(FIRST, wishes=Wishes("210", tracking=("Retail", "North"))), SECOND)),
    "Tracking": replace(SOLD, lines=(replace(FIRST, wishes=Wishes(tracking=("AUK", "North"))), SECOND)),
}
MONEY_EDITS = {
    "Date": replace(SOLD, day=date(2026, 5, 5)),
    "CurrencyCode": replace(SOLD, currency="AUD"),
    "LineAmountTypes": replace(SOLD, wishes=Wishes(branding_theme="Special", amounts="Inclusive")),
    "Quantity": replace(SOLD, lines=(line(quantity=Decimal(3), wishes=FIRST.wishes), SECOND)),
    "UnitAmount": replace(SOLD, lines=(line(unit_price=Decimal(51), wishes=FIRST.wishes), SECOND)),
    "DiscountRate": replace(SOLD, lines=(line(discount=Decimal(5), wishes=FIRST.wishes), SECOND)),
    "TaxType": replace(SOLD, lines=(FIRST, replace(SECOND, wishes=Wishes(tax_type="ZERORATED")))),
    "ItemCode": replace(SOLD, lines=(replace(FIRST, product=product(code="TEA")), SECOND)),
    "a line more": replace(SOLD, lines=(*SOLD.lines, line("00k3"))),
    "a line less": replace(SOLD, lines=(FIRST,)),
}
EVERY_EDIT = HEADER_EDITS | WORD_EDITS | MONEY_EDITS


def test_what_was_just_made_of_a_sale_differs_from_it_in_nothing() -> None:
    assert changed(SOLD) == ()
    assert again(SOLD, THERE).invoice_state == "open"


def test_an_invoice_to_be_of_which_there_is_none_is_new() -> None:
    assert MADE.invoice_state == "new"


@pytest.mark.parametrize("name", ["Reference", "DueDate", "BrandingTheme", "Contact", "Date", "CurrencyCode"])
def test_an_edit_is_told_field_by_field_with_before_and_after(name: str) -> None:
    found = {change.field: change for change in changed(EVERY_EDIT[name])}
    assert name in found
    assert found[name].before != found[name].after


def test_a_line_is_told_by_its_id_in_salesforce() -> None:
    (change,) = changed(MONEY_EDITS["Quantity"])
    assert change == Change("line 00k1 Quantity", "2", "3")


def test_lines_that_come_have_no_before_and_lines_that_go_no_after() -> None:
    assert {(change.before is None) for change in changed(MONEY_EDITS["a line more"])} == {True}
    assert {(change.after is None) for change in changed(MONEY_EDITS["a line less"])} == {True}


@pytest.mark.parametrize(
    "written",
    [
        with_line(0, quantity=Decimal("2.0000"), unit_amount=Decimal("50.0000")),
        with_line(0, discount_rate=Decimal("0.00")),
        with_line(1, discount_rate=Decimal("10.00")),
        with_line(0, description="Beans, 1 kg \r\n"),
        replace(THERE, reference=" SO-1"),
    ],
)
def test_the_same_written_differently_is_no_change(written: Invoice) -> None:
    assert changed(SOLD, written) == ()


def test_line_ends_are_the_same_whoever_wrote_them() -> None:
    sold = replace(SOLD, lines=(replace(FIRST, description="Beans\r\nroasted"), SECOND))
    assert changed(sold, with_line(0, description="Beans\nroasted")) == ()


@given(st.decimals("0.0001", "9999", places=4), st.integers(0, 6))
def test_zeros_at_the_end_of_an_amount_are_no_change(quantity: Decimal, zeros: int) -> None:
    sold = replace(SOLD, lines=(replace(FIRST, quantity=quantity, total_price=None), SECOND))
    longer = quantity.quantize(Decimal(1).scaleb(-4 - zeros))
    assert changed(sold, with_line(0, quantity=longer)) == ()


def test_the_order_in_which_xero_keeps_its_categories_is_no_change() -> None:
    there = replace(held(THERE), categories=tuple(reversed(books().categories)))
    assert changes(fields_in_xero(THERE, MADE, there), fields_of(MADE)) == ()


def test_what_the_sale_has_no_word_on_is_left_to_people() -> None:
    silent = replace(SOLD, wishes=Wishes())
    renumbered = replace(THERE, number="INV-77", branding_theme_id="b-1")
    assert changed(silent, renumbered, settings(tracking=TRACKED.model_dump(by_alias=True)["tracking"])) == ()


@pytest.mark.parametrize("invoice", [PAID, replace(THERE, day=date(2020, 1, 1))])
def test_what_people_track_in_a_category_of_their_own_is_no_change(invoice: Invoice) -> None:
    export = settings(tracking=[{"category": "Region"}])
    sold = sale(day=invoice.day, due_date=invoice.due_date, wishes=Wishes(tracking=("North", "")))
    made = invoiced(the_draft(sold, export=export), export=export, amount_paid=invoice.amount_paid)
    tracked = with_line(0, made, tracking={"Region": "North", "Department": "Retail"})
    assert again(sold, tracked, export, period_lock_date=date(2020, 12, 31)).invoice_state == "open"
    there = held(tracked).with_categories(["Region"])
    assert (
        changes(
            fields_in_xero(tracked, the_draft(sold, export=export), there), fields_of(the_draft(sold, export=export))
        )
        == ()
    )


def test_a_line_that_people_added_is_theirs_and_not_mentioned() -> None:
    freight = InvoiceLine("theirs", "Freight", Decimal(1), Decimal(9), None, "", "200", "OUTPUT2", {})
    assert changed(SOLD, replace(THERE, lines=(freight, *THERE.lines))) == ()


def test_a_line_that_people_took_away_comes_back_as_a_new_one() -> None:
    found = changed(SOLD, replace(THERE, lines=THERE.lines[:1]))
    assert {change.field.split()[1] for change in found} == {"00k2"}
    assert {change.before for change in found} == {None}


# What Xero lets become of it


@pytest.mark.parametrize("name", sorted(EVERY_EDIT))
def test_as_long_as_nothing_was_paid_everything_may_change(name: str) -> None:
    assert again(EVERY_EDIT[name], THERE).invoice_state == "open"


@pytest.mark.parametrize("settled", [PAID, PART_PAID, CREDITED])
def test_a_settled_invoice_that_nothing_changes_is_no_trouble(settled: Invoice) -> None:
    assert again(SOLD, settled).invoice_state == "open"


@pytest.mark.parametrize("name", sorted(HEADER_EDITS | WORD_EDITS))
@pytest.mark.parametrize("settled", [PAID, PART_PAID])
def test_once_paid_its_words_may_change(settled: Invoice, name: str) -> None:
    assert again(EVERY_EDIT[name], settled).invoice_state == "header_only"


@pytest.mark.parametrize("name", sorted(MONEY_EDITS))
@pytest.mark.parametrize("settled", [PAID, PART_PAID, CREDITED])
def test_once_settled_its_money_may_not(settled: Invoice, name: str) -> None:
    assert again(MONEY_EDITS[name], settled).invoice_state == "paid"


def test_a_word_and_an_amount_together_are_refused_together() -> None:
    assert again(replace(MONEY_EDITS["Quantity"], reference="SO-2"), PAID).invoice_state == "paid"


def test_the_contact_of_an_invoice_that_a_credit_note_paid_stays() -> None:
    assert again(HEADER_EDITS["Contact"], CREDITED).invoice_state == "paid"
    assert again(HEADER_EDITS["Reference"], CREDITED).invoice_state == "header_only"


@pytest.mark.parametrize("name", sorted(EVERY_EDIT))
@pytest.mark.parametrize("lock", ["period_lock_date", "year_end_lock_date"])
@pytest.mark.parametrize("invoice", [THERE, PAID])
def test_in_a_locked_period_nothing_may_change(invoice: Invoice, lock: str, name: str) -> None:
    assert again(EVERY_EDIT[name], invoice, **{lock: SOLD_ON}).invoice_state == "locked"


def test_a_lock_holds_up_to_its_day_and_not_beyond() -> None:
    edit = HEADER_EDITS["Reference"]
    assert again(edit, THERE, period_lock_date=SOLD_ON).invoice_state == "locked"
    assert again(edit, THERE, period_lock_date=SOLD_ON - timedelta(days=1)).invoice_state == "open"


def test_a_lock_is_no_trouble_to_an_invoice_that_nothing_changes() -> None:
    draft = again(SOLD, THERE, period_lock_date=SOLD_ON, year_end_lock_date=SOLD_ON)
    assert draft.invoice_state == "open"


@pytest.mark.parametrize(
    ("invoice", "state"),
    [
        (replace(THERE, status="VOIDED"), "voided"),
        (replace(THERE, status="DELETED"), "deleted"),
        (replace(THERE, vanished=True), "vanished"),
        (replace(PAID, status="VOIDED", vanished=True), "vanished"),
    ],
)
@pytest.mark.parametrize("sold", [SOLD, EVERY_EDIT["Reference"]])
def test_what_ended_in_xero_is_told_even_where_nothing_changes(sold: Sale, invoice: Invoice, state: str) -> None:
    assert again(sold, invoice).invoice_state == state


@pytest.mark.parametrize("status", ["DRAFT", "SUBMITTED", "AUTHORISED"])
def test_whatever_people_made_of_its_status_an_unpaid_invoice_is_open(status: str) -> None:
    assert again(EVERY_EDIT["Quantity"], replace(THERE, status=status)).invoice_state == "open"


fields = st.dictionaries(st.sampled_from("abcde"), st.sampled_from(["", "x", "y"]))


@given(fields, fields)
def test_changes_make_the_one_of_the_other(before: dict[str, str], after: dict[str, str]) -> None:
    found = changes(before, after)
    patched = before | {change.field: change.after for change in found}
    assert {name: value for name, value in patched.items() if value is not None} == after
    assert all(change.before == before.get(change.field) for change in found)
    assert changes(after, after) == ()
