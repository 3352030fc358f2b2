"""COUNT, SUM, AVG, MIN and MAX, with and without GROUP BY."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from xero_pipeline.sandbox.salesforce.schema import NUMERIC, Field
from xero_pipeline.sandbox.salesforce.soql import tree
from xero_pipeline.sandbox.salesforce.soql.binding import Scope
from xero_pipeline.sandbox.salesforce.values import Json, Row, Value, encode

Group: TypeAlias = "list[Row]"
MAX_GROUPS = 2000


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the answer: its name, and its comparable value and JSON for a group of rows."""

    name: str
    value: Callable[[Group], Any]
    json: Callable[[Any], Json]


def aggregate_records(scope: Scope, rows: Iterable[Row]) -> list[dict[str, Json]]:
    """The AggregateResult records of an aggregate query over the rows that passed WHERE, ordered and limited.

    Raises ApiError MALFORMED_QUERY for a field that is neither grouped nor aggregated.
    """
    query = scope.query
    keys = [scope.bind(path) for path in query.group_by]
    columns = _columns(scope)
    groups: dict[tuple[Value, ...], Group] = {}
    getters = [key.compared() for key in keys]
    for row in rows:
        groups.setdefault(tuple(get(row) for get in getters), []).append(row)
    if not keys and not groups:
        groups[()] = []
    ordered = list(groups.values())
    for ordering in reversed(query.order_by):
        column = _column(scope, ordering.field, "")
        filled = [group for group in ordered if column.value(group) is not None]
        empty = [group for group in ordered if column.value(group) is None]
        filled.sort(key=column.value, reverse=ordering.descending)
        ordered = empty + filled if ordering.nulls_first else filled + empty
    start = query.offset or 0
    ordered = ordered[start : None if query.limit is None else start + query.limit]
    if len(ordered) > MAX_GROUPS:
        # Real aggregate queries cannot be paged either: they have to be narrowed.
        raise scope.refuse(0, "Aggregate query does not support queryMore(), use LIMIT", "EXCEEDED_ID_LIMIT")
    return [_record(columns, group) for group in ordered]


def is_aggregate(query: tree.Query) -> bool:
    """Whether the query's answer is groups rather than records."""
    return bool(query.group_by) or any(isinstance(item, tree.Aggregate) for item in query.select)


def is_count(query: tree.Query) -> bool:
    """Whether the query is a plain SELECT COUNT(), whose answer is totalSize and no records."""
    first = query.select[0]
    return len(query.select) == 1 and isinstance(first, tree.Aggregate) and first.field is None


def _columns(scope: Scope) -> list[Column]:
    columns: list[Column] = []
    unnamed = 0
    for item in scope.query.select:
        if isinstance(item, tree.Aggregate):
            name = item.alias or f"expr{unnamed}"
            unnamed += item.alias is None
            columns.append(_column(scope, item, name))
        elif isinstance(item, tree.FieldPath):
            columns.append(_column(scope, item, scope.bind(item).field.name))
        else:
            raise scope.refuse(item.position, "unexpected token in an aggregate query", "MALFORMED_QUERY")
    return columns


def _column(scope: Scope, item: tree.FieldPath | tree.Aggregate, name: str) -> Column:
    if isinstance(item, tree.FieldPath):
        bound = scope.bind(item)
        if all(bound.field is not scope.bind(path).field for path in scope.query.group_by):
            message = f"Field must be grouped or aggregated: {bound.field.name}"
            raise scope.refuse(item.position, message, "MALFORMED_QUERY")
        get, printed = bound.getter(), bound.field
        return Column(name, lambda group: get(group[0]), lambda value: _print(printed, value))
    if item.field is None:
        raise scope.refuse(item.position, "COUNT() must be the only element of SELECT", "MALFORMED_QUERY")
    bound = scope.bind(item.field)
    if item.function in ("SUM", "AVG") and bound.field.type not in NUMERIC:
        raise scope.refuse(
            item.position, f"field {bound.field.name} does not support aggregate operator {item.function}"
        )
    value_of = bound.getter()

    def values(group: Group) -> list[Any]:
        return [value for row in group if (value := value_of(row)) is not None]

    if item.function == "COUNT":
        return Column(name, lambda group: len(values(group)), int)
    if item.function == "COUNT_DISTINCT":
        return Column(name, lambda group: len(set(values(group))), int)
    field = bound.field
    reduce = {"SUM": _total, "AVG": _average, "MIN": _least, "MAX": _greatest}[item.function]
    return Column(name, lambda group: reduce(values(group)), lambda value: _print(field, value))


def _record(columns: Sequence[Column], group: Group) -> dict[str, Json]:
    record: dict[str, Json] = {"attributes": {"type": "AggregateResult"}}
    for column in columns:
        record[column.name] = column.json(column.value(group))
    return record


def _total(values: Sequence[Decimal]) -> Decimal | None:
    return sum(values, Decimal(0)) if values else None


def _average(values: Sequence[Decimal]) -> Decimal | None:
    return sum(values, Decimal(0)) / len(values) if values else None


def _least(values: Sequence[Any]) -> Value:
    return min(values, default=None)


def _greatest(values: Sequence[Any]) -> Value:
    return max(values, default=None)


def _print(field: Field, value: Value) -> Json:
    return encode(field, {field.name: value})
