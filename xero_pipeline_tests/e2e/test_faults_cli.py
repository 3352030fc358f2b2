"""On the command line a failure is exit code 1 and a sentence on standard error, and never a traceback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from xero_pipeline.warehouse.embedded import PORT, EmbeddedServer
from xero_pipeline_tests.e2e.faults_bench import Bench, environment_of, orgs_file
from xero_pipeline_tests.e2e.faults_proxy import Proxy, proxied

pytest_plugins = ["xero_pipeline_tests.e2e.faults_fixtures"]


@pytest.fixture
def bench_with_orgs(bench: Bench, tmp_path: Path) -> Bench:
    """The shared bench, with its organisation in a file. The sandbox lives in the past, where less is overdue than today."""
    org = bench.org.model_copy(update={"proof": "warn"})
    return bench.other(orgs_file=orgs_file(tmp_path / "orgs.yaml", org))


@pytest.fixture
def closed(postgres: EmbeddedServer) -> Iterator[Proxy]:
    """A port that nobody listens on."""
    with proxied(Path(postgres.socket_directory) / f".s.PGSQL.{PORT}") as proxy:
        proxy.close()
        yield proxy


def _sync(bench: Bench, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "xero_pipeline.cli", "sync", "demo", *options],
        env=environment_of(bench.settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _assert_told(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("Error: ")
    for word in words:
        assert word in sentence


def test_a_wrong_client_secret(bench_with_orgs: Bench) -> None:
    wrong = "not-the-secret-of-this-app"
    done = _sync(bench_with_orgs.other(xero_client_secret=wrong), "--json")
    _assert_told(done, "client id and secret", "XERO_CLIENT_SECRET")
    assert wrong not in done.stderr
    bench_with_orgs.assert_nothing_left_over()


def test_a_page_that_repeats_for_ever(bench_with_orgs: Bench) -> None:
    bench_with_orgs.fault("repeat page", "/Contacts$")
    done = _sync(bench_with_orgs)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    (sentence,) = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert "never end" in sentence
    ((outcome, reason),) = bench_with_orgs.rows("select outcome, error from sync.runs")
    assert (outcome, f"Error: {reason}") == ("failed", sentence)
    bench_with_orgs.assert_nothing_left_over()


def test_a_database_that_is_not_there(bench_with_orgs: Bench, closed: Proxy) -> None:
    address = f"postgresql://postgres:a-password@127.0.0.1:{closed.port}/warehouse"
    done = _sync(bench_with_orgs.other(warehouse_url=address), "--json")
    _assert_told(done, f"127.0.0.1:{closed.port}", "cannot be reached", "Check that it is running.")
    assert "a-password" not in done.stderr


def test_what_is_mended_runs_through(bench_with_orgs: Bench) -> None:
    bench_with_orgs.fault("403", "/Invoices$", count=1)
    _assert_told(_sync(bench_with_orgs, "--json"), "GET Invoices", "xero-pipeline connect xero")
    done = _sync(bench_with_orgs, "--json")
    assert done.returncode == 0, done.stderr
    assert bench_with_orgs.count("xero.invoices") == len(bench_with_orgs.faultless["xero.invoices"])
    assert bench_with_orgs.rows("select outcome from sync.runs order by started_at") == [("failed",), ("succeeded",)]
