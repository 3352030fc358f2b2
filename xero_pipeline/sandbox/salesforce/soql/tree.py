"""What a SOQL query says, as a tree. Nothing here is bound to a schema yet; `position` counts characters from 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf
from typing import TypeAlias

LiteralKind = OneOf["string", "number", "date", "datetime", "boolean", "null", "relative"]
Operator = OneOf["=", "!=", "<", "<=", ">", ">=", "LIKE", "IN", "NOT IN"]


@dataclass(frozen=True, slots=True)
class FieldPath:
    """`Name`, or `Account.Owner.Name`: parent relationships first, the field last."""

    parts: tuple[str, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`COUNT()`, `SUM(Amount) total`: `field` is None for the first only."""

    function: str
    field: FieldPath | None
    alias: str | None
    position: int


@dataclass(frozen=True, slots=True)
class FieldsOf:
    """`FIELDS(ALL)`, `FIELDS(STANDARD)` or `FIELDS(CUSTOM)`."""

    which: str
    position: int


@dataclass(frozen=True, slots=True)
class Subquery:
    """A child query inside SELECT; its `source` is a child relationship."""

    query: Query
    position: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A value. `text` is as written, without quotes and with escapes kept; `number` is the n of `LAST_N_DAYS:n`."""

    kind: LiteralKind
    text: str
    position: int
    number: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """`field operator value`; several `values` with IN, a `query` for a semi-join."""

    field: FieldPath
    operator: Operator
    values: tuple[Literal, ...] = ()
    query: Query | None = None


@dataclass(frozen=True, slots=True)
class And:
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    condition: Condition


@dataclass(frozen=True, slots=True)
class Ordering:
    field: FieldPath | Aggregate
    descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Query:
    """One SELECT. `limit` and `offset` are None where not given."""

    text: str
    select: tuple[SelectItem, ...]
    source: str
    source_position: int
    alias: str | None
    where: Condition | None
    group_by: tuple[FieldPath, ...]
    order_by: tuple[Ordering, ...]
    limit: int | None
    offset: int | None


SelectItem: TypeAlias = FieldPath | Aggregate | FieldsOf | Subquery
Condition: TypeAlias = Comparison | And | Or | Not
