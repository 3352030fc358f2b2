"""WHERE: conditions to predicates over rows, and to the cheapest set of rows that can hold the answer.

Text compares without case; a comparison with a null field is false, except that `!=` and NOT IN let it through; `= null` works.
A relative date is a range of days: `=` is inside it, `<` before it, `>` after it.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from xero_pipeline.sandbox.salesforce import ids
from xero_pipeline.sandbox.salesforce.schema import NUMERIC, TEXTUAL, Field
from xero_pipeline.sandbox.salesforce.soql import tree
from xero_pipeline.sandbox.salesforce.soql.binding import BoundField, Scope
from xero_pipeline.sandbox.salesforce.soql.days import day_range, midnight
from xero_pipeline.sandbox.salesforce.soql.lexer import unescape
from xero_pipeline.sandbox.salesforce.values import Row, Value, fold

Predicate: TypeAlias = Callable[[Row], bool]
Subselect: TypeAlias = Callable[[tree.Query], set[Value]]
ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
KINDS = {
    "boolean": "boolean",
    "int": "double",
    "double": "double",
    "currency": "currency",
    "percent": "percent",
    "date": "date",
    "datetime": "dateTime",
}


def predicate(scope: Scope, condition: tree.Condition, subselect: Subselect) -> Predicate:
    """`condition` as a function of a row. Raises ApiError for fields, types and operators that do not fit."""
    match condition:
        case tree.And(conditions):
            every = [predicate(scope, each, subselect) for each in conditions]
            return lambda row: all(holds(row) for holds in every)
        case tree.Or(conditions):
            either = [predicate(scope, each, subselect) for each in conditions]
            return lambda row: any(holds(row) for holds in either)
        case tree.Not(inner):
            holds_not = predicate(scope, inner, subselect)
            return lambda row: not holds_not(row)
        case tree.Comparison():
            return _comparison(scope, condition, subselect)


def candidates(scope: Scope, where: tree.Condition | None) -> Iterable[Row]:
    """Rows among which all that satisfy `where` are: by id, external id, parent or SystemModstamp where it says so."""
    table = scope.org.tables[scope.sobject.name]
    conjuncts = where.conditions if isinstance(where, tree.And) else (where,) if where is not None else ()
    for one in conjuncts:
        if not isinstance(one, tree.Comparison) or one.query is not None or one.operator not in ("=", "IN"):
            continue
        bound = scope.bind(one.field)
        texts = [literal for literal in one.values if literal.kind == "string"]
        if bound.hops or len(texts) != len(one.values):
            continue
        if bound.field.type == "id":
            wanted = {str(operand(scope, bound.field, literal)) for literal in texts}
            return [table.rows[record_id] for record_id in sorted(wanted) if record_id in table.rows]
        # The indexes below know live rows only.
        if not scope.context.deleted_too and table.has_index(bound.field):
            keys = {str(operand(scope, bound.field, literal)) for literal in texts}
            return [row for key in sorted(keys) for row in table.find(bound.field, key)]
        if not scope.context.deleted_too and bound.field.on_delete == "cascade":
            parents = {str(operand(scope, bound.field, literal)) for literal in texts}
            return [row for parent in sorted(parents) for row in table.children(bound.field, parent)]
    start, end = _stamps(scope, conjuncts)
    return table.rows.values() if start is None and end is None else table.changed_between(start, end)


def operand(scope: Scope, field: Field, literal: tree.Literal) -> Value:
    """`literal` in the form in which `field` compares. Raises ApiError INVALID_FIELD where the types differ."""
    kind = literal.kind
    if kind == "string" and field.type in ("id", "reference"):
        text = unescape(scope.query.text, literal.position, literal.text)
        record_id = ids.to18(text)
        if record_id is None:
            raise scope.refuse(literal.position, f"invalid ID field: {text}", "INVALID_QUERY_FILTER_OPERATOR")
        return record_id
    if kind == "string" and field.type in TEXTUAL:
        return fold(field, unescape(scope.query.text, literal.position, literal.text))
    if kind == "number" and field.type in NUMERIC:
        return Decimal(literal.text)
    if kind == "boolean" and field.type == "boolean":
        return literal.text == "TRUE"
    try:
        if kind == "date" and field.type == "date":
            return date.fromisoformat(literal.text)
        if kind == "datetime" and field.type == "datetime":
            return datetime.fromisoformat(literal.text)
    except ValueError:
        raise scope.refuse(literal.position, f"Invalid {kind}: {literal.text}", "MALFORMED_QUERY") from None
    wanted = KINDS.get(field.type, "string")
    quotes = "should be" if wanted == "string" else "should not be"
    raise scope.refuse(
        literal.position,
        f"value of filter criterion for field '{field.name}' must be of type {wanted} and {quotes} enclosed in quotes",
    )


def _comparison(scope: Scope, condition: tree.Comparison, subselect: Subselect) -> Predicate:
    bound = scope.bind(condition.field)
    field, symbol = bound.field, condition.operator
    if not field.filterable:
        message = f"field '{field.name}' can not be filtered in a query call"
        raise scope.refuse(condition.field.position, message)
    get = bound.compared()
    if symbol in ("IN", "NOT IN"):
        if condition.query is not None:
            members = subselect(condition.query)
        else:
            members = {_or_null(scope, field, literal) for literal in condition.values}
        if symbol == "IN":
            return lambda row: get(row) in members
        return lambda row: get(row) not in members
    literal = condition.values[0]
    if symbol == "LIKE":
        return _like(scope, bound, literal)
    if literal.kind == "relative":
        return _in_days(scope, bound, symbol, literal)
    value = _or_null(scope, field, literal)
    if symbol == "=":
        return lambda row: get(row) == value
    if symbol == "!=":
        return lambda row: get(row) != value
    if value is None or field.type == "boolean":
        raise scope.refuse(literal.position, f"invalid operator on {field.type} field", "INVALID_QUERY_FILTER_OPERATOR")
    compare = ORDERINGS[symbol]

    def ordered(row: Row) -> bool:
        held = get(row)
        return held is not None and compare(held, value)

    return ordered


def _or_null(scope: Scope, field: Field, literal: tree.Literal) -> Value:
    return None if literal.kind == "null" else operand(scope, field, literal)


def _like(scope: Scope, bound: BoundField, literal: tree.Literal) -> Predicate:
    if literal.kind != "string" or bound.field.type not in TEXTUAL:
        raise scope.refuse(literal.position, "invalid operator on field", "INVALID_QUERY_FILTER_OPERATOR")
    text = unescape(scope.query.text, literal.position, literal.text, like=True)
    parts = [_like_part(part) for part in re.findall(r"\\.|.", text, re.DOTALL)]
    pattern = re.compile("".join(parts), re.DOTALL | re.IGNORECASE)
    get = bound.getter()

    def matches(row: Row) -> bool:
        value = get(row)
        return isinstance(value, str) and pattern.fullmatch(value) is not None

    return matches


def _like_part(part: str) -> str:
    if part == "%":
        return ".*"
    if part == "_":
        return "."
    return re.escape(part[-1])


def _in_days(scope: Scope, bound: BoundField, symbol: str, literal: tree.Literal) -> Predicate:
    if bound.field.type not in ("date", "datetime"):
        message = f"value of filter criterion for field '{bound.field.name}' must be of type {bound.field.type}"
        raise scope.refuse(literal.position, message)
    context = scope.context
    first, after = day_range(literal, context.now, context.zone)
    low: date | datetime = first
    high: date | datetime = after
    if bound.field.type == "datetime":
        low, high = midnight(first, context.zone), midnight(after, context.zone)
    get = bound.getter()

    def compared(row: Row) -> bool:
        value: Any = get(row)
        if value is None:
            return symbol == "!="
        before, inside = bool(value < low), bool(low <= value < high)
        outcomes = {
            "=": inside,
            "!=": not inside,
            "<": before,
            "<=": before or inside,
            ">": not before and not inside,
            ">=": not before,
        }
        return outcomes[symbol]

    return compared


def _stamps(scope: Scope, conjuncts: Iterable[tree.Condition]) -> tuple[datetime | None, datetime | None]:
    start: datetime | None = None
    end: datetime | None = None
    for one in conjuncts:
        if not isinstance(one, tree.Comparison) or one.operator not in ("=", "<", "<=", ">", ">="):
            continue
        bound = scope.bind(one.field)
        literal = one.values[0]
        if bound.hops or bound.field.name != "SystemModstamp" or literal.kind != "datetime":
            continue
        when = operand(scope, bound.field, literal)
        if not isinstance(when, datetime):
            continue
        if one.operator in ("=", ">", ">="):
            # Stamps have whole seconds: a bound inside a second must not cut that second off.
            floor = when.replace(microsecond=0)
            start = floor if start is None else max(start, floor)
        if one.operator in ("=", "<", "<="):
            ceiling = when + timedelta(seconds=1)
            end = ceiling if end is None else min(end, ceiling)
    return start, end
