"""How Xero writes JSON: `/Date(ms+0000)/`, numbers with their trailing zeros, pretty-printed, slashes escaped, CRLF.

Source: xero.md section 1 (recorded bodies). `DateTimeUTC` and `CreatedDateUTC` carry no offset, every other date does;
calendar dates are midnight UTC, and some of them have a twin in ISO form without a zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import msgspec

Json = dict[str, object]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = EPOCH.date().toordinal()
MILLISECONDS_A_DAY = 86_400_000
MILLISECOND = timedelta(milliseconds=1)
WITHOUT_OFFSET = frozenset({"CreatedDateUTC"})
DATE_FIELDS = frozenset(
    {
        "CreatedDateUTC",
        "Date",
        "DeliveryDate",
        "DueDate",
        "EndOfYearLockDate",
        "ExpectedArrivalDate",
        "ExpectedPaymentDate",
        "ExpiryDate",
        "FullyPaidOnDate",
        "PeriodLockDate",
        "PlannedPaymentDate",
        "UpdatedDateUTC",
    }
)
ENCODER = msgspec.json.Encoder(decimal_format="number")


def milliseconds(instant: datetime) -> int:
    """Milliseconds since 1970 of an aware instant, cut, not rounded."""
    return (instant - EPOCH) // MILLISECOND


@lru_cache(maxsize=8192)
def calendar_date(day: date) -> str:
    """A calendar date as Xero sends it: midnight UTC."""
    return f"/Date({(day.toordinal() - EPOCH_DAY) * MILLISECONDS_A_DAY}+0000)/"


def instant_text(instant: datetime, *, offset: bool = True) -> str:
    """An instant as `/Date(ms+0000)/`, or without the offset."""
    return f"/Date({milliseconds(instant)}{'+0000' if offset else ''})/"


@lru_cache(maxsize=8192)
def date_string(day: date) -> str:
    """The ISO twin of a calendar date: `2026-11-22T00:00:00`."""
    return f"{day.isoformat()}T00:00:00"


def wired(record: Mapping[str, object], twins: Mapping[str, str]) -> Json:
    """The record with its dates as Xero writes them. `twins` maps a field to its ISO twin; absent fields stay absent."""
    out = dict(record)
    # A page has tens of thousands of fields; only those that can be dates are looked at.
    for field in DATE_FIELDS:
        value = record.get(field)
        if value is None:
            continue
        twin = twins.get(field)
        if isinstance(value, datetime):
            out[field] = instant_text(value, offset=field not in WITHOUT_OFFSET)
            if twin is not None:
                out[twin] = f"{value.isoformat(timespec='seconds')[:19]}Z"
        elif isinstance(value, date):
            out[field] = calendar_date(value)
            if twin is not None:
                out[twin] = date_string(value)
    return out


def body(value: object) -> bytes:
    """The bytes Xero would send for `value`: two-space indent, CRLF, escaped slashes, numbers as they were written."""
    # Encoded JSON has no line feed and no slash but in the places meant here: both stand escaped or plain inside strings alone.
    pretty = msgspec.json.format(ENCODER.encode(value), indent=2)
    return pretty.replace(b"/", b"\\/").replace(b"\n", b"\r\n")


def envelope(correlation_id: str, provider: str, now: datetime) -> Json:
    """The head of every accounting response; the caller adds `pagination` and the array, in this order."""
    return {
        "Id": correlation_id,
        "Status": "OK",
        "ProviderName": provider,
        "DateTimeUTC": instant_text(now, offset=False),
    }
