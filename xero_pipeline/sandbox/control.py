"""The control API: how a person or a test moves the sandbox's clock, edits its records, breaks its calls and reads them back.

No key is needed: the sandbox listens on loopback and holds nothing real. `{tenant}` is a tenant id, a name, or `first`.

| request | does |
| --- | --- |
| `GET /sandbox` | this list, as JSON |
| `GET /sandbox/environment` | addresses, credentials and the environment variables for them |
| `GET /sandbox/clock` | the sandbox's time |
| `POST /sandbox/clock` `{"now": ISO}`, `{"advance_seconds": n}`, `{"stopped": true}` | sets, moves, stops (false: lets run) the clock |
| `GET /sandbox/requests?system=&path=&limit=` | every request, counted by endpoint |
| `DELETE /sandbox/requests` | counts from zero |
| `GET /sandbox/faults`, `POST …` (a rule), `DELETE …`, `DELETE …/{id}` | what goes wrong, when and how: see `faults` |
| `GET /sandbox/limits`, `POST …` any of concurrent, minute, day, app_minute, tier (starter, core), windows (real, sandbox), reset | Xero's call limits |
| `GET /sandbox/xero` | the organisations |
| `POST /sandbox/xero/{tenant}/actions/{lever}` | what a person at Xero's screens could do: see `levers` |
| `GET /sandbox/xero/{tenant}/records/{plural}`, `…/{id}` | ids of a collection; one record as the book holds it |
| `GET /sandbox/xero/{tenant}/totals` | counts and exact sums of everything |
| `POST /sandbox/xero/connections/{tenant}/revoke`, `…/restore` | disconnects every app; authorises the custom connection again |
| `GET /sandbox/webhooks`, `POST …` `{"url", "key"*, "categories"*}`, `DELETE …` | where Xero's webhooks go: see `webhook_control` |
| `GET /sandbox/salesforce` and below | Salesforce's own levers |
| `POST /sandbox/shutdown` | ends the sandbox after this answer |

A mistake is 400 or 404 with `{"error": sentence}`; what the book refuses is 400 with Xero's sentence.
"""  # noqa: E501  (a table's row is one line)

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from xero_pipeline.sandbox import faults as fault_rules
from xero_pipeline.sandbox import levers
from xero_pipeline.sandbox.faults import BadRule
from xero_pipeline.sandbox.totals import totals
from xero_pipeline.sandbox.world import World, tenant_named
from xero_pipeline.sandbox.xero.book import ORGANISATION
from xero_pipeline.sandbox.xero.limits import TIERS
from xero_pipeline.sandbox.xero.refusal import Refusal
from xero_pipeline.sandbox.xero.tenants import Tenant
from xero_pipeline.sandbox.xero.wire import ENCODER

Json = dict[str, object]
Handler = Callable[[Request], Awaitable[Response]]
ALLOWANCES = ("concurrent", "minute", "day", "app_minute")


class Mistake(Exception):
    """A control request that makes no sense: an HTTP status and a sentence."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


class Control:
    """The routes of one sandbox. `announcement` is its first line of output; `shut_down` ends it."""

    def __init__(self, world: World, announcement: Callable[[], Json], shut_down: Callable[[], None]) -> None:
        self.world = world
        self.announcement = announcement
        self.shut_down = shut_down

    def routes(self) -> list[BaseRoute]:
        """Everything but Salesforce's own levers."""
        table: list[tuple[str, str, Callable[[Request, Json], object]]] = [
            ("GET", "", self._index),
            ("GET", "/environment", lambda request, given: self.announcement()),
            ("GET", "/clock", lambda request, given: self.world.clock.reading()),
            ("POST", "/clock", self._set_clock),
            ("GET", "/requests", self._requests),
            ("DELETE", "/requests", self._clear_requests),
            ("GET", "/faults", lambda request, given: [rule.shown() for rule in self.world.faults.rules]),
            ("POST", "/faults", lambda request, given: self.world.faults.add(given).shown()),
            ("DELETE", "/faults", self._clear_faults),
            ("DELETE", "/faults/{number:int}", self._remove_fault),
            ("GET", "/limits", lambda request, given: self.world.limits.reading()),
            ("POST", "/limits", self._set_limits),
            ("GET", "/xero", self._organisations),
            ("POST", "/xero/connections/{tenant}/revoke", self._revoke),
            ("POST", "/xero/connections/{tenant}/restore", self._restore),
            ("POST", "/xero/{tenant}/actions/{lever}", self._pull),
            ("GET", "/xero/{tenant}/records/{plural}", self._ids),
            ("GET", "/xero/{tenant}/records/{plural}/{id}", self._record),
            ("GET", "/xero/{tenant}/totals", lambda request, given: totals(self._tenant(request).book)),
            ("POST", "/shutdown", self._shut_down),
        ]
        return [Route(f"/sandbox{path}", _endpoint(handle), methods=[method]) for method, path, handle in table]

    def _index(self, request: Request, given: Json) -> object:
        return {
            "about": "A Xero and a Salesforce on this machine. This is the control API.",
            "requests": _rows(__doc__ or ""),
            "levers": _rows(levers.__doc__ or ""),
            "faults": (fault_rules.__doc__ or "").splitlines(),
        }

    def _set_clock(self, request: Request, given: Json) -> object:
        clock = self.world.clock
        if not given or given.keys() - {"now", "advance_seconds", "stopped"}:
            raise Mistake(400, "Give 'now', 'advance_seconds' or 'stopped'.")
        if "now" in given:
            now = datetime.fromisoformat(str(given["now"]))
            clock.set(now.replace(tzinfo=UTC) if now.tzinfo is None else now)
        if "advance_seconds" in given:
            clock.advance(float(str(given["advance_seconds"])))
        if "stopped" in given:
            (clock.stop if given["stopped"] else clock.run)()
        return clock.reading()

    def _requests(self, request: Request, given: Json) -> object:
        query = request.query_params
        limit = int(query.get("limit", "1000"))
        return self.world.log.summary(system=query.get("system", ""), path=query.get("path", ""), limit=limit)

    def _clear_requests(self, request: Request, given: Json) -> object:
        self.world.log.clear()
        return {"total": 0}

    def _clear_faults(self, request: Request, given: Json) -> object:
        gone = [rule.shown() for rule in self.world.faults.rules]
        self.world.faults.rules.clear()
        return gone

    def _remove_fault(self, request: Request, given: Json) -> object:
        if not self.world.faults.remove(request.path_params["number"]):
            raise Mistake(404, "There is no such rule.")
        return {}

    def _set_limits(self, request: Request, given: Json) -> object:
        limits = self.world.limits
        unknown = given.keys() - {*ALLOWANCES, "tier", "windows", "reset"}
        if unknown:
            raise Mistake(400, f"There is no {', '.join(sorted(unknown))}.")
        for name in ALLOWANCES:
            if name in given:
                value = given[name]
                if not isinstance(value, int) or value < 0:
                    raise Mistake(400, f"'{name}' is a whole number, 0 or more.")
                setattr(limits.allowance, name, value)
        if "tier" in given:
            if given["tier"] not in TIERS:
                raise Mistake(400, f"'tier' is one of: {', '.join(TIERS)}.")
            limits.allowance.day = TIERS[str(given["tier"])]
        if "windows" in given:
            if given["windows"] not in ("real", "sandbox"):
                raise Mistake(400, "'windows' is real or sandbox.")
            limits.allowance.windows = str(given["windows"])
        if given.get("reset"):
            limits.reset()
        return limits.reading()

    def _organisations(self, request: Request, given: Json) -> object:
        return [{"tenant_id": tenant.tenant_id, "name": tenant.name} for tenant in self.world.tenants]

    def _revoke(self, request: Request, given: Json) -> object:
        return {"ended": self.world.identity.disconnect(self._tenant(request).tenant_id)}

    def _restore(self, request: Request, given: Json) -> object:
        self.world.identity.reconnect(self._tenant(request).tenant_id)
        return {}

    def _pull(self, request: Request, given: Json) -> object:
        book = self._tenant(request).book
        return levers.pull(request.path_params["lever"], book, self.world.clock.now(), given)

    def _ids(self, request: Request, given: Json) -> object:
        collection = self._tenant(request).book.collections.get(request.path_params["plural"])
        if collection is None:
            raise Mistake(404, "There is no such collection.")
        return list(collection)

    def _record(self, request: Request, given: Json) -> object:
        book, plural = self._tenant(request).book, request.path_params["plural"]
        return book.organisation if plural == ORGANISATION else book.get(plural, request.path_params["id"])

    def _shut_down(self, request: Request, given: Json) -> object:
        self.shut_down()
        return {}

    def _tenant(self, request: Request) -> Tenant:
        tenant = tenant_named(self.world, request.path_params["tenant"])
        if tenant is None:
            raise Mistake(404, f"There is no organisation {request.path_params['tenant']!r}.")
        return tenant


def _endpoint(handle: Callable[[Request, Json], object]) -> Handler:
    async def endpoint(request: Request) -> Response:
        try:
            return _answer(handle(request, await _given(request)))
        except Mistake as error:
            return _answer({"error": str(error)}, error.status)
        except Refusal as error:
            return _answer({"error": str(error), "messages": error.messages}, 400)
        except KeyError as error:
            return _answer({"error": f"There is no {error.args[0]!r}."}, 404)
        except (levers.Unusable, BadRule, ValueError, TypeError, re.error) as error:
            return _answer({"error": str(error)}, 400)

    return endpoint


def _answer(content: object, status: int = 200) -> Response:
    return Response(ENCODER.encode(content), status, media_type="application/json")


async def _given(request: Request) -> Json:
    body = await request.body()
    given = json.loads(body, parse_float=Decimal) if body else {}
    if not isinstance(given, dict):
        raise Mistake(400, "The body is a JSON object.")
    return cast("Json", given)


def _rows(text: str) -> list[dict[str, str]]:
    """The rows of the table in a docstring, by the names of its columns."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    head, _, *rows = lines
    return [dict(zip(head, row, strict=False)) for row in rows]
