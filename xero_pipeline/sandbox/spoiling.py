"""How a fault spoils one HTTP exchange: refused, lost on the way, or answered with something that is not right.

Works on the ASGI messages of the request, so Xero's and Salesforce's paths are treated alike.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import cast

import msgspec
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from xero_pipeline.sandbox.faults import REFUSALS, REMEMBERED, Rule
from xero_pipeline.sandbox.requests_log import system_of
from xero_pipeline.sandbox.xero.writes.api import FAILS_INSIDE

ENCODER = msgspec.json.Encoder(decimal_format="number")
PAGE = "<!DOCTYPE html><html><head><title>Please wait</title></head><body><h1>Please wait</h1></body></html>"
XERO_TEXT = {
    500: "An error occurred in Xero. Check the API Status page for current service status.",
    502: "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
    503: "The Xero API is temporarily unavailable",
}
SALESFORCE_CODES = {
    401: ("INVALID_SESSION_ID", "Session expired or invalid"),
    403: ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    500: ("UNKNOWN_EXCEPTION", "An unexpected error occurred."),
    503: ("SERVER_UNAVAILABLE", "The server is temporarily unavailable."),
}
DRIPS = 20
Put = Callable[[Message], Awaitable[None]]


class Answer:
    """An answer caught on its way out, to be changed and sent on."""

    def __init__(self) -> None:
        self.start: Message = {}
        self.body = b""

    async def catch(self, message: Message) -> None:
        """Stands in for the `send` of the application."""
        if message["type"] == "http.response.start":
            self.start = message
        else:
            self.body += message.get("body", b"")

    def replace(self, body: bytes) -> None:
        """Another body, with a Content-Length that agrees."""
        self.body = body
        headers = [(name, value) for name, value in self.start["headers"] if name.lower() != b"content-length"]
        self.start["headers"] = [*headers, (b"content-length", str(len(body)).encode())]

    async def send(self, send: Put) -> None:
        """Sends it whole."""
        await send(self.start)
        await send({"type": "http.response.body", "body": self.body})


async def spoil(rule: Rule, app: ASGIApp, scope: Scope, receive: Receive, send: Send, drop: Callable[[], None]) -> None:
    """Runs the request under the rule. `drop` breaks the connection off, with nothing more sent."""
    if rule.what == REMEMBERED and system_of(scope["path"]) == "xero" and scope["method"] != "GET":
        scope["state"][FAILS_INSIDE] = int(rule.text("done", "0"))
        await app(scope, receive, send)
        return
    if rule.what in (*REFUSALS, REMEMBERED):
        await refusal(rule, scope["path"])(scope, receive, send)
        return
    if rule.what == "timeout before":
        await until_gone(receive, rule.seconds(30))
        drop()
        return
    answer = Answer()
    # A body that is to be changed or cut must not be compressed, or every fault would look like a broken gzip stream.
    plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
    asked: Scope = {**scope, "headers": plain}
    if rule.what == "repeat page":
        asked["query_string"] = _first_page(scope["query_string"])
    await app(asked, receive, answer.catch)
    if rule.what == "timeout after":
        await until_gone(receive, rule.seconds(30))
        drop()
    elif rule.what == "cut":
        await send(answer.start)
        await send({"type": "http.response.body", "body": answer.body[: len(answer.body) // 2], "more_body": True})
        drop()
    elif rule.what == "drip":
        await _drip(answer, send, rule.seconds(2))
    else:
        if rule.what == "delay":
            await asyncio.sleep(rule.seconds(0.2))
        else:
            _change(rule, scope, answer)
        await answer.send(send)


async def until_gone(receive: Receive, seconds: float) -> None:
    """Waits until the client has hung up, `seconds` at most."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass


def refusal(rule: Rule, path: str) -> Response:
    """The refusal a rule asks for, in the words of the system the path belongs to."""
    status, _, more = rule.what.partition(" ")
    code, problem = int(status), "" if rule.what == REMEMBERED else more
    headers: dict[str, str] = {}
    if problem:
        headers["X-Rate-Limit-Problem"] = problem
        if problem != "concurrent" or "retry_after" in rule.options:
            headers["Retry-After"] = rule.text("retry_after", "3600" if problem == "day" else "1")
    if "text" in rule.options:
        return PlainTextResponse(rule.text("text"), code, headers=headers)
    if problem:
        return Response(status_code=code, headers=headers)
    if system_of(path) == "salesforce" and code in SALESFORCE_CODES:
        error_code, message = SALESFORCE_CODES[code]
        return JSONResponse([{"message": message, "errorCode": error_code}], code)
    if code in XERO_TEXT:
        return HTMLResponse(XERO_TEXT[code], code) if code == 502 else PlainTextResponse(XERO_TEXT[code], code)
    return JSONResponse(
        {
            "Type": None,
            "Title": "Unauthorized" if code == 401 else "Forbidden",
            "Status": code,
            "Detail": "AuthenticationUnsuccessful",
            "Instance": str(uuid.uuid4()),
            "Extensions": {},
        },
        code,
    )


def _change(rule: Rule, scope: Scope, answer: Answer) -> None:
    if rule.what == "html":
        answer.replace(PAGE.encode())
        headers = [(name, value) for name, value in answer.start["headers"] if name.lower() != b"content-type"]
        answer.start.update(status=200, headers=[*headers, (b"content-type", b"text/html")])
        return
    if rule.what == "truncated":
        answer.replace(answer.body[: len(answer.body) // 2])
        return
    try:
        document = json.loads(answer.body, parse_float=Decimal)
    except ValueError:
        return
    if not isinstance(document, dict):
        return
    if rule.what == "repeat page":
        _pretend_page(document, scope["query_string"])
    else:
        _change_records(rule, document)
    answer.replace(ENCODER.encode(document))


def _first_page(query: bytes) -> bytes:
    parts = [part for part in query.split(b"&") if part and not part.lower().startswith(b"page=")]
    return b"&".join([b"page=1", *parts])


def _pretend_page(document: dict[str, object], query: bytes) -> None:
    pagination = document.get("pagination")
    asked = next((part[5:] for part in query.split(b"&") if part.lower().startswith(b"page=")), b"1")
    if isinstance(pagination, dict) and asked.isdigit():
        pagination |= {"page": int(asked), "pageCount": int(asked) + 1}
        pagination["itemCount"] = pagination["pageCount"] * pagination["pageSize"]


def _change_records(rule: Rule, document: dict[str, object]) -> None:
    arrays = [value for value in document.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
    for array in arrays:
        for record in array if rule.text("records") == "all" else array[:1]:
            *path, field = rule.text("field", "Status").split(".")
            target: object = record
            for name in path:
                target = target.get(name) if isinstance(target, dict) else None
            if isinstance(target, dict) and field in target:
                if rule.what == "missing field":
                    del target[field]
                else:
                    target[field] = rule.options.get("value", "SOMETHING_NEW")


async def _drip(answer: Answer, send: Send, seconds: float) -> None:
    await send(answer.start)
    size = max(1, -(-len(answer.body) // DRIPS))
    for at in range(0, len(answer.body), size):
        await asyncio.sleep(seconds / DRIPS)
        await send({"type": "http.response.body", "body": answer.body[at : at + size], "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def dropper(send: Send) -> Callable[[], None]:
    """Breaks off the connection behind `send`. ASGI has no word for it, so this asks uvicorn's own request for its transport."""
    cycle = getattr(send, "__self__", None)
    transport = cast("asyncio.Transport | None", getattr(cycle, "transport", None))
    if transport is None:
        raise RuntimeError("The sandbox can drop connections only when uvicorn serves it.")
    return transport.abort
