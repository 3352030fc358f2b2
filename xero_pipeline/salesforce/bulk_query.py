"""Reading thousands of records by Bulk API 2.0: a job answers a query as CSV, in parts far larger than pages.

What comes is what a query by pages would have brought, as JSON would have held it. Whatever keeps a job from answering, pages
can still be read: a job that was refused or broke down costs calls and loses nothing. One that is left behind changes nothing
either, and Salesforce forgets it after seven days.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

import httpx

from xero_pipeline.domain.errors import Transient
from xero_pipeline.salesforce import jobs
from xero_pipeline.salesforce.client import SalesforceClient
from xero_pipeline.salesforce.columns import Column
from xero_pipeline.salesforce.faults import Refused
from xero_pipeline.salesforce.values import Json, to_boolean, to_decimal, to_integer

# From how many records on a job is worth it. Accounts read from the sandbox, a wait of half a second included: 10,000 by 5 calls
# in 0.3 s and by a job's 5 in 0.8 s; 20,000 by 10 in 0.6 s and 5 in 1.1 s; 40,000 by 20 in 1.2 s and 6 in 1.7 s; 80,000 by 40
# in 2.5 s and 8 in 2.8 s. What it saves is calls, of which an org has so many a day, and the way there and back of each.
# Salesforce itself means jobs for 10,000 records and more (Bulk API 2.0, "Bulk Queries").
FROM = 20_000
# A part is held whole, as a page is.
_PART = 20_000
_AT_ONCE = 2_000
_FLAGS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Answered:
    """A job that has answered its query. `records` is how many it says there are, None when it does not say."""

    job_id: str
    doing: str
    records: int | None


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of an answer: CSV, how many records Salesforce says it has, and the locator of the next part ("" after the last)."""

    content: bytes
    records: int
    following: str


def ask(client: SalesforceClient, soql: str, *, doing: str) -> Answered | None:
    """Have a job answer a query, deleted records included; None where Salesforce will not or cannot.

    Raises Throttled, Reconnect and Transient as `SalesforceClient.call` does.
    """
    try:
        job_id = jobs.create(client, "query", {"operation": "queryAll", "query": soql}, doing=doing)
    except Refused:
        # Whatever is wrong with the query itself, the pages will say too.
        return None
    report = jobs.ended(client, "query", job_id, doing=doing)
    if report.get("state") != "JobComplete":
        return None
    records = report.get("numberRecordsProcessed")
    return Answered(job_id, doing, records if isinstance(records, int) else None)


def records(client: SalesforceClient, answered: Answered, columns: Sequence[Column]) -> Iterator[list[Json]]:
    """The records of an answer, in lists and in no order. `columns` are those of the query's fields, in their order.

    No more than one part is held. Raises Transient when a part, or a record of those that the job has, is missing.
    """
    doing, seen, following = answered.doing, 0, ""
    known: set[str] = set()
    while True:
        part = _part(client, answered, following)
        rows = 0
        for some in _read(part.content, columns, doing):
            rows += len(some)
            yield some
        if rows != part.records:
            raise Transient(f"Salesforce sent {rows} of the {part.records} records of a part while {doing}.")
        seen, following = seen + rows, part.following
        if not following:
            break
        if following in known:
            raise Transient(f"Salesforce sent the same part again and again while {doing}.")
        known.add(following)
    if answered.records is not None and seen != answered.records:
        raise Transient(f"Salesforce sent {seen} of the {answered.records} records of a job while {doing}.")


def _part(client: SalesforceClient, answered: Answered, locator: str) -> _Part:
    path, doing = f"{jobs.path('query', answered.job_id)}/results", answered.doing
    params = {"maxRecords": str(_PART)} | ({"locator": locator} if locator else {})
    part = client.download(path, _received, doing=doing, params=params)
    if part is None:
        raise Transient(f"Salesforce sent nothing while {doing}.")
    return part


def _received(answer: httpx.Response) -> _Part:
    """Raises ValueError when the answer does not say how many records it has and how it goes on."""
    following = answer.headers.get("Sforce-Locator", "")
    if not following:
        raise ValueError("no Sforce-Locator")
    records = int(answer.headers.get("Sforce-NumberOfRecords", ""))
    return _Part(answer.content, records, "" if following == "null" else following)


def _read(content: bytes, columns: Sequence[Column], doing: str) -> Iterator[list[Json]]:
    # Decoded as it is read: as text a part would take four times its size.
    lines = csv.reader(io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline=""), strict=True)
    cells = [_cell_of(column) for column in columns]
    try:
        header = next(lines, [])
        if [name.casefold() for name in header] != [column.field.casefold() for column in columns]:
            raise Transient(f"Salesforce sent other columns than were asked for while {doing}.")
        while some := list(islice(lines, _AT_ONCE)):
            if any(len(line) != len(cells) for line in some):
                raise Transient(f"Salesforce sent a record that breaks off while {doing}.")
            yield [_record(line, cells) for line in some]
    except (csv.Error, UnicodeDecodeError) as error:
        raise Transient(f"Salesforce sent CSV that cannot be read while {doing} ({error}).") from None


_Cell = tuple[list[str], str, Callable[[str], object]]


def _cell_of(column: Column) -> _Cell:
    """The relationships that lead to a field, its name, and what a cell of it would have been in JSON."""
    *path, field = column.field.split(".")
    if column.convert in (to_decimal, to_integer):
        return path, field, _number
    return path, field, _flag if column.convert is to_boolean else str


def _record(line: Sequence[str], cells: Sequence[_Cell]) -> Json:
    record: dict[str, Any] = {}
    for text, (path, field, value_of) in zip(line, cells, strict=True):
        if not text:  # null: Salesforce stores no empty text
            continue
        at = record
        for relationship in path:
            at = at.setdefault(relationship, {})
        at[field] = value_of(text)
    return record


def _number(text: str) -> object:
    """What is no number stays text, for `Column.convert` to refuse."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return number if number.is_finite() else text


def _flag(text: str) -> object:
    return _FLAGS.get(text, text)
