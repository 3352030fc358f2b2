"""SOQL text to tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from xero_pipeline.sandbox.salesforce.failures import ApiError

Kind = Literal["datetime", "date", "number", "string", "name", "symbol", "end"]
TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
  | (?P<date>\d{4}-\d\d-\d\d(?![\dT]))
  | (?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.-]))
  | (?P<string>'(?:[^'\\]|\\.)*')
  | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
  | (?P<symbol><=|>=|!=|<>|[(),=<>:])
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str
    position: int


def refuse(text: str, position: int, message: str, code: str = "MALFORMED_QUERY") -> ApiError:
    """A 400 that points at `position` in the query the way Salesforce does."""
    start = max(0, position - 30)
    excerpt = text[start : position + 30].replace("\n", " ")
    return ApiError(
        400,
        code,
        f"\n{excerpt}\n{' ' * (position - start)}^\nERROR at Row:1:Column:{position + 1}\n{message}",
    )


def tokens(text: str) -> list[Token]:
    """The tokens of `text`, an `end` token last. Raises ApiError MALFORMED_QUERY."""
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None:
            raise refuse(text, position, f"unexpected token: '{text[position]}'")
        if match.lastgroup != "space":
            found.append(Token(match.lastgroup, match.group(), position))  # type: ignore[arg-type]
        position = match.end()
    return [*found, Token("end", "<EOF>", len(text))]


def unescape(text: str, position: int, raw: str, *, like: bool = False) -> str:
    r"""The value of a quoted string without its quotes. With `like`, `\%` and `\_` stay as they are, for the pattern.

    Raises ApiError MALFORMED_QUERY for an escape that SOQL does not have.
    """

    def replace(match: re.Match[str]) -> str:
        code = match.group(1)
        if code.startswith("u") and len(code) == 5:
            return chr(int(code[1:], 16))
        if code in ("%", "_") and like:
            return match.group()
        if code not in ESCAPES:
            raise refuse(text, position, f"Invalid string literal '{raw}'. Illegal character sequence '\\{code}'")
        # A backslash in a LIKE pattern has to stay an escaped one.
        return "\\\\" if like and code == "\\" else ESCAPES[code]

    return ESCAPE.sub(replace, raw)
