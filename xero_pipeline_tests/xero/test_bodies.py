from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.xero.bodies import body

_AMOUNTS = st.decimals(-(10**12), 10**12, places=4)
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | _AMOUNTS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=12,
)
_ELEMENTS = st.lists(st.dictionaries(st.sampled_from(["Url", "Status", "Total", "Lines"]), _VALUES), max_size=5)


def _turned(value: Any) -> Any:
    """The same, with every object's fields in another order and every number spelt otherwise."""
    if isinstance(value, dict):
        return {name: _turned(one) for name, one in reversed(value.items())}
    if isinstance(value, list):
        return [_turned(one) for one in value]
    if isinstance(value, Decimal):
        return value.quantize(Decimal("0.000001"))
    return value


@given(_ELEMENTS)
def test_the_same_elements_give_the_same_bytes(elements: list[dict[str, Any]]) -> None:
    assert body("Invoices", elements) == body("Invoices", _turned(elements))


@given(_ELEMENTS)
def test_what_is_sent_is_what_was_meant(elements: list[dict[str, Any]]) -> None:
    sent = json.loads(body("Invoices", elements), parse_float=Decimal)
    assert sent == {"Invoices": elements}


def test_numbers_are_exact_and_plain_and_dates_are_days() -> None:
    element = {
        "Date": date(2026, 11, 18),
        "UnitAmount": Decimal("0.1234"),
        "Quantity": Decimal("1E+3"),
        "Total": Decimal("9999999999.90"),
        "Rounding": Decimal("-0.00"),
        "Due": None,
    }
    assert body("Invoices", [element]) == (
        b'{"Invoices":[{"Date":"2026-11-18","Due":null,"Quantity":1000,"Rounding":0,"Total":9999999999.9,"UnitAmount":0.1234}]}'
    )


@pytest.mark.parametrize("inexact", [1.5, datetime(2026, 11, 18, tzinfo=UTC), {1, 2}, b"text"])
def test_what_has_no_exact_form_is_never_sent(inexact: object) -> None:
    with pytest.raises(TypeError):
        body("Invoices", [{"LineItems": [{"UnitAmount": inexact}]}])


@pytest.mark.parametrize("amount", ["NaN", "Infinity"])
def test_no_amount_is_no_number(amount: str) -> None:
    with pytest.raises(ValueError, match="is no amount"):
        body("Invoices", [{"Total": Decimal(amount)}])
