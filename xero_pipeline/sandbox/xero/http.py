"""The accounting API on HTTP: who may ask, which organisation it is about, whether a call is left, and the answer.

GET of every endpoint in `endpoints`, as a list and by id, is answered here; `writes.api` answers the other methods.
"""

from __future__ import annotations

import uuid
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from xero_pipeline.sandbox.clock import Clock
from xero_pipeline.sandbox.xero import history, refusals
from xero_pipeline.sandbox.xero.book import ORGANISATION
from xero_pipeline.sandbox.xero.computed_views import ComputedView, ComputedViews
from xero_pipeline.sandbox.xero.endpoints import BY_NAME, Endpoint
from xero_pipeline.sandbox.xero.finding import find_record, split_path
from xero_pipeline.sandbox.xero.high_volume import HighVolume
from xero_pipeline.sandbox.xero.identity import Identity, OAuthError
from xero_pipeline.sandbox.xero.limits import Limits
from xero_pipeline.sandbox.xero.oauth_state import Caller
from xero_pipeline.sandbox.xero.params import BadParameter, Parameters, modified_since
from xero_pipeline.sandbox.xero.query import BadQuery
from xero_pipeline.sandbox.xero.record import text_of
from xero_pipeline.sandbox.xero.tenants import Tenant, Tenants
from xero_pipeline.sandbox.xero.views import View
from xero_pipeline.sandbox.xero.wire import Json, body, envelope
from xero_pipeline.sandbox.xero.writes.api import JSON_TYPE, Call, WritesApi
from xero_pipeline.sandbox.xero.writes.showing import shown_entry

JSON_TYPES = ("application/json", "text/json")
WRITING = frozenset({"PUT", "POST", "DELETE"})
LEASE = (
    "xero_lease"  # where the (client, tenant) of a counted call stands in the request's state until the answer is out
)


class AccountingApi:
    """`/api.xro/2.0` over the organisations of `tenants`."""

    def __init__(self, identity: Identity, tenants: Tenants, limits: Limits, clock: Clock) -> None:
        self.identity = identity
        self.tenants = tenants
        self.limits = limits
        self.clock = clock
        self.writes = WritesApi(clock)
        self.computed_views = ComputedViews()

    def routes(self) -> list[BaseRoute]:
        """Lists and single records; resource names in any case."""
        methods = ["GET", "PUT", "POST", "DELETE"]
        return [
            Route("/api.xro/2.0/{resource}", self.answer, methods=methods),
            Route("/api.xro/2.0/{resource}/{key:path}", self.answer, methods=methods),
        ]

    async def answer(self, request: Request) -> Response:
        """One call: 401, 403 and 429 come before anything is looked up, as at Xero."""
        correlation_id = str(uuid.uuid4())
        try:
            caller = self.identity.caller(refusals.bearer_of(request))
        except OAuthError as error:
            return self._finished(refusals.unauthorised(str(error)), correlation_id)
        tenant_id = self.identity.tenant_of(caller, request.headers.get("xero-tenant-id", ""))
        tenant = self.tenants.find(tenant_id) if tenant_id else None
        if tenant is None:
            return self._finished(refusals.forbidden(), correlation_id)
        key = (caller.client_id, tenant.tenant_id)
        exceeded = self.limits.enter(*key)
        if exceeded is None:
            request.scope["state"][LEASE] = key
            content = await request.body() if request.method in WRITING else b""
            response = self._response(request, content, caller, tenant, correlation_id)
        else:
            response = refusals.too_many(exceeded)
        response.headers.update(self.limits.headers(*key))
        return self._finished(response, correlation_id)

    def _finished(self, response: Response, correlation_id: str) -> Response:
        response.headers["Xero-Correlation-Id"] = correlation_id
        response.headers["Cache-Control"] = "max-age=0, no-cache, no-store"
        return response

    def _response(
        self, request: Request, content: bytes, caller: Caller, tenant: Tenant, correlation_id: str
    ) -> Response:
        resource, key = request.path_params["resource"], request.path_params.get("key", "")
        endpoint = self.computed_views.find(resource, key) or BY_NAME.get(resource.lower())
        if endpoint is None:
            return refusals.not_found()
        if not endpoint.granted_by & caller.scopes:
            return refusals.insufficient_scope()
        if not any(kind in request.headers.get("accept", "") for kind in JSON_TYPES):
            return refusals.not_acceptable()
        if request.method != "GET":
            if isinstance(endpoint, ComputedView) or request.method not in WRITING:
                return refusals.not_implemented()
            if not caller.scopes.intersection(endpoint.scopes):
                return refusals.insufficient_scope()
            return self.writes.answer(Call(request, content, caller, tenant, endpoint, correlation_id))
        parameters = Parameters(request.query_params.multi_items(), caller.app.name)
        view = View(
            tenant.book,
            tenant.book.today(self.clock.now()),
            include_archived=parameters.flag("includeArchived"),
            unit_places=4 if parameters.text("unitdp") == "4" else 2,
        )
        answer = envelope(correlation_id, caller.app.name, self.clock.now())
        try:
            if isinstance(endpoint, ComputedView):
                computed = endpoint.answer(tenant.book, parameters, self.clock.now())
                if computed is None:
                    return refusals.not_found()
                answer[endpoint.array] = [computed]
            elif "key" in request.path_params:
                parent, child, child_id = split_path(key)
                of_history = child == "history" and not child_id and endpoint.plural in history.ENTITIES
                found = find_record(tenant.book, endpoint, parent if of_history else key) if endpoint.singles else None
                if found is None:
                    return refusals.not_found()
                if of_history:
                    entries = history.entries(tenant.book, text_of(found, endpoint.id_field))
                    answer["HistoryRecords"] = [shown_entry(entry) for entry in entries]
                    return Response(body(answer), media_type=JSON_TYPE)
                single = replace(view, single=True, include_archived=True)
                answer[_array(endpoint)] = [single.show(endpoint, found)]
            else:
                answer |= _listed(tenant, endpoint, parameters, request.headers.get("if-modified-since", ""), view)
        except BadQuery as error:
            return refusals.bad_query(str(error))
        except BadParameter as error:
            return refusals.bad_value(str(error))
        except HighVolume as error:
            return refusals.high_volume(str(error))
        return Response(body(answer), media_type=JSON_TYPE)


def _listed(tenant: Tenant, endpoint: Endpoint, parameters: Parameters, since: str, view: View) -> Json:
    page = tenant.listing.page(endpoint, parameters, modified_since(since))
    view = replace(view, lines=page.paged)
    shown = [view.show(endpoint, record) for record in page.records]
    if endpoint.summary_drops and parameters.flag("summaryOnly"):
        for record in shown:
            for field in endpoint.summary_drops & record.keys():
                del record[field]
    answer: Json = {} if page.pagination is None else {"pagination": page.pagination}
    return answer | {_array(endpoint): shown}


def _array(endpoint: Endpoint) -> str:
    return "Organisations" if endpoint.plural == ORGANISATION else endpoint.plural
