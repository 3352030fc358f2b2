"""What of the demo is to be exported: every check has a sale that it refuses and one at its edge, and the rest can be sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from xero_pipeline.domain.drafts import Draft
from xero_pipeline.domain.export_checks import EXPORT_CHECKS
from xero_pipeline.domain.export_gate import refusals
from xero_pipeline.domain.export_settings import Export
from xero_pipeline.domain.payloads import new_invoice
from xero_pipeline.sandbox.demo import organisation, salesforce, salesforce_exports
from xero_pipeline.sandbox.demo.salesforce_world import SalesWorld
from xero_pipeline.sandbox.salesforce import Org
from xero_pipeline.sandbox.salesforce.values import Row
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.documents import create_invoice
from xero_pipeline.sandbox.xero.record import text_of
from xero_pipeline.sandbox.xero.tracking import named_on_line
from xero_pipeline_tests.sandbox.demo.drafted import SETTINGS, Drafted

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
PASSES, CHECK, EDGE = "Export: ", "Export check: ", "Export edge: "
CHECKS = {check.name for check in EXPORT_CHECKS}
# No record in Salesforce trips these under the demo's settings; why is told by the docstring of salesforce_exports.
UNTRIPPED = {
    "date_is_given",
    "reference_is_short_enough",
    "number_is_free",
    "number_is_printable",
    "account_is_given",
    "tax_is_given",
    "tracking_2_is_active",
    "description_is_short_enough",
    "quantity_is_given",
    "price_is_given",
    "invoice_is_not_paid",
    "invoice_is_not_voided",
    "invoice_is_not_locked",
    "invoice_is_still_there",
    "deposit_still_stands",
}
WITHOUT_AN_EDGE = {
    "amount_is_in_range",
    "date_is_given",
    "date_is_after_year_end_lock",
    "account_is_given",
    "tax_is_given",
    "tracking_2_is_active",
    "invoice_is_not_paid",
    "invoice_is_not_voided",
    "invoice_is_not_locked",
    "invoice_is_still_there",
    "deposit_still_stands",
}
# What a sale cannot but be refused for as well.
BESIDES = {
    "date_is_after_year_end_lock": "date_is_after_period_lock",
    "sale_has_lines": "total_is_positive",
    "code_is_short_enough": "item_is_known",
}


@pytest.fixture(scope="module")
def book() -> Book:
    return organisation.build(7, NOW, 1500)


@pytest.fixture(scope="module")
def org(book: Book) -> Org:
    return salesforce.build(book, 7, NOW)


@pytest.fixture(scope="module")
def drafted(org: Org, book: Book) -> dict[str, list[Draft]]:
    return Drafted(org, book, TODAY).by_name


def refused_by(drafts: list[Draft]) -> set[str]:
    return {refusal.check.name for draft in drafts for refusal in refusals(draft)}


def named(drafted: dict[str, list[Draft]], prefix: str) -> Iterator[tuple[str, list[Draft]]]:
    return ((name.removeprefix(prefix), drafts) for name, drafts in drafted.items() if name.startswith(prefix))


def test_every_check_has_a_sale_that_it_refuses_and_that_nothing_else_does(drafted: dict[str, list[Draft]]) -> None:
    found = {name: refused_by(drafts) for name, drafts in named(drafted, CHECK)}
    expected = {name: {name.partition(" (")[0], BESIDES.get(name, name.partition(" (")[0])} for name in found}
    assert found == expected
    assert {name.partition(" (")[0] for name in found} == CHECKS - UNTRIPPED


def test_every_check_has_a_sale_at_its_edge_that_passes(drafted: dict[str, list[Draft]]) -> None:
    found = dict(named(drafted, EDGE))
    assert {name: refused_by(drafts) for name, drafts in found.items()} == {name: set() for name in found}
    assert set(found) == CHECKS - WITHOUT_AN_EDGE


def test_the_edges_lie_where_the_checks_draw_the_line(drafted: dict[str, list[Draft]]) -> None:
    edges = {name: drafts[0] for name, drafts in named(drafted, EDGE)}
    assert edges["date_is_after_period_lock"].days_after_period_lock == 1
    assert len(edges["reference_is_short_enough"].reference) == 255
    assert len(edges["description_is_short_enough"].lines[0].description) == 4000
    assert len(str(edges["code_is_short_enough"].lines[0].item_code)) == 30
    assert edges["total_is_positive"].sub_total == Decimal("0.01")
    rounded = edges["total_agrees_with_salesforce"]
    assert rounded.sub_total - rounded.salesforce_total == SETTINGS.tolerance
    locked = dict(named(drafted, CHECK))
    assert locked["date_is_after_period_lock"][0].days_after_period_lock == 0
    assert locked["date_is_after_year_end_lock"][0].days_after_year_end_lock == 0


def test_where_the_reference_is_the_number_the_edges_of_the_number_are_refused(org: Org, book: Book) -> None:
    settings = Export.model_validate(SETTINGS.model_dump(by_alias=True) | {"number": "reference"})
    edges = Drafted(org, book, TODAY, settings).by_name
    for check in ("number_is_free", "number_is_printable"):
        assert refused_by(edges[EDGE + check]) == {check}


def test_some_forty_sales_pass_and_use_all_that_a_sale_may_say(drafted: dict[str, list[Draft]]) -> None:
    passing = dict(named(drafted, PASSES))
    documents = [draft for drafts in passing.values() for draft in drafts]
    lines = [line for draft in documents for line in draft.lines]
    assert 40 <= len(passing) <= 60
    assert refused_by(documents) == set()
    assert {draft.sale_type for draft in documents} == {"opportunity", "order"}
    assert {draft.part for draft in documents} == {"whole", "deposit", "balance"}
    assert {draft.amounts for draft in documents} == {"Exclusive", "Inclusive", "NoTax"}
    assert {draft.currency_code for draft in documents} == {"NZD", "USD", "AUD"}
    assert {draft.branding_theme for draft in documents} == {None, "Service Jobs", "Export"}
    assert {line.tax_type for line in lines} == {"OUTPUT2", "ZERORATED", "NONE"}
    assert {line.account_code for line in lines} == {"200", "230", "260"}
    assert {line.discount_rate for line in lines} >= {None, Decimal(5), Decimal(10), Decimal("12.5")}
    assert {"Otago", "Northland", "Waikato", "Auckland", "Canterbury"} <= {line.tracking_1 for line in lines}
    assert {line.tracking_2 for line in lines} == {None, "Service", "Hire", "Equipment"}
    assert any(line.unit_amount != line.unit_amount.quantize(Decimal("0.01")) for line in lines if line.unit_amount)
    assert any(line.quantity != line.quantity.to_integral_value() for line in lines if line.quantity)
    assert any(draft.reference == draft.sale_id for draft in documents)
    assert [draft.part for draft in passing["a deposit and the balance"]] == ["deposit", "balance"]
    assert [draft.part for draft in passing["a deposit, still negotiated"]] == ["deposit"]


def test_every_way_to_find_a_customer_is_taken(org: Org, drafted: dict[str, list[Draft]]) -> None:
    accounts = org.tables["Account"].rows
    found = [accounts[str(draft.account_id)] for _, drafts in named(drafted, PASSES) for draft in drafts]
    assert any(account.get("Xero_Contact_Id__c") for account in found)
    assert any(account.get("AccountNumber") for account in found)
    assert any(account["IsPersonAccount"] and account.get("PersonEmail") for account in found)
    assert any(set(account).isdisjoint({"Xero_Contact_Id__c", "AccountNumber", "PersonEmail"}) for account in found)


def test_nothing_is_ticked_that_is_not_said_here(org: Org) -> None:
    for sobject in ("Opportunity", "Order"):
        ticked = [str(row["Name"]) for row in org.tables[sobject].rows.values() if row["Xero_Export__c"]]
        assert ticked
        assert all(name.startswith((PASSES, CHECK, EDGE)) for name in ticked)


def test_references_are_fresh(org: Org, book: Book) -> None:
    quoted = {text_of(invoice, "Reference").upper() for invoice in book.collections["Invoices"].values()}
    ticked = [
        row
        for sobject in ("Opportunity", "Order")
        for row in org.tables[sobject].rows.values()
        if row["Xero_Export__c"]
    ]
    names = {str(row["Name"]) for row in ticked if str(row.get("Xero_Reference__c")).upper() in quoted}
    assert names == {CHECK + "sale_is_not_invoiced_yet"}
    references = [row["Xero_Reference__c"] for row in ticked if row.get("Xero_Reference__c")]
    assert len(references) == len(set(references)) == len(ticked) - 1


def test_products_are_ticked_that_are_new_dearer_and_too_long_for_xero(org: Org, book: Book) -> None:
    items = {text_of(item, "Code"): item for item in book.collections["Items"].values()}
    prices = {row["Product2Id"]: row["UnitPrice"] for row in org.tables["PricebookEntry"].rows.values()}
    ticked = {str(row["StockKeepingUnit"]): row for row in org.tables["Product2"].rows.values() if row["Xero_Sync__c"]}
    new, known = sorted(set(ticked) - set(items)), set(ticked) & set(items)
    assert [len(str(ticked[code]["Name"])) > 50 for code in new] == [False, True, False]
    (dearer,) = known
    assert prices[ticked[dearer]["Id"]] > items[dearer]["SalesDetails"]["UnitPrice"]  # type: ignore[index, operator]


def test_three_notes_are_on_sales_that_pass(org: Org) -> None:
    notes = list(org.tables["Xero_Note__c"].rows.values())
    sales = [org.row(str(note.get("Opportunity__c") or note.get("Order__c"))) for note in notes]
    assert len(notes) == 3
    assert {sale["Name"] for sale in sales if sale} == {
        "Export: several lines",
        "Export: a tenth off everything",
        "Export: an order",
    }
    assert all(0 < len(str(note["Details__c"])) <= 2500 for note in notes)


def test_all_else_of_the_demo_is_what_it_is_without_them(book: Book, org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(world: SalesWorld) -> None:
        """No sale to export."""

    monkeypatch.setattr(salesforce, "add_exports", nothing)
    without = salesforce.build(book, 7, NOW)
    changed: dict[str, list[tuple[Row, Row]]] = {}
    for name, table in without.tables.items():
        for record_id, row in table.rows.items():
            now = org.tables[name].rows[record_id]
            if now != row and name != "Organization":
                changed.setdefault(name, []).append((row, now))
    assert {name: len(rows) for name, rows in changed.items()} == {"Product2": 1, "PricebookEntry": 1}
    ((before, after),) = changed["Product2"]
    assert (before["Xero_Sync__c"], after["Xero_Sync__c"]) == (False, True)


@pytest.mark.parametrize("invoices", [1, 60])
def test_a_small_book_has_them_too(invoices: int) -> None:
    small = organisation.build(3, NOW, invoices)
    drafts = Drafted(salesforce.build(small, 3, NOW), small, TODAY).by_name
    found = {name: refused_by(each) for name, each in named(drafts, CHECK)}
    assert CHECKS - UNTRIPPED - {"sale_is_not_invoiced_yet"} <= set().union(*found.values())
    assert all(name.partition(" (")[0] in checks for name, checks in found.items())
    assert all(refused_by(each) == set() for prefix in (PASSES, EDGE) for _, each in named(drafts, prefix))


def test_xero_takes_whatever_passes_and_adds_it_up_to_the_cent() -> None:
    small = organisation.build(3, NOW, 60)
    drafted = Drafted(salesforce.build(small, 3, NOW), small, TODAY)
    passing = [draft for name, drafts in drafted.by_name.items() if not name.startswith(CHECK) for draft in drafts]
    assert len(passing) > 70
    for draft in passing:
        invoice = new_invoice(draft, f"https://sales.example/{draft.external_id}", drafted.books, SETTINGS)
        lines = [{**line, "Tracking": named_on_line(small, line.get("Tracking", []))} for line in invoice["LineItems"]]
        dates = {"Date": draft.invoice_date, "DueDate": draft.due_date}
        made = create_invoice(small, {**invoice, **dates, "LineItems": lines, "Status": "AUTHORISED"}, NOW)
        assert (made["SubTotal"], made["TotalTax"], made["Total"]) == (draft.sub_total, draft.total_tax, draft.total)


def test_the_docstring_names_every_check_that_is_different() -> None:
    told = salesforce_exports.__doc__ or ""
    for check in (UNTRIPPED | WITHOUT_AN_EDGE | set(BESIDES)) - {
        name for name in CHECKS if name.startswith("invoice_is")
    }:
        assert f"`{check}`" in told
