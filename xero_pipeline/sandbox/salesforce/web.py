"""One HTTP request to the API: version, session, call budget, body in, body out, errors as lists.

A handler is a plain function from `Call` to a starlette Response. It runs on the event loop from its first line to its last,
so that no request ever sees half of another's writes.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Match, Route
from starlette.types import Scope

from xero_pipeline.sandbox.salesforce.failures import ApiError, RowError, SeveralMatches, not_found
from xero_pipeline.sandbox.salesforce.gate import Gate, allows_save
from xero_pipeline.sandbox.salesforce.incoming import read_record
from xero_pipeline.sandbox.salesforce.locks import Grip, Locks
from xero_pipeline.sandbox.salesforce.org import Org
from xero_pipeline.sandbox.salesforce.rules import Rules
from xero_pipeline.sandbox.salesforce.schema import SObject
from xero_pipeline.sandbox.salesforce.soql.binding import Context
from xero_pipeline.sandbox.salesforce.state import Delayed
from xero_pipeline.sandbox.salesforce.values import Json
from xero_pipeline.sandbox.salesforce.writes import Writer

OLDEST, NEWEST = 31, 68
MAX_URI = 16_384
GZIP_FROM = 1_000


class Clock(Protocol):
    """Whatever tells the sandbox's time."""

    def now(self) -> datetime:
        """An aware UTC datetime."""


@dataclass(frozen=True, slots=True)
class Call:
    """An authenticated request. `now` is aware UTC without microseconds; `version` looks like "66.0"."""

    org: Org
    request: Request
    body: bytes
    version: str
    user_id: str
    now: datetime
    gate: Gate

    @property
    def writer(self) -> Writer:
        """Writes as the session's user, now, through the org's rules."""
        return Writer(self.org, self.user_id, self.now, self.gate)

    def context(self, *, deleted_too: bool = False) -> Context:
        """What a query of this request runs against."""
        user = self.org.row(self.user_id)
        zone = ZoneInfo(str(user["TimeZoneSidKey"])) if user and user.get("TimeZoneSidKey") else ZoneInfo("UTC")
        return Context(self.org, self.now, zone, deleted_too)

    def path(self, name: str) -> str:
        """A path parameter, decoded."""
        return str(self.request.path_params[name])

    def sobject(self) -> SObject:
        """The object the path names. Raises ApiError NOT_FOUND."""
        sobject = self.org.schema.find(self.path("sobject"))
        if sobject is None:
            raise not_found()
        return sobject

    def json(self) -> dict[str, Json]:
        """The body, a JSON object whose numbers are Decimals. Raises ApiError JSON_PARSER_ERROR."""
        return json_object(self.body)

    def url(self, sobject: SObject, record_id: str) -> str:
        """A record's path in this version of the API."""
        return f"/services/data/v{self.version}/sobjects/{sobject.name}/{record_id}"


Handler = Callable[[Call], Response]


def json_object(body: bytes) -> dict[str, Json]:
    """`body` as a JSON object. Raises ApiError JSON_PARSER_ERROR."""
    try:
        content = json.loads(body, parse_float=Decimal, parse_int=Decimal)
    except ValueError as error:
        raise ApiError(400, "JSON_PARSER_ERROR", f"Unexpected character or end of input: {error}") from None
    if not isinstance(content, dict):
        raise ApiError(400, "JSON_PARSER_ERROR", "The HTTP entity body is required to be a JSON object")
    return content


def answer(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`content` as JSON."""
    return Response(msgspec.json.encode(content), status, headers, media_type="application/json;charset=UTF-8")


def no_content() -> Response:
    """204."""
    return Response(status_code=204)


def refusal(error: ApiError | RowError) -> Response:
    """The list body of an error; `fields` is there for row errors only."""
    entry: dict[str, object] = {"message": error.message, "errorCode": error.code}
    if isinstance(error, RowError) and error.detail is not None:
        entry |= error.detail
    elif isinstance(error, RowError) or error.fields is not None:
        entry["fields"] = list(error.fields or ())
    return answer([entry], error.status)


class Api:
    """Turns handlers into routes of one org."""

    def __init__(self, org: Org, clock: Clock) -> None:
        self.org = org
        self.clock = clock
        self.rules = Rules(org)
        self.locks = Locks()
        self._resources: list[tuple[Route, Mapping[str, Handler]]] = []

    def now(self) -> datetime:
        """The clock's time in whole seconds, after which no delayed write that is due is left."""
        now = self.clock.now().replace(microsecond=0)
        for write in self.org.due(now):
            # A write whose record has gone, or whose key was taken meanwhile, fails as its transaction would have.
            with suppress(RowError):
                self._make_visible(write)
        return now

    def _make_visible(self, write: Delayed) -> None:
        sobject = self.org.schema.objects[write.object]
        incoming = read_record(self.org, sobject, write.body)
        writer = Writer(self.org, write.user_id, write.stamp)
        if write.record_id in self.org.tables[sobject.name].rows:
            writer.update(write.record_id, incoming)
        else:
            writer.create(incoming, record_id=write.record_id)

    def routes(self, path: str, **methods: Handler) -> list[Route]:
        """`/services/data/vN<path>`, with and without a trailing slash: both are seen in the wild."""

        async def endpoint(request: Request) -> Response:
            body = await request.body()
            grip = self.locks.grip()
            try:
                return packed(request, self._respond(request, body, methods, grip))
            finally:
                await grip.let_go()

        verbs = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
        full = "/services/data/v{version}" + path
        routes = [Route(full, endpoint, methods=verbs), Route(full + "/", endpoint, methods=verbs)]
        self._resources += [(route, methods) for route in routes]
        return routes

    def run(self, parent: Call, method: str, url: str, body: bytes) -> Response:
        """A request inside the request `parent`: same session, same moment, same locks, and no call counted.

        `url` is a path from `/services/data` on, percent-encoded, with its query.
        """
        path, _, query = url.partition("?")
        scope: Scope = {
            "type": "http",
            "method": method,
            "path": unquote(path),
            "query_string": query.encode(),
            "headers": [],
        }
        for route, methods in self._resources:
            match, matched = route.matches(scope)
            if match is Match.FULL:
                request = Request({**scope, **matched})
                try:
                    version = api_version(str(request.path_params["version"]))
                except ApiError as error:
                    return refusal(error)
                return _handled(replace(parent, request=request, body=body, version=version), methods)
        return refusal(not_found())

    def _respond(self, request: Request, body: bytes, methods: Mapping[str, Handler], grip: Grip) -> Response:
        refused = _too_long(request)
        if refused is not None:
            return refused
        try:
            call = self._open(request, body, grip)
        except ApiError as error:
            return refusal(error)
        response = _handled(call, methods)
        used = self.org.calls_made(call.now)
        response.headers["Sforce-Limit-Info"] = f"api-usage={used}/{self.org.settings.daily_api_requests}"
        return response

    def _open(self, request: Request, body: bytes, grip: Grip) -> Call:
        version = api_version(str(request.path_params["version"]))
        now = self.now()
        user_id = bearer(self.org, request, now)
        if self.org.calls_made(now) >= self.org.settings.daily_api_requests:
            raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        self.org.count_call(now)
        allow_save = allows_save(request.headers.get("sforce-duplicate-rule-header", ""))
        gate = Gate(self.rules, grip, version, allow_save)
        return Call(self.org, request, _unpacked(request, body), version, user_id, now, gate)


def _handled(call: Call, methods: Mapping[str, Handler]) -> Response:
    try:
        handler = methods.get("GET" if call.request.method == "HEAD" else call.request.method)
        if handler is None:
            message = f"HTTP Method '{call.request.method}' not allowed. Allowed are {','.join(sorted(methods))}"
            raise ApiError(405, "METHOD_NOT_ALLOWED", message)
        return handler(call)
    except (ApiError, RowError) as error:
        return refusal(error)
    except SeveralMatches as matches:
        sobject = call.sobject()
        return answer([call.url(sobject, record_id) for record_id in matches.ids], 300)


def _too_long(request: Request) -> Response | None:
    """What Salesforce's edge says to a URI, or to a URI and headers, of more than 16,384 bytes: a page, not JSON."""
    uri = len(request.scope.get("raw_path") or request.url.path) + len(request.scope["query_string"])
    if uri > MAX_URI:
        return HTMLResponse("<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>", 414)
    if uri + sum(len(name) + len(value) for name, value in request.headers.raw) > MAX_URI:
        return HTMLResponse("<h1>Bad Message 431</h1><pre>reason: Request Header Fields Too Large</pre>", 431)
    return None


def api_version(text: str) -> str:
    """ "66.0" for the `66.0` of `/services/data/v66.0`. Raises ApiError: 410 for a retired version, 404 for an unknown one."""
    if not re.fullmatch(r"\d{2}\.0", text) or int(text[:2]) > NEWEST:
        raise not_found()
    if int(text[:2]) < OLDEST:
        raise ApiError(410, "UNSUPPORTED_API_VERSION", f"API version {text} is retired")
    return text


def bearer(org: Org, request: Request, now: datetime) -> str:
    """The id of the user whose session the Authorization header carries. Raises ApiError 401 INVALID_SESSION_ID."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    user_id = org.session_user(token.strip(), now) if scheme in ("Bearer", "OAuth") else None
    if user_id is None:
        raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")
    return user_id


def packed(request: Request, response: Response) -> Response:
    """`response`, compressed where the client takes gzip and it is worth it."""
    if len(response.body) < GZIP_FROM or "gzip" not in request.headers.get("accept-encoding", ""):
        return response
    response.body = gzip.compress(bytes(response.body), compresslevel=1)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.body))
    return response


def _unpacked(request: Request, body: bytes) -> bytes:
    encoding = request.headers.get("content-encoding", "identity")
    try:
        if encoding == "gzip":
            return gzip.decompress(body)
        if encoding == "deflate":
            return zlib.decompress(body)
    except (OSError, EOFError, zlib.error):
        raise ApiError(400, "JSON_PARSER_ERROR", f"The body is not {encoding}") from None
    return body
