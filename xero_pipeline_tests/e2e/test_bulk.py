"""What goes to Salesforce by bulk jobs arrives as it would by collections, whatever becomes of a job (issue D)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from xero_pipeline.domain.errors import Transient
from xero_pipeline.salesforce import bulk
from xero_pipeline.stages.sync import SyncOutcome, sync
from xero_pipeline.warehouse.embedded import EmbeddedServer
from xero_pipeline_tests.e2e.contents import AUDIT
from xero_pipeline_tests.e2e.other_clients import crm
from xero_pipeline_tests.e2e.pair import Pair, fresh, report_of

OBJECTS = ("Xero_Metadata__c", "Xero_Contact__c", "Xero_Invoice__c", "Xero_Invoice_Line__c", "Xero_Payment__c")
INVOICES = 150
ROLLED_UP = ("Account", "Opportunity")
# A person's clock, and what Salesforce numbers by itself.
_BY_ITSELF = AUDIT | {"Id", "CreatedDate"}


# What Salesforce shows, and how the deliveries stand.
Written = tuple[dict[str, dict[str, dict[str, Any]]], Counter[tuple[str, str]]]


class Killed(BaseException):
    """The process ends here, as far as it can tell."""


@pytest.fixture
def unwritten(postgres: EmbeddedServer, tmp_path: Path) -> Iterator[Pair]:
    """A pair before its first sync."""
    with fresh(postgres, tmp_path, invoices=INVOICES) as pair:
        yield pair


@pytest.fixture(scope="module")
def by_collections(postgres: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """What the same first sync shows and says that knows no bulk jobs."""
    with fresh(postgres, tmp_path_factory.mktemp("collections"), invoices=INVOICES) as pair:
        _sync(pair, lambda seconds: None)
        return _shown(pair), _standing(pair)


@pytest.fixture
def small_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bulk jobs from the first record on, and several of them an object."""
    monkeypatch.setattr(bulk, "FROM", 1)
    monkeypatch.setattr(bulk, "MOST", 150)


def _shown(pair: Pair) -> dict[str, dict[str, dict[str, Any]]]:
    """Every record by the id it has in Xero, parents named by theirs, so that two orgs compare."""
    with crm(pair.sandbox) as client:
        records = {name: client.whole(name, deleted_too=False) for name in (*OBJECTS, *ROLLED_UP)}
    name_of = {key: record.get("Xero_Id__c") or key for name in OBJECTS for key, record in records[name].items()}
    return {
        name: {
            name_of.get(key, key): {
                field: name_of.get(value, value) if isinstance(value, str) else value
                for field, value in record.items()
                if field not in _BY_ITSELF
            }
            for key, record in of_object.items()
        }
        for name, of_object in records.items()
    }


def _standing(pair: Pair) -> Counter[tuple[str, str]]:
    rows = pair.rows("select object, status from sync.deliveries where system = 'salesforce'")
    return Counter((row["object"], row["status"]) for row in rows)


def _sync(pair: Pair, sleep: Callable[[float], None]) -> SyncOutcome:
    pair.pass_time(minutes=1)
    return sync(pair.settings, pair.org, "full", clock=pair.world.clock.now, sleep=sleep)


def _jobs(pair: Pair) -> list[dict[str, Any]]:
    with crm(pair.sandbox) as client:
        found: list[dict[str, Any]] = client.salesforce.restful("jobs/ingest")["records"]
    return found


@pytest.mark.usefixtures("small_jobs")
def test_a_first_sync_by_bulk_jobs_shows_in_salesforce_what_one_by_collections_does(
    unwritten: Pair, by_collections: Written
) -> None:
    unwritten.forget_requests()

    outcome = _sync(unwritten, lambda seconds: None)

    assert (_shown(unwritten), _standing(unwritten)) == by_collections
    assert {status for _, status in _standing(unwritten)} == {"succeeded"}
    assert outcome.sent > 1000
    paths = Counter(each["path"].rpartition("/")[2] for each in unwritten.requests("salesforce"))
    assert paths["successfulResults"] == paths["batches"] > 10
    told = unwritten.rows("select remote_id from sync.deliveries where object like 'Xero%%' and remote_id is null")
    assert told == [], "every record is known by the id it has in Salesforce"


@pytest.mark.usefixtures("small_jobs")
def test_a_bulk_job_that_somebody_aborts_half_way_loses_nothing_and_doubles_nothing(
    unwritten: Pair, by_collections: Written
) -> None:
    aborted: list[str] = []

    def abort(seconds: float) -> None:
        at_work = [job for job in _jobs(unwritten) if job["state"] == "InProgress"]
        if not aborted and at_work[0]["object"] == "Xero_Invoice_Line__c":
            aborted.append(at_work[0]["id"])
            with crm(unwritten.sandbox) as client:
                client.salesforce.restful(f"jobs/ingest/{aborted[0]}", method="PATCH", json={"state": "Aborted"})

    with pytest.raises(Transient, match="aborted the bulk job"):
        _sync(unwritten, abort)
    assert _standing(unwritten)["Xero_Invoice_Line__c", "pending"] > 0

    _sync(unwritten, lambda seconds: None)

    assert (_shown(unwritten), _standing(unwritten)) == by_collections


@pytest.mark.usefixtures("small_jobs")
def test_rows_that_a_bulk_job_refuses_wait_with_the_reason_that_collections_give(unwritten: Pair) -> None:
    unwritten.pull("create_contact", Name="A long word", AccountNumber="x" * 300)

    outcome = unwritten.sync("full")

    report = report_of("write_back", outcome)
    (refused,) = unwritten.rows("select record_name, error_code, error from sync.deliveries where status = 'failed'")
    assert (report.failed, refused["record_name"], refused["error_code"]) == (1, "A long word", "STRING_TOO_LONG")
    assert "Account_Number__c" in refused["error"]


@pytest.mark.usefixtures("small_jobs")
def test_a_process_that_dies_between_upload_and_results_leaves_no_job_that_writes_what_is_outdated(pair: Pair) -> None:
    invoice = pair.row("select invoice_number from xero.invoices where status = 'DRAFT' and type = 'ACCREC' limit 1")
    pair.pull("update_invoice", invoice=invoice["invoice_number"], fields={"Reference": "older"})

    def die(seconds: float) -> None:
        raise Killed

    with pytest.raises(Killed):
        _sync(pair, die)
    assert pair.row("select value #>> '{}' as job from sync.settings where key = 'bulk_job'")["job"].startswith("750")
    pair.pull("update_invoice", invoice=invoice["invoice_number"], fields={"Reference": "newer"})

    pair.sync("full")

    shown = {each["Name"]: each for each in _shown(pair)["Xero_Invoice__c"].values()}
    assert shown[invoice["invoice_number"]]["Reference__c"] == "newer"
    assert {status for _, status in _standing(pair)} == {"succeeded"}
    assert pair.row("select value #>> '{}' as job from sync.settings where key = 'bulk_job'") == {"job": None}
    assert all(job["state"] in ("JobComplete", "Aborted") for job in _jobs(pair))
