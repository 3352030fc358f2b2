"""`xero-pipeline log` and `resolve`: the queue as finance people work it (FF-15 to FF-21; products.md 2.25, 2.26)."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from xero_pipeline.warehouse import locks
from xero_pipeline_tests.e2e.export_desk import Desk, Line
from xero_pipeline_tests.e2e.typing_desk import Terminal, terminal

# What the demo has: a sale of an item that Xero lacks, and a sale to a customer whom Xero does not know.
ITEM = "Export check: item_is_known"
CUSTOMER = "Export check: customer_is_known"

_REFUSED_CUSTOMER = """
insert into sync.deliveries (
    org_id, system, object, external_id, record_name, payload_hash, source_hash, status, attempts, first_at, step, cause, error
)
select
    org_id, 'xero', 'contacts', %s, 'Newcomer Limited', 'one', 'one', 'failed', 1, first_at, 'customer', 'xero:said no', 'said no'
from sync.deliveries
limit 1
"""


@pytest.fixture
def typed(desk: Desk, tmp_path: Path) -> Terminal:
    return terminal(desk, tmp_path)


def _id(desk: Desk, name: str) -> int:
    (entry,) = [each for each in desk.log(limit=5000) if each.record_name == name]
    return entry.id


def _made(desk: Desk, endpoint: str, field: str) -> set[str]:
    return {str(each[field]) for each in desk.xero.list(endpoint)}


def _create_item(desk: Desk) -> None:
    """Somebody at Xero's screens creates the item that is missing."""
    item = {"Code": "GTW-3", "Name": "Gateway", "IsSold": True}
    desk.xero.http.put("Items", json={"Items": [item]}).raise_for_status()


def _state(typed: Terminal, entry_id: int) -> tuple[str, str | None]:
    entry = typed.json("log", "demo", entry_id)
    return entry["status"], entry["resolution"]


def test_the_log_has_a_line_a_record_the_newest_first(typed: Terminal) -> None:
    entries = typed.json("log", "demo", "--limit", 20)["entries"]
    assert len(entries) == 20
    stamps = [each["last_at"] or each["first_at"] for each in entries]
    assert stamps == sorted(stamps, reverse=True)
    everything = typed.json("log", "demo", "--limit", 5000)["entries"]
    assert {each["object"] for each in everything} == {"invoices", "items", "notes"}


@pytest.mark.parametrize("status", ["succeeded", "failed", "pending", "dismissed"])
def test_the_log_of_one_status_has_nothing_else(typed: Terminal, status: str) -> None:
    entries = typed.json("log", "demo", "--status", status)["entries"]
    assert {each["status"] for each in entries} <= {status}
    assert bool(entries) == (status in ("succeeded", "failed"))


def test_failures_are_grouped_by_their_root_with_the_command_that_resolves_them(desk: Desk, typed: Terminal) -> None:
    first, second = (desk.sell(Line("GTW-3"), Name=name) for name in ("One", "Two"))
    desk.export()
    wanted = sorted([desk.entry(first).id, desk.entry(second).id, _id(desk, ITEM)])
    (root,) = [each for each in typed.json("log", "demo")["causes"] if each["cause"] == "item_is_known:GTW-3"]
    assert (root["count"], sorted(root["ids"]), root["auto_sync"]) == (3, wanted, True)
    read = typed.type("log", "demo").stdout
    assert "3 x Xero has no item with the code GTW-3." in read
    assert "xero-pipeline resolve demo --cause 'item_is_known:GTW-3' --auto-sync" in read


def test_one_entry_is_shown_whole_with_what_xero_answered(desk: Desk, typed: Terminal) -> None:
    sale_id = desk.sell(Line())
    desk.export()
    entry_id = desk.entry(sale_id).id
    entry = typed.json("log", "demo", entry_id)
    assert entry["response"]["InvoiceNumber"] == entry["number"] == desk.invoice_of(sale_id)["InvoiceNumber"]
    read = typed.type("log", "demo", entry_id).stdout
    assert '"InvoiceNumber": "' in read
    assert entry["remote_id"] in read


def test_an_entry_that_is_not_there_is_one_sentence(typed: Terminal) -> None:
    done = typed.type("log", "demo", 999999)
    assert done.exit_code == 1
    assert done.stderr == "Error: The log has no entry 999999. `xero-pipeline log ORG` lists them.\n"


def test_retry_creates_nothing_even_where_the_setting_would(desk: Desk, tmp_path: Path) -> None:
    typed = terminal(desk, tmp_path, create_contacts=True)
    before = _made(desk, "Contacts", "ContactID"), _made(desk, "Items", "ItemID")
    desk.pair.forget_requests()
    for name in (CUSTOMER, ITEM):
        done = typed.json("resolve", _id(desk, name), "--retry", "--by", "Ana")
        assert [each["status"] for each in done["entries"]] == ["failed"]
    assert [call for call in desk.calls() if not call.startswith("GET")] == []
    assert (_made(desk, "Contacts", "ContactID"), _made(desk, "Items", "ItemID")) == before


def test_retry_looks_at_xero_as_it_is_now(desk: Desk, typed: Terminal) -> None:
    # Somebody has created the item a moment ago, and no sync has read it since.
    _create_item(desk)
    done = typed.json("resolve", _id(desk, ITEM), "--retry")
    assert [each["status"] for each in done["entries"]] == ["succeeded"]


def test_auto_sync_creates_the_customer_and_the_items_even_where_no_setting_would(desk: Desk, typed: Terminal) -> None:
    ids = [_id(desk, CUSTOMER), _id(desk, ITEM)]
    done = typed.json("resolve", "demo", *ids, "--auto-sync", "--yes")
    assert [each["status"] for each in done["entries"]] == ["succeeded", "succeeded"]
    assert [each["what"] for each in done["would"]["creates"]] == ["contact", "item"]
    assert "GTW-3" in _made(desk, "Items", "Code")
    contact = done["would"]["creates"][0]["fields"]
    assert contact["Name"] in _made(desk, "Contacts", "Name")


def test_auto_sync_shows_what_it_would_create_and_stops_where_nobody_can_be_asked(desk: Desk, typed: Terminal) -> None:
    entry_id = _id(desk, ITEM)
    before = _made(desk, "Items", "Code")
    done = typed.type("resolve", entry_id, "--auto-sync")
    assert done.exit_code == 1
    assert "item GTW-3" in done.stdout
    assert "and create the invoice of Export check: item_is_known" in done.stdout
    assert done.stderr.splitlines()[-1] == (
        "Error: Nothing was done: nobody is here to be asked. Add --yes to do what is shown."
    )
    told = typed.type("resolve", entry_id, "--auto-sync", "--json")
    assert told.exit_code == 1
    assert [each["name"] for each in json.loads(told.stdout)["would"]["creates"]] == ["GTW-3"]
    assert _state(typed, entry_id) == ("failed", None)
    assert _made(desk, "Items", "Code") == before


@pytest.mark.parametrize(("said", "outcome"), [("y", "succeeded"), ("n", "failed")])
def test_auto_sync_asks_a_person_at_a_terminal(desk: Desk, typed: Terminal, said: str, outcome: str) -> None:
    entry_id = _id(desk, ITEM)
    ours, theirs = pty.openpty()
    kept = {name: each for name, each in os.environ.items() if not name.startswith(("XERO", "SALESFORCE", "WAREHOUSE"))}
    command = [sys.executable, "-m", "xero_pipeline.cli", "resolve", str(entry_id), "--auto-sync"]
    typed.catch_up()
    with subprocess.Popen(
        command,
        env={**kept, **typed.environment},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        os.write(ours, f"{said}\n".encode())
        out, err = process.communicate(timeout=120)
    os.close(ours)
    os.close(theirs)
    assert "item GTW-3" in out
    assert "Do that? [y/N]" in err
    assert process.returncode == (0 if said == "y" else 1)
    assert _state(typed, entry_id) == (outcome, None)


def test_what_auto_sync_cannot_help_is_said(desk: Desk, typed: Terminal) -> None:
    entry_id = _id(desk, "Export check: account_is_active")
    done = typed.type("resolve", entry_id, "--auto-sync", "--yes")
    assert "Auto Sync would create nothing in Xero." in done.stdout
    assert "It cannot help Export check: account_is_active: The account 255 is archived in Xero." in done.stdout
    assert _state(typed, entry_id) == ("failed", None)


def test_a_dismissal_needs_a_reason(desk: Desk, typed: Terminal) -> None:
    entry_id = _id(desk, ITEM)
    done = typed.type("resolve", entry_id, "--dismiss")
    assert done.exit_code == 1
    assert (
        done.stderr
        == "Error: A failure is dismissed with a reason. Give it as `reason` (--reason); the log keeps it.\n"
    )
    assert _state(typed, entry_id) == ("failed", None)


def test_a_dismissal_keeps_who_when_and_why_and_comes_back_with_a_change(desk: Desk, typed: Terminal) -> None:
    sale_id = desk.sell(Line("GTW-3"))
    desk.export()
    entry_id = desk.entry(sale_id).id
    desk.pair.forget_requests()
    done = typed.json("resolve", entry_id, "--dismiss", "--reason", "Invoiced by hand", "--by", "Ana")
    (entry,) = done["entries"]
    assert (entry["status"], entry["resolved_by"], entry["resolution_reason"]) == (
        "dismissed",
        "Ana",
        "Invoiced by hand",
    )
    assert entry["resolved_at"] is not None
    assert desk.calls() == []
    assert entry_id not in [each["id"] for each in typed.json("log", "demo", "--status", "failed")["entries"]]
    typed.json("export", "demo")
    told = desk.opportunity(sale_id)
    assert told["Xero_Export_Status__c"] == "Failed"
    assert "Invoiced by hand" in told["Xero_Export_Message__c"]
    assert told["Xero_Export_Message__c"].startswith("Dismissed by Ana on ")
    assert _state(typed, entry_id) == ("dismissed", "dismiss")
    desk.edit(sale_id, Xero_Reference__c="PO-7")
    typed.json("export", "demo")
    assert _state(typed, entry_id) == ("failed", None)


def test_a_dismissal_can_be_taken_back_by_a_retry(desk: Desk, typed: Terminal) -> None:
    entry_id = _id(desk, ITEM)
    typed.json("resolve", entry_id, "--dismiss", "--reason", "Later")
    typed.json("resolve", entry_id, "--retry")
    assert _state(typed, entry_id) == ("failed", None)


def test_everything_of_one_cause_is_resolved_at_once(desk: Desk, typed: Terminal) -> None:
    sales = [desk.sell(Line("GTW-3"), Name=name) for name in ("One", "Two")]
    desk.export()
    done = typed.json("resolve", "demo", "--cause", "item_is_known:GTW-3", "--auto-sync", "--yes")
    assert [each["status"] for each in done["entries"]] == ["succeeded"] * 3
    # One item, however many wait for it.
    assert [each["name"] for each in done["would"]["creates"]] == ["GTW-3"]
    assert {desk.entry(sale_id).status for sale_id in sales} == {"succeeded"}


def test_everything_that_waits_is_dismissed_at_once(desk: Desk, typed: Terminal) -> None:
    waiting = typed.json("log", "demo", "--status", "failed", "--limit", 5000)["entries"]
    done = typed.json("resolve", "--all", "--dismiss", "--reason", "A clean slate")
    assert sorted(each["id"] for each in done["entries"]) == sorted(each["id"] for each in waiting)
    assert {each["status"] for each in done["entries"]} == {"dismissed"}
    assert typed.json("log", "demo")["causes"] == []
    assert typed.json("resolve", "--all", "--retry")["entries"] == []


def test_what_has_not_failed_cannot_be_resolved_and_nothing_is_noted(desk: Desk, typed: Terminal) -> None:
    fine = desk.log(status="succeeded", limit=1)[0].id
    failed = _id(desk, ITEM)
    done = typed.type("resolve", failed, fine, "--retry")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1].startswith(f"Error: Nothing has failed under {fine}.")
    assert _state(typed, failed) == ("failed", None)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("7",), "Say what is to be done"),
        (("--retry",), "Name what is to be resolved, one way"),
        (("7", "--all", "--retry"), "Name what is to be resolved, one way"),
        (("demo", "seven", "--retry"), "'seven' is no id"),
    ],
)
def test_what_is_not_said_clearly_is_wrong_usage(typed: Terminal, words: tuple[str, ...], said: str) -> None:
    done = typed.type("resolve", *words)
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_decision_made_while_a_sync_runs_is_kept_for_the_next_export(desk: Desk, typed: Terminal) -> None:
    _create_item(desk)
    entry_id = _id(desk, ITEM)
    with locks.org_lock(desk.pair.warehouse, "demo", kind="scheduled", run_id="run-1"):
        done = typed.type("resolve", entry_id, "--retry")
    assert done.exit_code == 3
    assert "What you decided is noted, and the next export does it" in done.stderr
    assert _state(typed, entry_id) == ("failed", "retry")
    typed.json("export", "demo")
    assert _state(typed, entry_id) == ("succeeded", None)


def test_retrying_needs_the_export_switched_on(desk: Desk, tmp_path: Path) -> None:
    entry_id = _id(desk, ITEM)
    done = terminal(desk, tmp_path, enabled=False).type("resolve", entry_id, "--retry")
    assert done.exit_code == 1
    assert "switched off for demo" in done.stderr
    assert desk.log(ids=[entry_id])[0].resolution is None


def test_to_retry_a_customer_is_to_retry_the_sales_that_wait_for_it_and_closes_both(
    desk: Desk, typed: Terminal
) -> None:
    account = str(desk.pair.in_salesforce("POST", "Account", {"Name": "Newcomer Limited"})["id"])
    sale_id = desk.sell(Line(), AccountId=account)
    desk.export()
    # As if Xero had refused the customer, which then is why the sale waits.
    desk.pair.run(_REFUSED_CUSTOMER, account)
    customer, sale = desk.entry(account), desk.entry(sale_id)
    assert (customer.status, sale.status, sale.step) == ("failed", "failed", "customer")
    typed.catch_up()
    contact = {"Contacts": [{"Name": "Newcomer Limited"}]}
    made = desk.xero.http.put("Contacts", json=contact).raise_for_status().json()["Contacts"][0]
    done = typed.json("resolve", customer.id, "--retry")
    assert {each["id"]: each["status"] for each in done["entries"]} == {customer.id: "succeeded", sale.id: "succeeded"}
    assert desk.entry(account).remote_id == made["ContactID"]
