"""Exports from Dagster: noticed by the sensor, made by one run, decided about in a form, and never beside another sync."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import dagster as dg
import pytest
from dagster._core.test_utils import freeze_time

from xero_pipeline.definitions import build_defs
from xero_pipeline.stages.session import open_session
from xero_pipeline_tests.e2e.export_desk import EXPORTING, Desk, Line

PLAN = dg.AssetKey(["demo", "sync", "export_documents"])
UNKNOWN_NAME = {"Name": "A sale to nobody", "AccountId": None}


class Dagster:
    """Definitions over the desk's pair, on its clock."""

    def __init__(self, desk: Desk, instance: dg.DagsterInstance) -> None:
        clock = desk.pair.world.clock.now
        self.desk, self.instance = desk, instance
        self.definitions = build_defs(
            desk.pair.settings, [EXPORTING], open_session=partial(open_session, clock=clock), now=clock
        )

    def look(self) -> dg.RunRequest | str:
        """The sensor's answer: a request, or the sentence why there is none."""
        repository = self.definitions.get_repository_def()
        context = dg.build_sensor_context(instance=self.instance, repository_def=repository)
        tick = repository.get_sensor_def("demo_export_flags").evaluate_tick(context)
        return tick.run_requests[0] if tick.run_requests else str(tick.skip_message)

    def run(self, job: str, config: Any = None, **tags: str) -> dg.ExecuteInProcessResult:
        self.desk.pair.pass_time(minutes=1)
        with freeze_time(self.desk.pair.now):
            return self.definitions.resolve_job_def(job).execute_in_process(
                run_config=config, tags=tags, instance=self.instance, raise_on_error=False
            )

    def decide(self, **form: object) -> dg.ExecuteInProcessResult:
        """Fill in the form and press the button."""
        config: dict[str, Any] = {
            "resources": {key: {"config": {"mode": "export"}} for key in ("demo_sync", "salesforce_sync")},
            "ops": {"demo__resolve_failures": {"config": {"by": "Ana", **form}}},
        }
        return self.run("demo_resolve_failures", config)


@pytest.fixture
def dagster(desk: Desk) -> Iterator[Dagster]:
    with dg.instance_for_test() as instance:
        yield Dagster(desk, instance)


def _said(result: dg.ExecuteInProcessResult) -> str:
    """The one sentence that a run failed with."""
    (failure,) = [each.step_failure_data.user_failure_data for each in result.all_events if each.is_step_failure]
    assert failure is not None
    return str(failure.description)


def _metadata(result: dg.ExecuteInProcessResult, key: dg.AssetKey) -> dict[str, Any]:
    (event,) = [
        each for each in result.all_events if each.event_type_value == "ASSET_MATERIALIZATION" and each.asset_key == key
    ]
    return {name: each.value for name, each in event.step_materialization_data.materialization.metadata.items()}


def test_what_is_ticked_is_an_invoice_after_one_run_and_is_not_asked_for_again(dagster: Dagster, desk: Desk) -> None:
    sale = desk.sell(Line())
    request = dagster.look()
    assert isinstance(request, dg.RunRequest)
    result = dagster.run("demo_export_to_xero", request.run_config, **{"dagster/sensor_name": "demo_export_flags"})
    assert result.success
    assert desk.invoice_of(sale)["Status"] == "DRAFT"
    assert dagster.look() == "Everything that is ticked in Salesforce has been read."
    run = desk.pair.row("select kind, mode, outcome from sync.runs order by started_at desc limit 1")
    assert run == {"kind": "scheduled", "mode": "export", "outcome": "succeeded"}


def test_the_plan_shows_what_it_would_do_field_by_field_and_why_not(dagster: Dagster, desk: Desk) -> None:
    changed = desk.sell(Line(), Name="A sale that changes")
    desk.export()
    desk.edit(changed, CloseDate="2026-11-10")
    desk.sell(Line(), Name="A new | sale")
    desk.sell(Line(), Name="A sale to nobody", AccountId=None)
    shown = _metadata(dagster.run("demo_export_to_xero"), PLAN)
    assert shown["plan_create"] == 1
    assert shown["plan_update"] == 1
    assert shown["plan_blocked"] >= 1
    assert (
        "| blocked | A sale to nobody | customer | The sale names no account, so there is nobody to invoice. |"
        in (shown["blocked"])
    )
    (before_and_after,) = [row for row in shown["changes"].splitlines() if "A sale that changes | Date " in row]
    assert before_and_after.startswith("| update | A sale that changes | Date | 2026-11-1")
    assert before_and_after.endswith(" | 2026-11-10 |")
    assert "| create | A new \\| sale | line 1 Quantity |  | 1 |" in shown["changes"]
    assert "| create | A new \\| sale |" in shown["plan"]


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"action": "retry"}, "It is not said which failures are meant."),
        ({"action": "retry", "all_failed": True, "cause": "x"}, "The failures are named in two ways."),
        ({"action": "retry", "delivery_ids": [987654]}, "Nothing has failed under 987654."),
        ({"action": "retry", "cause": "no_such:cause"}, "Nothing has failed for the root cause no_such:cause."),
        ({"action": "dismiss", "all_failed": True, "reason": " "}, "A failure is dismissed with a reason."),
        ({"action": "retry", "all_failed": True, "by": ""}, "It is not said who decides this."),
    ],
)
def test_a_form_that_is_filled_in_wrongly_is_one_sentence_and_notes_nothing(
    dagster: Dagster, desk: Desk, form: dict[str, object], sentence: str
) -> None:
    before = desk.log(limit=5000)
    said = _said(dagster.decide(**form))
    assert said.startswith(sentence)
    assert desk.log(limit=5000) == before
    assert desk.pair.row("select outcome from sync.runs order by started_at desc limit 1") == {"outcome": "failed"}


def test_a_dismissal_is_kept_with_who_and_why_and_the_rest_is_left_alone(dagster: Dagster, desk: Desk) -> None:
    sale = desk.sell(Line(), Name="A sale to nobody", AccountId=None)
    desk.export()
    others = [each for each in desk.log(limit=5000) if each.external_id != sale]
    result = dagster.decide(action="dismiss", delivery_ids=[desk.entry(sale).id], reason="They paid in cash.")
    assert result.success
    entry = desk.entry(sale)
    assert (entry.status, entry.resolved_by, entry.resolution_reason) == ("dismissed", "Ana", "They paid in cash.")
    assert [each for each in desk.log(limit=5000) if each.external_id != sale] == others


def test_an_auto_sync_of_a_root_cause_creates_what_is_missing_and_sends_in_the_same_run(
    dagster: Dagster, desk: Desk
) -> None:
    account = str(desk.pair.in_salesforce("POST", "Account", {"Name": "Quite New Ltd"})["id"])
    first, second = (desk.sell(Line(), Name=name, AccountId=account) for name in ("One", "Two"))
    desk.export()
    assert desk.entry(first).cause == desk.entry(second).cause == f"customer_is_known:{account}"
    result = dagster.decide(action="auto_sync", cause=f"customer_is_known:{account}")
    assert result.success
    assert [desk.entry(sale).status for sale in (first, second)] == ["succeeded", "succeeded"]


def test_neither_an_export_nor_a_decision_runs_beside_another_sync(dagster: Dagster, desk: Desk) -> None:
    desk.sell(Line())
    before = desk.log(limit=5000)
    clock = desk.pair.world.clock.now
    with open_session(desk.pair.settings, EXPORTING, kind="manual", mode="delta", clock=clock) as holder:
        for result in (dagster.run("demo_export_to_xero"), dagster.decide(action="retry", all_failed=True)):
            refused = [each for each in result.all_events if each.event_type_value == "RESOURCE_INIT_FAILURE"]
            assert holder.run_id in str(refused[0].event_specific_data)
        assert str(dagster.look()).startswith("demo is being synced by a manual sync")
    assert desk.log(limit=5000) == before
