"""The query resources: SOQL in, pages out, locators for the pages to come."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import Route

from xero_pipeline.sandbox.salesforce import ids
from xero_pipeline.sandbox.salesforce.failures import ApiError
from xero_pipeline.sandbox.salesforce.soql.run import Answer, execute
from xero_pipeline.sandbox.salesforce.web import Api, Call, answer

PAGE = 2000
SMALLEST_PAGE = 200
CURSORS_KEPT = 50
CURSOR_PREFIX = "01g"


@dataclass(frozen=True, slots=True)
class Cursor:
    """An answer of more than one page, of one user, in the page size it was asked for."""

    answer: Answer
    user_id: str
    size: int


def query_routes(api: Api) -> list[Route]:
    """`/query` and `/queryAll`, and the next pages of both under either."""
    return [
        *api.routes("/query", GET=_query),
        *api.routes("/queryAll", GET=_query_all),
        *api.routes("/query/{locator}", GET=_next_page),
        *api.routes("/queryAll/{locator}", GET=_next_page),
    ]


def _query(call: Call) -> Response:
    return _run(call, deleted_too=False)


def _query_all(call: Call) -> Response:
    return _run(call, deleted_too=True)


def _run(call: Call, *, deleted_too: bool) -> Response:
    text = call.request.query_params.get("q", "")
    if not text.strip():
        raise ApiError(400, "MALFORMED_QUERY", "SOQL statements cannot be empty or null")
    found = execute(call.context(deleted_too=deleted_too), text, call.version)
    size = _page_size(call)
    cursor_id = ""
    if found.has_more(size):
        cursor_id = ids.make(CURSOR_PREFIX, call.org.next_number("cursor"))
        call.org.cursors[cursor_id] = Cursor(found, call.user_id, size)
        while len(call.org.cursors) > CURSORS_KEPT:
            del call.org.cursors[next(iter(call.org.cursors))]
    return _page(call, found, cursor_id, 0, size)


def _next_page(call: Call) -> Response:
    match = re.fullmatch(r"(\w{18})-(\d+)", call.path("locator"))
    cursor = call.org.cursors.get(match.group(1)) if match else None
    if match is None or not isinstance(cursor, Cursor) or cursor.user_id != call.user_id:
        raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return _page(call, cursor.answer, match.group(1), int(match.group(2)), cursor.size)


def _page(call: Call, found: Answer, cursor_id: str, start: int, size: int) -> Response:
    records = found.page(start, size)
    end = start + len(records)
    body: dict[str, object] = {"totalSize": found.total, "done": not cursor_id or end >= found.total}
    if not body["done"]:
        body["nextRecordsUrl"] = f"/services/data/v{call.version}/query/{cursor_id}-{end}"
    return answer(body | {"records": records})


def _page_size(call: Call) -> int:
    if call.org.settings.page_size:
        return call.org.settings.page_size
    asked = re.search(r"batchSize=(\d+)", call.request.headers.get("sforce-query-options", ""))
    return min(PAGE, max(SMALLEST_PAGE, int(asked.group(1)))) if asked else PAGE
