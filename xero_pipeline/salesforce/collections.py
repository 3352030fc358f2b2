"""Writing records in collections of up to 200: upsert by external id, update and delete by id, one outcome a record.

An upsert by external id may be sent any number of times, so that a request whose fate is unknown is simply sent again. A
record that is refused never takes its neighbours with it; only what would refuse them all (a dead connection, a spent limit,
a missing field) is raised, and the outcomes yielded before stay true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from xero_pipeline.domain.errors import Permanent, Transient
from xero_pipeline.salesforce.chunks import CHUNK, chunks
from xero_pipeline.salesforce.client import SalesforceClient
from xero_pipeline.salesforce.faults import DEPLOY_PACKAGE, Refused, one_line
from xero_pipeline.salesforce.values import Json, Record, wire_record

GroupBy: TypeAlias = Callable[[Record], str | None]

_LOCKED = "UNABLE_TO_LOCK_ROW"
# Rows that met a lock are sent again alone, in ever smaller chunks (salesforce.md section 2, Locks and parallelism).
_LOCK_CHUNKS = (50, 10, 1)
_LOCK_WAIT = 0.5
# Two requests raced to insert the same external id: the second finds the record there by now, and updates it.
_RACED = "DUPLICATE_VALUE"
# How many more requests may be spent on finding the record for which Salesforce refused a whole chunk.
_MOST_SPLITS = 32
_HEADERS = {
    # Rules set to Alert would otherwise refuse changed totals on an account that resembles another (salesforce.md 6.7).
    "Sforce-Duplicate-Rule-Header": "allowSave=true",
    "Sforce-Auto-Assign": "FALSE",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record. `index` is its place in the input.

    `external_id` is the value it was upserted by (the Salesforce id for update and delete), `remote_id` its Salesforce id if
    known. `created` is told by the last answer: where a request was repeated, a record may have been created and say False.
    `error_code` is Salesforce's statusCode and `error` its message with the fields it names; both None on success.
    """

    index: int
    external_id: str
    remote_id: str | None
    created: bool
    error_code: str | None = None
    error: str | None = None

    @property
    def ok(self) -> bool:
        return self.error_code is None


@dataclass(frozen=True, slots=True)
class _Item:
    index: int
    key: str
    group: str
    body: Json


_Send: TypeAlias = Callable[[Sequence[_Item]], object]


def upsert(
    client: SalesforceClient,
    object_name: str,
    external_id_field: str,
    records: Sequence[Record],
    *,
    group_by: GroupBy | None = None,
) -> Iterator[Outcome]:
    """Create or update records by external id; one Outcome a record, yielded as each chunk is answered.

    Each record holds the external id field and no Id; None clears a field; a parent may be named by its external id, as in
    {"Invoice__r": {"Xero_Id__c": "…"}}, where None for the id clears the reference. `group_by` tells the parent whose records
    belong in one chunk. Outcomes come in the order of sending: `index` says which record each belongs to. Of two records
    with one external id the later one wins.

    Raises Permanent before anything is sent when the org lacks the object or a field; Reconnect, Throttled and Transient
    as the client does.
    """
    reference_of = check_fields(client, object_name, records, external_id_field)
    path = f"composite/sobjects/{object_name}/{external_id_field}"
    sendable, faulty = _prepare(object_name, records, external_id_field, reference_of, group_by)
    yield from faulty
    yield from _write(client, sendable, _patch(client, path, f"upserting {object_name}"))


def update(
    client: SalesforceClient, object_name: str, records: Sequence[Record], *, group_by: GroupBy | None = None
) -> Iterator[Outcome]:
    """Update records by their `Id`, which each must hold; otherwise as `upsert`."""
    reference_of = check_fields(client, object_name, records, "Id")
    sendable, faulty = _prepare(object_name, records, "Id", reference_of, group_by)
    yield from faulty
    yield from _write(client, sendable, _patch(client, "composite/sobjects", f"updating {object_name}"))


def delete(client: SalesforceClient, object_name: str, ids: Sequence[str]) -> Iterator[Outcome]:
    """Delete records by id. One that was deleted before counts as deleted."""

    def send(items: Sequence[_Item]) -> object:
        params = {"ids": ",".join(item.key for item in items), "allOrNone": "false"}
        return client.call("DELETE", "composite/sobjects", doing=f"deleting {object_name}", params=params)

    items = [_Item(index, remote_id, remote_id, {}) for index, remote_id in enumerate(ids)]
    for outcome in _write(client, items, send):
        gone = outcome.error_code == "ENTITY_IS_DELETED"
        yield Outcome(outcome.index, outcome.external_id, outcome.external_id, created=False) if gone else outcome


def check_fields(
    client: SalesforceClient, object_name: str, records: Sequence[Record], key_field: str
) -> Mapping[str, str]:
    """The reference field of every relationship of the object, once it is sure that all fields can be written."""
    fields = client.describe(object_name)
    reference_of = {field.relationship: field.name for field in fields.values() if field.relationship}
    used = {reference_of.get(name, name) for record in records for name in record} | {key_field}
    missing = sorted(used - fields.keys())
    if missing:
        raise Permanent(
            f"{object_name} in Salesforce has no {', '.join(missing)}, or the user may not see it.",
            next_step=DEPLOY_PACKAGE,
        )
    locked = sorted(name for name in used - {"Id"} if not (fields[name].createable or fields[name].updateable))
    if locked:
        raise Permanent(
            f"The user the sync signs in as may not write {', '.join(locked)} of {object_name}.",
            next_step=DEPLOY_PACKAGE,
        )
    return reference_of


def _prepare(
    object_name: str,
    records: Sequence[Record],
    key_field: str,
    reference_of: Mapping[str, str],
    group_by: GroupBy | None,
) -> tuple[list[_Item], list[Outcome]]:
    """The records that can be sent, and the outcome of those that cannot."""
    items: list[_Item] = []
    faulty: list[Outcome] = []
    for index, record in enumerate(records):
        key = str(record.get(key_field) or "")
        if not key:
            faulty.append(Outcome(index, "", None, False, "MISSING_ARGUMENT", f"{key_field} is not specified"))
            continue
        try:
            body = wire_record(without_empty_parents(record, reference_of))
        except (ValueError, TypeError) as error:
            faulty.append(Outcome(index, key, None, False, "NOT_SENDABLE", str(error)))
            continue
        if key_field == "Id":
            body["id"] = body.pop("Id")
        group = (group_by(record) if group_by else None) or key
        items.append(_Item(index, key, group, {"attributes": {"type": object_name}, **body}))
    return items, faulty


def without_empty_parents(record: Record, reference_of: Mapping[str, str]) -> Record:
    """A parent without an id cannot be looked up: what it says is that the reference is empty."""
    return {
        **{name: value for name, value in record.items() if not (name in reference_of and _is_empty(value))},
        **{reference_of[name]: None for name, value in record.items() if name in reference_of and _is_empty(value)},
    }


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, Mapping) and all(part is None for part in value.values()))


def _patch(client: SalesforceClient, path: str, doing: str) -> _Send:
    def send(items: Sequence[_Item]) -> object:
        body = {"allOrNone": False, "records": [item.body for item in items]}
        return client.call("PATCH", path, doing=doing, body=body, headers=_HEADERS)

    return send


def _write(client: SalesforceClient, items: Sequence[_Item], send: _Send) -> Iterator[Outcome]:
    for chunk in _cut(items):
        yield from _settle(client, chunk, send)


def _cut(items: Sequence[_Item], size: int = CHUNK) -> Iterator[list[_Item]]:
    return chunks(items, key=lambda item: item.key, group=lambda item: item.group, size=size)


def _settle(client: SalesforceClient, chunk: Sequence[_Item], send: _Send) -> Iterator[Outcome]:
    """The outcomes of a chunk, after those of its rows that may still succeed were sent again."""
    waiting = _attempt(chunk, send, [_MOST_SPLITS])
    worth_repeating = {_LOCKED, _RACED}
    for size in _LOCK_CHUNKS:
        again = [item for item, outcome in waiting if outcome.error_code in worth_repeating]
        if not again:
            break
        yield from (outcome for _, outcome in waiting if outcome.error_code not in worth_repeating)
        client.pause(_LOCK_WAIT)
        waiting = [pair for part in _cut(again, size) for pair in _attempt(part, send, [_MOST_SPLITS])]
        worth_repeating = {_LOCKED}
    yield from (outcome for _, outcome in waiting)


def _attempt(chunk: Sequence[_Item], send: _Send, splits: list[int]) -> list[tuple[_Item, Outcome]]:
    """One request, or, when Salesforce refuses it as a whole for what one record holds, ever smaller ones until it is found.

    `splits` holds how many more requests that may take; the records of a part that stays refused share its error.
    """
    try:
        results = send(chunk)
    except Refused as error:
        if error.status != 400:
            raise
        if len(chunk) == 1 or splits[0] < 2:
            return [(item, Outcome(item.index, item.key, None, False, error.code, error.message)) for item in chunk]
        splits[0] -= 2
        middle = len(chunk) // 2
        return [*_attempt(chunk[:middle], send, splits), *_attempt(chunk[middle:], send, splits)]
    if not isinstance(results, list) or len(results) != len(chunk):
        found = len(results) if isinstance(results, list) else "no"
        raise Transient(f"Salesforce gave {found} results for {len(chunk)} records.")
    return [(item, _outcome(item, result)) for item, result in zip(chunk, results, strict=True)]


def _outcome(item: _Item, result: object) -> Outcome:
    if not isinstance(result, Mapping):
        raise Transient("Salesforce gave a result that cannot be read.")
    remote_id = str(result["id"]) if result.get("id") else None
    if result.get("success") is True:
        return Outcome(item.index, item.key, remote_id, result.get("created") is True)
    errors = result.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], Mapping) else {}
    fields = first.get("fields")
    named = f" ({', '.join(map(str, fields))})" if isinstance(fields, list) and fields else ""
    code = str(first.get("statusCode") or first.get("errorCode") or "UNKNOWN_EXCEPTION")
    return Outcome(item.index, item.key, remote_id, False, code, one_line(str(first.get("message") or code)) + named)
