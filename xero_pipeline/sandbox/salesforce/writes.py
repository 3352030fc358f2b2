"""Create, update, upsert and delete: the one way into the store, whatever resource a write came through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from xero_pipeline.sandbox.salesforce import computed
from xero_pipeline.sandbox.salesforce.failures import RowError, SeveralMatches
from xero_pipeline.sandbox.salesforce.gate import Gate
from xero_pipeline.sandbox.salesforce.incoming import Incoming
from xero_pipeline.sandbox.salesforce.org import Org
from xero_pipeline.sandbox.salesforce.schema import Field, SObject
from xero_pipeline.sandbox.salesforce.values import Row


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes as `user_id` at `now` (aware UTC, whole seconds): who and when every stamp will say.

    With a `gate`, the org's own rules and locks hold too.
    """

    org: Org
    user_id: str
    now: datetime
    gate: Gate | None = None

    def create(self, incoming: Incoming, *, record_id: str | None = None) -> str:
        """A new record; its id. Raises RowError, with nothing written."""
        sobject = incoming.sobject
        _refuse(sobject, incoming, create=True)
        row: Row = {**sobject.defaults}
        row["Id"] = record_id or self.org.new_id(sobject)
        row |= {"IsDeleted": False, "CreatedDate": self.now, "CreatedById": self.user_id}
        if "OwnerId" in sobject.fields:
            row["OwnerId"] = self.user_id
        row |= {name: value for name, value in incoming.resolve(self.org).items() if value is not None}
        for name in sobject.auto_numbers:
            row[name] = f"{self.org.next_number(f'{sobject.name}.{name}'):08d}"
        self._save(incoming, row, None)
        return str(row["Id"])

    def update(self, record_id: str, incoming: Incoming) -> None:
        """Change the fields that `incoming` names. Raises RowError, with nothing written."""
        old = self.live(incoming.sobject, record_id)
        _refuse(incoming.sobject, incoming, create=False)
        changed = {**old, **incoming.resolve(self.org)}
        self._save(incoming, {name: value for name, value in changed.items() if value is not None}, old)

    def upsert(self, key: Field, text: str, incoming: Incoming, *, update_only: bool = False) -> tuple[str, bool]:
        """Update the record whose external id `key` is `text`, or create it: its id, and whether it is new.

        Raises SeveralMatches where the external id is not unique, RowError NOT_FOUND where `update_only` finds nothing.
        """
        matches = self.org.tables[incoming.sobject.name].find(key, text)
        if len(matches) > 1:
            raise SeveralMatches([str(match["Id"]) for match in matches])
        rest = incoming.without(key.name)
        if matches:
            record_id = str(matches[0]["Id"])
            self.update(record_id, rest)
            return record_id, False
        if update_only:
            raise RowError("NOT_FOUND", "The requested resource does not exist", status=404)
        return self.create(Incoming(incoming.sobject, {**rest.values, key.name: text}, rest.parents)), True

    def delete(self, sobject: SObject, record_id: str) -> None:
        """Put a record, and what it owns, into the recycle bin. Raises RowError, with nothing written."""
        if sobject.name in ("User", "Organization"):
            raise RowError("INSUFFICIENT_ACCESS_OR_READONLY", f"{sobject.name} records cannot be deleted")
        row = self.live(sobject, record_id)
        if self.gate is not None:
            self.gate.delete(sobject, row)
        with self.org.transaction():
            self._delete(sobject, row)

    def live(self, sobject: SObject, record_id: str) -> Row:
        """The record to be written. Raises RowError INVALID_CROSS_REFERENCE_KEY or ENTITY_IS_DELETED, both 404 on their own."""
        row = self.org.tables[sobject.name].rows.get(record_id)
        if row is None:
            raise RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", status=404)
        if row["IsDeleted"]:
            raise RowError("ENTITY_IS_DELETED", "entity is deleted", status=404)
        return row

    def _save(self, incoming: Incoming, row: Row, old: Row | None) -> None:
        sobject = incoming.sobject
        if sobject.custom and row.get("Name") is None:
            row["Name"] = row["Id"]  # a custom record without a name, or whose name is cleared, goes by its id
        row |= {"LastModifiedDate": self.now, "LastModifiedById": self.user_id, "SystemModstamp": self.now}
        for reference in sobject.references:
            value = row.get(reference.name) if reference.name in incoming.written else None
            if value is not None:
                self._check_reference(sobject, reference, str(value))
        computed.before_save(self.org, sobject, row, old, incoming.written)
        missing = [name for name in sobject.required if row.get(name) is None]
        if missing:
            raise RowError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing)
        self._check_unique(sobject, row)
        if self.gate is not None:
            self.gate.save(sobject, row, old, self.now)
        with self.org.transaction():
            self.org.put(sobject, {name: value for name, value in row.items() if value is not None})
            computed.after_change(self.org, sobject, row, self.now)

    def _check_reference(self, sobject: SObject, reference: Field, value: str) -> None:
        target = self.org.schema.by_id(value)
        if target is None or target.name != reference.reference_to:
            raise RowError("MALFORMED_ID", f"{reference.label}: id value of incorrect type: {value}", [reference.name])
        row = self.org.row(value)
        if row is None:
            raise RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [reference.name])
        if row["IsDeleted"]:
            raise RowError("ENTITY_IS_DELETED", "entity is deleted", [reference.name])
        if reference.name == "OwnerId" and not row["IsActive"]:
            raise RowError(
                "INACTIVE_OWNER_OR_USER",
                f"operation performed with inactive user [{value[:15]}] as owner of {sobject.label.lower()}",
                [reference.name],
            )

    def _check_unique(self, sobject: SObject, row: Row) -> None:
        for field in sobject.unique:
            value = row.get(field.name)
            if not isinstance(value, str):
                continue
            others = [other for other in self.org.tables[sobject.name].find(field, value) if other["Id"] != row["Id"]]
            if others:
                raise RowError(
                    "DUPLICATE_VALUE",
                    f"duplicate value found: {field.name} duplicates value on record with id: {str(others[0]['Id'])[:15]}",
                    [field.name],
                )

    def _delete(self, sobject: SObject, row: Row) -> None:
        record_id = str(row["Id"])
        gone: Row = {**row, "IsDeleted": True, "LastModifiedDate": self.now, "SystemModstamp": self.now}
        self.org.put(sobject, gone | {"LastModifiedById": self.user_id})
        for child, reference in self.org.schema.children(sobject):
            for other in self._pointing_at(child, reference, record_id):
                if reference.on_delete == "cascade":
                    self._delete(child, other)
                elif reference.on_delete == "restrict":
                    raise RowError(
                        "DELETE_FAILED",
                        f"Your attempt to delete {row.get('Name', record_id)} could not be completed because it is "
                        f"associated with the following {child.plural.lower()}: {other.get('Name', other['Id'])}",
                    )
                else:
                    # A cleared lookup is the system's doing: it moves SystemModstamp and not LastModifiedDate.
                    cleared: Row = {**other, "SystemModstamp": self.now}
                    del cleared[reference.name]
                    self.org.put(child, cleared)
        computed.after_change(self.org, sobject, row, self.now)

    def _pointing_at(self, child: SObject, reference: Field, record_id: str) -> list[Row]:
        table = self.org.tables[child.name]
        if reference.on_delete == "cascade":
            return table.children(reference, record_id)
        return [row for row in table.rows.values() if row.get(reference.name) == record_id and not row["IsDeleted"]]


def _refuse(sobject: SObject, incoming: Incoming, *, create: bool) -> None:
    closed = sorted(incoming.written - (sobject.createable if create else sobject.updateable))
    if closed:
        raise RowError(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            f"Unable to create/update fields: {', '.join(closed)}. Please check the security settings of this field "
            "and verify that it is read/write for your profile or permission set.",
            closed,
        )
