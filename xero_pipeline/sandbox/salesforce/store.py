"""The rows of one object, found by id, by external id, by parent and in the order they last changed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime

from xero_pipeline.sandbox.salesforce.schema import Field, SObject
from xero_pipeline.sandbox.salesforce.values import Row, fold


class UniqueIndex:
    """From the folded text of one field to the ids of the live rows that hold it; mostly one, so kept flat."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self._ids: dict[str, tuple[str, ...]] = {}

    def find(self, text: str) -> tuple[str, ...]:
        return self._ids.get(fold(self.field, text), ())

    def add(self, row: Row) -> None:
        key = self._key(row)
        if key is not None:
            self._ids[key] = (*self._ids.get(key, ()), str(row["Id"]))

    def remove(self, row: Row) -> None:
        key = self._key(row)
        if key is None:
            return
        left = tuple(record_id for record_id in self._ids[key] if record_id != row["Id"])
        if left:
            self._ids[key] = left
        else:
            del self._ids[key]

    def _key(self, row: Row) -> str | None:
        value = row.get(self.field.name)
        return fold(self.field, value) if isinstance(value, str) and not row["IsDeleted"] else None


class Table:
    """All rows of `sobject`, deleted ones included. A stored row is never changed in place, only replaced by `put`."""

    def __init__(self, sobject: SObject) -> None:
        self.sobject = sobject
        self.rows: dict[str, Row] = {}
        self.deleted = 0
        self._unique = {field.name: UniqueIndex(field) for field in sobject.fields.values() if field.indexed}
        # Only owning references are asked for backwards often enough (cascades, totals) to pay for an index.
        self._children: dict[str, dict[str, dict[str, None]]] = {
            field.name: {} for field in sobject.fields.values() if field.on_delete == "cascade"
        }
        self._changes: list[tuple[datetime, str]] = []
        self._in_order = True

    def put(self, row: Row) -> Row | None:
        """Store `row` under its Id; the row it replaces, if any."""
        record_id = str(row["Id"])
        old = self.rows.get(record_id)
        if old is not None:
            self._forget(record_id, old)
        self.rows[record_id] = row
        self.deleted += row["IsDeleted"] is True
        for index in self._unique.values():
            index.add(row)
        for name, parents in self._children.items():
            parent = row.get(name)
            if isinstance(parent, str):
                parents.setdefault(parent, {})[record_id] = None
        stamp = row["SystemModstamp"]
        if not isinstance(stamp, datetime):
            raise TypeError(f"{record_id} has no SystemModstamp")
        entry = (stamp, record_id)
        self._in_order = self._in_order and (not self._changes or self._changes[-1] <= entry)
        self._changes.append(entry)
        return old

    def remove(self, record_id: str) -> None:
        """Take a row away for good, as if it had never been (a rolled back insert)."""
        self._forget(record_id, self.rows.pop(record_id))

    def find(self, field: Field, text: str) -> list[Row]:
        """The live rows whose unique or external id `field` holds `text`."""
        return [self.rows[record_id] for record_id in self._unique[field.name].find(text)]

    def children(self, field: Field, parent_id: str) -> list[Row]:
        """The live rows whose owning reference `field` is `parent_id`, oldest first."""
        rows = (self.rows[record_id] for record_id in self._children[field.name].get(parent_id, {}))
        return [row for row in rows if not row["IsDeleted"]]

    def has_index(self, field: Field) -> bool:
        """Whether `find` knows `field`."""
        return field.name in self._unique

    def changed_between(self, start: datetime | None, end: datetime | None) -> Iterator[Row]:
        """Rows with start <= SystemModstamp <= end (None: open), deleted ones too, by (SystemModstamp, Id)."""
        changes = self._ordered_changes()
        low = 0 if start is None else bisect_left(changes, (start, ""))
        previous = ""
        for stamp, record_id in changes[low:]:
            if end is not None and stamp > end:
                return
            row = self.rows.get(record_id)
            if row is not None and row["SystemModstamp"] == stamp and record_id != previous:
                previous = record_id
                yield row

    def _ordered_changes(self) -> Sequence[tuple[datetime, str]]:
        if len(self._changes) > 2 * len(self.rows) + 1000:
            # Every change leaves an entry behind; drop those that a later change has overtaken.
            self._changes = [(stamp, key) for stamp, key in self._changes if self._is_current(stamp, key)]
        if not self._in_order:
            self._changes.sort()
            self._in_order = True
        return self._changes

    def _is_current(self, stamp: datetime, record_id: str) -> bool:
        row = self.rows.get(record_id)
        return row is not None and row["SystemModstamp"] == stamp

    def _forget(self, record_id: str, row: Row) -> None:
        self.deleted -= row["IsDeleted"] is True
        for index in self._unique.values():
            index.remove(row)
        for name, parents in self._children.items():
            parent = row.get(name)
            if isinstance(parent, str):
                parents[parent].pop(record_id, None)
