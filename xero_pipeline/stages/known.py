"""What a run knows of its organisation from the run before, so that a window in which nothing happened looks at no row twice.

A run takes this knowledge out of sync.settings when it starts and puts it back when it ends well. One that fails or is killed
leaves none, and the next counts and looks for itself. In between the reports of the stages tell what was written: nothing but a
sync writes to the schema xero, and there is one sync of an organisation at a time. What a person changes there by hand is found
by the next full run, which goes by nothing that was known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from psycopg import Connection

from xero_pipeline.stages.checks import CHECKS, Check
from xero_pipeline.stages.report import StageReport
from xero_pipeline.warehouse import settings, tokens

_KEY = "known"
_ROWS = "rows "
_HOLDS = "holds "
_WITH_CONTACTS = "with contacts "


@dataclass
class Known:
    """How many rows tables of the schema xero hold, by full name, which rules hold, by name, and which tables hold documents
    whose contacts are all staged."""

    org_id: str | None = None
    rows: dict[str, int] = field(default_factory=dict)
    holding: set[str] = field(default_factory=set)
    with_contacts: set[str] = field(default_factory=set)

    @classmethod
    def take(cls, conn: Connection, alias: str) -> Known:
        """What the run before left. It is gone from the warehouse once the caller's transaction is committed."""
        connection = tokens.find(conn, "xero", alias)
        if connection is None or connection.org_id is None:
            return cls()
        kept = settings.take(conn, connection.org_id, _KEY)
        left = kept if isinstance(kept, dict) else {}
        return cls(
            connection.org_id,
            {name.removeprefix(_ROWS): int(count) for name, count in left.items() if name.startswith(_ROWS)},
            # A rule that was worded anew since was never looked at.
            {check.name for check in CHECKS if left.get(_HOLDS + check.name) == check.digest},
            {name.removeprefix(_WITH_CONTACTS) for name in left if name.startswith(_WITH_CONTACTS)},
        )

    def put_back(self, conn: Connection, org_id: str, now: datetime) -> None:
        """Leave it to the next run, unless the alias has come to mean another organisation meanwhile."""
        if self.org_id in (None, org_id):
            rows = {_ROWS + name: str(count) for name, count in self.rows.items()}
            holding = {_HOLDS + check.name: check.digest for check in CHECKS if check.name in self.holding}
            with_contacts = {_WITH_CONTACTS + name: "all" for name in self.with_contacts}
            settings.put(conn, org_id, _KEY, rows | holding | with_contacts, now=now)

    def forget(self) -> None:
        """Know nothing: something was written that no report tells of."""
        self.rows.clear()
        self.holding.clear()
        self.with_contacts.clear()

    def written(self, report: StageReport) -> list[str]:
        """Bring it up to date with what a stage wrote; the tables of the report whose rows have to be counted."""
        for check in CHECKS:
            if any(report.tables[name].written for name in check.rests_on if name in report.tables):
                self.holding.discard(check.name)
        for name, changes in report.tables.items():
            # The stage that reads a table looked for the contacts itself, and nobody else does.
            if changes.written and name != f"xero.{report.stage}":
                self.with_contacts.discard(name)
            if name in self.rows:
                self.rows[name] += changes.inserted - changes.removed
        return [name for name in report.tables if name not in self.rows]

    def began_empty(self, table: str) -> None:
        """Remember that the organisation had no row in a table before what the report of this stage will tell."""
        self.rows[table] = 0

    def was_empty(self, table: str) -> bool:
        """Whether the organisation certainly had no row in a table before the stage that is running."""
        return self.rows.get(table) == 0

    def counted(self, rows: dict[str, int]) -> None:
        """Remember rows that were counted. Other schemas have other writers, so there the count is good for now alone."""
        self.rows.update({name: count for name, count in rows.items() if name.startswith("xero.")})

    def found_contacts(self, table: str, *, all_of_them: bool) -> None:
        """Remember whether the contacts of all documents of a table were found among the staged ones."""
        (self.with_contacts.add if all_of_them else self.with_contacts.discard)(table)

    def holds(self, check: Check) -> bool:
        """Whether nothing that a rule rests on was written since it was last found to hold."""
        return check.name in self.holding

    def looked(self, check: Check, *, passed: bool) -> None:
        """Remember how a look at a rule ended."""
        if passed and check.rests_on:
            self.holding.add(check.name)
        else:
            self.holding.discard(check.name)
