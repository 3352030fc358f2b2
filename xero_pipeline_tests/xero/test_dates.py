from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.xero.dates import calendar, instant


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/Date(1552325878000+0000)/", datetime(2019, 3, 11, 17, 37, 58, tzinfo=UTC)),
        ("/Date(1552325878000)/", datetime(2019, 3, 11, 17, 37, 58, tzinfo=UTC)),
        ("/Date(1552325878123+1300)/", datetime(2019, 3, 11, 17, 37, 58, 123000, tzinfo=UTC)),
        ("/Date(0+0000)/", datetime(1970, 1, 1, tzinfo=UTC)),
        ("/Date(-86400000+0000)/", datetime(1969, 12, 31, tzinfo=UTC)),
        ("/Date(-1234)/", datetime(1969, 12, 31, 23, 59, 58, 766000, tzinfo=UTC)),
        ("2019-03-11T17:58:46Z", datetime(2019, 3, 11, 17, 58, 46, tzinfo=UTC)),
        ("2019-03-11T17:58:46", datetime(2019, 3, 11, 17, 58, 46, tzinfo=UTC)),
        ("2019-03-11T17:58:46.5165400", datetime(2019, 3, 11, 17, 58, 46, 516540, tzinfo=UTC)),
        ("2019-03-12T06:58:46+13:00", datetime(2019, 3, 11, 17, 58, 46, tzinfo=UTC)),
        ("", None),
        (None, None),
        ("/Date(-62135596800000)/", None),
    ],
)
def test_an_instant_is_utc_whatever_its_form(text: str | None, expected: datetime | None) -> None:
    assert instant(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/Date(1552262400000+0000)/", date(2019, 3, 11)),
        ("/Date(1552262400000+1300)/", date(2019, 3, 11)),
        ("/Date(-86400000+0000)/", date(1969, 12, 31)),
        ("2019-03-11T00:00:00", date(2019, 3, 11)),
        ("2019-03-11", date(2019, 3, 11)),
        ("2019-03-11T00:00:00+13:00", date(2019, 3, 11)),
        ("/Date(-62135596800000+0000)/", None),
        (None, None),
    ],
)
def test_a_calendar_date_is_never_shifted_into_a_zone(text: str | None, expected: date | None) -> None:
    assert calendar(text) == expected


@pytest.mark.parametrize(
    "text", ["soon", "/Date(x)/", "/Date(99999999999999999999)/", "/Date(1552262400000", "2019-13-01"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="as Xero writes it"):
        instant(text)
    with pytest.raises(ValueError, match="as Xero writes it"):
        calendar(text)


_milliseconds = st.integers(min_value=-62_000_000_000_000, max_value=250_000_000_000_000)


@given(_milliseconds, st.sampled_from(["", "+0000", "+1300", "-0330"]))
def test_every_millisecond_is_kept(milliseconds: int, offset: str) -> None:
    at = instant(f"/Date({milliseconds}{offset})/")
    assert at == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


@given(_milliseconds, st.sampled_from(["", "+0000", "+1300", "-0330"]))
def test_a_date_is_the_utc_day_of_its_milliseconds(milliseconds: int, offset: str) -> None:
    text = f"/Date({milliseconds}{offset})/"
    at = instant(text)
    assert at is not None
    assert calendar(text) == at.date()
