"""Rollups equal a calculation of our own over what Xero says; records without invoices go to zero (BW-45 to BW-49, BW-X01)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from xero_pipeline.domain.org import Rollups
from xero_pipeline_tests.e2e.other_clients import Crm, Record, crm
from xero_pipeline_tests.e2e.pair import DEMO, Pair
from xero_pipeline_tests.e2e.rollup_calculation import (
    ACCOUNT_FIELDS,
    FIGURES,
    OPPORTUNITY_FIELDS,
    ZERO,
    Calculation,
    Sums,
)

STALE = {"Xero_Total_Invoiced__c": 115, "Xero_Total_Paid__c": 100, "Xero_Total_Due__c": 15, "Xero_Total_Overdue__c": 15}


def _staged(pair: Pair, table: str, key: str, figures: tuple[str, ...]) -> Sums:
    return {
        (row[key], row["currency_code"]): {figure: row[figure] for figure in figures}
        for row in pair.rows(f"select * from analytics.{table}")
    }


def _only(sums: Sums, figures: tuple[str, ...]) -> Sums:
    return {key: {figure: row[figure] for figure in figures} for key, row in sums.items()}


def _shown(records: dict[str, Record], fields: dict[str, str]) -> dict[str, dict[str, Decimal]]:
    return {
        key: {name: record[field] for field, name in fields.items()}
        for key, record in records.items()
        if any(record[field] for field in fields)
    }


def _wanted(sums: Sums, fields: dict[str, str]) -> dict[str, dict[str, Decimal]]:
    """What Salesforce shows: the sums in base currency, records with nothing but zeros left out."""
    return {
        key: {name: row[name] for name in fields.values()}
        for (key, currency), row in sums.items()
        if currency == "*" and any(row[name] for name in fields.values())
    }


@pytest.fixture(scope="module")
def calculation(demo: Pair) -> Calculation:
    return Calculation(demo)


@pytest.fixture
def sales(pair: Pair) -> Iterator[Crm]:
    with crm(pair.sandbox) as client:
        yield client


def test_account_rollups_are_what_xeros_documents_add_up_to_in_every_currency(
    demo: Pair, calculation: Calculation
) -> None:
    expected = calculation.accounts()

    assert _staged(demo, "account_rollups", "account_id", FIGURES) == expected
    assert {currency for _, currency in expected} == {"NZD", "AUD", "USD", "*"}
    for figure in FIGURES:
        assert any(row[figure] for row in expected.values()), figure


def test_opportunity_rollups_are_what_the_linked_invoices_add_up_to(demo: Pair, calculation: Calculation) -> None:
    figures = tuple(name for name in FIGURES if name != "unallocated_credit")
    expected = calculation.opportunities()

    assert _staged(demo, "opportunity_rollups", "opportunity_id", figures) == _only(expected, figures)
    assert len(expected) > 100


def test_what_was_invoiced_is_what_was_paid_credited_and_is_due(demo: Pair) -> None:
    in_document_currency = "select * from analytics.account_rollups where currency_code <> '*'"

    for row in demo.rows(in_document_currency):
        assert row["total_invoiced"] == row["total_paid"] + row["total_credited"] + row["total_due"]


def test_salesforce_shows_the_rollups_in_base_currency_and_nothing_elsewhere(
    demo: Pair, calculation: Calculation
) -> None:
    with crm(demo.sandbox) as client:
        accounts, opportunities = client.whole("Account"), client.whole("Opportunity")

    assert _shown(accounts, ACCOUNT_FIELDS) == _wanted(calculation.accounts(), ACCOUNT_FIELDS)
    assert _shown(opportunities, OPPORTUNITY_FIELDS) == _wanted(calculation.opportunities(), OPPORTUNITY_FIELDS)


def test_an_account_says_in_a_word_how_it_stands(demo: Pair, calculation: Calculation) -> None:
    with crm(demo.sandbox) as client:
        shown = {key: each["Xero_Account_Status__c"] for key, each in client.whole("Account").items()}

    for (account_id, currency), row in calculation.accounts().items():
        if currency == "*":
            assert shown[account_id] == _status(row), (account_id, row)


def _status(row: dict[str, Decimal]) -> str:
    if row["total_overdue"]:
        return "Overdue"
    if row["total_due"]:
        return "Owing"
    if row["unallocated_credit"]:
        return "In Credit"
    return "Paid Up" if row["total_invoiced"] else "Draft Only"


def test_an_account_that_shows_numbers_of_invoices_long_gone_went_to_zero(demo: Pair) -> None:
    # The demo plants one: its totals were left behind by an earlier sync.
    zeroed = demo.rows(
        """
        select accounts.* from salesforce.accounts
        left join analytics.account_rollups as rollups using (account_id)
        where accounts.xero_total_invoiced is not null and rollups.account_id is null
        """
    )

    assert len(zeroed) == 1
    assert [zeroed[0][f"xero_{name}"] for name in FIGURES] == [ZERO] * len(FIGURES)


ONE_INVOICE = """
select links.target_id as opportunity_id, min(invoices.invoice_number) as invoice_number
from sync.invoice_links as links join xero.invoices using (org_id, invoice_id)
where links.target_type = 'opportunity'
group by 1
having count(*) = 1 and min(invoices.status) = 'AUTHORISED' and min(invoices.amount_paid + invoices.amount_credited) = 0
order by 2 limit 1
"""


def test_an_opportunity_whose_only_invoice_is_voided_goes_to_zero(pair: Pair, sales: Crm) -> None:
    linked = pair.row(ONE_INVOICE)
    assert sales.whole("Opportunity")[linked["opportunity_id"]]["Xero_Total_Invoiced__c"] > 0
    pair.pull("void_invoice", invoice=linked["invoice_number"])

    pair.sync("delta")

    after = sales.whole("Opportunity")[linked["opportunity_id"]]
    assert {field: after[field] for field in OPPORTUNITY_FIELDS} == dict.fromkeys(OPPORTUNITY_FIELDS, ZERO)
    assert _shown(sales.whole("Account"), ACCOUNT_FIELDS) == _wanted(Calculation(pair).accounts(), ACCOUNT_FIELDS)


def _records_without_invoices(pair: Pair) -> tuple[str, str]:
    account = pair.rows(
        "select account_id as id from salesforce.accounts where not is_deleted "
        "and account_id not in (select account_id from analytics.account_rollups) order by 1"
    )[0]
    opportunity = pair.rows(
        "select opportunity_id as id from salesforce.opportunities where not is_deleted "
        "and opportunity_id not in (select opportunity_id from analytics.opportunity_rollups) order by 1"
    )[0]
    return account["id"], opportunity["id"]


def _leave_stale(pair: Pair) -> tuple[str, str]:
    """Numbers on an account and an opportunity that have no invoices."""
    account_id, opportunity_id = _records_without_invoices(pair)
    pair.in_salesforce("PATCH", f"Account/{account_id}", STALE)
    pair.in_salesforce("PATCH", f"Opportunity/{opportunity_id}", STALE)
    return account_id, opportunity_id


def _stale_shown(sales: Crm, account_id: str, opportunity_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    account, opportunity = sales.whole("Account")[account_id], sales.whole("Opportunity")[opportunity_id]
    return {field: account[field] for field in STALE}, {field: opportunity[field] for field in STALE}


def test_records_that_show_numbers_without_an_invoice_go_to_zero_opportunities_first(pair: Pair, sales: Crm) -> None:
    stale = _leave_stale(pair)
    pair.forget_requests()

    pair.sync("delta")

    zeros = dict.fromkeys(STALE, ZERO)
    assert _stale_shown(sales, *stale) == (zeros, zeros)
    assert len(pair.salesforce_writes()) == 2
    delivered = pair.rows("select object from sync.deliveries where external_id = any(%s) order by id", list(stale))
    assert [row["object"] for row in delivered] == ["Opportunity", "Account"]


@pytest.mark.parametrize(
    ("rollup_type", "account_goes_to_zero", "opportunity_goes_to_zero"),
    [("none", False, False), ("account", True, False), ("opportunity", False, True)],
)
def test_the_rollup_type_says_what_is_calculated_zeroing_included(
    pair: Pair, sales: Crm, rollup_type: str, account_goes_to_zero: bool, opportunity_goes_to_zero: bool
) -> None:
    org = DEMO.model_copy(update={"rollups": Rollups.model_validate({"type": rollup_type})})
    stale = _leave_stale(pair)
    before = pair.rows("select * from analytics.account_rollups order by 2, 3")
    pair.pull("pay_invoice", invoice=pair.row(ONE_INVOICE)["invoice_number"], amount="1.00")

    pair.sync("delta", org=org)

    zeros = dict.fromkeys(STALE, ZERO)
    account, opportunity = _stale_shown(sales, *stale)
    assert account == (zeros if account_goes_to_zero else STALE)
    assert opportunity == (zeros if opportunity_goes_to_zero else STALE)
    changed = pair.rows("select * from analytics.account_rollups order by 2, 3") != before
    assert changed is account_goes_to_zero


def test_what_is_overdue_changes_with_the_date_though_no_document_did(pair: Pair, sales: Crm) -> None:
    before = Calculation(pair).accounts()
    pair.pass_time(days=40)

    pair.sync("metadata")

    after = Calculation(pair).accounts()
    assert sum(row["total_overdue"] for row in after.values()) > sum(row["total_overdue"] for row in before.values())
    assert _staged(pair, "account_rollups", "account_id", FIGURES) == after
    assert _shown(sales.whole("Account"), ACCOUNT_FIELDS) == _wanted(after, ACCOUNT_FIELDS)


def test_the_basis_can_be_the_subtotal_and_submitted_invoices_can_be_left_out(pair: Pair) -> None:
    rules = Rollups(basis="sub_total", submitted_counts_as_draft=False, prepayments_count_as_credit=False)

    pair.sync("rollups", org=DEMO.model_copy(update={"rollups": rules, "write_back": False}))

    calculation = Calculation(pair)
    for invoice in calculation.invoices:
        invoice["Total"] = invoice["SubTotal"]
        if invoice["Status"] == "SUBMITTED":
            invoice["Total"] = ZERO
    calculation.credits = [each for each in calculation.credits if each["Type"] == "ACCRECCREDIT"]
    expected = calculation.accounts()
    # An account with nothing but prepayments has no row without them.
    assert _staged(pair, "account_rollups", "account_id", FIGURES) == expected
