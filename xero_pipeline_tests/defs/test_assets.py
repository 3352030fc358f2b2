"""Every organisation has an asset for each table that its stages write, in the order of the plan, from the API on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph
from dagster._core.definitions.backfill_policy import BackfillPolicy, resolve_backfill_policy

from xero_pipeline.defs.names import keys_of
from xero_pipeline.defs.partitions import RANGE_END, RANGE_START, key_of
from xero_pipeline.domain.org import Org, Rollups, Switches
from xero_pipeline.domain.windows import Window, latest_complete, windows_between
from xero_pipeline.stages.plan import stages_of
from xero_pipeline_tests.defs.conftest import Build, Sessions

_RANGE = {RANGE_START: "2026-03-08-08:26", RANGE_END: "2026-03-08-09:13"}


def _graph(definitions: dg.Definitions) -> AssetGraph:
    return definitions.get_repository_def().asset_graph


def _keys(*paths: str) -> set[dg.AssetKey]:
    return {dg.AssetKey(path.split("/")) for path in paths}


def _materialise(
    definitions: dg.Definitions, *tables: str, key: str | None = None, tags: dict[str, str] | None = None
) -> dg.ExecuteInProcessResult:
    """A run of the delta job, of all its assets or of some tables of Xero."""
    return definitions.resolve_job_def("demo_delta").execute_in_process(
        partition_key=key,
        tags=tags,
        asset_selection=[dg.AssetKey(["demo", "xero", table]) for table in tables] or None,
    )


def test_an_asset_is_named_by_its_organisation_and_its_table(build: Build) -> None:
    keys = _graph(build()).get_all_asset_keys()
    assert _keys("demo/xero/invoices", "demo/xero/tax_rates", "demo/analytics/account_rollups") <= keys
    assert _keys("demo/salesforce/xero_invoices", "salesforce/accounts") <= keys


def test_salesforce_is_shared_and_all_else_is_of_one_organisation(build: Build, org: Org) -> None:
    keys = _graph(build(org, Org(alias="other"))).get_all_asset_keys()
    assert _keys("demo/xero/contacts", "other/xero/contacts", "salesforce/accounts") <= keys
    assert {key.path[0] for key in keys} == {"demo", "other", "salesforce", "salesforce_api"}


def test_lineage_starts_at_the_api(build: Build) -> None:
    graph = _graph(build())
    roots = {key for key in graph.get_all_asset_keys() if not graph.get(key).parent_keys}
    assert roots == _keys("demo/xero_api", "salesforce_api")
    assert not graph.get(dg.AssetKey(["demo", "xero_api"])).is_materializable


def test_a_stage_waits_for_the_one_before_it(build: Build) -> None:
    graph = _graph(build())
    assert graph.get(dg.AssetKey(["demo", "xero", "invoices"])).parent_keys == _keys("demo/xero/contacts")
    matches = graph.get(dg.AssetKey(["demo", "sync", "contact_matches"])).parent_keys
    assert _keys("demo/analytics/contact_balances_proof", "salesforce/accounts") <= matches


def test_in_place_of_a_stage_that_is_off_stands_the_one_before_it(build: Build) -> None:
    graph = _graph(build(Org(alias="demo", rollups=Rollups(type="none"))))
    assert not graph.has(dg.AssetKey(["demo", "xero", "quotes"]))
    assert graph.get(dg.AssetKey(["demo", "xero", "payments"])).parent_keys == _keys("demo/xero/credit_notes")
    assert graph.get(dg.AssetKey(["demo", "salesforce", "xero_invoices"])).parent_keys == _keys(
        "demo/sync/invoice_links"
    )


def test_bills_are_an_asset_only_where_they_are_switched_on(build: Build) -> None:
    bills = dg.AssetKey(["demo", "xero", "bills"])
    assert _graph(build()).has(bills)
    assert not _graph(build(Org(alias="demo", sync=Switches(bills=False)))).has(bills)


def test_what_reads_a_stretch_of_time_is_partitioned_and_nothing_else_is(build: Build, org: Org) -> None:
    graph = _graph(build())
    for stage in stages_of("delta", org):
        for output in stage.outputs_for(org):
            node = graph.get(dg.AssetKey([*([] if stage.shared else ["demo"]), *output]))
            assert bool(node.partitions_def) == stage.windowed, node.key


def test_a_backfill_of_everything_is_one_run(build: Build) -> None:
    graph = _graph(build())
    policies = [graph.get(key).backfill_policy for key in graph.materializable_asset_keys]
    assert resolve_backfill_policy(policies) == BackfillPolicy.single_run()


def test_every_asset_says_what_it_holds_and_whose_it_is(build: Build) -> None:
    graph = _graph(build())
    for key in graph.materializable_asset_keys:
        node = graph.get(key)
        assert node.description
        assert node.group_name != "default"
        assert node.kinds <= {"xero", "salesforce", "postgres"}
        assert node.kinds
        assert node.owners == ["team:finance-data"]


def test_an_asset_of_a_table_shows_its_columns_with_their_comments(build: Build) -> None:
    metadata = _graph(build()).get(dg.AssetKey(["demo", "xero", "bills"])).metadata
    assert metadata["dagster/table_name"] == "xero.invoices"
    columns = {column.name: column for column in metadata["dagster/column_schema"].columns}
    assert columns["amount_due"].type == "numeric"
    assert all(column.description for column in columns.values())


def test_an_hour_without_a_sync_is_shown_as_stale(build: Build) -> None:
    graph = _graph(build())
    fresh = {key for key in graph.materializable_asset_keys if graph.get(key).freshness_policy}
    assert _keys("demo/xero/invoices", "demo/xero/payments", "demo/analytics/account_rollups") <= fresh
    assert not _keys("demo/xero/tax_rates", "salesforce/accounts") & fresh


def test_a_run_over_a_range_does_each_stage_once_and_fills_every_partition(
    build: Build, sessions: Sessions, org: Org, now: datetime
) -> None:
    result = _materialise(build(), tags=_RANGE)
    span = Window(datetime(2026, 3, 8, 8, 26, tzinfo=UTC), datetime(2026, 3, 8, 9, 26, tzinfo=UTC))
    stages = stages_of("delta", org)
    assert sorted(sessions.stages) == sorted(stage.name for stage in stages)
    assert sessions.windows == {stage.name: span if stage.windowed else latest_complete(now) for stage in stages}
    filled: dict[str, list[str | None]] = {}
    for event in result.get_asset_materialization_events():
        filled.setdefault(event.asset_key.to_user_string() if event.asset_key else "", []).append(event.partition)
    windows = [key_of(window) for window in windows_between(span.start + timedelta(minutes=1), span.end)]
    for stage in stages:
        for key in keys_of(stage, org):
            assert filled[key.to_user_string()] == (windows if stage.windowed else [None])


def test_a_run_of_one_partition_is_for_that_window(build: Build, sessions: Sessions) -> None:
    _materialise(build(), "payments", key="2026-03-08-08:52")
    expected = Window(datetime(2026, 3, 8, 8, 52, tzinfo=UTC), datetime(2026, 3, 8, 9, 0, tzinfo=UTC))
    assert sessions.windows == {"payments": expected}


def test_each_materialisation_tells_what_the_stage_did(build: Build) -> None:
    result = _materialise(build(), "contacts", key="2026-03-08-08:52")
    (told,) = result.asset_materializations_for_node("demo__contacts")
    figures = {key: value.value for key, value in told.metadata.items()}
    assert figures["rows_seen"] == 7
    assert figures["xero_calls"] == 2
    assert figures["rows_inserted"] == 3
    assert figures["problems"] == "- One line has no account code."
