"""Any query the parser can understand, written out, is understood as what it was."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.sandbox.salesforce.soql import tree
from xero_pipeline.sandbox.salesforce.soql.parser import AGGREGATES, RELATIVE, RELATIVE_N, parse

NAMES = st.sampled_from(["Id", "Name", "Amount", "Xero_Id__c", "Account", "Owner", "Lines__r", "first", "nulls"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda parts: tree.FieldPath(tuple(parts), 0))
AGGREGATE = st.builds(tree.Aggregate, st.sampled_from(AGGREGATES), PATHS, st.none() | st.just("total"), st.just(0))
FIELDS = st.builds(tree.FieldsOf, st.sampled_from(["ALL", "STANDARD", "CUSTOM"]), st.just(0))


def literal(kind: Any, texts: st.SearchStrategy[str]) -> st.SearchStrategy[tree.Literal]:
    return st.builds(tree.Literal, st.just(kind), texts, st.just(0))


LITERALS = st.one_of(
    literal("string", st.text('aZ é%_ -"').map(lambda text: text.replace("a", "\\'"))),
    literal("number", st.integers(-999, 999).map(str) | st.decimals(-9, 9, places=2).map(str)),
    literal("date", st.dates().map(str)),
    literal("datetime", st.datetimes().map(lambda when: when.strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20))),
    literal("boolean", st.sampled_from(["TRUE", "FALSE"])),
    literal("null", st.just("NULL")),
    literal("relative", st.sampled_from(RELATIVE)),
    st.builds(tree.Literal, st.just("relative"), st.sampled_from(RELATIVE_N), st.just(0), st.integers(0, 400)),
)
OPERATORS = st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "LIKE"])
LISTS = st.lists(LITERALS, min_size=1, max_size=3).map(tuple)
COMPARISONS = st.one_of(
    st.builds(tree.Comparison, PATHS, OPERATORS, LITERALS.map(lambda one: (one,))),
    st.builds(tree.Comparison, PATHS, st.sampled_from(["IN", "NOT IN"]), LISTS),
)


def conditions(inner: st.SearchStrategy[tree.Condition]) -> st.SearchStrategy[tree.Condition]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(tree.And, several), st.builds(tree.Or, several), st.builds(tree.Not, inner))


CONDITIONS = st.recursive(COMPARISONS, conditions, max_leaves=6)
ORDERINGS = st.builds(tree.Ordering, PATHS, st.booleans(), st.booleans())


def queries(items: st.SearchStrategy[tree.SelectItem]) -> st.SearchStrategy[tree.Query]:
    return st.builds(
        tree.Query,
        text=st.just(""),
        select=st.lists(items, min_size=1, max_size=3).map(tuple),
        source=st.sampled_from(["Account", "Xero_Invoice__c", "Lines__r"]),
        source_position=st.just(0),
        alias=st.none() | st.just("a"),
        where=st.none() | CONDITIONS,
        group_by=st.lists(PATHS, max_size=2).map(tuple),
        order_by=st.lists(ORDERINGS, max_size=2).map(tuple),
        limit=st.none() | st.integers(0, 50_000),
        offset=st.none() | st.integers(0, 2000),
    )


SUBQUERIES = st.builds(tree.Subquery, queries(PATHS), st.just(0))


def item_text(item: tree.SelectItem) -> str:
    match item:
        case tree.FieldPath():
            return ".".join(item.parts)
        case tree.Aggregate():
            inside = item_text(item.field) if item.field else ""
            return f"{item.function}({inside}){f' {item.alias}' if item.alias else ''}"
        case tree.FieldsOf():
            return f"FIELDS({item.which})"
        case tree.Subquery():
            return f"({query_text(item.query)})"


def literal_text(value: tree.Literal) -> str:
    if value.kind == "string":
        return f"'{value.text}'"
    return f"{value.text}:{value.number}" if value.text in RELATIVE_N else value.text


def condition_text(condition: tree.Condition) -> str:
    match condition:
        case tree.And(parts):
            return " AND ".join(f"({condition_text(part)})" for part in parts)
        case tree.Or(parts):
            return " or ".join(f"({condition_text(part)})" for part in parts)
        case tree.Not(inner):
            return f"NOT ({condition_text(inner)})"
        case tree.Comparison(field, operator, values):
            texts = [literal_text(value) for value in values]
            right = f"({', '.join(texts)})" if operator in ("IN", "NOT IN") else texts[0]
            return f"{item_text(field)} {operator} {right}"


def ordering_text(ordering: tree.Ordering) -> str:
    return (
        f"{item_text(ordering.field)} {'DESC' if ordering.descending else 'asc'} "
        f"NULLS {'FIRST' if ordering.nulls_first else 'LAST'}"
    )


def query_text(query: tree.Query) -> str:
    parts = [f"SELECT {', '.join(map(item_text, query.select))} FROM {query.source}", query.alias or ""]
    if query.where is not None:
        parts.append(f"WHERE {condition_text(query.where)}")
    if query.group_by:
        parts.append(f"GROUP BY {', '.join(map(item_text, query.group_by))}")
    if query.order_by:
        parts.append(f"ORDER BY {', '.join(map(ordering_text, query.order_by))}")
    parts += [f"LIMIT {query.limit}" if query.limit is not None else ""]
    parts += [f"OFFSET {query.offset}" if query.offset is not None else ""]
    return "  ".join(part for part in parts if part)


def meaning(node: object) -> object:
    """`node` without where it stood in the text."""
    if isinstance(node, tuple):
        return tuple(meaning(each) for each in node)
    if not is_dataclass(node):
        return node
    ignored = {"position", "source_position"} | ({"text"} if isinstance(node, tree.Query) else set())
    return type(node).__name__, *(
        meaning(getattr(node, each.name)) for each in fields(node) if each.name not in ignored
    )


@given(queries(PATHS | AGGREGATE | FIELDS | SUBQUERIES))
def test_a_query_written_out_is_read_as_what_it_was(query: tree.Query) -> None:
    assert meaning(parse(query_text(query))) == meaning(query)
