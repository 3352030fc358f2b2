"""`/jobs/query`: a query whose answer is CSV, in pages that a locator leads through.

The rows are those of the moment the job was made. The first poll says InProgress, the second JobComplete.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from starlette.responses import Response
from starlette.routing import Route

from xero_pipeline.sandbox.salesforce.bulk.job import ENDED, Job, Jobs, asked_state, dialect_of, new_id, refuse_state
from xero_pipeline.sandbox.salesforce.failures import ApiError
from xero_pipeline.sandbox.salesforce.soql.binding import BoundField
from xero_pipeline.sandbox.salesforce.soql.run import columns_and_rows
from xero_pipeline.sandbox.salesforce.values import Row, Value
from xero_pipeline.sandbox.salesforce.web import Api, Call, answer, no_content

PAGE = 50_000
OPERATIONS = ("query", "queryAll")


@dataclass(slots=True, kw_only=True)
class QueryJob(Job):
    """A query job and its whole answer."""

    columns: list[BoundField]
    rows: list[Row]

    def report(self) -> dict[str, object]:
        """All that is said about the job."""
        report = self.about()
        if self.state == "UploadComplete":
            return report
        done = len(self.rows) if self.state == "JobComplete" else 0
        return report | {"jobType": "V2Query", "numberRecordsProcessed": done, "retries": 0, "totalProcessingTime": 0}


def query_job_routes(api: Api) -> list[Route]:
    """The routes of query jobs."""
    resource = QueryResource()
    return [
        *api.routes("/jobs/query", GET=resource.every, POST=resource.create),
        *api.routes("/jobs/query/{job_id}", GET=resource.poll, PATCH=resource.change, DELETE=resource.delete),
        *api.routes("/jobs/query/{job_id}/results", GET=resource.results),
    ]


class QueryResource:
    """The query jobs of one org."""

    def __init__(self) -> None:
        self._jobs: Jobs[QueryJob] = Jobs()

    def every(self, call: Call) -> Response:
        """Every job."""
        records = [job.report() for job in self._jobs.kept(call.now)]
        return answer({"done": True, "records": records, "nextRecordsUrl": None})

    def create(self, call: Call) -> Response:
        """A new job. A query that cannot be answered is refused here."""
        body = call.json()
        operation, text = body.get("operation"), body.get("query")
        if operation not in OPERATIONS or not isinstance(text, str):
            raise ApiError(400, "INVALIDJOB", "A query job needs an operation, query or queryAll, and a query")
        dialect = dialect_of(body)
        name, columns, rows = columns_and_rows(call.context(deleted_too=operation == "queryAll"), text)
        job = QueryJob(
            id=new_id(call),
            operation=str(operation),
            object_name=name,
            user_id=call.user_id,
            version=call.version,
            dialect=dialect,
            created=call.now,
            changed=call.now,
            state="UploadComplete",
            columns=columns,
            rows=rows,
        )
        self._jobs.add(job)
        return answer(job.report())

    def poll(self, call: Call) -> Response:
        """How far the job is; asking moves it on."""
        job = self._jobs.named(call)
        if job.state == "UploadComplete":
            job.move("InProgress", call.now)
        elif job.state == "InProgress":
            job.move("JobComplete", call.now)
        return answer(job.report())

    def change(self, call: Call) -> Response:
        """Aborts the job."""
        job, wanted = self._jobs.named(call), asked_state(call)
        if wanted != "Aborted" or job.state in ENDED:
            raise refuse_state(job, wanted)
        job.move("Aborted", call.now)
        return answer(job.report())

    def delete(self, call: Call) -> Response:
        """Forget a job that has ended."""
        job = self._jobs.named(call)
        if job.state not in ENDED:
            raise refuse_state(job, "Deletion")
        self._jobs.remove(job)
        return no_content()

    def results(self, call: Call) -> Response:
        """A page of the answer. A job that is not complete answers 412 (documented so for newer versions, 204 for older)."""
        job = self._jobs.named(call)
        if job.version != call.version:
            message = f"The job was created in version {job.version}, its results have to be fetched in the same"
            raise ApiError(409, "INVALIDVERSION", message)
        if job.state != "JobComplete":
            raise ApiError(412, "JOB_NOT_COMPLETE", f"The job is {job.state}; there are results once it is JobComplete")
        start, size = _start(call), _size(call)
        rows = job.rows[start : start + size]
        end = start + len(rows)
        cells = [_cells(column) for column in job.columns]
        header = [_name(column) for column in job.columns]
        content = job.dialect.written([header, *([cell(row) for cell in cells] for row in rows)])
        headers = {
            "Sforce-NumberOfRecords": str(len(rows)),
            "Sforce-Locator": _locator(end) if end < len(job.rows) else "null",
        }
        return Response(content, headers=headers, media_type="text/csv; charset=UTF-8")


def _locator(start: int) -> str:
    return base64.b64encode(str(start).encode()).decode().rstrip("=")


def _start(call: Call) -> int:
    text = call.request.query_params.get("locator", "")
    try:
        return int(base64.b64decode(text + "=" * (-len(text) % 4), validate=True)) if text else 0
    except (ValueError, binascii.Error):
        raise ApiError(400, "INVALID_QUERY_LOCATOR", f"invalid locator: {text}") from None


def _size(call: Call) -> int:
    text = call.request.query_params.get("maxRecords", str(PAGE))
    if not text.isdigit() or int(text) == 0:
        raise ApiError(400, "INVALIDJOB", f"maxRecords is a whole number above 0, not {text}")
    return int(text)


def _name(column: BoundField) -> str:
    return ".".join([*(str(hop.relationship_name) for hop in column.hops), column.field.name])


def _cells(column: BoundField) -> Callable[[Row], str]:
    get, whole = column.getter(), column.field.type == "int"

    def cell(row: Row) -> str:
        return _text(get(row), whole=whole)

    return cell


def _text(value: Value, *, whole: bool) -> str:
    """A value in CSV: null is empty, instants end in Z here and not in an offset."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return str(int(value)) if whole else str(float(value))
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return value.isoformat() if isinstance(value, date) else value
