"""Schedules ask what is due: nothing is missed or done twice, and nights follow the organisation's clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._core.test_utils import freeze_time
from dagster._utils.schedules import schedule_execution_time_iterator

from xero_pipeline.defs.partitions import RANGE_END, RANGE_START, key_of
from xero_pipeline.domain.org import Org
from xero_pipeline.domain.windows import CATCH_UP, latest_complete, windows_between
from xero_pipeline_tests.defs.conftest import Build, Warehouse

Ask = Callable[..., dg.RunRequest | str]


@pytest.fixture(scope="module")
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


@pytest.fixture(autouse=True)
def _no_runs_of_other_tests(instance: dg.DagsterInstance) -> Iterator[None]:
    yield
    for run in instance.get_runs():
        instance.delete_run(run.run_id)


@pytest.fixture
def ask(build: Build, instance: dg.DagsterInstance, now: datetime) -> Ask:
    """The answer of a schedule at a tick: what it requests, or the sentence why it does not."""

    def answer(schedule: str = "demo_delta", at: datetime = now, definitions: dg.Definitions | None = None) -> object:
        repository = (definitions or build()).get_repository_def()
        with freeze_time(at):
            context = dg.build_schedule_context(
                instance=instance, scheduled_execution_time=at, repository_def=repository
            )
            # Or every tick would open the same instance anew and look at all its migrations.
            context._instance = instance
            ticked = repository.get_schedule_def(schedule).evaluate_tick(context)
        return ticked.run_requests[0] if ticked.run_requests else ticked.skip_message

    return answer


def _begin(instance: dg.DagsterInstance, **tags: str) -> dg.DagsterRun:
    run = dg.DagsterRun(job_name="demo_weekly_full", tags={"xero_pipeline/org": "demo", **tags})
    return instance.add_run(run.with_status(dg.DagsterRunStatus.STARTED))


def test_the_window_that_just_ended_is_asked_for(ask: Ask, warehouse: Warehouse) -> None:
    warehouse.covered = datetime(2026, 3, 8, 9, 13, 5, tzinfo=UTC)
    request = ask(at=datetime(2026, 3, 8, 9, 26, tzinfo=UTC))
    assert request.partition_key == "2026-03-08-09:13"
    assert RANGE_START not in request.tags


def test_nothing_is_asked_for_while_all_is_covered(ask: Ask, warehouse: Warehouse) -> None:
    warehouse.covered = datetime(2026, 3, 8, 9, 26, 5, tzinfo=UTC)
    assert ask() == "Every window of demo is covered until 2026-03-08 09:26 UTC."


def test_an_organisation_that_was_never_synced_gets_the_newest_window(ask: Ask) -> None:
    assert ask().partition_key == "2026-03-08-09:13"


def test_an_outage_of_five_hours_is_one_run_over_the_windows_that_were_missed(ask: Ask, warehouse: Warehouse) -> None:
    warehouse.covered = datetime(2026, 3, 8, 4, 26, 5, tzinfo=UTC)
    request = ask()
    assert request.partition_key is None
    assert request.tags[RANGE_START] == "2026-03-08-04:26"
    assert request.tags[RANGE_END] == "2026-03-08-09:13"


def test_after_an_outage_of_a_week_at_most_a_day_of_windows_is_asked_for(
    ask: Ask, warehouse: Warehouse, now: datetime
) -> None:
    warehouse.covered = now - timedelta(days=7)
    newest = latest_complete(now)
    day = list(windows_between(newest.end - CATCH_UP, newest.end))
    request = ask()
    assert (request.tags[RANGE_START], request.tags[RANGE_END]) == (key_of(day[0]), key_of(newest))


def test_windows_before_the_first_partition_are_left_to_the_watermark(
    ask: Ask, build: Build, warehouse: Warehouse, now: datetime
) -> None:
    warehouse.covered = now - timedelta(days=1)
    definitions = build(Org(alias="demo", window_days=1), loaded_at=now + timedelta(days=1))
    assert ask(definitions=definitions).tags[RANGE_START] == "2026-03-08-00:00"


def test_the_next_window_waits_while_another_sync_of_the_organisation_runs(ask: Ask, warehouse: Warehouse) -> None:
    warehouse.holder = "demo is being synced by hand since 09:20."
    assert ask() == ("demo is being synced by hand since 09:20. What is due now will be asked for at the next tick.")


def test_the_next_window_waits_while_a_run_of_the_organisation_is_unfinished(
    ask: Ask, instance: dg.DagsterInstance
) -> None:
    run = _begin(instance)
    assert ask() == (
        f"Run {run.run_id[:8]} of demo_weekly_full is started. What is due now will be asked for at the next tick."
    )


def test_a_run_of_another_organisation_is_no_reason_to_wait(ask: Ask, instance: dg.DagsterInstance) -> None:
    _begin(instance, **{"xero_pipeline/org": "other"})
    assert ask().partition_key


def test_a_request_carries_the_mode_of_its_job(ask: Ask) -> None:
    request = ask("demo_weekly_full")
    assert request.run_config["resources"]["demo_sync"]["config"] == {"mode": "full"}
    assert request.run_config["resources"]["salesforce_sync"]["config"] == {"mode": "full"}


def test_the_weekly_sync_fills_the_windows_that_are_due(ask: Ask, warehouse: Warehouse) -> None:
    assert ask("demo_weekly_full").partition_key == "2026-03-08-09:13"
    warehouse.covered = datetime(2026, 3, 8, 9, 29, tzinfo=UTC)
    assert ask("demo_weekly_full").partition_key == "2026-03-08-09:13"
    warehouse.covered = datetime(2026, 3, 8, 8, 0, tzinfo=UTC)
    assert ask("demo_weekly_full").tags[RANGE_START] == "2026-03-08-08:00"


def test_a_night_that_succeeded_is_not_asked_for_again(ask: Ask, warehouse: Warehouse) -> None:
    warehouse.succeeded["metadata"] = datetime(2026, 3, 7, 13, 0, 4, tzinfo=UTC)
    assert ask("demo_nightly_metadata") == ("Done since 2026-03-07 13:00 UTC: a sync started at 2026-03-07 13:00 UTC.")


def test_a_night_that_failed_or_was_missed_is_asked_for_at_the_next_tick(ask: Ask, warehouse: Warehouse) -> None:
    warehouse.succeeded["metadata"] = datetime(2026, 3, 6, 13, 0, 4, tzinfo=UTC)
    assert ask("demo_nightly_metadata", at=datetime(2026, 3, 7, 14, 30, tzinfo=UTC)).partition_key is None


def test_a_night_waits_in_the_queue_behind_another_run(
    ask: Ask, instance: dg.DagsterInstance, warehouse: Warehouse
) -> None:
    _begin(instance)
    warehouse.holder = "demo is being synced by run 0123abcd."
    assert not isinstance(ask("demo_nightly_metadata"), str)


def test_a_night_is_asked_for_later_when_a_sync_from_a_shell_runs(ask: Ask, warehouse: Warehouse) -> None:
    warehouse.holder = "demo is being synced by hand since 09:20."
    assert ask("demo_nightly_metadata") == (
        "demo is being synced by hand since 09:20. This sync is asked for again at the next tick."
    )


def test_a_night_that_still_runs_is_not_asked_for_again(ask: Ask, instance: dg.DagsterInstance) -> None:
    _begin(instance, **{"dagster/schedule_name": "demo_nightly_metadata"})
    assert "is started" in ask("demo_nightly_metadata")


def test_schedules_are_stopped_until_somebody_starts_them(build: Build) -> None:
    for environment, status in (
        ({}, dg.DefaultScheduleStatus.STOPPED),
        ({"XERO_PIPELINE_SCHEDULES": "running"}, dg.DefaultScheduleStatus.RUNNING),
    ):
        schedules = build(**environment).get_repository_def().schedule_defs
        assert {schedule.default_status for schedule in schedules} == {status}
        assert {schedule.name for schedule in schedules} == {"demo_delta", "demo_weekly_full", "demo_nightly_metadata"}


def _ticks(schedule: dg.ScheduleDefinition, start: datetime, end: datetime) -> Iterator[datetime]:
    """The ticks that Dagster's daemon would evaluate, in its own words."""
    crons, zone = schedule.cron_schedule, schedule.execution_timezone
    ticks = schedule_execution_time_iterator(start.timestamp(), crons, zone)
    return takewhile(lambda tick: tick < end, ticks)


# Both changes of each zone in 2026: the Sunday on which its clocks are turned.
_CHANGES = [
    ("Pacific/Auckland", date(2026, 4, 5)),
    ("Pacific/Auckland", date(2026, 9, 27)),
    ("Australia/Sydney", date(2026, 4, 5)),
    ("Australia/Sydney", date(2026, 10, 4)),
    ("Europe/London", date(2026, 3, 29)),
    ("Europe/London", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
]


_WITHOUT_TWO = [_CHANGES[1], _CHANGES[3], _CHANGES[6]]


def _run_through(
    ask: Ask, build: Build, warehouse: Warehouse, name: str, mode: str, zone: str, start: datetime, end: datetime
) -> list[datetime]:
    """When a schedule asked for a run between two instants, in local time, every run having succeeded."""
    definitions = build(Org(alias="demo", time_zone=zone, window_days=2), loaded_at=start)
    schedule = definitions.get_repository_def().get_schedule_def(name)
    warehouse.succeeded[mode] = start
    asked = []
    for tick in _ticks(schedule, start, end):
        at = tick.astimezone(UTC)
        warehouse.covered = at
        if not isinstance(ask(name, at=at, definitions=definitions), str):
            warehouse.succeeded[mode] = at
            asked.append(at.astimezone(ZoneInfo(zone)))
    return asked


@pytest.mark.parametrize(("zone", "sunday"), _CHANGES)
def test_the_night_comes_once_through_both_changes_of_the_clock(
    ask: Ask, build: Build, warehouse: Warehouse, zone: str, sunday: date
) -> None:
    start = datetime(sunday.year, sunday.month, sunday.day, 12, tzinfo=ZoneInfo(zone)) - timedelta(days=2)
    nights = _run_through(
        ask, build, warehouse, "demo_nightly_metadata", "metadata", zone, start, start + timedelta(days=4)
    )
    assert [night.date() - sunday for night in nights] == [timedelta(days=n) for n in (-1, 0, 1, 2)]
    assert [night.strftime("%H:%M") for night in nights if night.date() != sunday] == ["02:00"] * 3
    (changed,) = [night for night in nights if night.date() == sunday]
    # Clocks that go forward at two skip it; in London they go at one.
    assert changed.strftime("%H:%M") == ("03:00" if (zone, sunday) in _WITHOUT_TWO else "02:00")


@pytest.mark.parametrize(("zone", "sunday"), _CHANGES)
def test_the_week_ends_on_friday_at_23_through_both_changes_of_the_clock(
    ask: Ask, build: Build, warehouse: Warehouse, zone: str, sunday: date
) -> None:
    start = datetime(sunday.year, sunday.month, sunday.day, 12, tzinfo=ZoneInfo(zone)) - timedelta(days=7)
    weeks = _run_through(ask, build, warehouse, "demo_weekly_full", "full", zone, start, start + timedelta(days=21))
    assert [(week.weekday(), week.strftime("%H:%M")) for week in weeks] == [(4, "23:00")] * 3
    assert [week.date() - sunday for week in weeks] == [timedelta(days=n) for n in (-2, 5, 12)]


def test_a_delta_ticks_at_the_end_of_every_window(build: Build, now: datetime) -> None:
    schedule = build().get_repository_def().get_schedule_def("demo_delta")
    ticks = [tick.astimezone(UTC) for tick in _ticks(schedule, now, now + timedelta(hours=3))]
    assert (
        ticks
        == [window.end for window in windows_between(now, now + timedelta(hours=3)) if window.end >= now][: len(ticks)]
    )
    assert len(ticks) >= 14
