"""What a stage tells about itself when it is done: rows, calls, seconds, and what needs a person's eye."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from xero_pipeline.warehouse.loader import Changes

# A small table for a person: its rows, each by column.
Shown: TypeAlias = Sequence[Mapping[str, str]]


@dataclass
class StageReport:
    """The outcome of one stage. `row_counts` says how many rows of the organisation those tables hold now.

    `tables` maps a qualified table name (`xero.invoices`) to what the load changed there; `calls` counts requests to Xero,
    `salesforce_calls` those to Salesforce, `sent` and `failed` the records written back; `since` is the instant changes were
    read from (None: everything) and `until` how far the stage is complete now, both UTC. `problems` are sentences for a person,
    `shown` tables for one, by name.
    """

    stage: str
    tables: dict[str, Changes] = field(default_factory=dict)
    row_counts: dict[str, int] = field(default_factory=dict)
    rows_seen: int = 0
    calls: int = 0
    salesforce_calls: int = 0
    bytes: int = 0
    seconds: float = 0.0
    since: datetime | None = None
    until: datetime | None = None
    sent: int = 0
    failed: int = 0
    problems: list[str] = field(default_factory=list)
    notes: dict[str, int | str] = field(default_factory=dict)
    shown: dict[str, Shown] = field(default_factory=dict)

    @property
    def rows_written(self) -> int:
        """Rows that were inserted, rewritten, removed or marked."""
        return sum(changes.written for changes in self.tables.values())

    def add(self, table: str, changes: Changes) -> None:
        """Count what a load changed in a table, on top of what the stage changed there before."""
        self.tables[table] = self.tables[table] + changes if table in self.tables else changes

    def summary(self) -> Mapping[str, int | float | str]:
        """Plain values for a log line, a JSON answer or Dagster metadata."""
        return {
            "rows_seen": self.rows_seen,
            "rows_written": self.rows_written,
            "xero_calls": self.calls,
            "salesforce_calls": self.salesforce_calls,
            "bytes": self.bytes,
            "seconds": round(self.seconds, 2),
            "since": self.since.isoformat() if self.since else "the beginning",
            "until": self.until.isoformat() if self.until else "",
            "records_sent": self.sent,
            "records_failed": self.failed,
            **self.notes,
        }
