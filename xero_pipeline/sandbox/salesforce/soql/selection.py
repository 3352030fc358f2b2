"""SELECT: how a row of the answer is printed, parents nested under their relationship and children as little answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from xero_pipeline.sandbox.salesforce.schema import Field, SObject
from xero_pipeline.sandbox.salesforce.soql import tree
from xero_pipeline.sandbox.salesforce.soql.binding import Scope
from xero_pipeline.sandbox.salesforce.values import Json, Row, encode

ChildRecords: TypeAlias = Callable[[Row], list[dict[str, Json]]]
MAX_FIELDS_LIMIT = 200


@dataclass(slots=True)
class Shape:
    """What is printed of one object: its own `fields`, its `parents` by reference field, its `children`; in that spelling."""

    sobject: SObject
    fields: dict[str, Field] = field(default_factory=dict)
    parents: dict[str, tuple[Field, Shape]] = field(default_factory=dict)
    children: dict[str, ChildRecords] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)


def shape(
    scope: Scope, items: Iterable[tree.SelectItem], children: Callable[[tree.Subquery], tuple[str, ChildRecords]]
) -> Shape:
    """The shape of a record query's rows; `children` turns a subquery into its name and its records by parent row.

    Raises ApiError for unknown names and for a field selected twice.
    """
    root = Shape(scope.sobject)
    for item in items:
        match item:
            case tree.FieldPath():
                _add_path(scope, root, item)
            case tree.FieldsOf():
                _add_all(scope, root, item)
            case tree.Subquery():
                name, records = children(item)
                root.children[name] = records
                root.order.append(name)
            case tree.Aggregate():
                raise scope.refuse(item.position, "unexpected aggregate", "MALFORMED_QUERY")
    return root


def record(scope: Scope, form: Shape, row: Row, version: str) -> dict[str, Json]:
    """`row` as JSON in that shape; `version` is the API version of the request, for the record's own URL."""
    name = form.sobject.name
    url = f"/services/data/v{version}/sobjects/{name}/{row['Id']}"
    answer: dict[str, Json] = {"attributes": {"type": name, "url": url}}
    for key in form.order:
        if key in form.fields:
            answer[key] = encode(form.fields[key], row)
        elif key in form.parents:
            reference, parent_form = form.parents[key]
            parent_id = row.get(reference.name)
            parent = scope.org.row(parent_id) if isinstance(parent_id, str) else None
            answer[key] = record(scope, parent_form, parent, version) if parent else None
        else:
            rows = form.children[key](row)
            answer[key] = {"totalSize": len(rows), "done": True, "records": list(rows)} if rows else None
    return answer


def _add_path(scope: Scope, root: Shape, path: tree.FieldPath) -> None:
    bound = scope.bind(path)
    form = root
    for hop in bound.hops:
        name = str(hop.relationship_name)
        if name not in form.parents:
            form.parents[name] = (hop, Shape(scope.org.schema.objects[hop.reference_to]))
            form.order.append(name)
        form = form.parents[name][1]
    if bound.field.name in form.fields:
        raise scope.refuse(path.position, f"duplicate field selected: {bound.field.name}")
    form.fields[bound.field.name] = bound.field
    form.order.append(bound.field.name)


def _add_all(scope: Scope, root: Shape, item: tree.FieldsOf) -> None:
    if item.which != "STANDARD" and (scope.query.limit is None or scope.query.limit > MAX_FIELDS_LIMIT):
        message = f"The SOQL FIELDS function must have a LIMIT of at most {MAX_FIELDS_LIMIT}"
        raise scope.refuse(item.position, message, "MALFORMED_QUERY")
    for name, each in scope.sobject.fields.items():
        if item.which == "ALL" or each.custom == (item.which == "CUSTOM"):
            if name in root.fields:
                raise scope.refuse(item.position, f"duplicate field selected: {name}")
            root.fields[name] = each
            root.order.append(name)
