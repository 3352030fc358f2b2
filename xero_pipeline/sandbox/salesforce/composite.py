"""Several requests in one: `/composite` with references between them, `/composite/batch`, `/composite/graph`.

Each counts as one API call. `/composite` and every graph can be all or nothing; a batch never is. The wording of what refuses
a whole request was not verified against a real org.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from xero_pipeline.sandbox.salesforce.failures import ApiError
from xero_pipeline.sandbox.salesforce.values import Json
from xero_pipeline.sandbox.salesforce.web import Api, Call, answer

MOST, MOST_HEAVY = 25, 5
MOST_NODES, MOST_GRAPHS, FAILED_GRAPHS = 500, 75, 14
REFERENCE = re.compile(r"@\{([A-Za-z0-9]\w*)((?:\.\w+|\[\d+\])*)\}")
REFERENCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")
ALLOWED = re.compile(r"/services/data/v[\d.]+/(sobjects|query|queryAll|composite/sobjects)(?=[/?]|$)")
HALTED = "PROCESSING_HALTED"
ROLLED_BACK = "The transaction was rolled back since another operation in the same transaction failed."
ENCODER = msgspec.json.Encoder(decimal_format="number")
NOT_RUN = "The request was not processed because too many graphs before it failed."


class _Rollback(Exception):
    """Ends a transaction whose answers are known and whose writes are not wanted."""


class _NoSuchReference(Exception):
    """A reference to something that an earlier answer does not hold."""


@dataclass(slots=True)
class SubRequest:
    """One request of a composite, as sent. References in `url` and `body` are not filled in yet."""

    reference_id: str
    method: str
    url: str
    body: Json


@dataclass(slots=True)
class SubAnswer:
    """The answer to one sub-request; `body` is None where there is none."""

    reference_id: str
    status: int
    body: Json
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        return not 200 <= self.status < 300

    def json(self) -> dict[str, object]:
        """The element of a `compositeResponse`."""
        return {
            "body": self.body,
            "httpHeaders": self.headers,
            "httpStatusCode": self.status,
            "referenceId": self.reference_id,
        }


def composite_routes(api: Api) -> list[Route]:
    """`/composite`, `/composite/batch` and `/composite/graph`."""

    def run(call: Call, request: SubRequest) -> SubAnswer:
        body = b"" if request.body is None else ENCODER.encode(request.body)
        response = api.run(call, request.method, request.url, body)
        content: Json = json.loads(bytes(response.body)) if response.body else None
        headers: dict[str, str] = {}
        if response.status_code == 201 and isinstance(content, dict):
            path, _, _ = request.url.partition("?")
            headers["Location"] = f"{path.rstrip('/')}/{content['id']}" if request.method == "POST" else path
        return SubAnswer(request.reference_id, response.status_code, content, headers)

    return [
        *api.routes("/composite", POST=partial(_composite, run=run)),
        *api.routes("/composite/batch", POST=partial(_batch, run=run)),
        *api.routes("/composite/graph", POST=partial(_graph, run=run)),
    ]


Run = Callable[[Call, SubRequest], SubAnswer]


def _composite(call: Call, run: Run) -> Response:
    body = call.json()
    requests = _requests(body.get("compositeRequest"), MOST)
    if sum(_is_heavy(request.url) for request in requests) > MOST_HEAVY:
        raise ApiError(400, "LIMIT_EXCEEDED", f"Only {MOST_HEAVY} of the subrequests can be queries or collections")
    answers = _run_all(call, requests, run, all_or_none=body.get("allOrNone") is True)
    return answer({"compositeResponse": [each.json() for each in answers]})


def _graph(call: Call, run: Run) -> Response:
    graphs = call.json().get("graphs")
    if not isinstance(graphs, list) or not graphs or len(graphs) > MOST_GRAPHS:
        raise ApiError(400, "INVALID_INPUT", f"The request has 1 to {MOST_GRAPHS} graphs")
    # Read before any is run: an unreadable graph refuses the request.
    read = [_named_graph(graph) for graph in graphs]
    if sum(len(requests) for _, requests in read) > MOST_NODES:
        raise ApiError(400, "LIMIT_EXCEEDED", f"A request has at most {MOST_NODES} nodes")
    replies: list[dict[str, object]] = []
    failed = 0
    for graph_id, requests in read:
        if failed >= FAILED_GRAPHS:
            answers = [_halted(request, NOT_RUN) for request in requests]
        else:
            answers = _run_all(call, requests, run, all_or_none=True)
        good = not any(each.failed for each in answers)
        failed += not good
        response = {"compositeResponse": [each.json() for each in answers]}
        replies.append({"graphId": graph_id, "graphResponse": response, "isSuccessful": good})
    return answer({"graphs": replies})


def _batch(call: Call, run: Run) -> Response:
    body = call.json()
    entries = body.get("batchRequests")
    if not isinstance(entries, list) or not entries or len(entries) > MOST:
        raise ApiError(400, "INVALID_INPUT", f"The request has 1 to {MOST} batchRequests")
    results: list[dict[str, object]] = []
    halted = False
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("url"), str):
            raise ApiError(400, "INVALID_INPUT", "Every batch request needs a method and a url")
        if halted:
            message = "The previous subrequest was unsuccessful"
            results.append({"statusCode": 412, "result": [_error("BATCH_PROCESSING_HALTED", message)]})
            continue
        url = str(entry["url"])
        path = url if url.startswith("/services/data/") else f"/services/data/{url.lstrip('/')}"
        if re.match(r"/services/data/v[\d.]+/(composite|jobs)\b", path):
            raise ApiError(400, "INVALID_INPUT", f"{url} cannot be part of a batch")
        done = run(call, SubRequest("", str(entry.get("method", "GET")).upper(), path, entry.get("richInput")))
        results.append({"statusCode": done.status, "result": done.body})
        halted = done.failed and body.get("haltOnError") is True
    return answer({"hasErrors": any(int(str(each["statusCode"])) >= 300 for each in results), "results": results})


def _named_graph(graph: Json) -> tuple[str, list[SubRequest]]:
    graph_id = graph.get("graphId") if isinstance(graph, dict) else None
    if not isinstance(graph, dict) or not isinstance(graph_id, str):
        raise ApiError(400, "INVALID_INPUT", "Every graph needs a graphId and a compositeRequest")
    return graph_id, _requests(graph.get("compositeRequest"), MOST_NODES)


def _requests(entries: Json, most: int) -> list[SubRequest]:
    if not isinstance(entries, list) or not entries:
        raise ApiError(400, "INVALID_INPUT", "The request has no compositeRequest")
    if len(entries) > most:
        raise ApiError(400, "LIMIT_EXCEEDED", f"A composite has at most {most} subrequests")
    requests: list[SubRequest] = []
    for entry in entries:
        given = entry if isinstance(entry, dict) else {}
        reference_id, method, url = (given.get(name) for name in ("referenceId", "method", "url"))
        if not (isinstance(reference_id, str) and isinstance(method, str) and isinstance(url, str)):
            raise ApiError(400, "INVALID_INPUT", "Every subrequest needs a method, a url and a referenceId")
        if not REFERENCE_ID.fullmatch(reference_id) or any(reference_id == each.reference_id for each in requests):
            message = (
                f"Provided referenceId ('{reference_id}') must start with a letter or a number, "
                "can contain only letters, numbers and underscores ('_'), and must be unique"
            )
            raise ApiError(400, "INVALID_INPUT", message)
        if not ALLOWED.match(url):
            raise ApiError(400, "INVALID_INPUT", f"{url} cannot be part of a composite")
        requests.append(SubRequest(reference_id, method.upper(), url, given.get("body")))
    return requests


def _is_heavy(url: str) -> bool:
    match = ALLOWED.match(url)
    return match is not None and match.group(1) != "sobjects"


def _run_all(call: Call, requests: list[SubRequest], run: Run, *, all_or_none: bool) -> list[SubAnswer]:
    answers: list[SubAnswer] = []
    try:
        with call.org.transaction():
            for request in requests:
                done = _run_one(call, request, answers, run, all_or_none=all_or_none)
                answers.append(done)
                if all_or_none and _has_failure(done):
                    raise _Rollback
    except _Rollback:
        guilty = answers[-1]
        return [
            guilty if request.reference_id == guilty.reference_id else _halted(request, ROLLED_BACK)
            for request in requests
        ]
    return answers


def _run_one(call: Call, request: SubRequest, before: list[SubAnswer], run: Run, *, all_or_none: bool) -> SubAnswer:
    known = {each.reference_id: each.body for each in before if not each.failed}
    try:
        url, body = str(_filled(request.url, known)), _filled(request.body, known)
    except _NoSuchReference as missing:
        message = (
            f"Invalid reference specified. No value for {missing} found in {str(missing).split('.')[0].split('[')[0]}. "
            f"Provided referenceId ('{missing}') must start with a letter or a number, "
            "and it can contain only letters, numbers and underscores ('_')."
        )
        return _halted(request, message)
    if all_or_none and isinstance(body, dict) and "/composite/sobjects" in url:
        # A composite's allOrNone overrides that of the collections in it.
        body = {**body, "allOrNone": True}
    return run(call, SubRequest(request.reference_id, request.method, url, body))


def _has_failure(done: SubAnswer) -> bool:
    rows = done.body if isinstance(done.body, list) else []
    return done.failed or any(isinstance(row, dict) and row.get("success") is False for row in rows)


def _halted(request: SubRequest, message: str) -> SubAnswer:
    return SubAnswer(request.reference_id, 400, [_error(HALTED, message)])


def _error(code: str, message: str) -> dict[str, Json]:
    return {"errorCode": code, "message": message}


def _filled(content: Json, known: dict[str, Json]) -> Json:
    """`content` with every `@{reference}` in its text replaced. Raises _NoSuchReference."""
    if isinstance(content, str):
        return REFERENCE.sub(lambda match: _value(match, known), content)
    if isinstance(content, list):
        return [_filled(each, known) for each in content]
    if isinstance(content, dict):
        return {name: _filled(each, known) for name, each in content.items()}
    return content


def _value(match: re.Match[str], known: dict[str, Json]) -> str:
    current = known.get(match.group(1))
    for name, number in re.findall(r"\.(\w+)|\[(\d+)\]", match.group(2)):
        if name and isinstance(current, dict):
            current = current.get(name)
        elif number and isinstance(current, list) and int(number) < len(current):
            current = current[int(number)]
        else:
            current = None
    if current is None or isinstance(current, dict | list):
        raise _NoSuchReference(match.group(1) + match.group(2))
    return str(current)
