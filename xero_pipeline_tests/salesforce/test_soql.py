from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.salesforce import soql

_UNESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def _read_back(literal: str) -> str:
    def character(found: re.Match[str]) -> str:
        escape = found[1]
        return chr(int(escape[1:], 16)) if escape[0] == "u" else _UNESCAPED.get(escape, escape)

    return re.sub(r"\\(u[0-9A-F]{4}|.)", character, literal[1:-1])


@given(st.text())
def test_text_cannot_leave_its_quotes_and_reads_back_as_it_was(text: str) -> None:
    literal = soql.literal(text)
    assert re.fullmatch(r"'(?:[^'\\]|\\.)*'", literal, re.DOTALL)
    assert _read_back(literal) == text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "null"),
        (True, "true"),
        (12, "12"),
        (Decimal("1E+2"), "100"),
        (date(2026, 11, 22), "2026-11-22"),
        (datetime(2026, 11, 22, 5, 0, 0, 120_000, tzinfo=UTC), "2026-11-22T05:00:00.120Z"),
        ("O'Brien", r"'O\'Brien'"),
    ],
)
def test_values_are_written_as_soql_writes_them(value: soql.Literal, written: str) -> None:
    assert soql.literal(value) == written


@pytest.mark.parametrize("text", ["", "Id FROM User--", "1st", "a b", "A.B.C.D.E.F.G", "Id;"])
def test_data_cannot_pass_for_a_name(text: str) -> None:
    with pytest.raises(ValueError):
        soql.name(text)


def test_a_query_is_put_together_from_its_parts() -> None:
    where = [soql.compare("SystemModstamp", ">=", datetime(2026, 1, 1, tzinfo=UTC)), soql.is_in("Id", ["a", "b"])]
    assert soql.select(["Id", "Product2.ProductCode"], "OrderItem", where, ["SystemModstamp", "Id"], limit=5) == (
        "SELECT Id, Product2.ProductCode FROM OrderItem WHERE SystemModstamp >= 2026-01-01T00:00:00.000Z"
        " AND Id IN ('a', 'b') ORDER BY SystemModstamp, Id LIMIT 5"
    )


def test_an_operator_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError):
        soql.compare("Id", "= '' OR Id !=", "x")


@pytest.mark.parametrize("values", [[], ["x"] * (soql.MOST_IN_A_LIST + 1)])
def test_a_list_that_is_empty_or_too_long_for_one_request_is_refused(values: list[str]) -> None:
    with pytest.raises(ValueError):
        soql.is_in("Id", values)


@given(st.lists(st.integers(0, 50)), st.integers(1, 7))
def test_lists_hold_every_value_once_and_stay_short(values: list[int], size: int) -> None:
    lists = list(soql.lists_of(values, size))
    assert [value for each in lists for value in each] == list(dict.fromkeys(values))
    assert all(0 < len(each) <= size for each in lists)
