"""Jobs of Bulk API 2.0, for reading as for writing: one is made, works by itself, and has to be asked whether it is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from xero_pipeline.domain.errors import Transient
from xero_pipeline.salesforce.client import SalesforceClient

Kind: TypeAlias = Literal["ingest", "query"]

_ENDED = frozenset({"JobComplete", "Failed", "Aborted"})
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 10.0
# About an hour of waiting; a job that takes longer is left to the next run.
_MOST_POLLS = 360


def create(
    client: SalesforceClient,
    kind: Kind,
    body: Mapping[str, object],
    *,
    doing: str,
    headers: Mapping[str, str] | None = None,
) -> str:
    """Make a job whose CSV has lines that end in LF; its id. Raises as `SalesforceClient.call` does."""
    body = {**body, "contentType": "CSV", "lineEnding": "LF"}
    answer = client.call("POST", f"jobs/{kind}", doing=doing, body=body, headers=headers)
    job_id = answer.get("id") if isinstance(answer, Mapping) else None
    if not isinstance(job_id, str):
        raise Transient(f"Salesforce did not say which job it made while {doing}.")
    return job_id


def path(kind: Kind, job_id: str) -> str:
    """Where a job is, below /services/data/vXX.X."""
    return f"jobs/{kind}/{job_id}"


def ended(client: SalesforceClient, kind: Kind, job_id: str, *, doing: str) -> Mapping[str, object]:
    """What Salesforce reports of the job once it has ended, however. Raises Transient when it does not within an hour."""
    wait = _FIRST_WAIT
    for _ in range(_MOST_POLLS):
        report = client.call("GET", path(kind, job_id), doing=doing)
        if isinstance(report, Mapping) and report.get("state") in _ENDED:
            return report
        client.pause(wait)
        wait = min(wait * 1.5, _LONGEST_WAIT)
    raise Transient(f"Salesforce is still at work on the bulk job {job_id} while {doing}.")
