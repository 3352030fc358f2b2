"""Xero's `where`: the documented subset as a recursive-descent parser. What it does not know it refuses, never ignores.

    expression := all ("OR" all)*            OR also `or`, `||`; AND also `and`, `&&`
    all        := term ("AND" term)*
    term       := "(" expression ")" | value [comparison value] | value
    value      := field ("." name)* ("." method "(" string? ")")* | string | number | true | false | null
                | Guid("…") | DateTime(y, m, d[, h, m, s])
    comparison := == = != <> > >= < <=

Strings compare without regard to case, as Xero's do, and those of contacts without regard to accents. A field a record lacks
is null: it equals null alone, and a method on it is false.
Source: xero.md section 1 (`where`). The wording of the 400 is ours; its type, QueryParseException, is Xero's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple

Record = dict[str, object]
Getter = Callable[[Record], object]
Predicate = Callable[[Record], bool]


class BadQuery(Exception):
    """An expression outside the documented subset; the message says where."""


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


TOKENS = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>==|!=|<>|>=|<=|&&|\|\||[=><().,]))""",
    re.VERBOSE,
)
COMPARISONS: dict[str, Callable[[object, object], bool]] = {
    "==": lambda left, right: _equal(left, right),
    "!=": lambda left, right: not _equal(left, right),
    ">": lambda left, right: _ordered(left, right) and left > right,  # type: ignore[operator]
    ">=": lambda left, right: _ordered(left, right) and left >= right,  # type: ignore[operator]
    "<": lambda left, right: _ordered(left, right) and left < right,  # type: ignore[operator]
    "<=": lambda left, right: _ordered(left, right) and left <= right,  # type: ignore[operator]
}
SPELLINGS = {"=": "==", "<>": "!="}
METHODS: dict[str, Callable[[str, str], object]] = {
    "contains": lambda text, part: part in text,
    "startswith": lambda text, part: text.startswith(part),
    "endswith": lambda text, part: text.endswith(part),
    "tolower": lambda text, _: text,
    "toupper": lambda text, _: text,
    "tostring": lambda text, _: text,
}
BARE_METHODS = frozenset({"tolower", "toupper", "tostring"})


def without_accents(text: str) -> str:
    """Text as contacts are compared (xero.md section 2, Contacts: "case- and accent-insensitive"): Pōkeno is pokeno."""
    folded = text.casefold()
    if folded.isascii():
        return folded
    return "".join(each for each in unicodedata.normalize("NFD", folded) if not unicodedata.combining(each))


def folding_of(plural: str) -> Callable[[str], str]:
    """How texts of a collection are made alike before they are compared."""
    return without_accents if plural == "Contacts" else str.casefold


def first_equality(text: str) -> tuple[str, str] | None:
    """The field and the text of a `where` that begins `Field == "text"` and goes on, if at all, by AND alone."""
    tokens = _Parser.tokens_of(text)
    words = ["text" if token.kind == "string" else token.text.lower() for token in tokens]
    plain = len(tokens) > 2 and tokens[0].kind == "name" and words[1] in ("=", "==") and tokens[2].kind == "string"
    chained = words[3:4] in ([], ["and"], ["&&"]) and not {"or", "||"} & {*words[3:]}
    return (tokens[0].text, _unquoted(tokens[2].text)) if plain and chained else None


def parse_where(
    text: str,
    fields: frozenset[str],
    joins: Mapping[str, Getter] | None = None,
    fold: Callable[[str], str] = str.casefold,
) -> Predicate:
    """The predicate of a `where`; `fold` is how texts are made alike.

    `fields` are the top-level fields the endpoint has; another one raises BadQuery, and so does the predicate itself when it
    meets operands of different types. `joins` reads a field that the record holds as a reference only, such as Contact.
    """
    parser = _Parser(text, fields, joins or {}, fold)
    predicate = parser.expression()
    parser.expect_end()
    return predicate


def comparable(value: object, fold: Callable[[str], str] = str.casefold) -> object:
    """A value as comparisons see it: text folded, calendar dates as midnight UTC, whole numbers as decimals."""
    if isinstance(value, str):
        return fold(value)
    if isinstance(value, datetime) or value is None or isinstance(value, (bool, Decimal)):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return Decimal(value) if isinstance(value, int) else value


def _equal(left: object, right: object) -> bool:
    if isinstance(right, bool) and left is None:
        left = False  # a flag Xero leaves out is false
    return left == right if left is None or right is None else _same_type(left, right) and left == right


def _ordered(left: object, right: object) -> bool:
    return left is not None and right is not None and _same_type(left, right)


def _same_type(left: object, right: object) -> bool:
    if type(left) is not type(right):
        raise BadQuery(f"Operator incompatible with operand types '{type(left).__name__}' and '{type(right).__name__}'")
    return True


class _Parser:
    def __init__(
        self, text: str, fields: frozenset[str], joins: Mapping[str, Getter], fold: Callable[[str], str]
    ) -> None:
        self.text = text
        self.fold = fold
        self.joins = joins
        self.fields = {name.lower(): name for name in fields}
        self.tokens = self.tokens_of(text)
        self.position = 0

    @staticmethod
    def tokens_of(text: str) -> list[_Token]:
        """The text cut up; BadQuery where it cannot be."""
        tokens, at = [], 0
        end = len(text.rstrip())
        while at < end:
            found = TOKENS.match(text, at)
            if found is None or found.lastgroup is None:
                raise BadQuery(f"Unexpected character at position {at} of '{text}'")
            tokens.append(_Token(found.lastgroup, found.group(found.lastgroup), at))
            at = found.end()
        return tokens

    def peek(self, *texts: str) -> bool:
        if self.position >= len(self.tokens):
            return False
        token = self.tokens[self.position]
        return token.kind != "string" and token.text.lower() in texts

    def take(self, *texts: str) -> bool:
        if self.peek(*texts):
            self.position += 1
            return True
        return False

    def next(self, expected: str) -> _Token:
        if self.position >= len(self.tokens):
            raise BadQuery(f"{expected} expected at the end of '{self.text}'")
        self.position += 1
        return self.tokens[self.position - 1]

    def need(self, sign: str) -> None:
        token = self.next(f"'{sign}'")
        if token.text != sign or token.kind == "string":
            raise BadQuery(f"'{sign}' expected at position {token.at} of '{self.text}'")

    def expect_end(self) -> None:
        if self.position < len(self.tokens):
            token = self.tokens[self.position]
            raise BadQuery(f"Syntax error at position {token.at} of '{self.text}'")

    def expression(self) -> Predicate:
        parts = [self.all_of()]
        while self.take("or", "||"):
            parts.append(self.all_of())
        return parts[0] if len(parts) == 1 else lambda record: any(part(record) for part in parts)

    def all_of(self) -> Predicate:
        parts = [self.term()]
        while self.take("and", "&&"):
            parts.append(self.term())
        return parts[0] if len(parts) == 1 else lambda record: all(part(record) for part in parts)

    def term(self) -> Predicate:
        if self.take("("):
            inner = self.expression()
            self.need(")")
            return inner
        left = self.value()
        if self.peek(*COMPARISONS, *SPELLINGS):
            sign = self.next("A comparison").text
            compare = COMPARISONS[SPELLINGS.get(sign, sign)]
            right = self.value()
            return lambda record: compare(left(record), right(record))
        return lambda record: left(record) is True

    def value(self) -> Getter:
        token = self.next("A value")
        constant: object
        if token.kind == "string":
            constant = self.fold(self._unquoted(token))
        elif token.kind == "number":
            constant = Decimal(token.text)
        elif token.kind == "name" and token.text.lower() in ("true", "false", "null"):
            constant = {"true": True, "false": False, "null": None}[token.text.lower()]
        elif token.kind == "name" and self.peek("("):
            constant = self._call(token)
        elif token.kind == "name":
            return self._field(token)
        else:
            raise BadQuery(f"A value expected at position {token.at} of '{self.text}'")
        return lambda record: constant

    def _unquoted(self, token: _Token) -> str:
        if token.kind != "string":
            raise BadQuery(f"Text in double quotes expected at position {token.at} of '{self.text}'")
        return _unquoted(token.text)

    def _call(self, token: _Token) -> object:
        self.need("(")
        if token.text.lower() == "guid":
            constant: object = self._unquoted(self.next("A GUID")).casefold()
            self.need(")")
            return constant
        if token.text.lower() != "datetime":
            raise BadQuery(f"No method '{token.text}' at position {token.at} of '{self.text}'")
        numbers = [self._whole()]
        while self.take(","):
            numbers.append(self._whole())
        self.need(")")
        if len(numbers) not in (3, 6):
            raise BadQuery(f"DateTime takes 3 or 6 numbers at position {token.at} of '{self.text}'")
        try:
            return datetime(*(numbers + [0] * 3)[:6], tzinfo=UTC)  # type: ignore[misc,arg-type]
        except ValueError as error:
            raise BadQuery(f"No such date at position {token.at} of '{self.text}'") from error

    def _whole(self) -> int:
        token = self.next("A number")
        if token.kind != "number" or "." in token.text:
            raise BadQuery(f"A whole number expected at position {token.at} of '{self.text}'")
        return int(token.text)

    def _field(self, token: _Token) -> Getter:
        field = self.fields.get(token.text.lower())
        if field is None:
            raise BadQuery(f"No property or field '{token.text}' exists at position {token.at} of '{self.text}'")
        getter: Getter = self.joins.get(field) or _reader(field)
        while self.take("."):
            name = self.next("A name")
            if name.kind != "name":
                raise BadQuery(f"A name expected at position {name.at} of '{self.text}'")
            getter = self._method(getter, name) if self.peek("(") else _nested(getter, name.text)
        return lambda record: comparable(getter(record), self.fold)

    def _method(self, getter: Getter, name: _Token) -> Getter:
        method = METHODS.get(name.text.lower())
        if method is None:
            raise BadQuery(f"No method '{name.text}' at position {name.at} of '{self.text}'")
        self.need("(")
        part = ""
        if name.text.lower() not in BARE_METHODS:
            part = self.fold(self._unquoted(self.next("Text")))
        self.need(")")

        def called(record: Record) -> object:
            text = getter(record)
            return method(self.fold(text), part) if isinstance(text, str) else None

        return called


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _reader(field: str) -> Getter:
    return lambda record: record.get(field)


def _nested(getter: Getter, name: str) -> Getter:
    lowered = name.lower()

    def nested(record: Record) -> object:
        value = getter(record)
        # .NET spells the value of a nullable as .Value and its presence as .HasValue (xero.md: Date.HasValue guards).
        if lowered == "value" and not isinstance(value, dict):
            return value
        if lowered == "hasvalue" and not isinstance(value, dict):
            return value is not None
        if not isinstance(value, dict):
            return None
        return next((found for key, found in value.items() if key.lower() == lowered), None)

    return nested
