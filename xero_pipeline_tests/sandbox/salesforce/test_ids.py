"""Record ids in fifteen characters and in eighteen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.sandbox.salesforce import ids


@pytest.mark.parametrize("real", ["001D000000IqhSLIAZ", "0016000000abcdEAAQ", "006A000000QPluEIAT"[:15]])
def test_a_known_id_is_completed_or_confirmed(real: str) -> None:
    found = ids.to18(real[:15])
    assert found is not None
    assert len(found) == 18
    assert ids.to18(found) == found


def test_a_published_id_has_the_checksum_that_salesforce_printed() -> None:
    assert ids.to18("001D000000IqhSL") == "001D000000IqhSLIAZ"


@pytest.mark.parametrize("wrong", ["", "001", "001D000000IqhSLIAA", "001D000000IqhS-", "001D000000IqhSLIAZZ"])
def test_what_is_no_id_is_none(wrong: str) -> None:
    assert ids.to18(wrong) is None


@given(st.integers(0, 62**5 - 1), st.integers(0, 62**5 - 1))
def test_ids_are_distinct_and_in_the_order_they_were_made(first: int, second: int) -> None:
    one, other = ids.make("a00", first), ids.make("a00", second)
    assert (one == other) == (first == second)
    assert (one < other) == (first < second)
    assert ids.to18(one) == one
