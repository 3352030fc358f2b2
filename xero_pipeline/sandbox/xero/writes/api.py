"""Writes on HTTP: PUT, POST and DELETE of every endpoint, answered as Xero does and remembered by Idempotency-Key."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from xero_pipeline.sandbox.clock import Clock
from xero_pipeline.sandbox.xero import refusals
from xero_pipeline.sandbox.xero.endpoints import Endpoint
from xero_pipeline.sandbox.xero.idempotency import Answered, IdempotencyMemory, KeyRefused, fingerprint_of
from xero_pipeline.sandbox.xero.oauth_state import Caller
from xero_pipeline.sandbox.xero.params import Parameters
from xero_pipeline.sandbox.xero.record import Record
from xero_pipeline.sandbox.xero.refusal import Refusal
from xero_pipeline.sandbox.xero.tenants import Tenant
from xero_pipeline.sandbox.xero.views import View
from xero_pipeline.sandbox.xero.wire import Json, body, envelope
from xero_pipeline.sandbox.xero.writes.batch import Outcome, refused, run
from xero_pipeline.sandbox.xero.writes.hand import Hand
from xero_pipeline.sandbox.xero.writes.reading import Unreadable, read_elements
from xero_pipeline.sandbox.xero.writes.removal import remove
from xero_pipeline.sandbox.xero.writes.tasks import NotFound, NotOffered, Task, task_of

# Stands in the state of a request that is to end in an internal error, which its key remembers: how many of its elements are
# done before.
FAILS_INSIDE = "xero_fails_inside"
JSON_TYPE = "application/json; charset=utf-8"
UNKNOWN_ERROR = "An error occurred in Xero. Check the API Status page for current service status."


@dataclass(frozen=True, slots=True)
class Call:
    """One write: the request with its body, who sends it, what it is about, and the id of its answer."""

    request: Request
    content: bytes
    caller: Caller
    tenant: Tenant
    endpoint: Endpoint
    correlation_id: str

    @property
    def path(self) -> str:
        """What follows the endpoint's name, "" for the collection."""
        return str(self.request.path_params.get("key", "")).strip("/")

    @property
    def fails_after(self) -> int | None:
        """After how many elements a fault ends the write in an internal error; None when it does not."""
        after: int | None = self.request.scope.get("state", {}).get(FAILS_INSIDE)
        return after


class WritesApi:
    """The writes of all organisations. Limits and scopes are checked before a call gets here."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.memory = IdempotencyMemory()

    def answer(self, call: Call) -> Response:
        """Does the write, or gives the answer its Idempotency-Key got before."""
        request, client_id = call.request, call.caller.client_id
        key = request.headers.get("idempotency-key", "")
        if not key or request.method == "DELETE":
            return self._write(call)
        target = f"{request.url.path}?{request.url.query}"
        fingerprint = fingerprint_of(request.method, target, call.tenant.tenant_id, call.content)
        try:
            answered = self.memory.recall(client_id, key, fingerprint, self.clock.now())
        except KeyRefused as error:
            return _validation_exception([], str(error))
        if answered is not None:
            return Response(answered.body, answered.status, media_type=answered.media_type)
        now = self.clock.now()
        try:
            response = self._write(call)
        except Exception:
            failed = Answered(500, UNKNOWN_ERROR.encode(), "text/plain")
            self.memory.keep(client_id, key, fingerprint, failed, now)
            raise
        media_type = response.headers.get("content-type", "")
        answered = Answered(response.status_code, bytes(response.body), media_type)
        self.memory.keep(client_id, key, fingerprint, answered, now)
        return response

    def _write(self, call: Call) -> Response:
        response = self._done(call)
        return response if call.fails_after is None else PlainTextResponse(UNKNOWN_ERROR, 500)

    def _done(self, call: Call) -> Response:
        request, tenant, now = call.request, call.tenant, self.clock.now()
        parameters = Parameters(request.query_params.multi_items())
        places = 4 if parameters.text("unitdp") == "4" else 2
        hand = Hand(tenant.book, now, call.caller.app.name, request.method == "PUT", places)
        today = tenant.book.today(now)
        view = View(tenant.book, today, single=True, include_archived=True, unit_places=places)
        head = envelope(call.correlation_id, call.caller.app.name, now)
        try:
            if request.method == "DELETE":
                return _removed(hand, view, call, head)
            if "json" not in request.headers.get("content-type", "json"):
                return PlainTextResponse("The sandbox reads JSON bodies alone", 415)
            task = task_of(hand, view, call.endpoint, request.method, call.path)
            elements = read_elements(call.content, task.plural, task.schema)[: call.fails_after]
            if task.one_only and len(elements) != 1:
                return refusals.bad_value(f"Only one of {task.plural} can be sent in a request")  # wording ours
        except NotFound:
            return refusals.not_found()
        except NotOffered:
            return refusals.not_implemented()
        except Unreadable as error:
            return refusals.bad_value(str(error))
        together = parameters.text("summarizeErrors").lower() != "false"
        outcomes = run(tenant.book, elements, task.save, together=together)
        failures = [_refused(task, outcome, outcome.refusal) for outcome in outcomes if outcome.refusal is not None]
        if together and failures:
            return _validation_exception(failures)
        shown = [_shown(task, outcome, each_with_status=not together) for outcome in outcomes]
        return Response(body({**head, task.plural: shown}), media_type=JSON_TYPE)


def _removed(hand: Hand, view: View, call: Call, head: Json) -> Response:
    try:
        with hand.book.all_or_nothing():
            removed = remove(hand, view, call.endpoint, call.path, head)
    except Refusal as refusal:
        return _validation_exception([refused({}, refusal, "", {})])
    return Response(status_code=204) if removed is None else Response(body(removed), media_type=JSON_TYPE)


def _shown(task: Task, outcome: Outcome, *, each_with_status: bool) -> Json:
    if outcome.refusal is not None:
        return _refused(task, outcome, outcome.refusal) | {"StatusAttributeString": "ERROR"}
    shown = task.show(outcome.record)
    return shown | {"StatusAttributeString": "OK"} if each_with_status else shown


def _refused(task: Task, outcome: Outcome, refusal: Refusal) -> Json:
    return refused(outcome.element.fields, refusal, task.id_field, task.twins)


def _validation_exception(elements: list[Json], message: str = "A validation exception occurred") -> Response:
    content: Record = {"ErrorNumber": 10, "Type": "ValidationException", "Message": message, "Elements": elements}
    return Response(body(content), 400, media_type=JSON_TYPE)
