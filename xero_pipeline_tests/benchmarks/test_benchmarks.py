"""What is known of the benchmarks without measuring: that they are listed, and how figures are compared, kept and drawn."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import charts, results
from benchmarks.__main__ import BENCHMARKS, seconds
from benchmarks.measuring import Figures
from benchmarks.session import Outcome
from benchmarks.venvs import PEERS

ROOT = Path(__file__).parents[2]


def figures(lasted: float) -> Figures:
    return Figures(
        seconds=lasted,
        process_seconds=lasted + 1,
        client_cpu=lasted,
        postgres_cpu=0.0,
        sandbox_cpu=0.0,
        peak_mb=100.0,
        wal_mb=0.0,
        calls=5,
        bytes=1000,
    )


@pytest.fixture
def outcome() -> Outcome:
    found = Outcome()
    for number, (ours, dlt) in enumerate([(2.0, 8.0), (4.0, 40.0), (3.0, 15.0)], 1):
        found.add("ours", number, figures(ours))
        found.add("dlt", number, figures(dlt))
    found.add("pandas", 1, figures(30.0))
    return found


def test_without_a_name_they_are_listed() -> None:
    command = [sys.executable, "-m", "benchmarks"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert all(benchmark.name in listed and benchmark.says in listed for benchmark in BENCHMARKS)


def test_every_one_that_is_listed_can_be_run() -> None:
    assert all(callable(benchmark.run) for benchmark in BENCHMARKS)


def test_a_ratio_is_the_median_of_the_rounds_and_not_a_quotient_of_medians(outcome: Outcome) -> None:
    outcome.compare("dlt", "ours", at_least=4)
    (ratio,) = outcome.ratios
    assert (ratio.value, ratio.least, ratio.greatest, ratio.rounds) == (5.0, 4.0, 10.0, 3)
    assert str(ratio) == "dlt / ours: 5  [4 to 10, 3 rounds]  (at least 4: yes)"


def test_a_peer_is_compared_with_the_rounds_it_was_measured_in(outcome: Outcome) -> None:
    outcome.compare("pandas", "ours", at_least=16)
    (ratio,) = outcome.ratios
    assert (ratio.value, ratio.rounds) == (15.0, 1)
    assert str(ratio) == "pandas / ours: 15  [1 round]  (at least 16: NO)"


def test_a_session_is_kept_behind_the_ones_before_it_and_drawn(outcome: Outcome, tmp_path: Path) -> None:
    for day in ("2026-11-24", "2026-11-25"):
        entry: results.Entry = {
            "at": f"{day}T10:00:00+00:00",
            "machine": {"cores": 2, "postgresql": "18.1", "python": "3.11.7"},
            "invoices": 1000,
        }
        results.complete(entry, outcome, 61.23)
        charts.draw("first_load", "seconds", results.append("first_load", entry, tmp_path / "new"), tmp_path / "new")
    kept = json.loads((tmp_path / "new" / "first_load.json").read_text())
    assert [session["at"][:10] for session in kept] == ["2026-11-24", "2026-11-25"]
    assert [one["name"] for one in kept[1]["measurements"][:2]] == ["ours", "dlt"]
    drawn = ElementTree.parse(tmp_path / "new" / "first_load.svg").getroot()
    texts = [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"ours", "3 s", "dlt", "15 s", "pandas", "30 s"} <= set(texts)


@pytest.mark.parametrize(("text", "wanted"), [("35m", 2100), ("90s", 90), ("1h", 3600), ("20", 20)])
def test_a_budget_is_a_time(text: str, wanted: int) -> None:
    assert seconds(text) == wanted


def test_the_peers_packages_are_pinned() -> None:
    for file in PEERS.glob("*.txt"):
        assert all("==" in line for line in file.read_text().splitlines())
