"""Runs a SOQL query: the rows that answer it, in order, to be printed page by page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from xero_pipeline.sandbox.salesforce.failures import ApiError
from xero_pipeline.sandbox.salesforce.schema import Field
from xero_pipeline.sandbox.salesforce.soql import tree
from xero_pipeline.sandbox.salesforce.soql.aggregates import aggregate_records, is_aggregate, is_count
from xero_pipeline.sandbox.salesforce.soql.binding import BoundField, Context, Scope, open_scope
from xero_pipeline.sandbox.salesforce.soql.filters import candidates, predicate
from xero_pipeline.sandbox.salesforce.soql.parser import parse
from xero_pipeline.sandbox.salesforce.soql.selection import ChildRecords, Shape, record, shape
from xero_pipeline.sandbox.salesforce.values import Json, Row, Value


@dataclass(slots=True)
class Answer:
    """A query's answer: `total` rows, of which `page` prints some. Rows are those of the moment the query ran."""

    total: int
    _scope: Scope
    _version: str
    _form: Shape | None = None
    _rows: list[Row] = field(default_factory=list)
    _records: list[dict[str, Json]] = field(default_factory=list)

    def has_more(self, size: int) -> bool:
        """Whether `size` records are not all there is. A plain COUNT() has none."""
        return max(len(self._rows), len(self._records)) > size

    def page(self, start: int, size: int) -> list[dict[str, Json]]:
        """Records `start` to `start + size`, as JSON."""
        if self._form is None:
            return self._records[start : start + size]
        return [record(self._scope, self._form, row, self._version) for row in self._rows[start : start + size]]


def execute(context: Context, text: str, version: str) -> Answer:
    """The answer to `text`; `version` ("66.0") goes into the records' URLs.

    Raises ApiError 400: MALFORMED_QUERY, INVALID_TYPE, INVALID_FIELD, INVALID_QUERY_FILTER_OPERATOR.
    """
    scope = open_scope(context, parse(text))
    query = scope.query
    if is_count(query):
        return Answer(len(_limited(query, _matching(scope))), scope, version)
    if is_aggregate(query):
        records = aggregate_records(scope, _matching(scope))
        return Answer(len(records), scope, version, _records=records)
    form = shape(scope, query.select, lambda item: _children(scope, item, version))
    rows = _limited(query, _sorted(scope, _matching(scope)))
    return Answer(len(rows), scope, version, form, rows)


def columns_and_rows(context: Context, text: str) -> tuple[str, list[BoundField], list[Row]]:
    """The object, the columns and the rows of a query of plain fields, parents' included: what Bulk API 2.0 can answer.

    Raises ApiError as `execute` does, and for aggregates, child queries, FIELDS(), OFFSET and compound fields (the codes and
    wording of these were not verified against a real org, but for the compound fields').
    """
    scope = open_scope(context, parse(text))
    query = scope.query
    if is_aggregate(query) or is_count(query) or query.offset is not None:
        raise ApiError(400, "API_ERROR", "GROUP BY, aggregates and OFFSET are not supported in Bulk Query")
    columns: list[BoundField] = []
    for item in query.select:
        if not isinstance(item, tree.FieldPath):
            raise ApiError(400, "API_ERROR", "Child queries and FIELDS() are not supported in Bulk Query")
        bound = scope.bind(item)
        if bound.field.type == "address":
            raise ApiError(400, "FUNCTIONALITY_NOT_ENABLED", "Selecting compound data not supported in Bulk Query")
        columns.append(bound)
    return scope.sobject.name, columns, _limited(query, _sorted(scope, _matching(scope)))


def _limited(query: tree.Query, rows: list[Row]) -> list[Row]:
    start = query.offset or 0
    return rows[start : None if query.limit is None else start + query.limit]


def _matching(scope: Scope, rows: Iterable[Row] | None = None) -> list[Row]:
    where = scope.query.where
    holds = predicate(scope, where, lambda inner: _subselect(scope.context, inner)) if where is not None else None
    source = candidates(scope, where) if rows is None else rows
    deleted_too = scope.context.deleted_too
    return [row for row in source if (deleted_too or not row["IsDeleted"]) and (holds is None or holds(row))]


def _sorted(scope: Scope, rows: list[Row]) -> list[Row]:
    rows.sort(key=lambda row: str(row["Id"]))
    for ordering in reversed(scope.query.order_by):
        if isinstance(ordering.field, tree.Aggregate):
            raise scope.refuse(ordering.field.position, "unexpected aggregate in ORDER BY", "MALFORMED_QUERY")
        bound = scope.bind(ordering.field)
        if not bound.field.filterable:
            raise scope.refuse(ordering.field.position, f"field '{bound.field.name}' can not be sorted in a query call")
        get = bound.compared()
        filled = [row for row in rows if get(row) is not None]
        empty = [row for row in rows if get(row) is None] if len(filled) < len(rows) else []
        filled.sort(key=get, reverse=ordering.descending)  # type: ignore[arg-type]
        rows = empty + filled if ordering.nulls_first else filled + empty
    return rows


def _subselect(context: Context, query: tree.Query) -> set[Value]:
    scope = open_scope(context, query)
    item = query.select[0]
    if len(query.select) != 1 or not isinstance(item, tree.FieldPath):
        raise scope.refuse(item.position, "A semi join selects exactly one field", "MALFORMED_QUERY")
    bound = scope.bind(item)
    if bound.field.type not in ("id", "reference"):
        raise scope.refuse(item.position, f"The selected field '{bound.field.name}' is not an id", "MALFORMED_QUERY")
    get = bound.getter()
    return {get(row) for row in _limited(query, _sorted(scope, _matching(scope)))}


def _children(parent: Scope, item: tree.Subquery, version: str) -> tuple[str, ChildRecords]:
    found = parent.org.schema.child_relationship(parent.sobject, item.query.source)
    if found is None:
        message = f"Didn't understand relationship '{item.query.source}' in FROM part of query call."
        raise parent.refuse(item.query.source_position, message, "INVALID_TYPE")
    sobject, reference = found
    scope = Scope(parent.context, item.query, sobject)
    if is_aggregate(item.query):
        raise parent.refuse(item.position, "Aggregates are not supported in a child query", "MALFORMED_QUERY")
    form = shape(scope, item.query.select, lambda inner: _children(scope, inner, version))
    rows_of = _ChildRows(scope, reference)

    def records(row: Row) -> list[dict[str, Json]]:
        return [record(scope, form, child, version) for child in rows_of.of(str(row["Id"]))]

    return str(reference.child_relationship), records


class _ChildRows:
    """The child rows of any parent. Without an index by parent, one pass over the children serves every parent."""

    def __init__(self, scope: Scope, reference: Field) -> None:
        self._scope = scope
        self._reference = reference
        self._by_parent: dict[Value, list[Row]] | None = None
        # Bound now, so that a bad name is refused even where no parent has children.
        _sorted(scope, _matching(scope, []))

    def of(self, parent_id: str) -> list[Row]:
        scope, table = self._scope, self._scope.org.tables[self._scope.sobject.name]
        if self._reference.on_delete == "cascade" and not scope.context.deleted_too:
            rows = _matching(scope, table.children(self._reference, parent_id))
            return _limited(scope.query, _sorted(scope, rows))
        if self._by_parent is None:
            self._by_parent = {}
            for row in _sorted(scope, _matching(scope)):
                self._by_parent.setdefault(row.get(self._reference.name), []).append(row)
        return _limited(scope.query, self._by_parent.get(parent_id, []))
