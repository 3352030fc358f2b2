"""What an ingest job and a query job have in common: who, when, in which CSV, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, Literal, TypeVar

from xero_pipeline.sandbox.salesforce import ids
from xero_pipeline.sandbox.salesforce.bulk.sheet import DELIMITERS, LINE_ENDINGS, Dialect
from xero_pipeline.sandbox.salesforce.failures import ApiError, not_found
from xero_pipeline.sandbox.salesforce.values import Json, instant
from xero_pipeline.sandbox.salesforce.web import Call

State = Literal["Open", "UploadComplete", "InProgress", "JobComplete", "Failed", "Aborted"]
ENDED: frozenset[State] = frozenset({"JobComplete", "Failed", "Aborted"})
KEPT = timedelta(days=7)
KEY_PREFIX = "750"


@dataclass(slots=True, kw_only=True)
class Job:
    """One job. `created` and `changed` are aware UTC; `milliseconds` is the time its work really took."""

    id: str
    operation: str
    object_name: str
    user_id: str
    version: str
    dialect: Dialect
    created: datetime
    changed: datetime
    state: State = field(default="Open")
    processed: int = 0
    milliseconds: float = 0.0

    def move(self, state: State, now: datetime) -> None:
        """Take the job to `state`."""
        self.state = state
        self.changed = now

    def about(self) -> dict[str, object]:
        """What every answer about the job says."""
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.object_name,
            "createdById": self.user_id,
            "createdDate": instant(self.created),
            "systemModstamp": instant(self.changed),
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
            "lineEnding": self.dialect.line_ending,
            "columnDelimiter": self.dialect.delimiter,
        }


Kind = TypeVar("Kind", bound=Job)


class Jobs(Generic[Kind]):
    """The jobs of one kind. Seven days after its end a job is gone. Jobs do not survive a restart of the sandbox."""

    def __init__(self) -> None:
        self._jobs: dict[str, Kind] = {}

    def add(self, job: Kind) -> None:
        self._jobs[job.id] = job

    def remove(self, job: Kind) -> None:
        del self._jobs[job.id]

    def kept(self, now: datetime) -> list[Kind]:
        """Every job there is, oldest first."""
        old = [job for job in self._jobs.values() if job.state in ENDED and job.changed < now - KEPT]
        for job in old:
            self.remove(job)
        return list(self._jobs.values())

    def named(self, call: Call) -> Kind:
        """The job that the path of `call` names. Raises ApiError NOT_FOUND."""
        wanted = ids.to18(call.path("job_id"))
        for job in self.kept(call.now):
            if job.id == wanted:
                return job
        raise not_found()


def new_id(call: Call) -> str:
    """An id no job has had."""
    return ids.make(KEY_PREFIX, call.org.next_number("bulk job"))


def dialect_of(body: Mapping[str, Json]) -> Dialect:
    """The CSV a job's creation asks for. Raises ApiError INVALIDJOB (the code is from memory, not verified)."""
    delimiter, line_ending = body.get("columnDelimiter", "COMMA"), body.get("lineEnding", "LF")
    if delimiter not in DELIMITERS or line_ending not in LINE_ENDINGS or body.get("contentType", "CSV") != "CSV":
        raise ApiError(400, "INVALIDJOB", "contentType, columnDelimiter or lineEnding is not one that is known")
    return Dialect(str(delimiter), str(line_ending))


def asked_state(call: Call) -> str:
    """The state that the body of a PATCH asks for."""
    return str(call.json().get("state"))


def refuse_state(job: Job, wanted: str) -> ApiError:
    """A job cannot go from where it is to `wanted`, or not be asked for that (wording not verified)."""
    return ApiError(400, "INVALIDJOBSTATE", f"{wanted} is not possible while the job is {job.state}")
