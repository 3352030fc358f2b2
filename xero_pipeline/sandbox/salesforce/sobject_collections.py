"""Up to 200 records in one request: create, update, upsert by external id, delete, retrieve.

The answer is 200 with one result a record, in the order of the request, even where every record failed; 400 is for a request
that cannot be read. With `allOrNone` one bad record takes the others back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from starlette.responses import Response
from starlette.routing import Route

from xero_pipeline.sandbox.salesforce import ids
from xero_pipeline.sandbox.salesforce.failures import ApiError, RowError, SeveralMatches
from xero_pipeline.sandbox.salesforce.incoming import Incoming, read_record
from xero_pipeline.sandbox.salesforce.org import Org
from xero_pipeline.sandbox.salesforce.records import as_json, external_id_field, named_fields
from xero_pipeline.sandbox.salesforce.schema import Field, SObject
from xero_pipeline.sandbox.salesforce.values import Json, fold
from xero_pipeline.sandbox.salesforce.web import Api, Call, answer
from xero_pipeline.sandbox.salesforce.writes import Writer

MOST = 200
Result = dict[str, object]
Write = Callable[[], Result]
ROLLED_BACK = RowError(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)


class _Rollback(Exception):
    """Ends a transaction whose results are known and whose writes are not wanted."""


def collection_routes(api: Api) -> list[Route]:
    """`/composite/sobjects`, `/composite/sobjects/{Object}` and `/composite/sobjects/{Object}/{ExternalId__c}`."""
    return [
        *api.routes("/composite/sobjects", POST=_create, PATCH=_update, DELETE=_delete),
        *api.routes("/composite/sobjects/{sobject}", GET=_retrieve, POST=_retrieve),
        *api.routes("/composite/sobjects/{sobject}/{field}", PATCH=_upsert),
    ]


def write_all(org: Org, writes: Sequence[Write], *, all_or_none: bool) -> list[Result]:
    """Run every write, each for itself; its result or its error. With `all_or_none`, keep all or nothing."""
    results: list[Result] = []
    failed: list[bool] = []
    try:
        with org.transaction():
            for write in writes:
                try:
                    results.append(write())
                    failed.append(False)
                except RowError as error:
                    results.append(failure(error))
                    failed.append(True)
            if all_or_none and any(failed):
                raise _Rollback
    except _Rollback:
        return [result if bad else failure(ROLLED_BACK) for result, bad in zip(results, failed, strict=True)]
    return results


def failure(error: RowError) -> Result:
    """A failed row's element of the answer. Here the code is called `statusCode`."""
    entry: dict[str, object] = {"statusCode": error.code, "message": error.message, "fields": list(error.fields)}
    entry |= error.detail or {}
    return {"success": False, "errors": [entry]}


def success(record_id: str, *, created: bool | None = None) -> Result:
    """A good row's element of the answer; only upserts say `created`."""
    result: Result = {"id": record_id, "success": True, "errors": []}
    return result if created is None else result | {"created": created}


def key_counts(key: Field, incoming: Iterable[Incoming]) -> Counter[str]:
    """How often each external id occurs among the records of one transaction."""
    return Counter(fold(key, str(each.values[key.name])) for each in incoming if each.values.get(key.name))


def upsert_one(writer: Writer, key: Field, seen: Counter[str], incoming: Incoming) -> tuple[str, bool]:
    """Upsert one record of a transaction whose `key_counts` are `seen`: its id, and whether it is new. Raises RowError."""
    text = incoming.values.get(key.name)
    if not isinstance(text, str):
        raise RowError("MISSING_ARGUMENT", f"{key.name} not specified")
    if "Id" in incoming.values:
        raise RowError("INVALID_FIELD", "cannot specify Id in an external id upsert call", ["Id"])
    if seen[fold(key, text)] > 1:
        raise RowError("DUPLICATE_VALUE", f"Duplicate external id specified: {text}", [key.name])
    try:
        return writer.upsert(key, text, incoming)
    except SeveralMatches as matches:
        message = f"{key.name}: more than one record found for external id field: {list(matches.ids)}"
        raise RowError("DUPLICATE_EXTERNAL_ID", message, [key.name]) from None


def _limit(entries: Sequence[object]) -> None:
    if len(entries) > MOST:
        raise ApiError(
            400, "EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {MOST} records into this call"
        )


def _records(call: Call) -> tuple[list[tuple[SObject, dict[str, Json]]], bool]:
    body = call.json()
    records = body.get("records")
    if not isinstance(records, list) or not records:
        raise ApiError(400, "INVALID_INPUT", "The request has no records")
    _limit(records)
    return [_typed(call, record) for record in records], body.get("allOrNone") is True


def _typed(call: Call, record: Json) -> tuple[SObject, dict[str, Json]]:
    attributes = record.get("attributes") if isinstance(record, dict) else None
    kind = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(record, dict) or not isinstance(kind, str):
        raise ApiError(400, "INVALID_INPUT", "Every record needs attributes with a type")
    sobject = call.org.schema.find(kind)
    if sobject is None:
        raise ApiError(400, "INVALID_TYPE", f"sObject type '{kind}' is not supported.")
    return sobject, record


def _create(call: Call) -> Response:
    records, all_or_none = _records(call)
    # Every record is read before any is written: an unreadable one refuses the request.
    incoming = [read_record(call.org, sobject, record) for sobject, record in records]

    def create(each: Incoming) -> Result:
        return success(call.writer.create(each))

    return answer(write_all(call.org, [partial(create, each) for each in incoming], all_or_none=all_or_none))


def _update(call: Call) -> Response:
    records, all_or_none = _records(call)
    incoming = [read_record(call.org, sobject, record) for sobject, record in records]

    def update(each: Incoming) -> Result:
        given = each.values.get("Id")
        if given is None:
            raise RowError("MISSING_ARGUMENT", "Id not specified in an update call", ["Id"])
        record_id = ids.to18(str(given))
        if record_id is None:
            raise RowError("MALFORMED_ID", f"malformed id {given}", ["Id"])
        call.writer.update(record_id, each.without("Id"))
        return success(record_id)

    return answer(write_all(call.org, [partial(update, each) for each in incoming], all_or_none=all_or_none))


def _upsert(call: Call) -> Response:
    sobject = call.sobject()
    key = external_id_field(sobject, call.path("field"))
    records, all_or_none = _records(call)
    if any(kind is not sobject for kind, _ in records):
        raise ApiError(400, "INVALID_INPUT", f"Every record has to be of type {sobject.name}")
    incoming = [read_record(call.org, sobject, record) for _, record in records]
    seen = key_counts(key, incoming)
    writer = call.writer

    def upsert(each: Incoming) -> Result:
        record_id, created = upsert_one(writer, key, seen, each)
        return success(record_id, created=created)

    return answer(write_all(call.org, [partial(upsert, each) for each in incoming], all_or_none=all_or_none))


def _delete(call: Call) -> Response:
    params = call.request.query_params
    wanted = [part for part in params.get("ids", "").split(",") if part]
    _limit(wanted)

    def delete(text: str) -> Result:
        record_id = ids.to18(text)
        sobject = call.org.schema.by_id(record_id) if record_id else None
        if record_id is None or sobject is None:
            raise RowError("MALFORMED_ID", f"malformed id {text}")
        call.writer.delete(sobject, record_id)
        return success(record_id)

    writes = [partial(delete, text) for text in wanted]
    return answer(write_all(call.org, writes, all_or_none=params.get("allOrNone", "").lower() == "true"))


def _retrieve(call: Call) -> Response:
    sobject = call.sobject()
    if call.request.method == "POST":
        body = call.json()
        wanted, names = body.get("ids"), body.get("fields")
    else:
        wanted = list(call.request.query_params.get("ids", "").split(","))
        names = list(call.request.query_params.get("fields", "").split(","))
    if not isinstance(wanted, list) or not isinstance(names, list) or not names:
        raise ApiError(400, "INVALID_INPUT", "Both ids and fields are required")
    fields = named_fields(sobject, [str(name) for name in names])
    rows = [call.org.tables[sobject.name].rows.get(ids.to18(str(each)) or "") for each in wanted]
    return answer([as_json(call, sobject, row, fields) if row and not row["IsDeleted"] else None for row in rows])
