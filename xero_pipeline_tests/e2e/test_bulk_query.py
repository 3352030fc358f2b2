"""What is read from Salesforce by bulk jobs is staged as if it had been read by pages (issue D)."""

from __future__ import annotations

from collections import Counter

import pytest

from xero_pipeline.domain.errors import Transient
from xero_pipeline.salesforce import bulk_query
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.sync import SyncOutcome
from xero_pipeline_tests.e2e.pair import Pair


@pytest.fixture
def small_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bulk jobs from the first record on, and several parts an answer."""
    monkeypatch.setattr(bulk_query, "FROM", 1)
    monkeypatch.setattr(bulk_query, "_PART", 20)


def _salesforce(outcome: SyncOutcome) -> StageReport:
    (report,) = [report for report in outcome.reports if report.stage == "salesforce"]
    return report


def test_a_full_sync_by_bulk_jobs_sees_every_record_and_rewrites_none(
    pair: Pair, request: pytest.FixtureRequest
) -> None:
    by_pages = _salesforce(pair.sync("full"))
    request.getfixturevalue("small_jobs")
    pair.forget_requests()

    by_jobs = _salesforce(pair.sync("full"))

    assert (by_jobs.rows_seen, by_jobs.rows_written) == (by_pages.rows_seen, 0)
    asked = Counter(each["path"].rpartition("/")[2] for each in pair.requests("salesforce"))
    assert asked["results"] > asked["query"] > 5


@pytest.mark.usefixtures("small_jobs")
def test_an_answer_that_breaks_off_stages_nothing_and_the_next_sync_reads_it_all(pair: Pair) -> None:
    pair.in_salesforce("POST", "Account", {"Name": "Newcomer"})
    pair.fault("503", "/results$")

    with pytest.raises(Transient):
        pair.sync()

    newcomers = "select count(*) from salesforce.accounts where name = 'Newcomer'"
    assert pair.row(newcomers) == {"count": 0}
    pair.mend()
    pair.sync()
    assert pair.row(newcomers) == {"count": 1}
