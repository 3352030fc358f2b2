"""`xero-pipeline export` as a person types it: what it shows, what it sends, and how it ends."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from xero_pipeline.warehouse import locks
from xero_pipeline_tests.e2e.export_desk import Desk, Line, open_desk
from xero_pipeline_tests.e2e.pair import Snapshot
from xero_pipeline_tests.e2e.typing_desk import Terminal, terminal


@pytest.fixture
def typed(desk: Desk, tmp_path: Path) -> Terminal:
    return terminal(desk, tmp_path)


def _writes(desk: Desk) -> list[str]:
    return [call for call in desk.calls() if not call.startswith("GET")]


def test_an_export_that_is_switched_off_says_how_to_switch_it_on(desk: Desk, tmp_path: Path) -> None:
    done = terminal(desk, tmp_path, enabled=False).type("export", "demo")
    assert done.exit_code == 1
    assert done.stdout == ""
    (sentence,) = done.stderr.splitlines()
    assert "switched off for demo" in sentence
    assert "`export: {enabled: true}` under demo in orgs.yaml" in sentence


def test_an_organisation_that_was_never_synced_is_synced_first(exporting: Snapshot, tmp_path: Path) -> None:
    with open_desk(exporting, tmp_path) as desk:
        desk.pair.run("delete from sync.windows where endpoint = 'items'")
        done = terminal(desk, tmp_path).type("export", "demo")
    assert done.exit_code == 1
    assert "`xero-pipeline sync demo --mode full`" in done.stderr


def test_making_a_plan_and_applying_one_are_two_things(typed: Terminal) -> None:
    done = typed.type("export", "demo", "--dry-run", "--plan", "1")
    assert done.exit_code == 2
    assert "give one of them" in done.stderr


def test_a_dry_run_tells_everything_and_sends_nothing(desk: Desk, typed: Terminal) -> None:
    sale_id = desk.sell(Line("PMP-120", "2", "10.00", "10"), Name="Two pumps")
    desk.pair.forget_requests()
    shown = typed.json("export", "demo", "--dry-run")
    assert _writes(desk) == []
    assert desk.pair.salesforce_writes() == []
    assert shown["applied"] is False
    assert shown["apply_with"] == f"xero-pipeline export demo --plan {shown['plan_id']}"
    (invoice,) = [each for each in shown["invoices"] if each["external_id"] == sale_id]
    assert (invoice["action"], invoice["sale_name"], invoice["outcome"]) == ("create", "Two pumps", None)
    assert (invoice["sub_total"], invoice["total_tax"], invoice["total"]) == ("18.00", "2.70", "20.70")
    (line,) = invoice["lines"]
    assert (line["line"], line["ItemCode"], line["Quantity"], line["DiscountRate"]) == (1, "PMP-120", "2", "10")
    assert shown["totals"]["invoices"]["create"] == 1
    assert desk.invoices_of(sale_id) == []


def test_a_person_reads_the_plan_with_the_command_that_applies_it(desk: Desk, typed: Terminal) -> None:
    desk.sell(Line(), Name="A [bold] sale")
    read = typed.type("export", "demo", "--dry-run").stdout
    assert "create  A [bold] sale" in read
    assert "1  PMP-120" in read
    assert "refused 1 x Xero has no item with the code GTW-3.  item_is_known:GTW-3" in read
    assert "Invoices: 1 to create, " in read
    assert "Nothing was sent. To send exactly this:\n  xero-pipeline export demo --plan " in read


def test_an_edit_is_shown_field_by_field(desk: Desk, typed: Terminal) -> None:
    sale_id = desk.sell(Line("PMP-120", "2", "10.00"))
    typed.json("export", "demo")
    (line,) = desk.lines_of(sale_id)
    desk.edit_line(line["Id"], Quantity=3)
    shown = typed.json("export", "demo", "--dry-run")
    (invoice,) = [each for each in shown["invoices"] if each["external_id"] == sale_id]
    assert invoice["action"] == "update"
    assert [(each["line"], each["field"], each["before"], each["after"]) for each in invoice["changes"]] == [
        (1, "Quantity", "2", "3")
    ]
    assert "line 1 Quantity: 2 -> 3" in typed.type("export", "demo", "--dry-run").stdout


def test_the_plan_that_was_shown_is_sent_to_the_letter(desk: Desk, typed: Terminal) -> None:
    sale_id = desk.sell(Line("PMP-120", "2", "10.00", "10"))
    shown = typed.json("export", "demo", "--dry-run")
    done = typed.json("export", "demo", "--plan", shown["plan_id"])
    assert done["plan_id"] == shown["plan_id"]
    (invoice,) = [each for each in done["invoices"] if each["external_id"] == sale_id]
    there = desk.invoice_of(sale_id)
    assert invoice["outcome"]["status"] == "succeeded"
    assert invoice["outcome"]["number"] == there["InvoiceNumber"]
    assert Decimal(str(there["Total"])) == Decimal(invoice["total"])
    # The second time there is nothing left to send.
    desk.pair.forget_requests()
    assert typed.json("export", "demo", "--plan", shown["plan_id"])["apply_with"] is None
    assert _writes(desk) == []


def test_a_plan_that_is_no_longer_the_newest_is_refused_in_one_sentence(desk: Desk, typed: Terminal) -> None:
    desk.sell(Line())
    old = typed.json("export", "demo", "--dry-run")["plan_id"]
    typed.json("export", "demo", "--dry-run")
    desk.pair.forget_requests()
    done = typed.type("export", "demo", "--plan", old)
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1].startswith(f"Error: Plan {old} is not the newest")
    assert _writes(desk) == []


def test_a_sale_that_moved_since_the_plan_is_left_to_the_next(desk: Desk, typed: Terminal) -> None:
    sale_id = desk.sell(Line())
    shown = typed.json("export", "demo", "--dry-run")
    desk.edit(sale_id, Xero_Reference__c="PO-99")
    done = typed.json("export", "demo", "--plan", shown["plan_id"])
    assert done["stages"]["export_invoices"]["problems"] == [
        "1 sales have changed since they were planned; the next plan takes them up."
    ]
    assert desk.invoices_of(sale_id) == []
    typed.json("export", "demo")
    assert desk.invoice_of(sale_id)["Reference"] == "PO-99"


def test_a_plan_creates_the_items_of_ticked_products_before_their_invoices(small: Snapshot, tmp_path: Path) -> None:
    with open_desk(small, tmp_path) as desk:
        typed = terminal(desk, tmp_path)
        sale_id = desk.sell(Line("SNS-PH", "1", "318.75"))
        shown = typed.json("export", "demo", "--dry-run")
        (invoice,) = [each for each in shown["invoices"] if each["external_id"] == sale_id]
        assert (invoice["action"], invoice["creates"]) == ("create", ["item SNS-PH"])
        (item,) = [each for each in shown["items"] if each["code"] == "SNS-PH"]
        assert item["action"] == "create"
        done = typed.json("export", "demo", "--plan", shown["plan_id"])
        assert {each["outcome"]["status"] for each in done["items"] if each["action"] == "create"} == {"succeeded"}
        assert desk.invoice_of(sale_id)["LineItems"][0]["ItemCode"] == "SNS-PH"


def test_records_that_are_refused_are_no_failure_of_the_export(desk: Desk, typed: Terminal) -> None:
    done = typed.type("export", "demo")
    assert done.exit_code == 0
    assert "wait in the queue with their reasons: xero-pipeline log demo" in done.stdout


def test_another_sync_that_runs_is_exit_code_3_and_nothing_is_changed(desk: Desk, typed: Terminal) -> None:
    sale_id = desk.sell(Line())
    with locks.org_lock(desk.pair.warehouse, "demo", kind="scheduled", run_id="run-1"):
        for words in (("export", "demo"), ("export", "demo", "--dry-run")):
            done = typed.type(*words, "--json")
            assert done.exit_code == 3
            assert done.stdout == ""
    assert desk.invoices_of(sale_id) == []


def test_status_counts_what_waits_for_xero_and_doctor_looks_at_the_settings(desk: Desk, tmp_path: Path) -> None:
    typed = terminal(desk, tmp_path, account_code="999", branding_theme="Nobody's")
    (status,) = typed.json("status", "demo")
    failed = desk.pair.row("select count(*) as n from sync.deliveries where system = 'xero' and status = 'failed'")["n"]
    assert failed > 0
    assert (status["xero_failed"], status["xero_dismissed"], status["failed"]) == (failed, 0, 0)
    done = typed.type("doctor", "--json")
    assert done.exit_code == 1
    faults = {each["about"]: each["found"] for each in json.loads(done.stdout)["findings"] if each["ok"] is False}
    assert faults == {
        "demo: export, account_code": "Xero has no account with the code 999.",
        "demo: export, branding_theme": "Xero has no branding theme called Nobody's; case matters.",
    }
