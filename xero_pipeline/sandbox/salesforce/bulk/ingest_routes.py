"""`/jobs/ingest`: create a job, upload, close, poll, fetch the results.

The first poll after the upload says InProgress, whatever is done; later ones do up to two thousand rows themselves, so a small
job is complete at the second poll and none ever has to be waited for. Meanwhile the work goes on between other requests.
"""

from __future__ import annotations

import asyncio

from starlette.responses import Response
from starlette.routing import Route

from xero_pipeline.sandbox.salesforce.bulk.ingest import IngestJob
from xero_pipeline.sandbox.salesforce.bulk.job import ENDED, Jobs, asked_state, dialect_of, new_id, refuse_state
from xero_pipeline.sandbox.salesforce.bulk.loading import CHUNK, Loader
from xero_pipeline.sandbox.salesforce.bulk.sheet import ResultFile
from xero_pipeline.sandbox.salesforce.failures import ApiError, not_found
from xero_pipeline.sandbox.salesforce.schema import Field, SObject
from xero_pipeline.sandbox.salesforce.values import Json
from xero_pipeline.sandbox.salesforce.web import Api, Call, answer, no_content

OPERATIONS = ("insert", "update", "upsert", "delete")
ROWS_A_POLL = 2_000
LARGEST_UPLOAD = 150 * 1024 * 1024


def ingest_routes(api: Api) -> list[Route]:
    """The routes of ingest jobs. The codes INVALIDENTITY, INVALIDJOB and FEATURENOTENABLED are from memory, not verified."""
    resource = IngestResource(api)
    return [
        *api.routes("/jobs/ingest", GET=resource.every, POST=resource.create),
        *api.routes("/jobs/ingest/{job_id}", GET=resource.poll, PATCH=resource.change, DELETE=resource.delete),
        *api.routes("/jobs/ingest/{job_id}/batches", PUT=resource.upload),
        *api.routes("/jobs/ingest/{job_id}/{results}", GET=resource.results),
    ]


class IngestResource:
    """The ingest jobs of one org."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._jobs: Jobs[IngestJob] = Jobs()
        self._loaders: dict[str, Loader] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def every(self, call: Call) -> Response:
        """Every job."""
        records = [job.report() for job in self._jobs.kept(call.now)]
        return answer({"done": True, "records": records, "nextRecordsUrl": None})

    def create(self, call: Call) -> Response:
        """A new job, Open, with the URL that takes its data."""
        body = call.json()
        operation, name = body.get("operation"), body.get("object")
        sobject = call.org.schema.find(name) if isinstance(name, str) else None
        if sobject is None:
            raise ApiError(400, "INVALIDENTITY", f"Unable to find object: {name}")
        if operation == "hardDelete":
            message = "hardDelete operation requires special user profile permission, please contact your system administrator"
            raise ApiError(400, "FEATURENOTENABLED", message)
        if operation not in OPERATIONS:
            raise ApiError(400, "INVALIDJOB", f"Unknown operation: {operation}")
        job = IngestJob(
            id=new_id(call),
            operation=str(operation),
            object_name=sobject.name,
            user_id=call.user_id,
            version=call.version,
            dialect=dialect_of(body),
            created=call.now,
            changed=call.now,
            sobject=sobject,
            key=_key(sobject, body.get("externalIdFieldName")) if operation == "upsert" else None,
        )
        self._jobs.add(job)
        return answer(job.report())

    def upload(self, call: Call) -> Response:
        """The data, once, and UTF-8."""
        job = self._jobs.named(call)
        if job.state != "Open" or job.data is not None:
            raise refuse_state(job, "A second upload" if job.data is not None else "An upload")
        if len(call.body) > LARGEST_UPLOAD:
            raise ApiError(413, "REQUEST_LIMIT_EXCEEDED", "An upload has at most 150 MB")
        try:
            call.body.decode()
        except UnicodeDecodeError:
            raise ApiError(400, "INVALIDBATCH", "The data is not UTF-8") from None
        job.data = call.body
        return Response(status_code=201)

    def change(self, call: Call) -> Response:
        """UploadComplete starts the work, Aborted ends it; what is written stays written."""
        job, wanted = self._jobs.named(call), asked_state(call)
        if wanted == "Aborted" and job.state not in ENDED:
            job.move("Aborted", call.now)
            return answer(job.report())
        if wanted != "UploadComplete" or job.state != "Open" or job.data is None:
            raise refuse_state(job, wanted)
        job.move("UploadComplete", call.now)
        loader = self._loaders[job.id] = Loader(self._api, job)
        task = asyncio.get_running_loop().create_task(_work_between_requests(job, loader))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return answer(job.report())

    def poll(self, call: Call) -> Response:
        """How far the job is; asking moves it on."""
        job = self._jobs.named(call)
        if job.state == "UploadComplete":
            job.move("InProgress", call.now)
        elif job.state == "InProgress":
            loader = self._loaders[job.id]
            loader.work(ROWS_A_POLL)
            loader.grip.release()
            if job.exhausted:
                job.move("Failed" if job.error_message else "JobComplete", call.now)
                del self._loaders[job.id]
        return answer(job.report())

    def delete(self, call: Call) -> Response:
        """Forget a job that has ended."""
        job = self._jobs.named(call)
        if job.state not in ENDED:
            raise refuse_state(job, "Deletion")
        self._jobs.remove(job)
        return no_content()

    def results(self, call: Call) -> Response:
        """One of the three result files. Clients differ in how they write the last one's name, so case does not matter."""
        job, wanted = self._jobs.named(call), call.path("results").lower()
        files: dict[str, ResultFile | None] = {"successfulresults": job.successes, "failedresults": job.failures}
        if wanted not in files and wanted != "unprocessedrecords":
            raise not_found()
        if job.state not in ENDED:
            raise refuse_state(job, "Fetching results")
        if wanted == "unprocessedrecords":
            return Response(job.unprocessed(), media_type="text/csv; charset=UTF-8")
        file = files[wanted]
        return Response(file.content() if file else b"", media_type="text/csv; charset=UTF-8")


async def _work_between_requests(job: IngestJob, loader: Loader) -> None:
    while job.state in ("UploadComplete", "InProgress") and not job.exhausted:
        loader.work(CHUNK)
        await loader.grip.let_go()
        await asyncio.sleep(0)


def _key(sobject: SObject, name: Json) -> Field:
    key = sobject.find(name) if isinstance(name, str) else None
    if key is None or not (key.external_id or key.type == "id"):
        raise ApiError(400, "INVALIDJOB", f"externalIdFieldName: {name} is no external id of {sobject.name}")
    return key
