"""An ingest job's work: CSV rows into records, two hundred to a transaction, each row for itself.

An empty cell leaves a field as it is, `#N/A` clears it; `Invoice__r.Xero_Id__c` names a parent by external id. A fault of the
file fails the job, a fault of a row that row alone (reference/salesforce.md, "Bulk API 2.0").
"""

from __future__ import annotations

import csv
import time
from collections import Counter
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from itertools import islice

from xero_pipeline.sandbox.salesforce import ids
from xero_pipeline.sandbox.salesforce.bulk.ingest import IngestJob
from xero_pipeline.sandbox.salesforce.failures import ApiError, RowError
from xero_pipeline.sandbox.salesforce.gate import Gate
from xero_pipeline.sandbox.salesforce.incoming import Incoming, ParentByExternalId
from xero_pipeline.sandbox.salesforce.schema import Field, SObject
from xero_pipeline.sandbox.salesforce.sobject_collections import key_counts, upsert_one
from xero_pipeline.sandbox.salesforce.values import Row, Value, decode
from xero_pipeline.sandbox.salesforce.web import Api
from xero_pipeline.sandbox.salesforce.writes import Writer

CHUNK = 200
REMEMBERED = 5_000
NULL = "#N/A"
# What a checkbox takes in CSV, without case (from memory, not verified).
BOOLEANS = dict.fromkeys(("true", "yes", "y", "on", "1"), True) | dict.fromkeys(("false", "no", "n", "off", "0"), False)


class BadFile(Exception):
    """A file that fails its job; the message is the job's errorMessage."""


@dataclass(frozen=True, slots=True)
class Column:
    """A field of the object; or, with `parent`, the external id `field` of the record that `reference` is to point at.

    `known` remembers what texts mean: most columns of a large file repeat themselves, and values can be shared.
    """

    field: Field
    reference: Field | None = None
    parent: SObject | None = None
    known: dict[str, Value] = dataclass_field(default_factory=dict, compare=False)

    def value(self, text: str) -> Value:
        """What a cell that is not empty means for the field. Raises RowError INVALID_TYPE_ON_FIELD_IN_RECORD."""
        if text in self.known:
            return self.known[text]
        value = None if text == NULL else _decoded(self.field, text)
        if len(self.known) < REMEMBERED and not self.field.unique:
            self.known[text] = value
        return value


class Loader:
    """Works one job off, a transaction at a time."""

    def __init__(self, api: Api, job: IngestJob) -> None:
        self._api = api
        self._job = job
        self.grip = api.locks.grip()
        self._columns: list[Column] = []

    def work(self, rows: int) -> None:
        """Do `rows` more rows, or up to a transaction more than that. A bad file ends the work. Locks stay in `grip`."""
        job, began = self._job, time.perf_counter()
        try:
            if not job.opened:
                self._begin()
            start = job.processed
            while job.processed < start + rows and not job.exhausted:
                self._transaction()
        except BadFile as error:
            job.error_message, job.exhausted = str(error), True
        except csv.Error as error:
            job.error_message, job.exhausted = f"InvalidBatch : Failed to parse CSV. {error}", True
        job.milliseconds += (time.perf_counter() - began) * 1000

    def _begin(self) -> None:
        job = self._job
        good_ends = job.dialect.ends_lines_of(job.data or b"")
        job.open()
        if not good_ends:
            message = "LineEnding is invalid on user data. Current LineEnding setting is"
            raise BadFile(f"ClientInputError : {message} {job.dialect.line_ending}")
        self._columns = [self._column(name) for name in job.header]
        names = [column.field.name for column in self._columns if column.reference is None]
        wanted = "Id" if job.operation in ("update", "delete") else job.key.name if job.key else None
        if wanted is not None and wanted not in names:
            raise BadFile(f"InvalidBatch : Field name not found : {wanted}")
        if job.operation == "delete" and len(self._columns) > 1:
            raise BadFile("InvalidBatch : The 'delete' batch must contain only ids")
        if len(set(job.header)) < len(job.header):
            raise BadFile("InvalidBatch : A field name is there twice in the header")

    def _column(self, name: str) -> Column:
        relationship, dot, key = name.partition(".")
        sobject = self._job.sobject
        reference = sobject.relationship(relationship) if dot else None
        parent = self._api.org.schema.objects[reference.reference_to] if reference else None
        known = parent.find(key) if parent else sobject.find(name)
        if known is None or (parent is not None and not known.external_id):
            raise BadFile(f"InvalidBatch : Field name not found : {name}")
        return Column(known, reference, parent)

    def _transaction(self) -> None:
        job, api = self._job, self._api
        rows = list(islice(job.rows, CHUNK))
        job.exhausted = len(rows) < CHUNK
        writer = Writer(api.org, job.user_id, api.now(), Gate(api.rules, self.grip, job.version))
        read: list[tuple[list[str], Incoming | RowError]] = [(cells, self._read(cells)) for cells in rows]
        good = [incoming for _, incoming in read if isinstance(incoming, Incoming)]
        seen = key_counts(job.key, good) if job.key is not None else Counter[str]()
        for cells, incoming in read:
            try:
                if isinstance(incoming, RowError):
                    raise incoming
                job.succeed(*self._write(writer, seen, incoming), cells)
            except RowError as error:
                given = incoming.values.get("Id") if isinstance(incoming, Incoming) else None
                text = f"{error.code}:{error.message}:{', '.join(error.fields)} --"
                job.fail(str(given or ""), text, cells)

    def _read(self, cells: list[str]) -> Incoming | RowError:
        if len(cells) != len(self._columns):
            message = f"The row has {len(cells)} columns, the header {len(self._columns)}"
            return RowError("INVALID_CSV_ROW", message)
        values: Row = {}
        parents: list[ParentByExternalId] = []
        try:
            for column, text in zip(self._columns, cells, strict=True):
                if not text:
                    continue
                if column.reference is None or column.parent is None:
                    values[column.field.name] = column.value(text)
                elif text == NULL:
                    values[column.reference.name] = None
                else:
                    parents.append(ParentByExternalId(column.reference, column.parent, column.field, text.strip()))
        except RowError as error:
            return error
        return Incoming(self._job.sobject, values, tuple(parents))

    def _write(self, writer: Writer, seen: Counter[str], incoming: Incoming) -> tuple[str, bool]:
        operation, key = self._job.operation, self._job.key
        if operation == "upsert" and key is not None and key.type != "id":
            return upsert_one(writer, key, seen, incoming)
        if operation == "insert" or (operation == "upsert" and incoming.values.get("Id") is None):
            return writer.create(incoming.without("Id") if operation == "upsert" else incoming), True
        given = str(incoming.values.get("Id") or "")
        record_id = ids.to18(given)
        if record_id is None:
            raise RowError("MALFORMED_ID", f"malformed id {given}", ["Id"])
        if operation == "delete":
            writer.delete(self._job.sobject, record_id)
        else:
            writer.update(record_id, incoming.without("Id"))
        return record_id, False


def _decoded(field: Field, text: str) -> Value:
    if field.type == "boolean" and text.strip().lower() in BOOLEANS:
        return BOOLEANS[text.strip().lower()]
    try:
        return decode(field, text)
    except ApiError:
        message = f"{field.label}: value not of required type: {text}"
        raise RowError("INVALID_TYPE_ON_FIELD_IN_RECORD", message, [field.name]) from None
