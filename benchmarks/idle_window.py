"""idle_window: a scheduled run in which nothing has changed, from its tick to its success, beside runs of empty assets."""

from __future__ import annotations

import yaml

from benchmarks.ground import MIGRATED, ROOT
from benchmarks.measuring import measure, ours
from benchmarks.session import Outcome, Session

EMPTY, POOLED, STEPS = "empty assets", "empty assets, storage of ours", "empty steps, storage of ours"
KINDS = {"ours": "ours", EMPTY: "assets", POOLED: "assets", STEPS: "steps"}


def as_it_comes() -> str:
    """Our dagster.yaml with the storage that Dagster itself has for PostgreSQL."""
    configuration = yaml.safe_load((ROOT / "dagster.yaml").read_text())
    configuration["storage"] = {"postgres": configuration["storage"]["custom"]["config"]}
    return str(yaml.safe_dump(configuration))


def run(session: Session) -> Outcome:
    """One initial sync with everything that follows from it, then rounds of a window for each kind of run."""
    outcome = Outcome()
    ground, book = session.ground, session.book()
    with ground.lent(MIGRATED) as database:
        measure(ground, book, [ours("weekly_full", "full")], database)
        # The first window after a full sync may still read what the sync itself overlapped with.
        book.pass_time(hours=1)
        measure(ground, book, [ours("ours", module="window")], database)
        plain = {"DAGSTER_HOME": ground.instance(as_it_comes(), "dagster_as_it_comes")}
        assets = 0
        for number in session.numbers():
            book.pass_time(minutes=13)
            for name, kind in KINDS.items():
                figures, told = measure(
                    ground, book, [ours(kind, module="window")], database, extra=plain if name == EMPTY else None
                )
                cpu = figures["client_cpu"] + figures["postgres_cpu"]
                outcome.add(name, number, figures, cpu=round(cpu, 3))
                assets = told["assets"]
    for name in (EMPTY, POOLED, STEPS):
        bound = 1.5 if name == EMPTY else None
        outcome.compare("ours", name, what=f"wall time from tick to success, ours / {name}", at_most=bound)
        outcome.compare("ours", name, key="cpu", what=f"processor time of client and PostgreSQL, ours / {name}")
        outcome.compare(
            "ours",
            name,
            key="process_seconds",
            what=f"wall time with all imports, ours / {name}",
        )
    calls = max(outcome.of("ours", "calls").values())
    outcome.notes.append(f"An idle window of ours cost {calls:.0f} calls to Xero at most (wanted: at most 6).")
    outcome.notes.append(f"A run is of {assets} assets; ours has its checks and dependencies besides.")
    outcome.notes.append(
        "Empty assets are run by Dagster as it comes; the others have the storage that dagster.yaml names."
    )
    return outcome
