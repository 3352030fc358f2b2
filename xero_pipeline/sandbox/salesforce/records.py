"""Single records: create, read, update, delete and upsert, by id and by external id."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from xero_pipeline.sandbox.salesforce import ids
from xero_pipeline.sandbox.salesforce.failures import ApiError, SeveralMatches, not_found
from xero_pipeline.sandbox.salesforce.incoming import Incoming, read_record
from xero_pipeline.sandbox.salesforce.schema import Field, SObject
from xero_pipeline.sandbox.salesforce.values import Json, Row, encode
from xero_pipeline.sandbox.salesforce.web import Api, Call, answer, no_content

# Upsert began to say 200 with a body, where it had said 204 with none, in this version.
UPSERT_ANSWERS_SINCE = 46


def record_routes(api: Api) -> list[Route]:
    """`/sobjects/{Object}`, `/sobjects/{Object}/{Id}` and `/sobjects/{Object}/{ExternalId__c}/{value}`."""
    return [
        *api.routes("/sobjects/{sobject}", GET=_about, POST=_create),
        *api.routes("/sobjects/{sobject}/{record_id}", GET=_read, PATCH=_update, DELETE=_delete),
        *api.routes("/sobjects/{sobject}/{field}/{value:path}", GET=_read_by_key, PATCH=_upsert, DELETE=_delete_by_key),
    ]


def as_json(call: Call, sobject: SObject, row: Row, fields: list[Field] | None = None) -> dict[str, Json]:
    """A record as the API prints it, with `fields` or all of them."""
    url = call.url(sobject, str(row["Id"]))
    body: dict[str, Json] = {"attributes": {"type": sobject.name, "url": url}}
    for field in fields or sobject.fields.values():
        body[field.name] = encode(field, row)
    return body


def named_fields(sobject: SObject, names: list[str]) -> list[Field]:
    """The fields of a `fields=` list. Raises ApiError INVALID_FIELD."""
    fields = []
    for name in names:
        field = sobject.find(name.strip())
        if field is None:
            raise ApiError(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
        fields.append(field)
    return fields


def external_id_field(sobject: SObject, name: str) -> Field:
    """The external id field of that name. Raises ApiError NOT_FOUND."""
    field = sobject.find(name)
    if field is None or not field.external_id:
        raise not_found()
    return field


def _about(call: Call) -> Response:
    sobject = call.sobject()
    base = f"/services/data/v{call.version}/sobjects/{sobject.name}"
    summary = {"name": sobject.name, "label": sobject.label, "urls": {"sobject": base, "describe": f"{base}/describe"}}
    return answer({"objectDescribe": summary, "recentItems": []})


def _create(call: Call) -> Response:
    record_id = call.writer.create(read_record(call.org, call.sobject(), call.json()))
    return answer({"id": record_id, "success": True, "errors": []}, 201)


def _path_id(call: Call) -> str:
    record_id = ids.to18(call.path("record_id"))
    if record_id is None:
        raise not_found()
    return record_id


def _read(call: Call) -> Response:
    return _print(call, call.org.tables[call.sobject().name].rows.get(_path_id(call)))


def _print(call: Call, row: Row | None) -> Response:
    sobject = call.sobject()
    if row is None:
        raise not_found()
    if row["IsDeleted"]:
        raise ApiError(404, "ENTITY_IS_DELETED", "entity is deleted")
    wanted = call.request.query_params.get("fields")
    fields = named_fields(sobject, wanted.split(",")) if wanted else None
    return answer(as_json(call, sobject, row, fields))


def _update(call: Call) -> Response:
    incoming = _without_key(read_record(call.org, call.sobject(), call.json()), "Id")
    call.writer.update(_path_id(call), incoming)
    return no_content()


def _delete(call: Call) -> Response:
    call.writer.delete(call.sobject(), _path_id(call))
    return no_content()


def _without_key(incoming: Incoming, name: str) -> Incoming:
    if name in incoming.values:
        raise ApiError(400, "INVALID_FIELD", f"The {name} field should not be specified in the sobject data.")
    return incoming


def _key(call: Call) -> tuple[SObject, Field, str]:
    sobject = call.sobject()
    field = external_id_field(sobject, call.path("field"))
    return sobject, field, call.path("value")


def _matches(call: Call) -> list[Row]:
    sobject, field, text = _key(call)
    table = call.org.tables[sobject.name]
    # Some clients write a space in a path as a plus.
    return table.find(field, text) or table.find(field, text.replace("+", " "))


def _single_match(call: Call) -> Row:
    rows = _matches(call)
    if not rows:
        raise not_found()
    if len(rows) > 1:
        raise SeveralMatches([str(row["Id"]) for row in rows])
    return rows[0]


def _read_by_key(call: Call) -> Response:
    return _print(call, _single_match(call))


def _delete_by_key(call: Call) -> Response:
    call.writer.delete(call.sobject(), str(_single_match(call)["Id"]))
    return no_content()


def _upsert(call: Call) -> Response:
    sobject, field, text = _key(call)
    incoming = _without_key(read_record(call.org, sobject, call.json()), field.name)
    update_only = call.request.query_params.get("updateOnly", "").lower() == "true"
    record_id, created = call.writer.upsert(field, text, incoming, update_only=update_only)
    if not created and int(call.version[:2]) < UPSERT_ANSWERS_SINCE:
        return no_content()
    return answer({"id": record_id, "success": True, "errors": [], "created": created}, 201 if created else 200)
