"""Names of a query bound to the schema: objects, fields and parent paths, in the canonical spelling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from xero_pipeline.sandbox.salesforce.failures import ApiError
from xero_pipeline.sandbox.salesforce.org import Org
from xero_pipeline.sandbox.salesforce.schema import Field, SObject
from xero_pipeline.sandbox.salesforce.soql.lexer import refuse
from xero_pipeline.sandbox.salesforce.soql.tree import FieldPath, Query
from xero_pipeline.sandbox.salesforce.values import Row, Value, fold

MAX_PARENTS = 5
HINT = (
    "If you are attempting to use a custom {what}, be sure to append the '__{suffix}' after the {name} name. "
    "Please reference your WSDL or the describe call for the appropriate names."
)


@dataclass(frozen=True, slots=True)
class Context:
    """What a query runs against: the org, the moment (aware UTC), the user's zone, and whether deleted rows show."""

    org: Org
    now: datetime
    zone: ZoneInfo
    deleted_too: bool


@dataclass(frozen=True, slots=True)
class BoundField:
    """A field reached through `hops` (reference fields, outermost first), on object `owner`."""

    org: Org
    hops: tuple[Field, ...]
    owner: SObject
    field: Field

    def getter(self) -> Callable[[Row], Value]:
        """From a row of the query's object to the field's value; None where a parent on the way is missing."""
        name, hops, org = self.field.name, [hop.name for hop in self.hops], self.org

        def direct(row: Row) -> Value:
            return row.get(name)

        def through_parents(row: Row) -> Value:
            current: Row | None = row
            for hop in hops:
                parent_id = current.get(hop) if current else None
                current = org.row(parent_id) if isinstance(parent_id, str) else None
            return current.get(name) if current else None

        return through_parents if hops else direct

    def compared(self) -> Callable[[Row], Value]:
        """Like `getter`, with text in the form in which it is compared."""
        get, field = self.getter(), self.field

        def folded(row: Row) -> Value:
            value = get(row)
            return fold(field, value) if isinstance(value, str) else value

        return folded


@dataclass(frozen=True, slots=True)
class Scope:
    """One query's own names: its object, its alias, and its text for error messages."""

    context: Context
    query: Query
    sobject: SObject

    @property
    def org(self) -> Org:
        return self.context.org

    def refuse(self, position: int, message: str, code: str = "INVALID_FIELD") -> ApiError:
        """A 400 that points into this query."""
        return refuse(self.query.text, position, message, code)

    def bind(self, path: FieldPath) -> BoundField:
        """The field behind `path`. Raises ApiError INVALID_FIELD."""
        hops, owner, last = self.follow(path)
        field = owner.find(last)
        if field is None:
            hint = HINT.format(what="field", suffix="c", name="custom field")
            raise self.refuse(path.position, f"No such column '{last}' on entity '{owner.name}'. {hint}")
        return BoundField(self.org, hops, owner, field)

    def follow(self, path: FieldPath) -> tuple[tuple[Field, ...], SObject, str]:
        """The reference fields that `path` goes through, the object it ends on, and its last part, not looked up yet."""
        parts = list(path.parts)
        names = {self.sobject.name.lower(), (self.query.alias or self.sobject.name).lower()}
        if len(parts) > 1 and parts[0].lower() in names and not self.sobject.relationship(parts[0]):
            parts.pop(0)
        if len(parts) - 1 > MAX_PARENTS:
            raise self.refuse(path.position, f"No more than {MAX_PARENTS} parent relationships are allowed")
        owner, hops = self.sobject, []
        for part in parts[:-1]:
            hop = owner.relationship(part)
            if hop is None:
                hint = HINT.format(what="relationship", suffix="r", name="custom relationship")
                raise self.refuse(path.position, f"Didn't understand relationship '{part}' in field path. {hint}")
            hops.append(hop)
            owner = self.org.schema.objects[hop.reference_to]
        return tuple(hops), owner, parts[-1]


def open_scope(context: Context, query: Query) -> Scope:
    """The scope of a top-level query or semi-join. Raises ApiError INVALID_TYPE for an unknown object."""
    sobject = context.org.schema.find(query.source)
    if sobject is None:
        hint = HINT.format(what="object", suffix="c", name="entity")
        message = f"sObject type '{query.source}' is not supported. {hint}"
        raise refuse(query.text, query.source_position, message, "INVALID_TYPE")
    return Scope(context, query, sobject)
