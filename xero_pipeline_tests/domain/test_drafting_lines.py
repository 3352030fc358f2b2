"""The lines of an invoice: the most specific word wins (BW-X13), and each value is held against the books."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import product as every

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.domain.books import Item
from xero_pipeline.domain.drafts import Creates, DraftLine
from xero_pipeline.domain.export_settings import Export
from xero_pipeline.domain.sales import Sale, SaleLine, Wishes
from xero_pipeline_tests.domain.trade import (
    CUSTOMER,
    PRODUCT,
    books,
    customer,
    line,
    product,
    sale,
    settings,
    the_draft,
)

REGIONS = [{"category": "Region", "from": "billing_state", "default": "North"}]


def line_of(
    sold: Sale | SaleLine, export: Export | None = None, create: Creates | None = None, **held: object
) -> DraftLine:
    """The only line of the draft."""
    whole = sale(sold) if isinstance(sold, SaleLine) else sold
    return the_draft(whole, books(**held), export, create or Creates()).lines[0]


said = st.sampled_from(["", " ", "200", "210", "299", "400", "999"])


@given(said, said, said, said, said, said)
def test_the_most_specific_account_code_wins(
    of_line: str, of_product: str, ruled: str, of_sale: str, of_customer: str, default: str
) -> None:
    rules = [{"family": ["Goods"], "account_code": ruled}] if ruled.strip() else []
    sold = sale(
        line(product=product(wishes=Wishes(of_product)), wishes=Wishes(of_line)),
        wishes=Wishes(of_sale),
        customer=customer(wishes=Wishes(of_customer)),
    )
    words = (of_line, of_product, ruled, of_sale, of_customer, default)
    heard = next((word.strip() for word in words if word.strip()), None)
    assert line_of(sold, settings(account_code=default, account_rules=rules)).account_code == heard


rates = st.sampled_from(["", "OUTPUT2", "ZERORATED", "OLDRATE", "UNKNOWN"])


@given(rates, rates, rates, rates, rates, rates)
def test_the_most_specific_tax_type_wins(
    of_line: str, of_product: str, ruled: str, of_sale: str, of_customer: str, default: str
) -> None:
    rules = [{"item_code": ["BEANS"], "tax_type": ruled}] if ruled else []
    sold = sale(
        line(product=product(wishes=Wishes(tax_type=of_product)), wishes=Wishes(tax_type=of_line)),
        wishes=Wishes(tax_type=of_sale),
        customer=customer(wishes=Wishes(tax_type=of_customer)),
    )
    words = (of_line, of_product, ruled, of_sale, of_customer, default)
    heard = next((word for word in words if word), None)
    assert line_of(sold, settings(tax_type=default, tax_rules=rules)).tax_type == heard


@given(*[st.sampled_from(["", "North", "South", "Old", "north"])] * 4)
def test_the_most_specific_tracking_option_wins(of_line: str, of_sale: str, of_customer: str, default: str) -> None:
    sold = sale(
        line(wishes=Wishes(tracking=(of_line, ""))),
        wishes=Wishes(tracking=(of_sale, "")),
        customer=customer(wishes=Wishes(tracking=(of_customer, ""))),
    )
    found = line_of(sold, settings(tracking=[{"category": "Region", "default": default}]))
    heard = next((word for word in (of_line, of_sale, of_customer, default) if word), None)
    states = {None: "none", "North": "known", "South": "known", "Old": "archived", "north": "unknown"}
    assert (found.tracking_1, found.tracking_1_state) == (heard, states[heard])


def test_of_several_rules_the_first_that_fits_is_taken() -> None:
    rules = [
        {"family": ["Services"], "account_code": "400"},
        {"country": ["new zealand"], "account_code": "210"},
        {"item_code": ["BEANS"], "account_code": "200"},
    ]
    assert line_of(line(), settings(account_rules=rules)).account_code == "210"


def test_a_customer_abroad_is_taxed_by_the_rule_for_abroad_and_one_of_nowhere_is_not() -> None:
    export = settings(tax_rules=[{"country_not": ["New Zealand"], "tax_type": "ZERORATED"}])
    abroad = customer(address=replace(CUSTOMER.address, country="Fiji"))
    nowhere = customer(address=replace(CUSTOMER.address, country=""))
    assert line_of(sale(customer=abroad), export).tax_type == "ZERORATED"
    assert line_of(sale(customer=nowhere), export).tax_type == "OUTPUT2"


@pytest.mark.parametrize(
    ("code", "state", "kind"),
    [
        ("200", "active", "REVENUE"),
        ("299", "archived", "REVENUE"),
        ("999", "unknown", None),
        ("", "missing", None),
    ],
)
def test_an_account_is_held_against_the_chart(code: str, state: str, kind: str | None) -> None:
    found = line_of(line(), settings(account_code=code))
    assert (found.account_state, found.account_class) == (state, kind)


@pytest.mark.parametrize(
    ("tax_type", "account_code", "state"),
    [
        ("OUTPUT2", "200", "fits"),
        ("OUTPUT2", "400", "wrong_class"),
        ("ZERORATED", "400", "fits"),
        ("OLDRATE", "200", "inactive"),
        ("output2", "200", "unknown"),
        ("", "200", "missing"),
        ("OUTPUT2", "999", "fits"),
    ],
)
def test_a_tax_type_is_held_against_the_rates_and_the_account(tax_type: str, account_code: str, state: str) -> None:
    assert line_of(line(), settings(tax_type=tax_type, account_code=account_code)).tax_state == state


def test_what_is_not_taxed_needs_no_tax_type() -> None:
    found = line_of(line(), settings(amounts="no_tax", tax_type=""))
    assert (found.tax_type, found.tax_state, found.tax_amount) == ("NONE", "not_needed", 0)


@pytest.mark.parametrize(
    ("code", "create", "state"),
    [
        ("BEANS", False, "known"),
        ("SACKS", True, "not_sold"),
        ("beans", False, "unknown"),
        ("TEA", False, "unknown"),
        ("TEA", True, "to_create"),
        ("", True, "missing"),
    ],
)
def test_an_item_is_known_by_its_exact_code(code: str, create: bool, state: str) -> None:
    found = line_of(line(product=product(code=code)), create=Creates(items=create))
    assert (found.item_state, found.item_code) == (state, code or None)


def test_a_line_without_a_product_needs_no_item() -> None:
    found = line_of(line(product=None, description="By hand"))
    assert (found.item_state, found.item_code, found.product_id) == ("not_needed", None, None)


@pytest.mark.parametrize(
    ("words", "of_product", "name", "description"),
    [
        ("Two bags", "Beans, 1 kg", "Coffee beans", "Two bags"),
        ("", "Beans, 1 kg", "Coffee beans", "Beans, 1 kg"),
        (" \n", " ", "Coffee beans", "Coffee beans"),
        ("", "", "", ""),
    ],
)
def test_a_line_is_described_by_itself_then_by_its_product(
    words: str, of_product: str, name: str, description: str
) -> None:
    found = line_of(line(description=words, product=product(description=of_product, name=name)))
    assert found.description == description


# Tracking (BW-X12: exact and case-sensitive)


@pytest.mark.parametrize(
    ("state", "option"),
    [("South", "South"), ("south", "North"), ("Waikato", "North"), ("Old", "North"), ("", "North")],
)
def test_what_is_derived_and_not_known_gives_way_to_the_default(state: str, option: str) -> None:
    where = customer(address=replace(CUSTOMER.address, state=state))
    found = line_of(sale(customer=where), settings(tracking=REGIONS))
    assert (found.tracking_1, found.tracking_1_state) == (option, "known")


def test_what_somebody_named_and_xero_does_not_have_is_not_replaced() -> None:
    found = line_of(line(wishes=Wishes(tracking=("Waikato", ""))), settings(tracking=REGIONS))
    assert (found.tracking_1, found.tracking_1_state) == ("Waikato", "unknown")


def test_the_two_categories_are_those_of_the_settings_in_their_order() -> None:
    wishes = Wishes(tracking=("Retail", "South"))
    found = line_of(line(wishes=wishes), settings(tracking=[{"category": "Department"}, {"category": "Region"}]))
    assert (found.tracking_1, found.tracking_1_state) == ("Retail", "known")
    assert (found.tracking_2, found.tracking_2_state) == ("South", "known")


@pytest.mark.parametrize(
    ("source", "option"),
    [
        ("billing_state", "AUK"),
        ("billing_country", "New Zealand"),
        ("family", "Goods"),
        ("owner", "Ana Tau"),
        (None, None),
    ],
)
def test_an_option_is_derived_from_what_the_settings_name(source: str | None, option: str | None) -> None:
    options = dict.fromkeys(("AUK", "New Zealand", "Goods", "Ana Tau"), "ACTIVE")
    category = replace(books().categories[0], options=options)
    export = settings(tracking=[{"category": "Region", "from": source}])
    assert line_of(sale(owner="Ana Tau"), export, categories=(category,)).tracking_1 == option


def test_an_option_of_a_category_that_xero_does_not_have_is_unknown() -> None:
    found = line_of(line(), settings(tracking=[{"category": "Project", "default": "X"}]))
    assert (found.tracking_1, found.tracking_1_state) == ("X", "unknown")


def test_without_tracking_in_the_settings_wishes_for_it_mean_nothing() -> None:
    found = line_of(line(wishes=Wishes(tracking=("North", "Retail"))))
    assert (found.tracking_1_state, found.tracking_2_state) == ("none", "none")


# Amounts


@pytest.mark.parametrize("nothing", [None, Decimal(0), Decimal("0.00")])
def test_a_discount_of_nothing_is_none(nothing: Decimal | None) -> None:
    found = line_of(line(discount=nothing))
    assert (found.discount_rate, found.line_amount) == (None, Decimal("100.00"))


@pytest.mark.parametrize(
    ("given", "amount"),
    [
        ({"quantity": Decimal(0)}, "0.00"),
        ({"quantity": Decimal(-2)}, "-100.00"),
        ({"unit_price": Decimal(-50)}, "-100.00"),
        ({"discount": Decimal(100)}, "0.00"),
        ({"quantity": None}, "0.00"),
        ({"unit_price": None}, "0.00"),
        ({"quantity": Decimal(3), "unit_price": Decimal("33.33"), "total_price": Decimal(100)}, "100.00"),
    ],
)
def test_a_line_amounts_to_what_salesforce_says(given: dict[str, Decimal | None], amount: str) -> None:
    assert str(line_of(line(**given)).line_amount) == amount


@pytest.mark.parametrize(("quantity", "price"), list(every([None, Decimal(2)], [None, Decimal(50)])))
def test_a_line_without_a_quantity_or_a_price_is_given_neither(quantity: Decimal | None, price: Decimal | None) -> None:
    found = line_of(line(quantity=quantity, unit_price=price, total_price=Decimal(100)))
    assert found.quantity == quantity
    assert (found.unit_amount is None) == (quantity is None or price is None)


def test_lines_keep_the_order_of_the_sale() -> None:
    found = the_draft(sale(line("b"), line("a"), line("c"))).lines
    assert [(each.line_id, each.position) for each in found] == [("b", 1), ("a", 2), ("c", 3)]


def test_a_line_is_of_its_product() -> None:
    found = line_of(line(), items={"BEANS": Item("i", "BEANS")})
    assert (found.product_id, found.item_name, found.item_code) == (PRODUCT.product_id, PRODUCT.name, PRODUCT.code)
