"""Tokens that end, are renewed by two processes at once, or whose renewal is never heard of, cost no run its connection."""

from __future__ import annotations

import subprocess
import sys

import pytest

from xero_pipeline.domain.errors import Reconnect, Transient
from xero_pipeline.stages.plan import Stage
from xero_pipeline.stages.report import StageReport
from xero_pipeline_tests.e2e.faults_bench import Bench, environment_of
from xero_pipeline_tests.e2e.faults_web_app import connected, let_the_token_end, with_secret_key

pytest_plugins = ["xero_pipeline_tests.e2e.faults_fixtures"]

HALF_AN_HOUR = 1800
# Opens the connection of `demo` when it is told to, and says which organisation it reached.
READER = """
import os, sys
from contextlib import ExitStack
from xero_pipeline.settings import Settings
from xero_pipeline.stages.connections import open_xero
from xero_pipeline.domain.org import Org
from xero_pipeline.warehouse.connection import Warehouse

settings = Settings.from_environment(os.environ)
with ExitStack() as closing:
    connection = open_xero(settings, Org(alias="demo"), Warehouse(settings.warehouse_url), closing)
    print("ready", flush=True)
    sys.stdin.readline()
    print(connection.client.organisation().organisation_id, flush=True)
"""


@pytest.fixture
def web(bench: Bench) -> Bench:
    """The shared bench, connected as a person does it, with a token that has run out."""
    web = connected(with_secret_key(bench, "a-key-of-the-tests"))
    let_the_token_end(web)
    web.world.log.clear()
    return web


def _refreshes(bench: Bench) -> int:
    return len(bench.requests("/connect/token"))


def test_a_token_that_ends_during_a_sync_is_renewed_and_nobody_hears_of_it(own_bench: Bench) -> None:
    def let_it_end(stage: Stage, report: StageReport | None) -> None:
        if stage.name == "invoices" and report is None:
            own_bench.control("clock", {"advance_seconds": HALF_AN_HOUR + 60})

    outcome = own_bench.sync(progress=let_it_end)
    assert _refreshes(own_bench) == 2
    refused = [request for request in own_bench.requests("/api.xro/") if request["status"] == 401]
    # The next call that is sent: those for invoices and credit notes may have been made ahead, while contacts were staged.
    (path,) = [request["path"].rpartition("/")[2] for request in refused]
    assert path in ("Invoices", "CreditNotes", "Prepayments")
    assert [report.stage for report in outcome.reports][-1] == "write_back"


def test_a_connection_made_in_the_browser_renews_its_token_and_keeps_the_new_one(web: Bench) -> None:
    web.sync()
    assert _refreshes(web) == 1
    web.assert_complete()
    web.sync()
    assert _refreshes(web) == 1


def test_two_processes_that_renew_at_once_renew_once(web: Bench) -> None:
    web.fault("delay", "/connect/token$", seconds=0.2)
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER],
            env=environment_of(web.settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    try:
        assert [reader.stdout.readline() for reader in readers if reader.stdout] == ["ready\n"] * 2
        for reader in readers:
            assert reader.stdin is not None
            reader.stdin.write("go\n")
            reader.stdin.flush()
        (tenant,) = web.world.tenants
        assert [reader.communicate(timeout=120)[0] for reader in readers] == [f"{tenant.tenant_id}\n"] * 2
    finally:
        for reader in readers:
            reader.kill()
            reader.wait()
    assert [reader.returncode for reader in readers] == [0, 0]
    assert _refreshes(web) == 1


def test_a_renewal_whose_answer_is_lost_is_asked_for_again(web: Bench) -> None:
    web.fault("timeout after", "/connect/token$", seconds=0, count=1)
    web.sync()
    assert _refreshes(web) == 2
    web.assert_complete()


def test_a_run_that_never_heard_of_its_renewal_leaves_the_next_one_able_to_renew(web: Bench) -> None:
    web.fault("timeout after", "/connect/token$", seconds=0)
    web.fails(Transient, "Xero did not answer the request for a token", "the next run continues")
    web.heals()


def test_a_refresh_token_that_nobody_takes_any_more_asks_for_a_person(own_bench: Bench) -> None:
    web = connected(own_bench)
    let_the_token_end(web)
    web.fault("timeout after", "/connect/token$", seconds=0)
    web.fails(Transient, "Xero did not answer the request for a token")
    web.world.faults.rules.clear()
    web.control("clock", {"advance_seconds": HALF_AN_HOUR + 60})
    web.fails(Reconnect, "no longer accepts the authorisation", "xero-pipeline connect xero")
    again = connected(own_bench)
    again.heals()


def test_a_person_who_takes_the_organisation_away_from_the_app_is_obeyed(web: Bench) -> None:
    web.sync()
    web.control("xero/connections/first/revoke")
    try:
        web.fails(Reconnect, "disconnected", "xero-pipeline connect xero")
    finally:
        web.control("xero/connections/first/restore")
    assert web.count("xero.invoices") == len(web.faultless["xero.invoices"])
    connected(web).heals()


def test_tokens_that_were_encrypted_with_another_key_ask_for_that_key(web: Bench) -> None:
    with_secret_key(web, "another-key").fails(Reconnect, "encrypted with another key", "XERO_PIPELINE_SECRET_KEY")
    web.heals()
