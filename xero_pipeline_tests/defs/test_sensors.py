"""The sensor asks for one export for what is ticked, and for none while another run of the organisation is at work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import dagster as dg
import pytest

from xero_pipeline.defs.jobs import run_config
from xero_pipeline.defs.resources import kind_of
from xero_pipeline.domain.errors import Transient
from xero_pipeline.domain.org import Org
from xero_pipeline.stages.export.flags import Flags
from xero_pipeline_tests.defs.conftest import NOW, Build, Desk, Warehouse

TICKED = Flags((("opportunities", "0061", NOW), ("orders", "8011", NOW)))
Ask = Callable[..., dg.RunRequest | str]


@pytest.fixture(scope="module")
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


@pytest.fixture
def ask(build: Build, instance: dg.DagsterInstance) -> Ask:
    """The answer of the sensor: what it requests, or the sentence why it does not."""

    def answer() -> object:
        repository = build().get_repository_def()
        context = dg.build_sensor_context(instance=instance, repository_def=repository)
        ticked = repository.get_sensor_def("demo_export_flags").evaluate_tick(context)
        return ticked.run_requests[0] if ticked.run_requests else ticked.skip_message

    return answer


def test_what_is_ticked_is_exported(ask: Ask, desk: Desk, org: Org) -> None:
    desk.flags = TICKED
    request = ask()
    assert request.run_config == run_config(org, "export")
    assert kind_of({"dagster/sensor_name": "demo_export_flags"}) == "scheduled"


def test_the_same_flags_are_asked_for_once_and_others_again(ask: Ask, desk: Desk) -> None:
    desk.flags = TICKED
    first = ask()
    assert ask().run_key == first.run_key
    desk.flags = replace(TICKED, records=TICKED.records[:1])
    assert ask().run_key != first.run_key


def test_flags_whose_run_failed_are_left_to_the_next_sync(ask: Ask, desk: Desk, instance: dg.DagsterInstance) -> None:
    desk.flags = TICKED
    tags = {"xero_pipeline/org": "demo", "dagster/run_key": ask().run_key}
    run = dg.DagsterRun(job_name="demo_export_to_xero", tags=tags).with_status(dg.DagsterRunStatus.FAILURE)
    instance.add_run(run)
    try:
        assert ask() == (
            f"Run {run.run_id[:8]} of demo_export_to_xero is over and failed. It was for what is ticked now; "
            "the next sync takes up what is left of it."
        )
        desk.flags = replace(TICKED, records=TICKED.records[:1])
        assert ask().run_key
    finally:
        instance.delete_run(run.run_id)


def test_nothing_is_asked_for_while_everything_ticked_was_read(ask: Ask) -> None:
    assert ask() == "Everything that is ticked in Salesforce has been read."


def test_while_a_run_of_the_organisation_is_unfinished_salesforce_is_not_asked(
    ask: Ask, desk: Desk, instance: dg.DagsterInstance
) -> None:
    desk.failing = AssertionError("asked all the same")  # type: ignore[assignment]
    run = dg.DagsterRun(job_name="demo_export_to_xero", tags={"xero_pipeline/org": "demo"})
    instance.add_run(run.with_status(dg.DagsterRunStatus.STARTED))
    try:
        assert ask() == (
            f"Run {run.run_id[:8]} of demo_export_to_xero is started. What is ticked is looked at again in 30 seconds."
        )
    finally:
        instance.delete_run(run.run_id)


def test_a_sync_from_a_shell_is_waited_for(ask: Ask, desk: Desk, warehouse: Warehouse) -> None:
    desk.flags = TICKED
    warehouse.holder = "demo is being synced by hand since 09:20."
    assert ask() == "demo is being synced by hand since 09:20. What is ticked is looked at again in 30 seconds."


def test_a_salesforce_that_does_not_answer_is_a_sentence(ask: Ask, desk: Desk) -> None:
    desk.failing = Transient("Salesforce could not be reached.", next_step="The next look is in 30 seconds.")
    assert ask() == "Salesforce could not be reached. The next look is in 30 seconds."


def test_it_looks_every_half_minute_and_is_on_where_the_schedules_are(build: Build) -> None:
    for setting, status in (("running", dg.DefaultSensorStatus.RUNNING), ("stopped", dg.DefaultSensorStatus.STOPPED)):
        sensor = build(XERO_PIPELINE_SCHEDULES=setting).get_repository_def().get_sensor_def("demo_export_flags")
        assert sensor.minimum_interval_seconds == 30
        assert sensor.default_status == status


def test_without_exports_there_is_none(build: Build) -> None:
    assert build(Org(alias="demo")).get_repository_def().sensor_defs == []
