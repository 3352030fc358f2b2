"""A structural fault stops what builds on it; a faulty row is counted and stops nothing."""

from __future__ import annotations

import dagster as dg

from xero_pipeline.defs.names import keys_of
from xero_pipeline.domain.errors import Transient
from xero_pipeline.domain.org import Org
from xero_pipeline.stages.checks import CHECKS
from xero_pipeline.stages.plan import stages_of
from xero_pipeline_tests.defs.conftest import Build, Sessions, Warehouse

_KEY = "2026-03-08-08:52"


def _delta(build: Build, *stages: str) -> dg.ExecuteInProcessResult:
    """A run of the delta job, of all its assets or of those of some stages."""
    org = Org(alias="demo")
    keys = [key for stage in stages_of("delta", org) if stage.name in stages for key in keys_of(stage, org)]
    job = build(org).resolve_job_def("demo_delta")
    return job.execute_in_process(partition_key=_KEY, asset_selection=keys or None, raise_on_error=False)


def test_every_rule_of_a_stage_that_is_on_is_a_check_of_its_asset(build: Build) -> None:
    keys = build(Org(alias="demo")).get_repository_def().asset_graph.asset_check_keys
    assert {(tuple(key.asset_key.path[-2:]), key.name) for key in keys} == {
        (check.table, check.name) for check in CHECKS
    }


def test_a_stage_that_is_off_has_no_checks(build: Build) -> None:
    keys = build(Org(alias="demo", write_back=False)).get_repository_def().asset_graph.asset_check_keys
    assert "records_reach_salesforce" not in {key.name for key in keys}


def test_a_sync_checks_what_it_staged(build: Build) -> None:
    evaluations = _delta(build).get_asset_check_evaluations()
    assert {evaluation.check_name for evaluation in evaluations} == {check.name for check in CHECKS}
    assert all(evaluation.passed for evaluation in evaluations)


def test_a_structural_fault_stops_what_builds_on_it(build: Build, sessions: Sessions, warehouse: Warehouse) -> None:
    warehouse.broken = {"contacts_tie_to_xero"}
    assert not _delta(build, "balances", "contact_matches", "invoice_links").success
    assert sessions.stages == ["balances"]


def test_a_structural_fault_does_not_hide_what_else_is_wrong(build: Build, warehouse: Warehouse) -> None:
    warehouse.broken = {"contacts_tie_to_xero", "lines_add_up_to_their_invoice"}
    failed = {e.check_name for e in _delta(build, "balances").get_asset_check_evaluations() if not e.passed}
    assert failed == warehouse.broken


def test_a_faulty_row_is_counted_and_stops_nothing(build: Build, sessions: Sessions, warehouse: Warehouse) -> None:
    warehouse.broken = {"codes_are_known"}
    result = _delta(build, "invoices", "credit_notes")
    assert result.success
    assert sessions.stages == ["invoices", "credit_notes"]
    (evaluation,) = [e for e in result.get_asset_check_evaluations() if not e.passed]
    assert evaluation.severity == dg.AssetCheckSeverity.WARN
    assert evaluation.metadata["rows"].value == 2
    assert "2 rows break it" in (evaluation.description or "")


def test_the_checks_of_a_sync_are_its_sessions_own(build: Build, sessions: Sessions) -> None:
    _delta(build, "invoices", "balances")
    assert set(sessions.looked_at) == {check.name for check in CHECKS if check.stage in ("invoices", "balances")}


def test_checks_alone_can_be_run_while_a_sync_holds_the_organisation(build: Build, sessions: Sessions) -> None:
    sessions.busy = {"demo"}
    job = build().get_repository_def().get_job("__ASSET_JOB")
    key = dg.AssetCheckKey(dg.AssetKey(["demo", "xero", "tax_rates"]), "tax_rates_are_staged")
    result = job.get_subset(asset_selection=set(), asset_check_selection={key}).execute_in_process()
    assert [evaluation.asset_check_key for evaluation in result.get_asset_check_evaluations()] == [key]
    assert sessions.looked_at == []


def test_a_check_that_cannot_be_read_fails_with_its_sentence(build: Build, warehouse: Warehouse) -> None:
    def unreachable(*asked: object) -> None:
        raise Transient("PostgreSQL does not answer.")

    warehouse.found = unreachable  # type: ignore[method-assign, assignment]
    result = _delta(build, "invoices")
    (failure,) = [e.step_failure_data.user_failure_data for e in result.all_events if e.is_step_failure]
    assert failure is not None
    assert failure.description.startswith("PostgreSQL does not answer.")
