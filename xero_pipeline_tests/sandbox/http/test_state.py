"""A sandbox that keeps its state goes on where it was."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from xero_pipeline.sandbox.server import Sandbox, running_sandbox
from xero_pipeline.sandbox.state import StateInUse
from xero_pipeline_tests import loopback
from xero_pipeline_tests.clocks import running_clock
from xero_pipeline_tests.loopback import NO_CERTIFICATES
from xero_pipeline_tests.sandbox.http.client import API, connected

SERVE = "import sys, pathlib; from xero_pipeline.sandbox.server import serve; serve(invoices=20, state=pathlib.Path(sys.argv[1]))"


def everything(sandbox: Sandbox) -> dict[str, object]:
    with connected(sandbox) as client:
        return {
            plural: client.rows(plural)
            for plural in ("Accounts", "Contacts", "Invoices", "Payments", "CreditNotes", "ManualJournals")
        } | {"salesforce": client.control("GET", "salesforce/totals")}


def test_a_restart_changes_nothing(tmp_path: Path) -> None:
    with running_sandbox(seed=5, invoices=40, state=tmp_path, clock=running_clock()) as first:
        with connected(first) as client:
            moved = client.control("POST", "clock", {"advance_seconds": 900})
            contact = client.rows("Contacts")[0]
            client.pull("edit_contact", contact=contact["ContactID"], fields={"FirstName": "Aroha"})
            token = client.headers["Authorization"]
        before = everything(first)
    with running_sandbox(seed=99, invoices=3, state=tmp_path) as second:
        after = everything(second)
        with httpx.Client(verify=NO_CERTIFICATES, base_url=second.url) as client:
            headers = {"Authorization": token, "Accept": "application/json"}
            kept = client.get(f"{API}/Contacts/{contact['ContactID']}", headers=headers)
            clock = client.get("/sandbox/clock").json()

    assert after == before
    assert kept.json()["Contacts"][0]["FirstName"] == "Aroha"
    assert clock["offset_seconds"] == pytest.approx(float(moved["offset_seconds"]), abs=5)
    for name in ("XERO_CLIENT_ID", "XERO_CLIENT_SECRET", "SALESFORCE_CLIENT_ID", "SALESFORCE_PRIVATE_KEY"):
        assert second.environment[name] == first.environment[name]


def test_a_removed_record_stays_removed(tmp_path: Path) -> None:
    with running_sandbox(invoices=20, state=tmp_path, clock=running_clock()) as first, connected(first) as client:
        item = client.rows("Items")[0]
        client.pull("remove", plural="Items", id=item["ItemID"])
    with running_sandbox(state=tmp_path) as second, connected(second) as client:
        assert item["ItemID"] not in {one["ItemID"] for one in client.rows("Items")}


def test_the_state_is_for_its_owner_alone(tmp_path: Path) -> None:
    with running_sandbox(invoices=20, state=tmp_path, clock=running_clock()):
        assert stat.S_IMODE((tmp_path / "sandbox.sqlite").stat().st_mode) == 0o600


def test_the_first_line_of_a_served_sandbox_leads_a_client_in_and_a_kill_loses_nothing(tmp_path: Path) -> None:
    def start() -> tuple[subprocess.Popen[str], dict[str, object]]:
        process = subprocess.Popen([sys.executable, "-c", SERVE, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        return process, json.loads(process.stdout.readline())

    process, announced = start()
    changed = loopback.post(
        f"{announced['control_url']}/xero/first/actions/create_contact", json={"Name": "Kept Limited"}
    )
    process.kill()
    process.communicate()
    again, announced = start()
    kept = loopback.get(f"{announced['control_url']}/xero/first/records/Contacts/{changed.json()['ContactID']}")
    again.send_signal(signal.SIGTERM)
    rest, _ = again.communicate(timeout=60)

    assert kept.json()["Name"] == "Kept Limited"
    assert (again.returncode, rest) == (0, "")


def test_shutdown_ends_a_served_sandbox(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", SERVE, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        announced = json.loads(process.stdout.readline())
        assert loopback.post(f"{announced['control_url']}/shutdown").status_code == 200
        assert process.wait(timeout=60) == 0


def test_a_state_belongs_to_one_sandbox_at_a_time(tmp_path: Path) -> None:
    with (
        running_sandbox(invoices=20, state=tmp_path, clock=running_clock()),
        pytest.raises(StateInUse, match="Another sandbox"),
        running_sandbox(state=tmp_path),
    ):
        pass


def test_a_request_under_way_is_answered_before_a_sandbox_stops(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as elsewhere:
        with (
            running_sandbox(invoices=20, state=tmp_path, clock=running_clock()) as sandbox,
            connected(sandbox) as client,
        ):
            client.control("POST", "faults", {"what": "delay", "seconds": 0.2, "match": {"path": "/Items$"}})
            under_way = elsewhere.submit(loopback.get, f"{sandbox.url}{API}/Items", headers=client.headers)
            while not client.control("GET", "faults")[0]["hits"]:
                pass
        answer = under_way.result(timeout=60)
    assert (answer.status_code, bool(answer.json()["Items"])) == (200, True)
