"""What a person decides about failures is noted and honoured in one run, under the organisation's lock."""

from __future__ import annotations

from typing import Any

import dagster as dg
import pytest

from xero_pipeline.defs.jobs import ORG_TAG
from xero_pipeline.domain.errors import Permanent
from xero_pipeline.domain.org import Org
from xero_pipeline.stages.export.resolving import Wish
from xero_pipeline.stages.plan import stages_of
from xero_pipeline_tests.defs.conftest import Build, Desk, Sessions

OP = "demo__resolve_failures"


def _press(build: Build, **form: object) -> dg.ExecuteInProcessResult:
    job = build().resolve_job_def("demo_resolve_failures")
    config: dict[str, Any] = {
        "resources": {key: {"config": {"mode": "export"}} for key in ("demo_sync", "salesforce_sync")},
        "ops": {OP: {"config": {"by": "Ana", **form}}},
    }
    return job.execute_in_process(run_config=config, raise_on_error=False)


def test_a_decision_is_noted_and_then_an_export_is_made_in_the_same_run(
    build: Build, desk: Desk, sessions: Sessions, org: Org
) -> None:
    result = _press(build, action="dismiss", delivery_ids=[3, 4], reason="They paid in cash.")
    assert result.success
    assert desk.wishes == [Wish("dismiss", (3, 4), reason="They paid in cash.", by="Ana")]
    assert sessions.stages == [stage.name for stage in stages_of("export", org)]
    assert sorted(sessions.opened) == [
        ("demo", "manual", "export", result.run_id),
        ("salesforce", "manual", "export", result.run_id),
    ]


def test_what_it_writes_is_seen_on_the_assets(build: Build) -> None:
    result = _press(build, action="retry", all_failed=True)
    written = {event.asset_key for event in result.all_events if event.event_type_value == "ASSET_MATERIALIZATION"}
    assert {dg.AssetKey(["demo", "sync", "export_documents"]), dg.AssetKey(["demo", "export", "invoices"])} <= written
    assert dg.AssetKey(["salesforce", "opportunities"]) in written


def test_a_decision_that_cannot_be_noted_is_one_sentence_and_exports_nothing(
    build: Build, desk: Desk, sessions: Sessions
) -> None:
    desk.failing = Permanent("Nothing has failed under 7.", next_step="`xero-pipeline log` lists what has.")
    result = _press(build, action="retry", delivery_ids=[7])
    (failure,) = [each.step_failure_data.user_failure_data for each in result.all_events if each.is_step_failure]
    assert failure is not None
    assert failure.description == "Nothing has failed under 7. `xero-pipeline log` lists what has."
    assert sessions.stages == []
    assert ("demo", desk.failing) in sessions.closed


def test_while_a_sync_runs_nothing_is_noted(build: Build, desk: Desk, sessions: Sessions) -> None:
    sessions.busy = {"demo"}
    assert not _press(build, action="retry", delivery_ids=[7]).success
    assert desk.wishes == []


def test_another_action_is_refused_before_anything_runs(build: Build, sessions: Sessions) -> None:
    with pytest.raises(dg.DagsterInvalidConfigError, match="action"):
        _press(build, action="forget", all_failed=True)
    assert sessions.opened == []


def test_the_launchpad_shows_the_form_and_the_queue_knows_the_organisation(build: Build) -> None:
    job = build().resolve_job_def("demo_resolve_failures")
    assert job.tags[ORG_TAG] == "demo"
    assert set(job.run_config["ops"][OP]["config"]) == {  # type: ignore[index]
        "action", "delivery_ids", "cause", "all_failed", "reason", "by",
    }  # fmt: skip
    assert "**dismiss** closes them, with your reason" in (job.description or "")
