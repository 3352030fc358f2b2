"""What is missing meets every expectation but the one that it be there, here as in Great Expectations."""

from __future__ import annotations

from decimal import Decimal

import pytest

from xero_pipeline.domain.expectations import Between, Expectation, Given, Length, NotOneOf


@pytest.mark.parametrize(
    ("expectation", "value", "holds"),
    [
        (Given(), None, False),
        (Given(), "", True),
        (Given(), 0, True),
        (NotOneOf(("unknown",)), "unknown", False),
        (NotOneOf(("unknown",)), "known", True),
        (NotOneOf(("unknown",)), None, True),
        (Between(least=Decimal(1)), 0, False),
        (Between(least=Decimal(1)), 1, True),
        (Between(least=Decimal(0), above=True), Decimal("0.00"), False),
        (Between(least=Decimal(0), above=True), Decimal("0.01"), True),
        (Between(most=Decimal(0)), Decimal("0.01"), False),
        (Between(most=Decimal(0)), Decimal("0.00"), True),
        (Between(Decimal(0), Decimal(100)), Decimal(-1), False),
        (Between(Decimal(0), Decimal(100)), Decimal(100), True),
        (Between(Decimal(0), Decimal(100)), None, True),
        (Between(), Decimal("1e9"), True),
        (Length(1, 3), "", False),
        (Length(1, 3), "a", True),
        (Length(1, 3), "abc", True),
        (Length(1, 3), "abcd", False),
        (Length(1, 3), None, True),
    ],
)
def test_an_expectation_holds_up_to_its_edge_and_no_further(
    expectation: Expectation, value: object, holds: bool
) -> None:
    assert expectation.holds(value) is holds


def test_a_range_is_asked_of_numbers_only() -> None:
    with pytest.raises(TypeError, match="str is no number"):
        Between(least=Decimal(1)).holds("1")
