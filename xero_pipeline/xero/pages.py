"""One answer of the Accounting API, read: its records, those that could not be read, and what it says about paging."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import msgspec

from xero_pipeline.domain.errors import BadRecord
from xero_pipeline.xero.dates import instant
from xero_pipeline.xero.endpoints import Endpoint
from xero_pipeline.xero.wire import Record, pascal

# What JSON may hold and PostgreSQL text may not: NUL, and half of a surrogate pair (a string cut in the middle of an emoji).
# An even run of backslashes before it is text that only looks like the escape.
_UNSTORABLE = re.compile(
    rb"(?<!\\)((?:\\\\)*)(?:\\u0000|\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)


class Pagination(msgspec.Struct, rename="camel"):
    """Where a page stands: `page` counts from 1, `item_count` is of the whole list."""

    page: int = 0
    page_size: int = 0
    page_count: int = 0
    item_count: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """One answer.

    `records` are typed by endpoint, `bad` are those that could not be read. `page_count` and `item_count` are None where the
    endpoint gives none. `bytes` is the size on the wire, compressed. `server_time` is Xero's clock, UTC, when it answered.
    """

    endpoint: Endpoint
    records: Sequence[Record]
    bad: Sequence[BadRecord]
    number: int = 1
    page_count: int | None = None
    item_count: int | None = None
    bytes: int = 0
    server_time: datetime | None = None
    # What identifies each record that arrived, readable or not, for telling pages that repeat and lists that are short.
    ids: Sequence[str] = field(default=(), repr=False)


class Unreadable(ValueError):
    """The body is not an answer of Xero's: HTML, empty, cut off, or JSON of another shape."""


@cache
def _envelope(record: Any, plural: str) -> msgspec.json.Decoder[Any]:
    """The decoder of an envelope whose array is called `plural`.

    Not strict: Xero's own examples show booleans as text ("IsReconciled": "false"), and it costs nothing.
    """
    envelope = msgspec.defstruct(
        "Envelope",
        [
            ("records", list[record], msgspec.field(name=plural)),
            ("pagination", Pagination | None, None),
            ("server_time", str | None, msgspec.field(name="DateTimeUTC", default=None)),
        ],
        kw_only=True,
        gc=False,
    )
    return msgspec.json.Decoder(envelope, strict=False)


@cache
def _one(record: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(record, strict=False)


def storable(body: bytes) -> bytes:
    """A body without what JSON may hold and PostgreSQL's text may not."""
    return _UNSTORABLE.sub(rb"\1", body)


def read(endpoint: Endpoint, body: bytes, number: int = 1, size: int = 0) -> Page:
    """The page in a body. Raises Unreadable when the body as a whole is none; one bad record costs only itself."""
    if b"\\u0000" in body:
        body = storable(body)
    try:
        return _read(endpoint, body, number, size)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        mended = storable(body)
        if mended == body:
            raise Unreadable(str(error)) from error
    try:
        return _read(endpoint, mended, number, size)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(str(error)) from error


def _read(endpoint: Endpoint, body: bytes, number: int, size: int) -> Page:
    bad: list[BadRecord] = []
    try:
        answer = _envelope(endpoint.record, endpoint.plural).decode(body)
        records = answer.records
    except msgspec.ValidationError:
        # Some record is not of its type. Read again one by one, so that only that record is lost.
        answer = _envelope(msgspec.Raw, endpoint.plural).decode(body)
        records, bad = _one_by_one(endpoint, answer.records)
    ids = [getattr(record, endpoint.shape.id_field) for record in records]
    ids.extend(one.record_id for one in bad)
    pagination = answer.pagination
    return Page(
        endpoint,
        records,
        bad,
        # Page 0 of 0 is how an empty list may be numbered; it is the page that was asked for.
        pagination.page or number if pagination else number,
        pagination.page_count if pagination else None,
        pagination.item_count if pagination else None,
        size or len(body),
        _clock(answer.server_time),
        ids,
    )


def _clock(text: str | None) -> datetime | None:
    try:
        return instant(text)
    except ValueError:
        return None


def _one_by_one(endpoint: Endpoint, raws: Sequence[msgspec.Raw]) -> tuple[list[Record], list[BadRecord]]:
    decoder = _one(endpoint.record)
    records: list[Record] = []
    bad: list[BadRecord] = []
    for raw in raws:
        try:
            records.append(decoder.decode(raw))
        except msgspec.ValidationError as error:
            bad.append(_unusable(endpoint, bytes(raw), str(error)))
    return records, bad


def _unusable(endpoint: Endpoint, raw: bytes, reason: str) -> BadRecord:
    plain = msgspec.json.decode(raw)
    record_id = plain.get(pascal(endpoint.shape.id_field)) if isinstance(plain, dict) else None
    # A record without an id is known by its content, so that it counts once however often it arrives.
    known_by = str(record_id) if record_id else f"unnamed-{hashlib.sha256(raw).hexdigest()[:12]}"
    return BadRecord(f"{endpoint.name} {known_by} cannot be read: {reason}.", record_id=known_by)
