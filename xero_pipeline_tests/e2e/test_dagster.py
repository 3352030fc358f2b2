"""The same syncs, started by Dagster: missed windows are filled by one run, and every sync leaves its row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import dagster as dg
import pytest
from dagster._core.test_utils import freeze_time

from xero_pipeline.definitions import build_defs
from xero_pipeline.domain.windows import windows_between
from xero_pipeline.stages.plan import STAGES
from xero_pipeline.stages.session import open_session
from xero_pipeline_tests.e2e.pair import Pair


@pytest.fixture
def dagster(pair: Pair) -> Iterator[tuple[dg.Definitions, dg.DagsterInstance]]:
    clock = pair.world.clock.now
    definitions = build_defs(pair.settings, [pair.org], open_session=partial(open_session, clock=clock), now=clock)
    with dg.instance_for_test() as instance:
        yield definitions, instance


def _tick(pair: Pair, definitions: dg.Definitions, instance: dg.DagsterInstance) -> dg.ScheduleExecutionData:
    repository = definitions.get_repository_def()
    context = dg.build_schedule_context(instance=instance, scheduled_execution_time=pair.now, repository_def=repository)
    return repository.get_schedule_def("demo_delta").evaluate_tick(context)


def test_an_outage_is_one_run_that_fills_every_missed_window(
    pair: Pair, dagster: tuple[dg.Definitions, dg.DagsterInstance]
) -> None:
    definitions, instance = dagster
    began = pair.now
    changed = pair.row(
        "select invoice_number from xero.invoices where status = 'AUTHORISED' and type = 'ACCREC' order by 1 limit 1"
    )["invoice_number"]
    pair.pass_time(hours=2)
    pair.pull("pay_invoice", invoice=changed)
    pair.pass_time(hours=3)
    with freeze_time(pair.now):
        (request,) = _tick(pair, definitions, instance).run_requests or []
        result = definitions.resolve_job_def("demo_delta").execute_in_process(
            run_config=request.run_config,
            tags={**request.tags, "dagster/schedule_name": "demo_delta"},
            partition_key=request.partition_key,
            instance=instance,
        )
        again = _tick(pair, definitions, instance)
    assert result.success
    assert again.skip_message is not None
    assert "covered" in again.skip_message

    missed = {f"{window.start:%Y-%m-%d-%H:%M}" for window in windows_between(began + timedelta(minutes=13), pair.now)}
    assert len(missed) > 20
    for stage in (stage for stage in STAGES if stage.windowed):
        for output in stage.outputs_for(pair.org):
            filled = instance.get_materialized_partitions(dg.AssetKey(["demo", *output]))
            assert missed <= filled, f"{stage.name} has holes"

    assert pair.row("select status from xero.invoices where invoice_number = %s", changed)["status"] == "PAID"
    assert all(
        check.passed or check.severity is dg.AssetCheckSeverity.WARN for check in result.get_asset_check_evaluations()
    )
    run = pair.row("select * from sync.runs order by started_at desc limit 1")
    assert (run["kind"], run["mode"], run["outcome"]) == ("scheduled", "delta", "succeeded")
    assert run["dagster_run_id"] == result.run_id
    assert run["window_start"] <= began < pair.now - timedelta(minutes=13) <= run["window_end"]


def test_a_materialisation_while_another_sync_runs_says_so_and_changes_nothing(
    pair: Pair, dagster: tuple[dg.Definitions, dg.DagsterInstance]
) -> None:
    definitions, instance = dagster
    before = pair.rows("select * from sync.windows order by id")
    clock = pair.world.clock.now
    with (
        freeze_time(pair.now),
        open_session(pair.settings, pair.org, kind="manual", mode="delta", clock=clock) as holder,
    ):
        result = definitions.resolve_job_def("demo_sync_now").execute_in_process(
            partition_key="2026-11-17-20:39", instance=instance, raise_on_error=False
        )
    refused = [event for event in result.all_events if event.event_type_value == "RESOURCE_INIT_FAILURE"]
    assert not result.success
    assert holder.run_id in str(refused[0].event_specific_data)
    assert pair.rows("select * from sync.windows order by id") == before
