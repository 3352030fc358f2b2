"""What a check refuses is not sent, and every reason is told, the first step's first (FF-16)."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.domain.books import Item
from xero_pipeline.domain.drafts import Creates, Draft, DraftLine
from xero_pipeline.domain.expectations import Between
from xero_pipeline.domain.export_checks import EXPORT_CHECKS, ExportCheck
from xero_pipeline.domain.export_gate import Evidence, refusal_of, refusals
from xero_pipeline.domain.items import ITEM_CHECKS, ItemDraft, draft_item
from xero_pipeline.domain.sales import Wishes
from xero_pipeline_tests.domain.refused_sales import (
    OF_THE_CUSTOMER,
    OF_THE_INVOICE,
    OF_THE_LINES,
    OF_THE_PRODUCTS,
    Pair,
)
from xero_pipeline_tests.domain.trade import SALE_ID, books, customer, line, product, sale, settings, the_draft

EXAMPLES: dict[str, Pair] = {**OF_THE_CUSTOMER, **OF_THE_INVOICE, **OF_THE_PRODUCTS, **OF_THE_LINES}
OF_AN_ITEM: dict[str, tuple[ItemDraft, ItemDraft]] = {
    name: (
        draft_item(product(**trips[0]), books(), settings(**trips[1])),
        draft_item(product(**fits), books(), settings()),
    )
    for name, trips, fits in [
        ("item_code_is_given", ({"code": ""}, {}), {"code": "C"}),
        ("item_code_is_short_enough", ({"code": "C" * 31}, {}), {"code": "C" * 30}),
        ("item_name_is_short_enough", ({"name": "N" * 51}, {}), {"name": "N" * 50}),
        ("item_description_is_short_enough", ({"description": "D" * 4001}, {}), {"description": "D" * 4000}),
        ("item_account_is_known", ({}, {"account_code": "20"}), {}),
        ("item_account_is_active", ({}, {"account_code": "299"}), {}),
        ("item_tax_is_usable", ({}, {"account_code": "400"}), {"wishes": Wishes("400", "ZERORATED")}),
    ]
}
EVERY_CHECK = (*EXPORT_CHECKS, *ITEM_CHECKS)
NAMES = [check.name for check in EVERY_CHECK]
EVIDENCE = {"document": Draft, "line": DraftLine, "item": ItemDraft}


def names_of(draft: Draft) -> list[str]:
    return [refusal.check.name for refusal in refusals(draft)]


def rows(check: ExportCheck, draft: Draft) -> list[Evidence]:
    return [draft] if check.grain == "document" else list(draft.lines)


def test_a_sale_in_order_is_refused_nothing() -> None:
    assert refusals(the_draft(sale())) == ()


@pytest.mark.parametrize("check", EXPORT_CHECKS, ids=lambda check: check.name)
def test_every_check_of_a_sale_is_tripped_by_one_and_spares_another_at_its_edge(check: ExportCheck) -> None:
    trips, spared = EXAMPLES[check.name]
    assert check.name in names_of(trips)
    assert names_of(spared) == []


@pytest.mark.parametrize("check", ITEM_CHECKS, ids=lambda check: check.name)
def test_every_check_of_a_product_is_tripped_by_one_and_spares_another_at_its_edge(check: ExportCheck) -> None:
    trips, spared = OF_AN_ITEM[check.name]
    refused = refusal_of(check, trips)
    assert refused is not None
    assert refused.step == "item"
    assert [each.name for each in ITEM_CHECKS if refusal_of(each, spared)] == []


def test_no_example_is_of_a_check_that_is_gone() -> None:
    assert sorted(NAMES) == sorted({*EXAMPLES, *OF_AN_ITEM})


# The declarations


@pytest.mark.parametrize("check", EVERY_CHECK, ids=lambda check: check.name)
def test_a_check_looks_at_and_speaks_of_what_there_is(check: ExportCheck) -> None:
    there = {field.name for field in fields(EVIDENCE[check.grain])}
    spoken_of = {name for _, name, _, _ in Formatter().parse(check.sentence) if name}
    assert {check.field, check.subject} | spoken_of <= there
    assert check.sentence.endswith(".")
    assert check.fix.endswith(".")
    assert "{" not in check.fix


def any_value(check: ExportCheck) -> st.SearchStrategy[object]:
    numbers = st.none() | st.integers(-9, 9) | st.decimals(-9, 9, places=2)
    if isinstance(check.expects, Between):
        return numbers
    return numbers | st.text(max_size=5) | st.dates(date(2020, 1, 1))


@given(st.data(), st.sampled_from(EVERY_CHECK))
def test_a_refusal_can_be_told_whatever_the_values_are(data: st.DataObject, check: ExportCheck) -> None:
    evidence: Evidence = OF_AN_ITEM["item_code_is_given"][0]
    if check.grain != "item":
        draft = EXAMPLES[check.name][0]
        evidence = (rows(check, draft) or list(the_draft(sale()).lines))[0]
    spoken_of = {name for _, name, _, _ in Formatter().parse(check.sentence) if name} - {check.field}
    evidence = replace(evidence, **{name: data.draw(any_value(check)) for name in sorted({*spoken_of, check.subject})})
    evidence = replace(evidence, **{check.field: data.draw(any_value(check))})
    refused = refusal_of(check, evidence)
    if check.expects.holds(getattr(evidence, check.field)):
        assert refused is None
    else:
        assert refused is not None
        assert refused.cause.startswith(f"{check.name}:")
        assert refused.sentence.strip()


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_no_sentence_speaks_of_none_as_programmers_do(name: str) -> None:
    for refused in refusals(EXAMPLES[name][0]):
        assert not re.search(r"\bNone\b|Decimal|[{}]", refused.sentence + refused.cause)


def test_braces_in_a_name_are_only_braces() -> None:
    draft = replace(the_draft(sale()), contact_state="not_found", account_name="{0} {contact_id}")
    (refused,) = refusals(draft)
    assert "{0} {contact_id}." in refused.sentence


# Steps and causes


def everything_wrong() -> Draft:
    bad = line(product=product(code="TEA"), wishes=Wishes("20", "nothing"))
    sold = sale(bad, line("00k2", product=product(code="TEA"), wishes=Wishes("20")), customer=None, day=None)
    return the_draft(sold, books(others={SALE_ID: ("INV-7",)}))


def test_refusals_are_told_in_the_order_of_the_steps() -> None:
    steps = [refusal.step for refusal in refusals(everything_wrong())]
    assert steps == sorted(steps, key=["customer", "products", "invoice"].index)
    assert set(steps) == {"customer", "products", "invoice"}


def test_every_reason_is_told_and_each_line_at_fault_named() -> None:
    found = refusals(everything_wrong())
    unknown = [refusal.line_id for refusal in found if refusal.check.name == "item_is_known"]
    assert unknown == ["00k1", "00k2"]
    assert {"customer_is_named", "date_is_given", "tax_is_known", "sale_is_not_invoiced_yet"} <= {
        refusal.check.name for refusal in found
    }
    assert next(refusal.line_id for refusal in found if refusal.check.name == "date_is_given") is None


def test_failures_that_one_act_would_mend_have_one_cause() -> None:
    sales = [sale(line(product=product(code="TEA"))), sale(line("other", product=product(code="TEA")), sale_id="006b")]
    causes = {refusal.cause for sold in sales for refusal in refusals(the_draft(sold))}
    assert causes == {"item_is_known:TEA"}


def test_failures_of_two_customers_have_two_causes() -> None:
    sales = [sale(customer=customer(account_id=each, name=each, number="")) for each in ("001a", "001b")]
    causes = {refusal.cause for sold in sales for refusal in refusals(the_draft(sold))}
    assert causes == {"customer_is_known:001a", "customer_is_known:001b"}


def test_what_will_be_created_on_the_way_refuses_nothing() -> None:
    held = books(items={"SACKS": Item("i", "SACKS")})
    assert names_of(the_draft(sale(), held, create=Creates(items=True))) == []


@given(st.decimals("-50", "50", places=2))
def test_only_a_total_above_nothing_is_sent(price: Decimal) -> None:
    draft = the_draft(sale(line(quantity=Decimal(1), unit_price=price)))
    assert ("total_is_positive" in names_of(draft)) == (price <= 0)
