"""Partitions are sync windows: one dimension of 13-minute windows in UTC for each organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import dagster as dg

from xero_pipeline.domain.org import Org
from xero_pipeline.domain.windows import WINDOW_CRON, Window, window_of

_KEY_FORMAT = "%Y-%m-%d-%H:%M"
# What Dagster's own backfills put on a run that covers a range: it then executes every partition between the two.
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"


@dataclass(frozen=True)
class Target:
    """What a run request carries to say which windows it is for: a partition key, or tags of a range, or neither."""

    partition_key: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


def first_instant(org: Org, loaded_at: datetime) -> datetime:
    """Midnight UTC, `window_days` before the day of `loaded_at`: where the organisation's partitions begin.

    A fixed number of days, because pages of the UI take a second from some 45,000 windows on (a year is 40,000).
    """
    midnight = loaded_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=org.window_days)


def windows_of(org: Org, loaded_at: datetime) -> dg.TimeWindowPartitionsDefinition:
    """The organisation's partitions, for definitions that were loaded at `loaded_at`."""
    return dg.TimeWindowPartitionsDefinition(
        start=first_instant(org, loaded_at), cron_schedule=WINDOW_CRON, fmt=_KEY_FORMAT, timezone="UTC"
    )


def key_of(window: Window) -> str:
    """The partition key of a window: its start in UTC, such as 2026-11-22-07:13."""
    return window.start.astimezone(UTC).strftime(_KEY_FORMAT)


def window_of_key(key: str) -> Window:
    """The window of a partition key."""
    return window_of(datetime.strptime(key, _KEY_FORMAT).replace(tzinfo=UTC))


def target(span: Window, first: datetime) -> Target:
    """What a run over `span` carries. Windows before `first`, where partitions begin, are left to the watermark.

    One window is a plain partition, so that the UI shows it as such; several are a range, which one run materialises.
    """
    oldest = window_of(max(span.start, first))
    newest = window_of(max(span.end, oldest.end) - timedelta(microseconds=1))
    if oldest == newest:
        return Target(partition_key=key_of(newest))
    return Target(tags={RANGE_START: key_of(oldest), RANGE_END: key_of(newest)})
