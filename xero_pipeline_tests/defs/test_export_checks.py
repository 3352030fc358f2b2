"""The checks of an export are asked once for all of them, where somebody looks at them, and stop nothing."""

from __future__ import annotations

import dagster as dg
import pytest

from xero_pipeline.defs.jobs import RECIPES
from xero_pipeline.domain.errors import Permanent
from xero_pipeline.domain.export_checks import EXPORT_CHECKS
from xero_pipeline.domain.org import Org
from xero_pipeline_tests.defs.conftest import Build, Desk, Sessions

PLAN = dg.AssetKey(["demo", "sync", "export_documents"])
NAMES = {check.name for check in EXPORT_CHECKS}


def _checks_of(definitions: dg.Definitions, job: str) -> set[str]:
    layer = definitions.resolve_job_def(job).asset_layer
    return {key.name for key in layer.asset_graph.asset_check_keys if key.asset_key == PLAN}


def test_every_check_of_the_gate_is_a_check_of_the_plan_that_blocks_nothing(build: Build) -> None:
    graph = build().get_repository_def().asset_graph
    assert {key.name for key in graph.get_check_keys_for_assets({PLAN})} == NAMES
    for check in EXPORT_CHECKS:
        spec = graph.get_check_spec(dg.AssetCheckKey(PLAN, check.name))
        assert not spec.blocking
        assert check.fix in (spec.description or "")


def test_a_check_says_what_it_refuses_and_what_to_do(build: Build) -> None:
    spec = build().get_repository_def().asset_graph.get_check_spec(dg.AssetCheckKey(PLAN, "item_is_known"))
    assert spec.description == (
        "Refuses an invoice with: Xero has no item with the code [item code].\n\n"
        "What to do: Auto Sync creates it; or create it in Xero, then retry."
    )


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_only_the_weekly_and_the_nightly_sync_spend_the_seconds(build: Build, recipe: object) -> None:
    name = recipe.name  # type: ignore[attr-defined]
    expected = NAMES if name in ("weekly_full", "nightly_metadata") else set()
    assert _checks_of(build(), f"demo_{name}") == expected


def test_without_exports_there_is_none(build: Build) -> None:
    keys = build(Org(alias="demo")).get_repository_def().asset_graph.asset_check_keys
    assert not [key for key in keys if key.asset_key == PLAN]


def test_a_job_asks_them_all_at_once_and_nothing_else_while_a_sync_holds_the_organisation(
    build: Build, desk: Desk, sessions: Sessions
) -> None:
    sessions.busy = {"demo"}
    result = build().resolve_job_def("demo_check_export").execute_in_process()
    assert {each.check_name for each in result.get_asset_check_evaluations()} == NAMES
    assert desk.judged == 1
    assert sessions.opened == []


def test_what_is_refused_is_counted_named_and_shown_in_data_docs(build: Build, desk: Desk) -> None:
    desk.refused = {"item_is_known": 2}
    result = build().resolve_job_def("demo_check_export").execute_in_process()
    assert result.success
    (refused,) = [each for each in result.get_asset_check_evaluations() if not each.passed]
    assert refused.asset_check_key == dg.AssetCheckKey(PLAN, "item_is_known")
    assert refused.severity == dg.AssetCheckSeverity.WARN
    assert refused.description == ("2 of 9 lines are refused. Auto Sync creates it; or create it in Xero, then retry.")
    assert refused.metadata["rows"].value == 2
    assert refused.metadata["sample"].value == [{"sale_name": "Sale 1"}]
    assert refused.metadata["data docs"].value == "/srv/data_docs/demo/index.html"


def test_the_plan_that_somebody_materialises_is_checked(build: Build, desk: Desk) -> None:
    job = build().get_repository_def().get_job("__ASSET_JOB")
    lines = dg.AssetKey(["demo", "sync", "export_lines"])
    result = job.execute_in_process(asset_selection=[PLAN, lines])
    assert {each.check_name for each in result.get_asset_check_evaluations()} == NAMES
    assert desk.judged == 1


def test_one_check_alone_answers_for_itself(build: Build, desk: Desk) -> None:
    job = build().get_repository_def().get_job("__ASSET_JOB")
    key = dg.AssetCheckKey(PLAN, "customer_is_known")
    result = job.get_subset(asset_selection=set(), asset_check_selection={key}).execute_in_process()
    assert [each.asset_check_key for each in result.get_asset_check_evaluations()] == [key]


def test_checks_that_cannot_be_asked_fail_with_one_sentence(build: Build, desk: Desk) -> None:
    desk.failing = Permanent("demo was never synced.", next_step="Run `xero-pipeline sync demo` first.")
    result = build().resolve_job_def("demo_check_export").execute_in_process(raise_on_error=False)
    (failure,) = [each.step_failure_data.user_failure_data for each in result.all_events if each.is_step_failure]
    assert failure is not None
    assert failure.description == "demo was never synced. Run `xero-pipeline sync demo` first."
