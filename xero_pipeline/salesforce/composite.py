"""Several short queries in one call, which counts once against the org's limit (salesforce.md section 2, Composite)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from xero_pipeline.domain.errors import Transient
from xero_pipeline.salesforce.client import SalesforceClient
from xero_pipeline.salesforce.faults import Refused, one_line
from xero_pipeline.salesforce.values import Json

# Of the 25 parts that a call may have, so many may be queries.
MOST_QUERIES = 5
_NOT_SWITCHED_ON = frozenset({"INVALID_TYPE", "NOT_FOUND"})


def first_pages(client: SalesforceClient, queries: Mapping[str, str], *, doing: str) -> dict[str, list[Json]]:
    """The first page of each query, by the name it was given; an object that the org does not offer has no records.

    Deleted records are not among them. Raises Refused when one of the queries cannot be answered as it stands, ValueError for
    more queries than one call takes.
    """
    if not 0 < len(queries) <= MOST_QUERIES:
        raise ValueError(f"one call takes 1 to {MOST_QUERIES} queries, not {len(queries)}")
    requests = [
        {
            "method": "GET",
            "url": f"/services/data/v{client.api_version}/query?q={quote(soql, safe='')}",
            "referenceId": name,
        }
        for name, soql in queries.items()
    ]
    answer = client.call("POST", "composite", doing=doing, body={"allOrNone": False, "compositeRequest": requests})
    parts = answer.get("compositeResponse") if isinstance(answer, Mapping) else None
    if not isinstance(parts, list) or len(parts) != len(requests):
        raise Transient(f"Salesforce sent an answer that is not whole while {doing}.")
    return {name: _records(part, doing) for name, part in zip(queries, parts, strict=True)}


def _records(part: Json, doing: str) -> list[Json]:
    status, body = part.get("httpStatusCode"), part.get("body")
    if status == 200 and isinstance(body, Mapping) and isinstance(body.get("records"), list):
        return [record for record in body["records"] if isinstance(record, dict)]
    if not isinstance(status, int):
        raise Transient(f"Salesforce sent an answer that is not whole while {doing}.")
    fault = body[0] if isinstance(body, list) and body and isinstance(body[0], Mapping) else {}
    code = str(fault.get("errorCode") or f"HTTP_{status}")
    if code in _NOT_SWITCHED_ON:
        return []
    message = one_line(str(fault.get("message") or ""))
    raise Refused(f"Salesforce refused {doing} (HTTP {status}, {code}: {message}).", status=status, code=code)
