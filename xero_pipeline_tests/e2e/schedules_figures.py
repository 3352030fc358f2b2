"""What schedules and kills met, counted; and the lines that say it at the end of the tests.

Loaded as a plugin (`-p xero_pipeline_tests.e2e.schedules_figures`, as `make faults` does) it adds up what every worker found.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping

import pytest

FAULTS, KILLS, EXPORT_FAULTS = "figures of fault schedules", "figures of kills", "figures of export schedules"
Counts = Counter[str]


def as_property(counts: Counts) -> str:
    """What a test records with `record_property`."""
    return json.dumps(counts)


def told(name: str, counts: Mapping[str, int]) -> list[str]:
    """The figures in lines: totals first, then each group (`group: what`) in a line of its own."""
    groups: dict[str, list[str]] = defaultdict(list)
    totals = []
    for key, count in sorted(counts.items()):
        group, _, what = key.rpartition(": ")
        if group:
            groups[group].append(f"{what} {count}")
        else:
            totals.append(f"{key} {count}")
    return [f"{name}: {', '.join(totals)}", *(f"  {group}: {', '.join(found)}" for group, found in groups.items())]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One sum over all tests that recorded figures."""
    sums: dict[str, Counts] = defaultdict(Counter)
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name in (FAULTS, KILLS, EXPORT_FAULTS):
                sums[name].update(json.loads(str(value)))
    for name, counts in sorted(sums.items()):
        for line in told(name, counts):
            terminalreporter.write_line(line)
