"""A sale in two invoices asks for what it comes to, to the cent, whatever becomes of the deposit in the meantime."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xero_pipeline.domain.books import Books, Invoice, InvoiceLine
from xero_pipeline.domain.drafts import Draft
from xero_pipeline.domain.export_gate import refusals
from xero_pipeline.domain.sales import Sale, SaleLine, Wishes
from xero_pipeline_tests.domain.trade import (
    SALE_ID,
    SOLD_ON,
    TODAY,
    books,
    drafted,
    invoiced,
    line,
    sale,
    settings,
    the_draft,
)

DEPOSIT, BALANCE = f"{SALE_ID}:deposit", f"{SALE_ID}:balance"
EARLY = settings(opportunities={"stages": ["Closed Won"], "deposit_stages": ["Negotiation/Review"]})
THIRTY = sale(deposit_percent=Decimal(30))
LATER = date(2026, 9, 1)
TERMS = ("exclusive", "inclusive", "no_tax")


def split(sold: Sale, held: Books | None = None, amounts: str = "exclusive") -> tuple[Draft, Draft]:
    deposit, balance = drafted(sold, held, settings(amounts=amounts))
    return deposit, balance


def of_line(number: int, quantity: Decimal, price: Decimal, discount: Decimal | None, tax_type: str) -> SaleLine:
    return line(
        f"00k{number}", quantity=quantity, unit_price=price, discount=discount, wishes=Wishes(tax_type=tax_type)
    )


lines = st.lists(
    st.tuples(
        st.decimals("-50", "500", places=2),
        st.decimals("-10", "10000", places=2),
        st.none() | st.decimals(0, 100, places=2),
        st.sampled_from(["OUTPUT2", "ZERORATED"]),
    ),
    min_size=1,
    max_size=6,
)
percents = st.decimals("0.01", "99.99", places=2)


@given(lines, percents, st.sampled_from(TERMS))
@example([(Decimal(1), Decimal("0.01"), None, "OUTPUT2")] * 3, Decimal(50), "exclusive")
# Salesforce may round half a cent the other way than Xero.
@example([(Decimal("124.70"), Decimal("0.75"), None, "OUTPUT2")], Decimal("46.22"), "exclusive")
@example([(Decimal(1), Decimal("33.33"), Decimal("12.5"), "OUTPUT2")] * 3, Decimal("33.33"), "inclusive")
def test_deposit_and_balance_add_up_to_the_whole_sale_to_the_cent(
    given_lines: list[tuple[Decimal, Decimal, Decimal | None, str]], percent: Decimal, amounts: str
) -> None:
    sold = [of_line(number, *values) for number, values in enumerate(given_lines)]
    whole = the_draft(sale(*sold), export=settings(amounts=amounts))
    deposit, balance = split(sale(*sold, deposit_percent=percent), amounts=amounts)
    assert deposit.sub_total + balance.sub_total == whole.sub_total
    assert deposit.total_tax + balance.total_tax == whole.total_tax
    assert deposit.total + balance.total == whole.total
    assert deposit.salesforce_total + balance.salesforce_total == whole.salesforce_total
    assert deposit.difference_beyond_tolerance == balance.difference_beyond_tolerance == 0


def test_a_deposit_is_money_and_not_goods() -> None:
    deposit, balance = split(THIRTY)
    (asked,) = deposit.lines
    assert (asked.item_code, asked.item_state, asked.product_id) == (None, "not_needed", None)
    assert (asked.quantity, asked.unit_amount, asked.description) == (1, Decimal(30), "Deposit 30 %: Beans, 1 kg")
    sold, less = balance.lines
    assert (sold.item_code, sold.quantity, sold.position) == ("BEANS", 2, 1)
    assert (less.item_code, less.unit_amount, less.description) == (None, -30, "Less deposit 30 %: Beans, 1 kg")
    assert (less.line_id, less.position) == (f"{sold.line_id}:deposit", 2)


def test_the_two_are_told_apart_by_name_and_number() -> None:
    deposit, balance = drafted(replace(THIRTY, reference="SO-1"), export=settings(number="reference"))
    assert [(each.external_id, each.part, each.invoice_number) for each in (deposit, balance)] == [
        (DEPOSIT, "deposit", "SO-1-1"),
        (BALANCE, "balance", "SO-1-2"),
    ]


def test_a_long_description_keeps_within_what_xero_takes() -> None:
    for draft in split(replace(THIRTY, lines=(line(description="x" * 4000),))):
        assert all(len(each.description) <= 4000 for each in draft.lines)


@pytest.mark.parametrize(
    ("lacking", "check"),
    [
        (line(quantity=None), "quantity_is_given"),
        (line(unit_price=None), "price_is_given"),
        (line(product=None), "description_is_short_enough"),
    ],
)
def test_what_a_line_lacks_its_deposit_lacks_too(lacking: SaleLine, check: str) -> None:
    for draft in split(replace(THIRTY, lines=(line("whole"), lacking))):
        assert check in {refusal.check.name for refusal in refusals(draft)}


def test_a_deposit_of_lines_that_do_not_add_up_is_refused_as_the_whole_sale_is() -> None:
    odd = line(quantity=Decimal(30000), unit_price=Decimal("0.03"), total_price=Decimal(1000))
    assert [draft.difference_beyond_tolerance > 0 for draft in split(replace(THIRTY, lines=(odd,)))] == [True, True]


@pytest.mark.parametrize("percent", ["0", "0.00"])
def test_a_deposit_of_nothing_is_none(percent: str) -> None:
    draft = the_draft(sale(deposit_percent=Decimal(percent)))
    assert (draft.part, draft.deposit_state, draft.deposit_percent) == ("whole", "none", None)


@pytest.mark.parametrize("percent", [-5, 100, 130])
def test_what_is_no_share_splits_nothing_and_is_told(percent: int) -> None:
    draft = the_draft(sale(deposit_percent=Decimal(percent)))
    assert (draft.part, draft.deposit_state) == ("whole", "out_of_range")


# A deposit before the sale closes


def early(**given: object) -> Sale:
    return replace(THIRTY, phase="Negotiation/Review", day=LATER, **given)


def test_before_the_sale_closes_only_the_deposit_is_asked_for_and_today() -> None:
    draft = the_draft(early(), export=EARLY)
    assert (draft.part, draft.external_id, draft.invoice_date) == ("deposit", DEPOSIT, TODAY)


def test_a_deposit_invoiced_early_is_the_same_delivery_once_the_sale_is_won() -> None:
    made = the_draft(early(), export=EARLY)
    won = replace(THIRTY, day=LATER)
    deposit, balance = drafted(won, books(exported={DEPOSIT: invoiced(made, amount_paid=Decimal("34.50"))}), EARLY)
    assert (deposit.external_id, deposit.invoice_state, deposit.invoice_date) == (DEPOSIT, "open", TODAY)
    assert (balance.invoice_state, balance.invoice_date, balance.sub_total) == ("new", LATER, 70)
    assert not refusals(deposit)
    assert not refusals(balance)


# A deposit that stands

PAID = invoiced(split(THIRTY)[0], amount_paid=Decimal("34.50"), status="PAID")
GROWN = replace(THIRTY, lines=(line(quantity=Decimal(3)), line("00k2")))


def held_with(invoice: Invoice, **given: object) -> Books:
    return books(exported={DEPOSIT: invoice}, **given)


@pytest.mark.parametrize(
    "held", [held_with(PAID), held_with(replace(PAID, status="AUTHORISED"), period_lock_date=SOLD_ON)]
)
def test_a_deposit_that_was_paid_or_locked_stays_and_the_balance_takes_what_became_of_the_sale(held: Books) -> None:
    deposit, balance = split(replace(GROWN, day=LATER), held)
    assert (deposit.invoice_state, deposit.total) == ("open", Decimal("34.50"))
    assert balance.sub_total == 250 - 30
    assert (deposit.difference_beyond_tolerance, balance.difference_beyond_tolerance) == (0, 0)
    assert not refusals(deposit)
    assert not refusals(balance)


@given(lines, percents, percents)
def test_whatever_becomes_of_a_sale_with_a_paid_deposit_both_add_up_to_it(
    given_lines: list[tuple[Decimal, Decimal, Decimal | None, str]], before: Decimal, after: Decimal
) -> None:
    paid = invoiced(split(replace(THIRTY, deposit_percent=before))[0], amount_paid=Decimal(1))
    sold = [of_line(number, *values) for number, values in enumerate(given_lines)]
    deposit, balance = split(sale(*sold, deposit_percent=after), held_with(paid))
    whole = the_draft(sale(*sold))
    assert deposit.sub_total + balance.sub_total == whole.sub_total
    assert deposit.total + balance.total == whole.total
    assert deposit.invoice_state == "open"


def test_an_open_deposit_follows_the_sale() -> None:
    deposit, balance = split(GROWN, held_with(replace(PAID, amount_paid=Decimal(0), status="AUTHORISED")))
    assert (deposit.invoice_state, deposit.sub_total, balance.sub_total) == ("open", 75, 175)


def test_a_line_that_people_added_to_the_deposit_is_not_taken_off_the_balance() -> None:
    fee = InvoiceLine("fee", "Handling", Decimal(1), Decimal(9), None, "", "200", "OUTPUT2", {})
    deposit, balance = split(THIRTY, held_with(replace(PAID, lines=(*PAID.lines, fee))))
    assert (deposit.sub_total, balance.sub_total) == (30, 70)


def test_where_nobody_knows_which_lines_an_export_made_the_whole_deposit_is_taken_off() -> None:
    deposit, balance = split(GROWN, held_with(replace(PAID, line_ids={})))
    assert (deposit.sub_total, balance.sub_total, deposit.invoice_state) == (30, 220, "open")


@pytest.mark.parametrize(
    "gone",
    [
        replace(PAID, status="VOIDED", amount_paid=Decimal(0)),
        replace(PAID, status="DELETED", amount_paid=Decimal(0)),
        replace(PAID, vanished=True),
        replace(PAID, amounts="Inclusive"),
        replace(PAID, currency="AUD"),
    ],
)
def test_without_the_deposit_that_it_rests_on_a_balance_is_refused(gone: Invoice) -> None:
    _, balance = split(THIRTY, held_with(gone))
    assert balance.deposit_state == "gone"
    assert [refusal.check.name for refusal in refusals(balance)] == ["deposit_still_stands"]


# Never twice


WHOLE = invoiced(the_draft(sale()))


def test_a_sale_that_was_invoiced_whole_is_not_invoiced_again_in_two_parts() -> None:
    for draft in split(THIRTY, books(exported={SALE_ID: WHOLE})):
        assert draft.linked_invoices == 1
        assert [refusal.check.name for refusal in refusals(draft)] == ["sale_is_not_invoiced_yet"]


def test_a_sale_that_was_invoiced_in_parts_is_not_invoiced_again_whole() -> None:
    deposit, balance = (invoiced(draft) for draft in split(THIRTY))
    assert the_draft(sale(), books(exported={DEPOSIT: deposit})).linked_invoices == 1
    assert the_draft(sale(), books(exported={DEPOSIT: deposit, BALANCE: balance})).linked_invoices == 2


@pytest.mark.parametrize("status", ["VOIDED", "DELETED"])
def test_a_deposit_that_was_voided_is_in_nobodys_way_once_the_sale_is_whole_again(status: str) -> None:
    draft = the_draft(sale(), books(exported={DEPOSIT: replace(PAID, status=status)}))
    assert (draft.part, draft.linked_invoices, refusals(draft)) == ("whole", 0, ())
