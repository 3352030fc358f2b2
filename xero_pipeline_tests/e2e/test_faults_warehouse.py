"""A warehouse that goes away half-way ends the run with a sentence; when it is back, the next run goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from xero_pipeline.domain.errors import PipelineError, Transient
from xero_pipeline.stages.plan import Stage
from xero_pipeline.stages.report import StageReport
from xero_pipeline.warehouse.embedded import PORT, EmbeddedServer
from xero_pipeline_tests.e2e.faults_bench import Bench
from xero_pipeline_tests.e2e.faults_proxy import Proxy, proxied

pytest_plugins = ["xero_pipeline_tests.e2e.faults_fixtures"]

PASSWORD = "a-password-nobody-may-read"
KILL = """
select count(pg_terminate_backend(pid))
from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and application_name like %s
"""


def _kill(bench: Bench, name: str) -> int:
    """End the server's side of every connection whose name fits; answers how many there were."""
    with psycopg.connect(bench.settings.warehouse_url) as conn:
        row = conn.execute(KILL, [name]).fetchone()
    return row[0] if row else 0


class _KillingWhileItWaits(list[float]):
    """The pauses of the clients, in each of which the connections of one name are ended."""

    def __init__(self, bench: Bench, name: str) -> None:
        super().__init__()
        self._bench, self._name, self.killed = bench, name, 0

    def append(self, seconds: float) -> None:
        super().append(seconds)
        self.killed += _kill(self._bench, self._name)


def test_a_connection_that_is_killed_during_a_stage_ends_the_run_and_the_next_one_goes_on(bench: Bench) -> None:
    bench.waits = pauses = _KillingWhileItWaits(bench, "xero_pipeline invoices")
    bench.fault("503", "/Invoices$", count=1)
    bench.fails(Transient, "The warehouse failed", "the next run continues")
    assert pauses.killed == 1
    assert bench.count("xero.contacts") > 0
    assert bench.count("xero.invoices") == 0
    bench.heals()


def test_a_server_that_drops_everybody_ends_the_run_before_it_could_overlap_another(bench: Bench) -> None:
    def drop(stage: Stage, report: StageReport | None) -> None:
        if stage.name == "invoices" and report is None:
            assert _kill(bench, "xero_pipeline%") > 0

    bench.fails(Transient, "lock of demo was lost", "the next run continues", progress=drop)
    assert bench.count("xero.invoices") == 0
    bench.heals()


def test_a_run_that_lost_its_lock_gives_way_to_the_one_that_has_it(bench: Bench) -> None:
    stages: list[str] = []

    def lose(stage: Stage, report: StageReport | None) -> None:
        stages.append(stage.name)
        if stage.name == "invoices" and report is None:
            _kill(bench, "xero_pipeline manual%")
            bench.sync()

    bench.fails(Transient, "lock of demo was lost", progress=lose, recorded=False)
    assert stages[-1] == "invoices"
    bench.assert_complete()
    assert sorted(bench.rows("select outcome from sync.runs")) == [("failed",), ("succeeded",)]


@pytest.fixture
def proxy(postgres: EmbeddedServer) -> Iterator[Proxy]:
    with proxied(Path(postgres.socket_directory) / f".s.PGSQL.{PORT}") as proxy:
        yield proxy


@pytest.fixture
def behind_proxy(bench: Bench, proxy: Proxy) -> Bench:
    """The bench with its warehouse behind the proxy, reached with a password."""
    database = urlsplit(bench.settings.warehouse_url).path
    return bench.other(warehouse_url=f"postgresql://postgres:{PASSWORD}@127.0.0.1:{proxy.port}{database}")


def test_a_server_that_stops_during_a_stage_is_told_and_the_next_run_marks_the_one_that_could_not(
    bench: Bench, behind_proxy: Bench, proxy: Proxy
) -> None:
    def stop(stage: Stage, report: StageReport | None) -> None:
        if stage.name == "payments" and report is None:
            proxy.close()

    with bench.log.at_level("DEBUG"), pytest.raises(PipelineError) as caught:
        behind_proxy.sync(progress=stop)
    assert type(caught.value) is Transient
    bench.assert_told(caught.value, "demo", "lost")
    bench.assert_no_secret(str(caught.value), bench.log.text)
    assert PASSWORD not in str(caught.value) + bench.log.text
    assert bench.rows("select outcome from sync.runs") == [("running",)]
    assert bench.count("xero.invoices") > 0

    proxy.open()
    behind_proxy.heals()
    assert bench.rows("select outcome, error from sync.runs order by started_at") == [
        ("failed", "Its process ended without saying how: it was killed or crashed."),
        ("succeeded", None),
    ]


def test_a_server_that_is_not_there_is_told_with_its_address_and_without_its_password(
    bench: Bench, behind_proxy: Bench, proxy: Proxy
) -> None:
    proxy.close()
    with bench.log.at_level("DEBUG"), pytest.raises(PipelineError) as caught:
        behind_proxy.sync()
    assert type(caught.value) is Transient
    bench.assert_told(caught.value, f"127.0.0.1:{proxy.port}", "cannot be reached", "Check that it is running.")
    assert PASSWORD not in str(caught.value) + bench.log.text
    assert bench.requests("/") == []
    proxy.open()
    behind_proxy.heals()
