"""A run opens its sync once, tells it who asked and how to read, and closes it with what became of the run."""

from __future__ import annotations

from contextlib import suppress

import dagster as dg
import pytest

from xero_pipeline.defs.names import performs
from xero_pipeline.defs.partitions import RANGE_END, RANGE_START
from xero_pipeline.defs.resources import as_failure, kind_of
from xero_pipeline.domain.errors import Reconnect, Transient
from xero_pipeline.domain.org import Org
from xero_pipeline.stages.plan import STAGES
from xero_pipeline_tests.defs.conftest import Build, Sessions, Warehouse

_KEY = "2026-03-08-08:52"


# Enough of a sync to have something before and after credit notes.
_SOME = ("demo/xero/contacts", "demo/xero/invoices", "demo/xero/bills", "demo/xero/credit_notes", "demo/xero/payments")


def _run(build: Build, *assets: str, instance: dg.DagsterInstance | None = None) -> dg.ExecuteInProcessResult:
    selection = [dg.AssetKey(asset.split("/")) for asset in assets or _SOME]
    job = build().resolve_job_def("demo_delta")
    return job.execute_in_process(
        partition_key=_KEY, asset_selection=selection, instance=instance, raise_on_error=False
    )


def _failures(result: dg.ExecuteInProcessResult) -> dict[str, dg.DagsterEvent]:
    return {event.step_key or "": event for event in result.all_events if event.is_step_failure}


def test_one_session_serves_all_stages_of_a_run(build: Build, sessions: Sessions) -> None:
    shared = [
        f"salesforce/{table}"
        for table in ("users", "accounts", "contacts", "products", "opportunities", "orders", "notes")
    ]
    result = _run(build, *_SOME, *shared)
    assert result.success
    assert sorted(sessions.opened) == [
        ("demo", "manual", "delta", result.run_id),
        ("salesforce", "manual", "delta", result.run_id),
    ]
    assert sorted(sessions.closed) == [("demo", None), ("salesforce", None)]


def test_a_sync_knows_which_lists_it_will_read_and_in_which_order(build: Build, sessions: Sessions) -> None:
    _run(build, "demo/sync/contact_matches", *reversed(_SOME))
    assert sessions.to_read == ["contacts", "invoices", "credit_notes", "payments"]


def test_a_run_that_repeats_what_failed_performs_nothing_else(org: Org) -> None:
    stages = {stage.name: stage for stage in STAGES}
    everything = dg.DagsterRun(job_name="demo_delta")
    repeated = everything._replace(step_keys_to_execute=["demo__credit_notes", "demo__payments"])
    assert all(performs(everything, stage, org) for stage in stages.values())
    assert [name for name in stages if performs(repeated, stages[name], org)] == ["credit_notes", "payments"]


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"dagster/schedule_name": "demo_delta", RANGE_START: "a", RANGE_END: "b"}, "scheduled"),
        ({"dagster/backfill": "abcdefgh"}, "backfill"),
        ({"dagster/partition": _KEY}, "manual"),
    ],
)
def test_the_tags_of_a_run_tell_who_asked_for_it(tags: dict[str, str], kind: str) -> None:
    assert kind_of(tags) == kind


def test_an_asset_on_its_own_is_read_as_a_delta_unless_launched_otherwise(build: Build, sessions: Sessions) -> None:
    job = build().get_repository_def().get_job("__ASSET_JOB")
    selection = [dg.AssetKey(["demo", "xero", "contacts"])]
    config = {"resources": {"demo_sync": {"config": {"mode": "full"}}}}
    assert job.execute_in_process(asset_selection=selection, partition_key=_KEY).success
    assert job.execute_in_process(asset_selection=selection, partition_key=_KEY, run_config=config).success
    assert [(alias, mode) for alias, _, mode, _ in sessions.opened] == [("demo", "delta"), ("demo", "full")]


def test_a_mode_that_does_not_exist_is_refused_before_anything_runs(build: Build, sessions: Sessions) -> None:
    job = build().resolve_job_def("demo_sync_metadata")
    with pytest.raises(dg.DagsterInvalidConfigError, match="mode"):
        job.execute_in_process(run_config={"resources": {"demo_sync": {"config": {"mode": "everything"}}}})
    assert not sessions.opened


def test_a_busy_organisation_fails_the_run_before_its_first_stage_and_for_good(
    build: Build, sessions: Sessions
) -> None:
    sessions.busy = {"demo"}
    with dg.DagsterInstance.ephemeral() as instance:
        result = _run(build, instance=instance)
        run = instance.get_run_by_id(result.run_id)
    assert not result.success
    assert not sessions.performed
    assert run is not None
    assert run.tags["dagster/max_retries"] == "0"
    (event,) = [e for e in result.all_events if e.event_type == dg.DagsterEventType.RESOURCE_INIT_FAILURE]
    assert "A full sync of demo has been running since 09:00. Nothing was changed" in str(event.engine_event_data.error)


def test_a_failed_stage_says_why_in_a_sentence_and_is_not_tried_again(build: Build, sessions: Sessions) -> None:
    error = Reconnect("Xero no longer accepts the connection of demo.")
    sessions.failing["credit_notes"] = error
    result = _run(build)
    failure = _failures(result)["demo__credit_notes"].step_failure_data.user_failure_data
    assert failure is not None
    assert failure.description == (
        "Xero no longer accepts the connection of demo. Connect again with `xero-pipeline connect`."
    )
    assert as_failure(error).allow_retries is False
    assert failure.metadata["kind"].value == "Reconnect"


def test_what_came_before_a_failed_stage_stays_and_what_waits_for_it_does_not_run(
    build: Build, sessions: Sessions
) -> None:
    sessions.failing["credit_notes"] = Transient("Xero answered 503.")
    result = _run(build)
    assert not result.success
    assert sessions.stages == ["contacts", "invoices", "credit_notes"]


def test_the_session_is_closed_with_the_failure_of_its_stage(build: Build, sessions: Sessions) -> None:
    error = Transient("Xero answered 503.")
    sessions.failing["credit_notes"] = error
    _run(build)
    assert dict(sessions.closed)["demo"] is error


@pytest.mark.parametrize("error", [ValueError("a mistake of ours"), KeyboardInterrupt()])
def test_the_session_is_closed_with_whatever_ended_the_run(
    build: Build, sessions: Sessions, error: BaseException
) -> None:
    sessions.failing["credit_notes"] = error
    with suppress(KeyboardInterrupt):
        _run(build)
    assert dict(sessions.closed)["demo"] is error


def test_a_check_that_must_hold_and_does_not_fails_the_session_too(
    build: Build, sessions: Sessions, warehouse: Warehouse
) -> None:
    warehouse.broken = {"foreign_invoices_have_a_rate", "tax_rates_are_staged"}
    metadata = [
        f"demo/xero/{table}"
        for table in (
            "organisations",
            "branding_themes",
            "accounts",
            "tax_rates",
            "tracking_categories",
            "currencies",
            "items",
        )
    ]
    assert not _run(build, *metadata, *_SOME).success
    assert sessions.stages == ["metadata"]
    assert "demo__metadata_checks failed." in str(dict(sessions.closed)["demo"])
