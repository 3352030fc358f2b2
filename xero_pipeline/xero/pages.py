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
from xero_pipeline.xero.digests import Unchanged, digest
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

    `records` are typed by endpoint, `bad` are those that could not be read, `unchanged` the ids of those that are staged just as
    they came, and were not read. `digests` are those of the records, in their order. `page_count` and `item_count` are None where
    the endpoint gives none. `server_time` is Xero's clock, UTC, when it answered.
    """

    endpoint: Endpoint
    records: Sequence[Record]
    bad: Sequence[BadRecord]
    number: int = 1
    page_count: int | None = None
    item_count: int | None = None
    server_time: datetime | None = None
    # What identifies each record that arrived, readable or not, for telling pages that repeat and lists that are short.
    ids: Sequence[str] = field(default=(), repr=False)
    digests: Sequence[str] = field(default=(), repr=False)
    unchanged: Sequence[str] = field(default=(), repr=False)


class Unreadable(ValueError):
    """The body is not an answer of Xero's: HTML, empty, cut off, or JSON of another shape."""


@cache
def _envelope(plural: str) -> msgspec.json.Decoder[Any]:
    """The decoder of an envelope whose array is called `plural`. Its records stay as they are: one bad one costs only itself."""
    envelope = msgspec.defstruct(
        "Envelope",
        [
            ("records", list[msgspec.Raw], msgspec.field(name=plural)),
            ("pagination", Pagination | None, None),
            ("server_time", str | None, msgspec.field(name="DateTimeUTC", default=None)),
        ],
        kw_only=True,
        gc=False,
    )
    return msgspec.json.Decoder(envelope, strict=False)


@cache
def _one(record: Any) -> msgspec.json.Decoder[Any]:
    """The decoder of a record. Not strict: Xero's own examples show booleans as text ("IsReconciled": "false")."""
    return msgspec.json.Decoder(record, strict=False)


@cache
def _identity(id_field: str) -> msgspec.json.Decoder[Any]:
    """The decoder of a record's id alone."""
    identity = msgspec.defstruct(
        "Identity", [("id", str | None, msgspec.field(name=pascal(id_field), default=None))], gc=False
    )
    return msgspec.json.Decoder(identity, strict=False)


def storable(body: bytes) -> bytes:
    """A body without what JSON may hold and PostgreSQL's text may not."""
    return _UNSTORABLE.sub(rb"\1", body)


def read(endpoint: Endpoint, body: bytes, number: int = 1, unchanged: Unchanged | None = None) -> Page:
    """The page in a body. Raises Unreadable when the body as a whole is none; one bad record costs only itself.

    What is staged just so, `unchanged`, is told apart by its digest, and costs a fraction of what reading it would.
    """
    # From the end, because in JSON that has many zeros Python is three times as fast that way.
    if body.rfind(b"\\u0000") >= 0:
        body = storable(body)
    try:
        return _read(endpoint, body, number, unchanged)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        mended = storable(body)
        if mended == body:
            raise Unreadable(str(error)) from error
    try:
        return _read(endpoint, mended, number, unchanged)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(str(error)) from error


def _read(endpoint: Endpoint, body: bytes, number: int, is_unchanged: Unchanged | None) -> Page:
    answer = _envelope(endpoint.plural).decode(body)
    arrived = [(digest(raw), raw) for raw in answer.records]
    unchanged: list[str] = []
    if is_unchanged is not None:
        unchanged, arrived = _apart(endpoint, arrived, is_unchanged)
    decoder, id_field = _one(endpoint.record), endpoint.shape.id_field
    records: list[Record] = []
    digests: list[str] = []
    bad: list[BadRecord] = []
    for its_digest, raw in arrived:
        try:
            records.append(decoder.decode(raw))
            digests.append(its_digest)
        except msgspec.ValidationError as error:
            bad.append(_unusable(endpoint, bytes(raw), str(error)))
    pagination = answer.pagination
    return Page(
        endpoint,
        records,
        bad,
        # Page 0 of 0 is how an empty list may be numbered; it is the page that was asked for.
        pagination.page or number if pagination else number,
        pagination.page_count if pagination else None,
        pagination.item_count if pagination else None,
        _clock(answer.server_time),
        [*unchanged, *(getattr(record, id_field) for record in records), *(one.record_id for one in bad)],
        digests,
        unchanged,
    )


_Arrived = list[tuple[str, msgspec.Raw]]


def _apart(endpoint: Endpoint, arrived: _Arrived, is_unchanged: Unchanged) -> tuple[list[str], _Arrived]:
    """The ids of the records that are unchanged, and the other records."""
    decoder = _identity(endpoint.shape.id_field)
    try:
        ids = [str(decoder.decode(raw).id or "") for _, raw in arrived]
    except msgspec.ValidationError:
        # An id that is none is found where its record is read.
        return [], arrived
    same = is_unchanged(ids, [its_digest for its_digest, _ in arrived])
    unchanged = [record_id for place, record_id in enumerate(ids) if place in same]
    return unchanged, [one for place, one in enumerate(arrived) if place not in same]


def _clock(text: str | None) -> datetime | None:
    try:
        return instant(text)
    except ValueError:
        return None


def _unusable(endpoint: Endpoint, raw: bytes, reason: str) -> BadRecord:
    plain = msgspec.json.decode(raw)
    record_id = plain.get(pascal(endpoint.shape.id_field)) if isinstance(plain, dict) else None
    # A record without an id is known by its content, so that it counts once however often it arrives.
    known_by = str(record_id) if record_id else f"unnamed-{hashlib.sha256(raw).hexdigest()[:12]}"
    return BadRecord(f"{endpoint.name} {known_by} cannot be read: {reason}.", record_id=known_by)
