"""Which ids were updated and deleted between two instants: `/updated` reaches 30 days back, `/deleted` 15."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from starlette.responses import Response
from starlette.routing import Route

from xero_pipeline.sandbox.salesforce.failures import ApiError
from xero_pipeline.sandbox.salesforce.values import Row, instant
from xero_pipeline.sandbox.salesforce.web import Api, Call, answer

UPDATES_KEPT = timedelta(days=30)
DELETIONS_KEPT = timedelta(days=15)


def replication_routes(api: Api) -> list[Route]:
    """`/sobjects/{Object}/updated` and `/sobjects/{Object}/deleted`, with `start` and `end`."""
    return [
        *api.routes("/sobjects/{sobject}/updated", GET=_updated),
        *api.routes("/sobjects/{sobject}/deleted", GET=_deleted),
    ]


def _updated(call: Call) -> Response:
    rows, end = _changes(call, UPDATES_KEPT)
    ids = [row["Id"] for row in rows if not row["IsDeleted"]]
    return answer({"ids": ids, "latestDateCovered": instant(end)})


def _deleted(call: Call) -> Response:
    rows, end = _changes(call, DELETIONS_KEPT)
    deleted = [
        {"id": row["Id"], "deletedDate": instant(stamp)}
        for row in rows
        if row["IsDeleted"] and isinstance(stamp := row["SystemModstamp"], datetime)
    ]
    earliest = instant(call.now - DELETIONS_KEPT)
    return answer({"deletedRecords": deleted, "earliestDateAvailable": earliest, "latestDateCovered": instant(end)})


def _changes(call: Call, kept: timedelta) -> tuple[Iterator[Row], datetime]:
    start, end = _instant(call, "start"), _instant(call, "end")
    if start >= end:
        raise ApiError(400, "INVALID_REPLICATION_DATE", "startDate before endDate expected")
    if start < call.now - kept:
        raise ApiError(400, "INVALID_REPLICATION_DATE", f"startDate cannot be more than {kept.days} days ago")
    end = min(end, call.now)
    return call.org.tables[call.sobject().name].changed_between(start, end), end


def _instant(call: Call, name: str) -> datetime:
    # A plus that was not escaped arrives as a space; the offset has to be read all the same.
    text = call.request.query_params.get(name, "").replace(" ", "+")
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise ApiError(400, "INVALID_REPLICATION_DATE", f"{name} is not an instant") from None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
