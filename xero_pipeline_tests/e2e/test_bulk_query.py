"""What is read from Salesforce by bulk jobs is staged as if it had been read by pages (issue D)."""

from __future__ import annotations

from collections import Counter

import pytest

from xero_pipeline.domain.errors import Transient
from xero_pipeline.salesforce import bulk_query
from xero_pipeline_tests.e2e.pair import Pair, report_of


def _read_by_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bulk jobs from the first record on, and several parts an answer."""
    monkeypatch.setattr(bulk_query, "FROM", 1)
    monkeypatch.setattr(bulk_query, "_PART", 20)


def test_a_full_sync_by_bulk_jobs_sees_every_record_and_rewrites_none(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_pages = report_of("salesforce", pair.sync("full"))
    _read_by_jobs(monkeypatch)
    pair.forget_requests()

    by_jobs = report_of("salesforce", pair.sync("full"))

    assert (by_jobs.rows_seen, by_jobs.rows_written) == (by_pages.rows_seen, 0)
    asked = Counter(each["path"].rpartition("/")[2] for each in pair.requests("salesforce"))
    assert asked["results"] > asked["query"] > 5


def test_an_answer_that_breaks_off_stages_nothing_and_the_next_sync_reads_it_all(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    _read_by_jobs(monkeypatch)
    pair.in_salesforce("POST", "Account", {"Name": "Newcomer"})
    pair.fault("503", "/results$")

    with pytest.raises(Transient):
        pair.sync()

    newcomers = "select count(*) from salesforce.accounts where name = 'Newcomer'"
    assert pair.row(newcomers) == {"count": 0}
    pair.mend()
    pair.sync()
    assert pair.row(newcomers) == {"count": 1}
