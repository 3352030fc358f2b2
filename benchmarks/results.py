"""What is kept of a session: benchmarks/results/NAME.json, a list with the newest last."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.ground import HERE
from benchmarks.session import Outcome, Session

RESULTS = HERE / "results"

Entry = dict[str, Any]


def entry(session: Session) -> Entry:
    """A session as it begins: when, where, with which versions, how much and how often."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine.facts(session.ground),
        "versions": machine.versions(),
        "invoices": session.invoices,
        "rounds": session.rounds,
    }


def complete(entry: Entry, outcome: Outcome, lasted: float) -> None:
    """What it found."""
    entry["seconds"] = round(lasted, 1)
    entry["ratios"] = [
        {key: value for key, value in asdict(one).items() if value is not None} for one in outcome.ratios
    ]
    entry["notes"] = outcome.notes
    entry["measurements"] = outcome.measurements


def append(name: str, entry: Entry, directory: Path = RESULTS) -> list[Entry]:
    """All sessions of a benchmark, the new one last, after it was kept."""
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / f"{name}.json"
    sessions = [*(json.loads(file.read_text()) if file.exists() else []), entry]
    file.write_text(json.dumps(sessions, indent=1) + "\n")
    return sessions
