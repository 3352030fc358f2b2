"""A record as a client sent it: fields decoded, parents named by external id set aside to be looked up row by row."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field

from xero_pipeline.sandbox.salesforce.failures import ApiError, RowError
from xero_pipeline.sandbox.salesforce.org import Org
from xero_pipeline.sandbox.salesforce.schema import Field, SObject
from xero_pipeline.sandbox.salesforce.values import Json, Row, check, decode


@dataclass(frozen=True, slots=True)
class ParentByExternalId:
    """`"Invoice__r": {"Xero_Id__c": "…"}`: set `reference` to the record of `parent` whose `key` is `text`."""

    reference: Field
    parent: SObject
    key: Field
    text: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """The decoded `values` by canonical field name (None clears a field) and the `parents` still to be found."""

    sobject: SObject
    values: Row
    parents: tuple[ParentByExternalId, ...] = ()
    written: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        names = {*self.values, *(parent.reference.name for parent in self.parents)}
        object.__setattr__(self, "written", frozenset(names))

    def without(self, name: str) -> Incoming:
        """The same without one field: an external id that is the key of an upsert, or the Id of an update."""
        return Incoming(self.sobject, {key: value for key, value in self.values.items() if key != name}, self.parents)

    def resolve(self, org: Org) -> Row:
        """Every value as it is to be stored. Raises RowError for one that breaks a rule or a parent that is unknown.

        Fields are judged in describe order, values before parents: which fault of several is told must not hang on the order
        of a JSON body's keys or of a sheet's columns.
        """
        given = self.values
        row = {field.name: check(field, given[field.name]) for field in self._in_order(given)}
        parents = {parent.reference.name: parent for parent in self.parents}
        for reference in self._in_order(parents):
            wanted = parents[reference.name]
            matches = org.tables[wanted.parent.name].find(wanted.key, wanted.text)
            if not matches:
                raise RowError(
                    "INVALID_FIELD",
                    f"Foreign key external ID: {wanted.text} not found for field {wanted.key.name} "
                    f"in entity {wanted.parent.name}",
                )
            row[wanted.reference.name] = matches[0]["Id"]
        return row

    def _in_order(self, names: Container[str]) -> Iterator[Field]:
        return (field for name, field in self.sobject.fields.items() if name in names)


def read_record(org: Org, sobject: SObject, body: Mapping[str, Json]) -> Incoming:
    """`body` as an Incoming for `sobject`.

    Raises ApiError 400 INVALID_FIELD for a name the object does not have and JSON_PARSER_ERROR for a value that cannot be
    read. Both refuse the whole request, also inside collections, because there the request is what cannot be read
    (the documented reading of "malformed"; not verified against a real org).
    """
    values: Row = {}
    parents: list[ParentByExternalId] = []
    for name, raw in body.items():
        if name == "attributes":
            continue
        known = sobject.find(name)
        if known is not None:
            values[known.name] = decode(known, raw)
            continue
        reference = sobject.relationship(name)
        if reference is None:
            raise ApiError(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
        if raw is None:
            values[reference.name] = None
        else:
            parents.append(_parent(org, reference, raw))
    return Incoming(sobject, values, tuple(parents))


def _parent(org: Org, reference: Field, raw: Json) -> ParentByExternalId:
    parent = org.schema.objects[reference.reference_to]
    keys = [key for key in raw if key != "attributes"] if isinstance(raw, dict) else []
    key = parent.find(keys[0]) if len(keys) == 1 else None
    if not isinstance(raw, dict) or key is None or not key.external_id:
        raise ApiError(
            400,
            "INVALID_FIELD",
            f"{reference.relationship_name} takes exactly one external id field of {parent.name}",
        )
    text = decode(key, raw[keys[0]])
    if not isinstance(text, str):
        raise ApiError(400, "INVALID_FIELD", f"{reference.relationship_name}.{key.name} has no value")
    return ParentByExternalId(reference, parent, key, text)
