"""Load records into the warehouse: COPY into temporary tables as they come, then one set-based merge per table.

A first load needs no comparison: its rows are copied straight into the table, whose key finds a record that comes twice. From
the page on that brings one, the load goes the usual way.

A row is written only when its content differs from what is there. An older version never replaces a newer one, and what a
person wants to know about single records goes to `sync.events` in the same statement. The caller owns the transaction, so
a stage's rows, events and ledger row become visible together or not at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime

from psycopg import Connection, errors

from xero_pipeline.domain.errors import Transient
from xero_pipeline.warehouse import merge
from xero_pipeline.warehouse.csv_rows import BATCH, Batch, Row, encode, finished
from xero_pipeline.warehouse.target import Statement, Target
from xero_pipeline.warehouse.unchanged import keep_digests

# From here on the planner's guesses about a fresh table cost more than looking at it.
_ANALYZE_FROM = 1_000
# A tenth of what PostgreSQL looks at when it comes by itself, a minute later: it is told nothing of a look at some columns.
GLANCE = "SET LOCAL default_statistics_target = 10"


@dataclass(frozen=True, slots=True)
class Changes:
    """What a merge did, in rows. Each row counts once, `drifted` apart: those are among the updated. A record that came twice
    in a first load counts as inserted and, where it had changed in between, as updated.

    `updated` had other content; `removed` are children their record no longer has; `vanished` were not seen by a full
    load; `returned` had vanished and were seen again; `drifted` changed although their modification stamp did not.
    """

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    vanished: int = 0
    returned: int = 0
    drifted: int = 0

    @property
    def written(self) -> int:
        """Rows that were inserted, rewritten, removed or marked."""
        return self.inserted + self.updated + self.removed + self.vanished + self.returned

    def __add__(self, other: Changes) -> Changes:
        return Changes(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(slots=True)
class _Stage:
    target: Target
    rows: int = 0
    # Which write of this table is the latest, and which records came more than once (other pages of the same reading).
    write: int = 0
    unique: bool = True
    first: bool = False
    # Whether it may hold records older than what is stored, with their children: known once it is merged.
    outdated: bool = True
    repeated: list[str] = field(default_factory=list)


def encoded(table: str, rows: Iterable[Row]) -> Iterator[Batch]:
    """Rows in the table's declared order without its bookkeeping columns, as `Load.copy` takes them.

    Raises ValueError for a row of wrong length.
    """
    return encode(rows, len(Target.of(table).columns))


class Load:
    """One load of one organisation, inside the caller's transaction on `conn`.

    Any number of `write`s, in pages, then one `merge` a table: records before their children. `synced_at` (aware, UTC) is
    what changed rows are stamped with. The temporary tables go when the transaction ends; of two loads of one table in
    one transaction the second begins when the first is merged. `first` says that the table was never loaded, so that nobody
    asks to be told of single rows.
    """

    def __init__(
        self, conn: Connection, org_id: str, synced_at: datetime, run_id: str | None, *, first: bool = False
    ) -> None:
        self._conn = conn
        self._bind = {"org_id": org_id, "now": synced_at, "run_id": run_id}
        self._first = first
        # What the columns that the loader fills hold on every row that goes straight into its table.
        self._tail = (org_id, synced_at.isoformat(" "))
        self._is_new: dict[str, bool] = {}
        self._straight: Counter[str] = Counter()
        self._stages: dict[str, _Stage] = {}
        self._unchanged: Counter[str] = Counter()
        self._begun = False

    def write(self, table: str, rows: Iterable[Row]) -> int:
        """Copy rows, in the table's declared order without its bookkeeping columns; the number copied.

        Write a page's records before their children: children belong to the version of the record written just before
        them. Rows are consumed as they are copied, a few thousand at a time. Raises ValueError for a row of wrong length.
        """
        batches = encoded(table, rows)
        return self.copy(table, list(batches) if isinstance(rows, Sequence) and len(rows) <= BATCH else batches)

    def copy(self, table: str, batches: Iterable[Batch]) -> int:
        """Copy rows that are encoded already, as `write` does."""
        target = Target.of(table)
        if self._goes_straight(target, batches):
            return sum(self._copy_straight(target, count, lines) for count, lines in batches)
        if table in self._stages and not target.parents:
            self._stages[table].write += 1
        owners = target.parents or (table,)
        writes = [self._stages[name].write if name in self._stages else 0 for name in owners]
        return sum(self._copy_staged(target, count, finished(lines, *writes)) for count, lines in batches)

    def unchanged(self, table: str, ids: Sequence[str]) -> None:
        """Records that arrived and are here already, just as they came: a full load has seen them."""
        target = Target.of(table)
        if ids:
            self._list_unchanged(target)
            with self._conn.cursor().copy(target.copy_unchanged) as copy:
                copy.write("".join(f"{one}\n" for one in ids))
            self._unchanged[table] += len(ids)

    def arrived(self, table: str, others: Collection[str] = ()) -> int:
        """How many distinct records have come, unchanged ones too; `others` are ids of more, which may be among them."""
        target, straight = Target.of(table), self._straight[table]
        staged, listed = table in self._stages, table in self._unchanged
        if not (staged or listed or others):
            # Each of them found no other with its key.
            return straight
        statement = target.arrived(staged=staged, listed=listed, straight=bool(straight))
        row = self._conn.execute(statement, {**self._bind, "others": list(others)}).fetchone()
        return straight + (int(row[0]) if row else 0)

    def _list_unchanged(self, target: Target) -> None:
        if target.name not in self._unchanged:
            self._begin()
            self._conn.execute(target.create_unchanged)
            self._unchanged[target.name] = 0

    def _goes_straight(self, target: Target, batches: Iterable[Batch]) -> bool:
        """Whether the table has no row but this load's, and no record has come twice yet.

        Records have to fit one batch, so that they go in all together or not at all, and their children with them.
        """
        if not self._first or any(name in self._stages for name in (target.name, *target.parents)):
            return False
        if not target.parents and not (isinstance(batches, Sequence) and len(batches) <= 1):
            return False
        if target.name not in self._is_new:
            row = self._conn.execute(target.is_new, self._bind).fetchone()
            self._is_new[target.name] = row is not None and bool(row[0])
        return self._is_new[target.name]

    def _begin(self) -> None:
        if not self._begun:
            keep_digests(self._conn)
            self._begun = True

    def _copy_straight(self, target: Target, count: int, lines: bytes) -> int:
        self._begin()
        try:
            with self._conn.transaction(), self._conn.cursor().copy(target.copy_straight) as copy:
                copy.write(finished(lines, *self._tail))
            self._straight[target.name] += count
        except errors.UniqueViolation:
            self._copy_staged(target, count, finished(lines, *[0] * max(1, len(target.parents))))
            if target.parents:
                self._put(target)
        return count

    def _put(self, target: Target) -> None:
        """Children of which some came twice with their record: settled at once, so that none is left behind in the stage."""
        row = self._conn.execute(target.put_staged, self._bind).fetchone()
        self._straight[target.name] += int(row[0]) if row else 0
        self._conn.execute(target.drop_stage)
        del self._stages[target.name]

    def _copy_staged(self, target: Target, count: int, csv: bytes) -> int:
        stage = self._stage(target)
        with self._conn.cursor().copy(target.copy) as copy:
            copy.write(csv)
        stage.rows += count
        stage.unique = False
        stage.outdated = True
        return count

    def merge(
        self,
        table: str,
        full: bool = False,
        seen_before: datetime | None = None,
        scope: Mapping[str, str] | None = None,
        log_inserts: bool = True,
    ) -> Changes:
        """Bring a table to what was written to its stage, and tell what changed.

        With `full` the load holds every record the other side has: those it lacks, and that were neither stamped nor
        written here since `seen_before` (the start of the reading), are marked as vanished. `scope` limits that to rows
        with these values, for a load of a part, such as {"type": "ACCREC"}. A load that holds nothing changes nothing,
        even when full: an empty answer is no proof that everything is gone. `log_inserts` False leaves new rows out of
        `sync.events`, for a first load of everything. Raises Transient when somebody else, who does not hold the organisation's
        lock, changed one of the rows meanwhile.
        """
        target = Target.of(table)
        straight = Changes(inserted=self._straight[table])
        if straight.inserted >= _ANALYZE_FROM:
            self._look(target)
        staged_parents = [self._stages[name].target for name in target.parents if name in self._stages]
        changes = Changes(unchanged=self._unchanged[table]) if table in self._unchanged else Changes()
        if table in self._stages or staged_parents:
            changes += self._merge_staged(target, staged_parents, log_inserts)
        seen = table in self._unchanged or (table in self._stages and self._stages[table].rows)
        if full and not target.parents and seen:
            if seen_before is None:
                raise ValueError("a full merge needs the instant its reading began")
            self._stage(target)
            self._list_unchanged(target)
            bind = {"seen_before": seen_before, **{f"scope_{name}": value for name, value in (scope or {}).items()}}
            changes += self._execute(merge.mark_vanished(target, tuple(scope or ())), bind)
        return straight + changes

    def was_new(self, table: str) -> bool:
        """Whether rows went straight into the table, which had none of the organisation: what it holds now is what was merged."""
        return self._is_new.get(table, False)

    def written(self, table: str) -> Statement:
        """The rows that the merge of a table wrote and that are there, as a subquery that binds org_id and now (`synced_at`).

        It has them by their keys and looks at no other row, except after rows went straight into the table.
        """
        target = Target.of(table)
        return target.written_rows if table in self._stages and not self._straight[table] else target.stamped_rows

    def _merge_staged(self, target: Target, staged_parents: list[Target], log_inserts: bool) -> Changes:
        stage = self._stage(target)
        # Children of records that were there before may have come with an outdated version.
        if all(self._stages[parent.name].first for parent in staged_parents) and self._is_first(target):
            return self._insert_all(stage, staged_parents, log_inserts)
        self._settle(stage, staged_parents)
        outdated = [parent for parent in staged_parents if self._stages[parent.name].outdated]
        told = self._told(merge.merge(target, staged_parents, outdated), {"log_inserts": log_inserts})
        stage.outdated = told.pop("stale") > 0
        if told.pop("written") != told["updated"] + told["returned"]:
            raise Transient(
                f"Something else changed rows of {target.name} while they were loaded, so nothing was written."
            )
        return Changes(**told)

    def _stage(self, target: Target) -> _Stage:
        if target.name not in self._stages:
            self._begin()
            self._conn.execute(target.create_stage)
            self._stages[target.name] = _Stage(target)
        return self._stages[target.name]

    def _insert_all(self, stage: _Stage, parents: list[Target], log: bool) -> Changes:
        """Insert into a table without a row of the organisation; the key itself finds duplicates, at no cost."""
        if any(not self._stages[each.name].unique or self._stages[each.name].repeated for each in parents):
            self._settle(stage, parents)
        insert = merge.insert_all(stage.target, log)
        try:
            with self._conn.transaction():
                changes = self._execute(insert)
        except errors.UniqueViolation:
            self._settle(stage, parents)
            changes = self._execute(insert)
        stage.unique = stage.first = True
        stage.outdated = False
        if stage.rows >= _ANALYZE_FROM:
            self._look(stage.target)
        return changes

    def _look(self, target: Target) -> None:
        """Let PostgreSQL see what a table has been filled with."""
        self._conn.execute(GLANCE)
        self._conn.execute(target.analyze)

    def _settle(self, stage: _Stage, parents: list[Target]) -> None:
        """Leave one version of each record in the stage, and the children that came with that version."""
        for parent in parents:
            self._make_unique(self._stages[parent.name])
            if repeated := self._stages[parent.name].repeated:
                self._conn.execute(merge.drop_lost_children(stage.target, parent), {"repeated": repeated})
        self._make_unique(stage)

    def _make_unique(self, stage: _Stage) -> None:
        """Keep of each record the newest version, and of equally new ones the one written last."""
        if stage.unique:
            return
        target = stage.target
        if stage.rows >= _ANALYZE_FROM:
            self._conn.execute(target.analyze_stage)
        row = self._conn.execute(target.has_duplicates).fetchone()
        if row is not None and row[0]:
            stage.repeated += [record for (record,) in self._conn.execute(target.drop_duplicates)]
        stage.unique = True

    def _is_first(self, target: Target) -> bool:
        row = self._conn.execute(target.has_rows, self._bind).fetchone()
        return row is None or not row[0]

    def _execute(self, statement: Statement, more: Mapping[str, object] | None = None) -> Changes:
        return Changes(**self._told(statement, more))

    def _told(self, statement: Statement, more: Mapping[str, object] | None) -> dict[str, int]:
        cursor = self._conn.execute(statement, {**self._bind, **(more or {})})
        row = cursor.fetchone()
        assert row is not None
        assert cursor.description is not None
        return {column.name: int(value) for column, value in zip(cursor.description, row, strict=True)}
