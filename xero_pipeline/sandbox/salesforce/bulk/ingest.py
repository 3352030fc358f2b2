"""An ingest job: its upload, what of it is done, and its three result files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from xero_pipeline.sandbox.salesforce.bulk.job import Job
from xero_pipeline.sandbox.salesforce.bulk.sheet import ResultFile
from xero_pipeline.sandbox.salesforce.schema import Field, SObject


@dataclass(slots=True, kw_only=True)
class IngestJob(Job):
    """An ingest job. `data` is the upload until it is opened; `rows` are then the rows still to do.

    `exhausted` says that nothing is left to do, because of `error_message` or because all is done; a client learns of it by
    the state, later.
    """

    sobject: SObject
    key: Field | None
    data: bytes | None = None
    failed: int = 0
    error_message: str = ""
    header: list[str] = field(default_factory=list)
    rows: Iterator[list[str]] = field(default_factory=lambda: iter(()))
    opened: bool = False
    exhausted: bool = False
    successes: ResultFile | None = None
    failures: ResultFile | None = None

    def open(self) -> None:
        """Read the header of the upload. Raises csv.Error."""
        data, self.data, self.opened = self.data or b"", None, True
        self.rows = self.dialect.rows(data)
        self.header = next(self.rows, [])
        self.successes = ResultFile(self.dialect, ["sf__Id", "sf__Created", *self.header])
        self.failures = ResultFile(self.dialect, ["sf__Id", "sf__Error", *self.header])

    def succeed(self, record_id: str, created: bool, cells: list[str]) -> None:
        """Note a row that was written."""
        self.processed += 1
        if self.successes is not None:
            self.successes.add([record_id, str(created).lower(), *cells])

    def fail(self, record_id: str, error: str, cells: list[str]) -> None:
        """Note a row that was refused; `error` is `CODE:text:fields --`."""
        self.processed += 1
        self.failed += 1
        if self.failures is not None:
            self.failures.add([record_id, error, *cells])

    def unprocessed(self) -> bytes:
        """The rows that nothing was done with, in the columns of the upload. Only for a job that has ended."""
        if not self.opened:
            self.open()
        left = list(self.rows)
        self.rows = iter(left)
        return self.dialect.written([self.header, *left]).encode()

    def report(self) -> dict[str, object]:
        """All that is said about the job."""
        report = self.about() | {"jobType": "V2Ingest"}
        if self.key is not None:
            report["externalIdFieldName"] = self.key.name
        if self.state == "Open":
            return report | {"contentUrl": f"services/data/v{self.version}/jobs/ingest/{self.id}/batches"}
        milliseconds = round(self.milliseconds)
        report |= {"numberRecordsProcessed": self.processed, "numberRecordsFailed": self.failed, "retries": 0}
        report |= {"totalProcessingTime": milliseconds, "apiActiveProcessingTime": milliseconds}
        report |= {"apexProcessingTime": 0}
        return report | ({"errorMessage": self.error_message} if self.error_message else {})
