"""Reading a request's query and headers as Xero does: names and booleans in any case, lists by comma, pages clamped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from xero_pipeline.sandbox.xero.wire import EPOCH, MILLISECONDS_A_DAY

DEFAULT_PAGE_SIZE = 100
LARGEST_PAGE_SIZE = 1000
XERO_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")


class BadParameter(Exception):
    """A value Xero would not read; the message is what it answers."""


class Parameters:
    """The query of one request of `app`; a repeated name counts as one list, as the SDKs send it both ways."""

    def __init__(self, pairs: Iterable[tuple[str, str]], app: str = "") -> None:
        self.app = app
        self._values: dict[str, str] = {}
        for name, value in pairs:
            key = name.lower()
            self._values[key] = f"{self._values[key]},{value}" if key in self._values else value

    def text(self, name: str) -> str:
        """The value, or "" when it was not sent."""
        return self._values.get(name.lower(), "")

    def listed(self, name: str) -> frozenset[str]:
        """The comma-separated values, casefolded, empty ones dropped."""
        return frozenset(part.strip().casefold() for part in self.text(name).split(",") if part.strip())

    def flag(self, name: str) -> bool:
        """`true` in any case; anything else is false."""
        return self.text(name).lower() == "true"

    def page(self) -> int | None:
        """The page asked for, at least 1; None when the request asks for none."""
        value = self.text("page")
        return None if not value else max(1, _whole(value, "page"))

    def page_size(self) -> int:
        """1 to 1000, 100 when not given; out-of-range values are clamped, not refused (xero.md section 1)."""
        value = self.text("pagesize")
        return DEFAULT_PAGE_SIZE if not value else min(LARGEST_PAGE_SIZE, max(1, _whole(value, "pageSize")))

    def day(self, name: str) -> date | None:
        """A calendar date, or None when it was not sent."""
        value = self.text(name)
        return None if not value else read_instant(value, name).date()


def read_instant(value: str, name: str) -> datetime:
    """`YYYY-MM-DD`, `YYYY-MM-DDTHH:MM:SS` with or without fraction and offset, `/Date(ms)/`; UTC where no offset is given.

    A space instead of the T is refused with Xero's own words (xero.md section 1).
    """
    found = XERO_DATE.fullmatch(value)
    if found:
        days, rest = divmod(int(found.group(1)), MILLISECONDS_A_DAY)
        return datetime.fromtimestamp(EPOCH.timestamp() + days * 86_400 + rest / 1000, UTC)
    if " " not in value:
        try:
            read = datetime.fromisoformat(value)
        except ValueError as error:
            raise BadParameter(f"The string '{value}' is not a valid AllXsd value.") from error
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    raise BadParameter(f"The string '{value}' is not a valid AllXsd value.")


def modified_since(value: str) -> datetime | None:
    """If-Modified-Since in ISO or RFC 7231 form, cut to the second: Xero's filter is accurate to the second and inclusive."""
    if not value:
        return None
    if re.match(r"[A-Z][a-z]{2}, ", value):
        try:
            read = parsedate_to_datetime(value)
        except ValueError as error:
            raise BadParameter(f"The string '{value}' is not a valid AllXsd value.") from error
        since = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    else:
        since = read_instant(value, "If-Modified-Since")
    return since.replace(microsecond=0)


def _whole(value: str, name: str) -> int:
    try:
        return int(value)
    except ValueError as error:
        raise BadParameter(f"Error converting value \"{value}\" to type 'System.Int32'. Path '{name}'.") from error
