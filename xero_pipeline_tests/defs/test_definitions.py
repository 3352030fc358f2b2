"""What Dagster loads is whole, loads for every organisation, and says in one sentence why when it cannot."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.definitions_load_context import DefinitionsLoadContext, DefinitionsLoadType
from dagster._utils.test.definitions import scoped_reconstruction_metadata

from xero_pipeline import definitions
from xero_pipeline.defs.partitions import RANGE_END, RANGE_START
from xero_pipeline.domain.org import Org
from xero_pipeline_tests.defs.conftest import Build, Sessions


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file of organisations that the environment names."""
    orgs = tmp_path / "orgs.yaml"
    orgs.write_text("orgs: [{alias: demo, window_days: 1}, {alias: other, time_zone: Europe/London}]")
    monkeypatch.setenv("XERO_PIPELINE_ORGS", str(orgs))
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", "1")
    return orgs


def _partitions(loaded: dg.Definitions) -> dg.TimeWindowPartitionsDefinition:
    partitions = loaded.get_repository_def().asset_graph.get(dg.AssetKey(["demo", "xero", "invoices"])).partitions_def
    assert isinstance(partitions, dg.TimeWindowPartitionsDefinition)
    return partitions


def test_everything_that_is_named_is_there(build: Build, org: Org) -> None:
    dg.Definitions.validate_loadable(build(org, Org(alias="other")))


def test_the_organisations_of_the_file_are_loaded(configured: Path) -> None:
    loaded = definitions.defs()
    dg.Definitions.validate_loadable(loaded)
    assert {job.name for job in loaded.get_repository_def().get_all_jobs()} >= {"demo_delta", "other_delta"}


def test_a_broken_file_of_organisations_is_one_sentence(configured: Path) -> None:
    configured.write_text("orgs: [{alias: Demo}]")
    with pytest.raises(dg.DagsterInvalidDefinitionError, match=r"orgs.yaml cannot be used: .*lower-case") as caught:
        definitions.defs()
    assert caught.value.__suppress_context__


def test_a_broken_setting_is_one_sentence(configured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XERO_PIPELINE_SCHEDULES", "perhaps")
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="XERO_PIPELINE_SCHEDULES must be running or stopped"):
        definitions.defs()


def test_stages_of_a_run_share_its_process(build: Build) -> None:
    assert build().resolve_job_def("demo_delta").executor_def is dg.in_process_executor


def test_materialisations_of_a_range_are_stored_in_batches(configured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGSTER_EVENT_BATCH_SIZE")
    definitions.defs()
    assert int(os.environ["DAGSTER_EVENT_BATCH_SIZE"]) > 100


def test_a_run_has_the_partitions_that_the_server_loaded_days_before(
    configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def first_partition_on(day: int) -> datetime:
        monkeypatch.setattr(definitions, "utc_now", lambda: datetime(2026, 3, day, 12, tzinfo=UTC))
        return _partitions(definitions.defs()).start

    server = DefinitionsLoadContext(DefinitionsLoadType.INITIALIZATION)
    with DefinitionsLoadContext.scoped(server):
        assert first_partition_on(4) == datetime(2026, 3, 3, tzinfo=UTC)
    with scoped_reconstruction_metadata(server.get_pending_reconstruction_metadata()):
        assert first_partition_on(8) == datetime(2026, 3, 3, tzinfo=UTC)
    assert first_partition_on(8) == datetime(2026, 3, 7, tzinfo=UTC)


def test_every_partition_that_a_person_can_choose_can_be_run(build: Build, sessions: Sessions, now: datetime) -> None:
    loaded = build(loaded_at=now - timedelta(days=3))
    first = _partitions(loaded).get_first_partition_key()
    tags = {RANGE_START: first, RANGE_END: "2026-03-03-01:00"}
    contacts = [dg.AssetKey(["demo", "xero", "contacts"])]
    loaded.resolve_job_def("demo_sync_now").execute_in_process(tags=tags, asset_selection=contacts)
    assert sessions.windows["contacts"].start == datetime(2026, 3, 3, tzinfo=UTC)
