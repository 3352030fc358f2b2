"""What is planned is what is applied: to the letter, once, and only while it still holds (issue C, plan and apply)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from xero_pipeline.domain.errors import Permanent, Throttled
from xero_pipeline.stages.export import run
from xero_pipeline_tests.e2e import contents
from xero_pipeline_tests.e2e.export_desk import Desk, Line

PUMP = Line("PMP-120", "2")
HOSE = Line("HSE-25", "7", "11.44")


def _plan(desk: Desk) -> str:
    """A dry run: every stage of an export up to its plan; the plan's id."""
    desk.pair.pass_time(minutes=1)
    clock = desk.pair.world.clock.now
    planned = run.plan_only(desk.pair.settings, desk.pair.org, clock=clock, sleep=lambda seconds: None)
    assert planned.plan_id is not None
    return planned.plan_id


def _apply(desk: Desk, plan_id: str) -> list[str]:
    """Apply a plan; the problems that the run told of."""
    desk.pair.pass_time(minutes=1)
    clock = desk.pair.world.clock.now
    applied = run.export(desk.pair.settings, desk.pair.org, plan_id=plan_id, clock=clock, sleep=lambda seconds: None)
    return [
        problem
        for report in applied.outcome.reports
        if report.stage == "export_invoices"
        for problem in report.problems
    ]


def _row(desk: Desk, sale_id: str) -> dict[str, object]:
    return desk.pair.row("select * from sync.export_documents where sale_id = %s", sale_id)


def test_a_dry_run_calls_nobody_and_changes_neither_side(desk: Desk) -> None:
    edited = desk.sell(PUMP, HOSE)
    desk.export()
    new, refused = desk.sell(PUMP), desk.sell(PUMP, Xero_Tax_Type__c="NOSUCH")
    desk.edit_line(desk.lines_of(edited)[0]["Id"], Quantity="4")
    salesforce, log = contents.of_salesforce(desk.crm), desk.log(limit=5000)
    desk.pair.forget_requests()

    _plan(desk)

    assert desk.calls() == []
    assert desk.pair.salesforce_writes() == []
    assert contents.changes(salesforce, contents.of_salesforce(desk.crm)) == {}
    assert desk.log(limit=5000) == log
    assert [_row(desk, each)["action"] for each in (new, edited, refused)] == ["create", "update", "blocked"]


def test_the_plan_shows_every_field_before_and_after(desk: Desk) -> None:
    sale_id = desk.sell(PUMP, HOSE)
    desk.export()
    first, second = (line["Id"] for line in desk.lines_of(sale_id))
    desk.edit_line(first, Quantity="4")
    desk.remove_line(second)
    desk.edit(sale_id, Xero_Reference__c="PO 4711")

    _plan(desk)

    row = _row(desk, sale_id)
    before, after = row["before"], row["after"]
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert {"Reference", f"line {first} Quantity"} <= changed
    assert {name for name in changed if second not in name} == {"Reference", f"line {first} Quantity"}
    assert (before[f"line {first} Quantity"], after[f"line {first} Quantity"]) == ("2", "4")
    assert before[f"line {second} ItemCode"] == "HSE-25"
    assert f"line {second} ItemCode" not in after


def test_what_is_applied_is_the_plan_to_the_letter(desk: Desk) -> None:
    edited = desk.sell(PUMP, HOSE)
    desk.export()
    created = desk.sell(PUMP)
    desk.edit_line(desk.lines_of(edited)[0]["Id"], Quantity="4")
    plan_id = _plan(desk)
    planned = {sale_id: _row(desk, sale_id) for sale_id in (edited, created)}

    problems = _apply(desk, plan_id)

    assert problems == []
    for sale_id, row in planned.items():
        (sent,) = desk.pair.rows(
            "select payload from sync.deliveries where system = 'xero' and object = 'invoices' and external_id = %s",
            sale_id,
        )
        assert sent["payload"] == row["payload"]
        assert Decimal(desk.invoice_of(sale_id)["Total"]) == row["total"]


def test_a_sale_that_moved_since_it_was_planned_is_left_alone_and_its_neighbours_are_not(desk: Desk) -> None:
    edited = desk.sell(HOSE)
    desk.export()
    moved, still = desk.sell(PUMP), desk.sell(PUMP)
    desk.edit_line(desk.lines_of(edited)[0]["Id"], Quantity="8")
    before = desk.invoice_of(edited)
    plan_id = _plan(desk)
    for sale_id in (moved, edited):
        desk.edit_line(desk.lines_of(sale_id)[0]["Id"], Quantity="9")

    problems = _apply(desk, plan_id)

    assert desk.invoices_of(moved) == []
    assert desk.invoice_of(edited) == before
    assert desk.invoice_of(still)
    assert any("2 sales have changed since they were planned" in problem for problem in problems)
    desk.export()
    assert [str(desk.invoice_of(each)["LineItems"][0]["Quantity"]) for each in (moved, edited)] == ["9.0000"] * 2


def test_an_invoice_that_changed_in_xero_since_it_was_planned_is_left_alone(desk: Desk) -> None:
    sale_id = desk.sell(PUMP)
    desk.export()
    desk.edit_line(desk.lines_of(sale_id)[0]["Id"], Quantity="4")
    plan_id = _plan(desk)
    invoice = desk.invoice_of(sale_id)
    lines = [{"LineItemID": invoice["LineItems"][0]["LineItemID"]}, {"Description": "Freight", "UnitAmount": 9}]
    desk.pair.pull("update_invoice", invoice=invoice["InvoiceID"], fields={"LineItems": lines})
    changed = desk.invoice_of(sale_id)

    problems = _apply(desk, plan_id)

    assert desk.invoice_of(sale_id) == changed
    assert any("Xero has changed since they were planned" in problem for problem in problems)


def test_what_the_books_no_longer_allow_is_not_created_from_an_old_plan(desk: Desk) -> None:
    sale_id = desk.sell(PUMP)
    plan_id = _plan(desk)
    contact_id = desk.customers[0].contact_id
    desk.pair.run("update xero.contacts set contact_status = 'ARCHIVED' where contact_id = %s", contact_id)
    desk.pair.forget_requests()

    problems = _apply(desk, plan_id)

    assert desk.calls() == []
    assert desk.invoices_of(sale_id) == []
    assert problems


def test_a_plan_that_is_no_longer_the_newest_is_refused(desk: Desk) -> None:
    sale_id = desk.sell(PUMP)
    old = _plan(desk)
    new = _plan(desk)
    assert old != new
    desk.pair.forget_requests()

    with pytest.raises(Permanent, match="another has taken its place"):
        _apply(desk, old)

    assert desk.calls() == []
    _apply(desk, new)
    assert desk.invoice_of(sale_id)


def test_a_plan_that_was_applied_is_applied_once(desk: Desk) -> None:
    sale_id = desk.sell(PUMP)
    plan_id = _plan(desk)
    _apply(desk, plan_id)
    desk.pair.forget_requests()

    _apply(desk, plan_id)

    assert desk.calls() == []
    assert len(desk.invoices_of(sale_id)) == 1


def test_what_waited_from_a_run_that_was_cut_short_is_not_sent_once_its_sale_has_moved(desk: Desk) -> None:
    sale_id = desk.sell(PUMP)
    desk.pair.fault("429 day", "/Invoices")
    plan_id = _plan(desk)
    with pytest.raises(Throttled):
        _apply(desk, plan_id)
    desk.pair.mend()
    assert desk.entry(sale_id).status == "pending"
    plan_id = _plan(desk)
    desk.edit_line(desk.lines_of(sale_id)[0]["Id"], Quantity="9")

    _apply(desk, plan_id)

    assert desk.invoices_of(sale_id) == []
    desk.export()
    assert str(desk.invoice_of(sale_id)["LineItems"][0]["Quantity"]) == "9.0000"
