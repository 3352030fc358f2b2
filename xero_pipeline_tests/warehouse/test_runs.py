"""Every sync leaves a row that says what it was and how it ended; success is counted from those that ended by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import psycopg

from xero_pipeline.warehouse import events, runs, settings

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def start(conn: psycopg.Connection, run_id: str, alias: str = "demo", at: datetime = NOON) -> int:
    return runs.start(conn, run_id=run_id, alias=alias, kind="manual", mode="delta", started_at=at)


def finish(conn: psycopg.Connection, run_id: str, outcome: str = "succeeded") -> None:
    runs.finish(conn, run_id=run_id, outcome=outcome, ended_at=NOON + timedelta(minutes=1), rows_written=3, calls=6)


def test_a_run_tells_what_it_was_and_what_it_cost(conn: psycopg.Connection) -> None:
    start(conn, "r1")
    runs.progress(conn, "r1", stage="invoices", org_id="org")
    finish(conn, "r1")
    (run,) = runs.latest(conn, "demo")
    assert (run.outcome, run.stage, run.org_id, run.rows_written, run.calls) == ("succeeded", "invoices", "org", 3, 6)
    assert run.ended_at == NOON + timedelta(minutes=1)


def test_a_run_left_running_by_a_dead_process_is_failed_by_the_next_of_its_organisation(
    conn: psycopg.Connection,
) -> None:
    start(conn, "dead")
    start(conn, "other", alias="other")
    assert start(conn, "next", at=NOON + timedelta(hours=1)) == 1
    outcomes = {run.run_id: run.outcome for run in runs.latest(conn)}
    assert outcomes == {"dead": "failed", "other": "running", "next": "running"}


def test_a_run_that_its_successor_gave_up_stays_failed(conn: psycopg.Connection) -> None:
    start(conn, "lost")
    start(conn, "next", at=NOON + timedelta(hours=1))
    finish(conn, "lost", "succeeded")
    assert {run.run_id: run.outcome for run in runs.latest(conn)}["lost"] == "failed"


def test_success_is_counted_without_runs_that_have_not_ended(conn: psycopg.Connection) -> None:
    assert runs.success_rate(conn, "demo").rate is None
    for run_id, outcome in (("a", "succeeded"), ("b", "succeeded"), ("c", "failed")):
        start(conn, run_id)
        finish(conn, run_id, outcome)
    start(conn, "still")
    assert runs.success_rate(conn, "demo").rate == Fraction(2, 3)
    assert runs.success_rate(conn, "demo", since=NOON + timedelta(days=1)).rate is None


def test_events_are_found_by_run_and_by_action(conn: psycopg.Connection) -> None:
    for run_id, action in (("r1", "failed"), ("r2", "sent")):
        events.record(
            conn, at=NOON, org_id="org", run_id=run_id, system="xero", object="items", record_id="i", action=action,
            detail={"reason": "too long"},
        )  # fmt: skip
    assert [event.action for event in events.latest(conn, "org")] == ["sent", "failed"]
    (failed,) = events.latest(conn, "org", action="failed")
    assert (failed.run_id, failed.detail) == ("r1", {"reason": "too long"})
    assert [event.action for event in events.latest(conn, "org", run_id="r2")] == ["sent"]


def test_a_setting_is_kept_in_its_scope_and_says_whether_it_changed(conn: psycopg.Connection) -> None:
    assert settings.put(conn, "org", "time_zone", "Pacific/Auckland", now=NOON)
    assert not settings.put(conn, "org", "time_zone", "Pacific/Auckland", now=NOON)
    assert settings.put(conn, "org", "sync", False, now=NOON, account_id="001")
    assert settings.get(conn, "org", "time_zone") == "Pacific/Auckland"
    assert settings.get(conn, "org", "sync") is None
    assert settings.get(conn, "org", "sync", account_id="001") is False
