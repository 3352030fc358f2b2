"""Writing thousands of records by Bulk API 2.0: a job takes them as CSV, and says afterwards which it has written.

Every record ends as one by `collections` would. What a job refused, did not come to, or cannot be told in CSV is sent in
collections, and their answer counts: so locks, races and reasons are dealt with in one place, and a job that breaks down
costs calls and loses nothing.

A job is known by its id before it may begin. A process that dies meanwhile leaves it at work, and what it holds may be older than
what is sent next: `end` it first.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from xero_pipeline.domain.errors import Transient
from xero_pipeline.salesforce import collections, jobs
from xero_pipeline.salesforce.client import SalesforceClient
from xero_pipeline.salesforce.collections import GroupBy, Outcome, check_fields, without_empty_parents
from xero_pipeline.salesforce.faults import Refused
from xero_pipeline.salesforce.values import Record, wire_record

# From how many records on a job is worth it. Contacts upserted in the sandbox, waits of half a second and more included:
# 1,000 by 5 calls in 0.3 s and by a job's 6 in 0.8 s; 2,000 by 10 in 0.6 s and 6 in 0.7 s; 4,000 by 20 in 1.2 s and 6 in 1.1 s.
# Salesforce itself advises a job from 2,000 (salesforce.md section 2, Bulk API 2.0).
FROM = 2_000
# Salesforce works through a job in batches of this many (salesforce.md section 2, Bulk API 2.0).
MOST = 10_000

_CLEAR = "#N/A"
_HEADERS = {"Sforce-Duplicate-Rule-Header": "allowSave=true", "Sforce-Auto-Assign": "FALSE"}


def write(
    client: SalesforceClient,
    object_name: str,
    key_field: str,
    records: Sequence[Record],
    *,
    began: Callable[[str], None],
    group_by: GroupBy | None = None,
) -> Iterator[Outcome]:
    """Write at most `MOST` records: `collections.update` where `key_field` is Id, and otherwise `collections.upsert`.

    `began` is told the id of the job before the job may do anything. Raises as collections do, and Transient when somebody
    aborts the job; the outcomes yielded before stay true.
    """
    left = yield from _by_job(client, object_name, key_field, records, began)
    again = [records[index] for index in left]
    if key_field == "Id":
        outcomes = collections.update(client, object_name, again, group_by=group_by)
    else:
        outcomes = collections.upsert(client, object_name, key_field, again, group_by=group_by)
    for outcome in outcomes:
        yield replace(outcome, index=left[outcome.index])


def end(client: SalesforceClient, job_id: str) -> None:
    """See that a job of an earlier process does nothing any more: abort it, and wait until it has stopped."""
    doing = "ending a bulk job that was left"
    try:
        client.call("PATCH", jobs.path("ingest", job_id), doing=doing, body={"state": "Aborted"})
    except Refused as error:
        if error.code == "NOT_FOUND":
            return
    try:
        jobs.ended(client, "ingest", job_id, doing=doing)
    except Refused as error:
        if error.code != "NOT_FOUND":
            raise


def _by_job(
    client: SalesforceClient,
    object_name: str,
    key_field: str,
    records: Sequence[Record],
    began: Callable[[str], None],
) -> Generator[Outcome, None, list[int]]:
    """The outcomes of what a job has written; returns the places of the rest, in order."""
    reference_of = check_fields(client, object_name, records, key_field)
    rows = _rows(records, key_field, reference_of)
    written: set[int] = set()
    if rows:
        doing = f"writing {object_name} in bulk"
        body = {"object": object_name, "operation": "update"}
        if key_field != "Id":
            body |= {"operation": "upsert", "externalIdFieldName": key_field}
        job_id = jobs.create(client, "ingest", body, doing=doing, headers=_HEADERS)
        began(job_id)
        report: Mapping[str, object] = {}
        if _start(client, job_id, _csv([cells for _, cells in rows.values()]), doing):
            report = jobs.ended(client, "ingest", job_id, doing=doing)
            for outcome in _written(client, job_id, key_field, rows, doing):
                written.add(outcome.index)
                yield outcome
        if report.get("state") == "Aborted":
            raise Transient(f"Somebody aborted the bulk job {job_id} in Salesforce while {doing}.")
    return [index for index in range(len(records)) if index not in written]


def _rows(
    records: Sequence[Record], key_field: str, reference_of: Mapping[str, str]
) -> dict[str, tuple[int, dict[str, str]]]:
    """By key, the place and the cells of every record that CSV can tell: no parent to clear, no text that means another thing.

    Records that share a key, in any case, are left out: which of them came last would not be known.
    """
    keys = Counter(str(record.get(key_field) or "").casefold() for record in records)
    rows: dict[str, tuple[int, dict[str, str]]] = {}
    for index, record in enumerate(records):
        key = str(record.get(key_field) or "")
        if key and keys[key.casefold()] == 1 and without_empty_parents(record, reference_of) == record:
            cells = _cells(record)
            if cells is not None:
                rows[key] = (index, cells)
    return rows


def _cells(record: Record) -> dict[str, str] | None:
    cells: dict[str, str] = {}
    try:
        values = wire_record(record)
    except (ValueError, TypeError):
        return None
    for name, value in values.items():
        parts = {f"{name}.{part}": inner for part, inner in value.items()} if isinstance(value, dict) else {name: value}
        for column, one in parts.items():
            if one == _CLEAR:
                return None
            cells[column] = _cell(one)
    return cells


def _cell(value: object) -> str:
    """An empty cell would leave the field as it is."""
    if value is None or value == "":
        return _CLEAR
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _csv(rows: Sequence[Mapping[str, str]]) -> str:
    text = io.StringIO(newline="")
    columns = dict.fromkeys(column for row in rows for column in row)
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _start(client: SalesforceClient, job_id: str, text: str, doing: str) -> bool:
    """Upload and close; whether the job goes to work.

    Either request may have been carried out although its answer was lost, and Salesforce refuses it when it comes again. So
    what counts is the state the job is in afterwards.
    """
    try:
        client.upload(f"{jobs.path('ingest', job_id)}/batches", text, doing=doing)
    except Refused as error:
        if error.status != 400:
            raise
    try:
        report = client.call("PATCH", jobs.path("ingest", job_id), doing=doing, body={"state": "UploadComplete"})
    except Refused as error:
        if error.status != 400:
            raise
        report = client.call("GET", jobs.path("ingest", job_id), doing=doing)
    return isinstance(report, Mapping) and report.get("state") != "Open"


def _written(
    client: SalesforceClient, job_id: str, key_field: str, rows: Mapping[str, tuple[int, object]], doing: str
) -> Iterator[Outcome]:
    """The records that were written. They come in any order, so the key tells which each is."""
    path = f"{jobs.path('ingest', job_id)}/successfulResults"
    text = client.download(path, lambda answer: answer.content.decode(), doing=doing)
    for line in csv.DictReader(io.StringIO(text or "", newline="")):
        known = rows.get(str(line.get(key_field)))
        if known is not None:
            created = str(line.get("sf__Created")).casefold() == "true"
            yield Outcome(known[0], str(line[key_field]), str(line.get("sf__Id") or "") or None, created)
