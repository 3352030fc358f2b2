"""SOQL tokens to a tree, by recursive descent. Everything outside the documented subset is MALFORMED_QUERY.

Understood: SELECT of fields, parent paths, aggregates with aliases, FIELDS(), one level of child subqueries; FROM with an
alias; WHERE with = != <> < <= > >= LIKE, IN and NOT IN (lists and semi-joins), AND, OR, NOT and parentheses; GROUP BY;
ORDER BY with ASC, DESC, NULLS FIRST, NULLS LAST; LIMIT; OFFSET. Refused: TYPEOF, HAVING, WITH, USING SCOPE, date functions,
currency literals, ALL ROWS (the queryAll resource takes its place), FOR VIEW and FOR UPDATE.
"""

from __future__ import annotations

from xero_pipeline.sandbox.salesforce.failures import ApiError
from xero_pipeline.sandbox.salesforce.soql import tree
from xero_pipeline.sandbox.salesforce.soql.lexer import Kind, Token, refuse, tokens

AGGREGATES = ("COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX")
COMPARATORS: dict[str, tree.Operator] = {
    "=": "=",
    "!=": "!=",
    "<>": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
RELATIVE = (
    *("TODAY", "YESTERDAY", "TOMORROW"),
    *("LAST_WEEK", "THIS_WEEK", "NEXT_WEEK"),
    *("LAST_MONTH", "THIS_MONTH", "NEXT_MONTH"),
    *("LAST_YEAR", "THIS_YEAR", "NEXT_YEAR"),
)
RELATIVE_N = ("LAST_N_DAYS", "NEXT_N_DAYS", "N_DAYS_AGO")
CLAUSES = ("WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "ALL", "WITH", "USING")
MAX_OFFSET = 2000


def parse(text: str) -> tree.Query:
    """The tree of a whole query. Raises ApiError MALFORMED_QUERY."""
    parser = _Parser(text)
    query = parser.query()
    parser.expect_end()
    return query


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._next = 0
        self._depth = 0

    # -- tokens -------------------------------------------------------------------------------------------------

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _unexpected(self) -> ApiError:
        return refuse(self._text, self._token.position, f"unexpected token: '{self._token.text}'")

    def _take(self, kind: Kind) -> Token:
        token = self._token
        if token.kind != kind:
            raise self._unexpected()
        self._next += 1
        return token

    def _at(self, word: str) -> bool:
        return self._token.kind in ("name", "symbol") and self._token.text.upper() == word

    def _accept(self, *words: str) -> bool:
        ahead = self._tokens[self._next : self._next + len(words)]
        if [token.text.upper() for token in ahead if token.kind in ("name", "symbol")] != list(words):
            return False
        self._next += len(words)
        return True

    def _require(self, *words: str) -> None:
        if not self._accept(*words):
            raise self._unexpected()

    def expect_end(self) -> None:
        if self._token.kind != "end":
            raise self._unexpected()

    # -- clauses ------------------------------------------------------------------------------------------------

    def query(self) -> tree.Query:
        self._require("SELECT")
        select = [self._select_item()]
        while self._accept(","):
            select.append(self._select_item())
        self._require("FROM")
        source = self._take("name")
        alias = self._alias()
        where = self._condition() if self._accept("WHERE") else None
        group_by: list[tree.FieldPath] = []
        if self._accept("GROUP", "BY"):
            group_by.append(self._path())
            while self._accept(","):
                group_by.append(self._path())
        order_by: list[tree.Ordering] = []
        if self._accept("ORDER", "BY"):
            order_by.append(self._ordering())
            while self._accept(","):
                order_by.append(self._ordering())
        limit = self._count() if self._accept("LIMIT") else None
        offset_position = self._token.position
        offset = self._count() if self._accept("OFFSET") else None
        if offset is not None and offset > MAX_OFFSET:
            message = f"Maximum SOQL offset allowed is {MAX_OFFSET}"
            raise refuse(self._text, offset_position, message, "NUMBER_OUTSIDE_VALID_RANGE")
        return tree.Query(
            self._text,
            tuple(select),
            source.text,
            source.position,
            alias,
            where,
            tuple(group_by),
            tuple(order_by),
            limit,
            offset,
        )

    def _alias(self) -> str | None:
        token = self._token
        if token.kind != "name" or token.text.upper() in CLAUSES or "." in token.text:
            return None
        self._next += 1
        return token.text

    def _select_item(self) -> tree.SelectItem:
        start = self._token
        if self._accept("("):
            if self._depth:
                raise refuse(self._text, start.position, "Nesting of semi join sub-selects is not supported")
            return tree.Subquery(self._nested(), start.position)
        if start.text.upper() == "FIELDS" and self._accept("FIELDS", "("):
            which = self._take("name").text.upper()
            if which not in ("ALL", "STANDARD", "CUSTOM"):
                raise refuse(self._text, start.position, f"unexpected token: '{which}'")
            self._require(")")
            return tree.FieldsOf(which, start.position)
        aggregate = self._aggregate()
        if aggregate is None:
            return self._path()
        alias = None
        if self._token.kind == "name" and self._token.text.upper() != "FROM":
            alias = self._take("name").text
        return tree.Aggregate(aggregate.function, aggregate.field, alias, aggregate.position)

    def _nested(self) -> tree.Query:
        self._depth += 1
        query = self.query()
        self._require(")")
        self._depth -= 1
        return query

    def _aggregate(self) -> tree.Aggregate | None:
        start = self._token
        if start.text.upper() not in AGGREGATES or not self._accept(start.text.upper(), "("):
            return None
        if start.text.upper() == "COUNT" and self._accept(")"):
            return tree.Aggregate("COUNT", None, None, start.position)
        field = self._path()
        self._require(")")
        return tree.Aggregate(start.text.upper(), field, None, start.position)

    def _path(self) -> tree.FieldPath:
        token = self._take("name")
        if self._at("("):
            raise self._unexpected()
        return tree.FieldPath(tuple(token.text.split(".")), token.position)

    def _ordering(self) -> tree.Ordering:
        field = self._aggregate() or self._path()
        descending = self._accept("DESC")
        if not descending:
            self._accept("ASC")
        # Ascending puts nulls first unless told otherwise, descending puts them last.
        nulls_first = not descending
        if self._accept("NULLS", "FIRST"):
            nulls_first = True
        elif self._accept("NULLS", "LAST"):
            nulls_first = False
        return tree.Ordering(field, descending, nulls_first)

    def _count(self) -> int:
        token = self._take("number")
        if not token.text.isdigit():
            raise refuse(self._text, token.position, f"unexpected token: '{token.text}'")
        return int(token.text)

    # -- conditions ---------------------------------------------------------------------------------------------

    def _condition(self) -> tree.Condition:
        first = self._term()
        word = next((word for word in ("AND", "OR") if self._at(word)), None)
        if word is None:
            return first
        terms = [first]
        while self._accept(word):
            terms.append(self._term())
        if self._at("AND") or self._at("OR"):
            # SOQL wants parentheses between AND and OR.
            raise self._unexpected()
        return tree.And(tuple(terms)) if word == "AND" else tree.Or(tuple(terms))

    def _term(self) -> tree.Condition:
        if self._accept("NOT"):
            return tree.Not(self._term())
        if self._accept("("):
            condition = self._condition()
            self._require(")")
            return condition
        field = self._path()
        if self._accept("LIKE"):
            return tree.Comparison(field, "LIKE", (self._literal(),))
        if self._accept("IN"):
            return self._membership(field, "IN")
        if self._accept("NOT", "IN"):
            return self._membership(field, "NOT IN")
        operator = COMPARATORS.get(self._token.text) if self._token.kind == "symbol" else None
        if operator is None:
            raise self._unexpected()
        self._next += 1
        return tree.Comparison(field, operator, (self._literal(),))

    def _membership(self, field: tree.FieldPath, operator: tree.Operator) -> tree.Comparison:
        self._require("(")
        if self._at("SELECT"):
            return tree.Comparison(field, operator, query=self._nested())
        values = [self._literal()]
        while self._accept(","):
            values.append(self._literal())
        self._require(")")
        return tree.Comparison(field, operator, tuple(values))

    def _literal(self) -> tree.Literal:
        token = self._token
        if token.kind == "string":
            self._next += 1
            return tree.Literal("string", token.text[1:-1], token.position)
        if token.kind == "number" or token.kind == "date" or token.kind == "datetime":
            self._next += 1
            return tree.Literal(token.kind, token.text, token.position)
        word = token.text.upper()
        if token.kind == "name" and word in ("TRUE", "FALSE"):
            self._next += 1
            return tree.Literal("boolean", word, token.position)
        if token.kind == "name" and word == "NULL":
            self._next += 1
            return tree.Literal("null", word, token.position)
        if token.kind == "name" and word in RELATIVE:
            self._next += 1
            return tree.Literal("relative", word, token.position)
        if token.kind == "name" and word in RELATIVE_N:
            self._require(word, ":")
            return tree.Literal("relative", word, token.position, self._count())
        raise self._unexpected()
