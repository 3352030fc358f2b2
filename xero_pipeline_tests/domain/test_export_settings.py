"""The export is off unless it is switched on, and a mistake in its settings is one sentence that says where it is."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from xero_pipeline.domain.errors import Permanent
from xero_pipeline.domain.export_settings import Due, Export, LineRule
from xero_pipeline.domain.org import parse_orgs


def of_yaml(section: str) -> Export:
    (org,) = parse_orgs(f"orgs: [{{alias: demo, export: {section}}}]", "orgs.yaml")
    return org.export


def test_to_read_never_writes_into_anybodys_books() -> None:
    (org,) = parse_orgs("orgs: [{alias: demo}]", "orgs.yaml")
    assert not org.export.enabled


def test_what_is_switched_on_without_more_is_careful() -> None:
    export = of_yaml("{enabled: true}")
    assert (export.status, export.create_contacts, export.require_checkbox) == ("draft", False, True)
    assert (export.number, export.amounts, export.tolerance) == ("xero", "exclusive", Decimal("0.01"))


def test_the_whole_section_is_read() -> None:
    export = of_yaml(
        """{enabled: true, opportunities: {stages: [Closed Won], deposit_stages: [Negotiation/Review]}, orders: {statuses: []},
        item_code: product_code, status: authorised, number: reference, reference: name, amounts: inclusive, date: today,
        due: {rule: day_of_next_month, days: 20}, account_code: "200",
        account_rules: [{family: [Services], account_code: "210"}], tax_type: OUTPUT2,
        tax_rules: [{country_not: [New Zealand], tax_type: ZERORATED}],
        tracking: [{category: Region, from: billing_state, default: North}, {category: Department, from: null}],
        branding_theme: Special, create_contacts: true, products: false, notes: false, tolerance: "0.05"}"""
    )
    assert export.tax_rules[0].country_not == ("New Zealand",)
    assert [each.source for each in export.tracking] == ["billing_state", None]
    assert (export.orders.statuses, export.tolerance) == ((), Decimal("0.05"))


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ("{enable: true}", "orgs.0.export.enable: Extra inputs are not permitted"),
        ("{enabled: perhaps}", "orgs.0.export.enabled: Input should be a valid boolean"),
        ("{opportunities: {stages: Closed Won}}", "orgs.0.export.opportunities.stages: Input should be a valid tuple"),
        ("{orders: {status: [Activated]}}", "orgs.0.export.orders.status: Extra inputs"),
        ("{item_code: name}", "orgs.0.export.item_code: Input should be 'sku' or 'product_code'"),
        ("{status: paid}", "orgs.0.export.status: Input should be 'draft' or 'authorised'"),
        ("{number: ours}", "orgs.0.export.number: Input should be 'xero' or 'reference'"),
        ("{amounts: gross}", "orgs.0.export.amounts: Input should be 'exclusive', 'inclusive' or 'no_tax'"),
        ("{date: tomorrow}", "orgs.0.export.date: Input should be 'sale' or 'today'"),
        ("{due: {rule: soon}}", "orgs.0.export.due.rule: Input should be 'days_after_invoice_date'"),
        ("{due: {days: -1}}", "orgs.0.export.due.days: Input should be greater than or equal to 0"),
        ("{due: {rule: day_of_this_month, days: 32}}", "orgs.0.export.due: a day of a month is 1 to 31"),
        ("{due: {rule: day_of_next_month, days: 0}}", "orgs.0.export.due: a day of a month is 1 to 31"),
        ("{account_code: 200}", "orgs.0.export.account_code: a code is text: write it in quotes"),
        ("{account_rules: [{account_code: 010}]}", "orgs.0.export.account_rules.0.account_code: a code is text"),
        ("{account_rules: [{family: [Goods]}]}", "orgs.0.export.account_rules.0.account_code: Field required"),
        (
            "{tax_rules: [{tax_type: ''}]}",
            "orgs.0.export.tax_rules.0.tax_type: String should have at least 1 character",
        ),
        ("{tax_rules: [{item_code: [7], tax_type: NONE}]}", "orgs.0.export.tax_rules.0.item_code.0: a code is text"),
        ("{tracking: [{category: ''}]}", "orgs.0.export.tracking.0.category: String should have at least 1 character"),
        ("{tracking: [{category: R, from: city}]}", "orgs.0.export.tracking.0.from: Input should be 'billing_state'"),
        (
            "{tracking: [{category: A}, {category: B}, {category: C}]}",
            "orgs.0.export.tracking: Tuple should have at most 2",
        ),
        ("{tracking: [{category: A}, {category: A}]}", "orgs.0.export: tracking names the same category twice"),
        ("{tolerance: -0.01}", "orgs.0.export.tolerance: Input should be greater than or equal to 0"),
        ("{tolerance: .nan}", "orgs.0.export.tolerance: Input should be a finite number"),
        ("nothing", "orgs.0.export: Input should be a valid dictionary or instance of Export"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_nothing_else(section: str, says: str) -> None:
    with pytest.raises(Permanent) as refused:
        of_yaml(section)
    assert refused.value.message.startswith("orgs.yaml cannot be used: ")
    assert says in refused.value.message
    assert ";" not in refused.value.message
    assert refused.value.next_step == "Correct it and run again."


def test_a_day_of_the_month_is_one_that_months_have() -> None:
    for days in (1, 31):
        assert Due(rule="day_of_this_month", days=days).days == days
    with pytest.raises(ValidationError):
        Due(rule="day_of_this_month", days=32)
    assert Due(rule="days_after_month_end", days=45).days == 45


WHERE = {"item_code": "BEANS", "family": "Goods", "country": "New Zealand"}


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        (LineRule(), True),
        (LineRule(item_code=("BEANS", "SACKS")), True),
        (LineRule(item_code=("beans",)), False),
        (LineRule(family=("Goods",)), True),
        (LineRule(family=("goods",)), False),
        (LineRule(country=(" new  zealand ",)), True),
        (LineRule(country=("Australia",)), False),
        (LineRule(country_not=("NEW ZEALAND",)), False),
        (LineRule(country_not=("Australia",)), True),
        (LineRule(family=("Goods",), country=("Australia",)), False),
        (LineRule(item_code=("BEANS",), family=("Goods",), country=("New Zealand",), country_not=("Fiji",)), True),
    ],
)
def test_a_rule_fits_where_every_condition_holds(rule: LineRule, fits: bool) -> None:
    assert rule.fits(**WHERE) is fits


@pytest.mark.parametrize("rule", [LineRule(country=("Fiji",)), LineRule(country_not=("New Zealand",))])
@pytest.mark.parametrize("nowhere", ["", "  "])
def test_a_customer_of_whom_nobody_knows_where_it_is_is_not_abroad(rule: LineRule, nowhere: str) -> None:
    assert not rule.fits(item_code="BEANS", family="Goods", country=nowhere)


names = st.sampled_from(["", "Goods", "Services"])


@given(st.lists(names), names, st.lists(names), names)
def test_another_condition_never_widens_a_rule(families: list[str], family: str, codes: list[str], code: str) -> None:
    one = LineRule(family=tuple(families)).fits(item_code=code, family=family, country="")
    both = LineRule(family=tuple(families), item_code=tuple(codes)).fits(item_code=code, family=family, country="")
    assert one or not both
