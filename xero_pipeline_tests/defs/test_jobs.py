"""Each job performs the stages of its mode, in its mode, and queues behind the other jobs of its organisation."""

from __future__ import annotations

import pytest

from xero_pipeline.defs.jobs import ORG_TAG, RECIPES, Recipe
from xero_pipeline.domain.errors import Transient
from xero_pipeline.domain.export_settings import Export
from xero_pipeline.domain.org import Org, Rollups
from xero_pipeline.stages.plan import stages_of
from xero_pipeline_tests.defs.conftest import Build, Sessions

_KEY = "2026-03-08-08:52"


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_a_job_performs_the_stages_of_its_mode_in_its_mode(
    build: Build, sessions: Sessions, org: Org, recipe: Recipe
) -> None:
    job = build().resolve_job_def(f"demo_{recipe.name}")
    assert job.execute_in_process(partition_key=_KEY if recipe.windowed else None).success
    stages = stages_of(recipe.mode, org)
    assert sessions.stages == [stage.name for stage in stages]
    expected = {("demo", recipe.mode)} | ({("salesforce", recipe.mode)} if any(s.shared for s in stages) else set())
    assert {(alias, mode) for alias, _, mode, _ in sessions.opened} == expected


def test_a_job_is_partitioned_if_one_of_its_stages_is(build: Build, org: Org) -> None:
    definitions = build()
    for recipe in RECIPES:
        assert recipe.windowed == any(stage.windowed for stage in stages_of(recipe.mode, org))
        assert recipe.windowed == bool(definitions.resolve_job_def(f"demo_{recipe.name}").partitions_def)


def test_every_job_says_what_pressing_it_does_and_carries_the_tag_that_the_queue_limits(build: Build, org: Org) -> None:
    definitions = build(org, Org(alias="other", export=Export(enabled=True)))
    for alias in ("demo", "other"):
        for recipe in RECIPES:
            job = definitions.resolve_job_def(f"{alias}_{recipe.name}")
            assert job.description == recipe.description
            assert job.tags[ORG_TAG] == alias


def test_rollups_without_anything_to_roll_up_or_send_are_no_job(build: Build) -> None:
    definitions = build(Org(alias="demo", rollups=Rollups(type="none"), write_back=False))
    names = {job.name for job in definitions.get_repository_def().get_all_jobs()}
    assert "demo_recalculate_rollups" not in names
    assert not [name for name in names if "export" in name or "failures" in name]
    assert "demo_delta" in names


def test_an_export_does_not_go_on_without_the_links_that_tell_what_is_invoiced_already(
    build: Build, sessions: Sessions
) -> None:
    sessions.failing = {"invoice_links": Transient("PostgreSQL does not answer.")}
    assert not build().resolve_job_def("demo_export_to_xero").execute_in_process(raise_on_error=False).success
    assert sessions.stages == ["salesforce", "contact_matches", "invoice_links"]
