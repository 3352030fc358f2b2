"""The sandbox's own levers on Salesforce, under `/sandbox/salesforce`. No session is needed, and no call is counted.

| request | does |
| --- | --- |
| `GET /sandbox/salesforce` | the org: ids, users, switches, API requests of the last 24 hours |
| `GET …/totals` | per object: live and deleted records, exact sums (text) of every numeric field over the live ones |
| `GET …/records/{Object}/{Id or external id}` | one record, deleted or not, as the API prints it |
| `POST …/records/{Object}` | creates a record from a JSON object of fields: `{"id"}` |
| `PATCH …/records/{Object}/{Id or external id}` | changes the fields given |
| `DELETE …/records/{Object}/{Id or external id}` | puts it into the recycle bin |
| `POST …/users/{username}` `{"IsActive": false}` | deactivates (true: activates) a user; an inactive user has no session |
| `POST …/expire` `{"tokens": true, "cursors": true}` | ends every session; forgets every query locator |
| `POST …/settings` | any of `page_size` (null: as asked), `daily_api_requests`, `session_seconds` |

Rules and locks have levers of their own: see `control_rules`. Writes made here go round them.
Writes are made as the first active user who is not the integration user; `?as=<username>` names another.
`?visible_after=<seconds>` on POST and PATCH holds the write back: it becomes visible that much later on the sandbox's clock, with
the SystemModstamp of now, as the rows of a long transaction do.
A mistake is answered with 400 or 404 and `{"error": sentence}`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from xero_pipeline.sandbox.salesforce import ids
from xero_pipeline.sandbox.salesforce.failures import ApiError, RowError
from xero_pipeline.sandbox.salesforce.incoming import read_record
from xero_pipeline.sandbox.salesforce.org import Org
from xero_pipeline.sandbox.salesforce.state import Delayed
from xero_pipeline.sandbox.salesforce.store import Table
from xero_pipeline.sandbox.salesforce.values import Json, Row, encode
from xero_pipeline.sandbox.salesforce.web import Api, answer, json_object
from xero_pipeline.sandbox.salesforce.writes import Writer

SWITCHES = ("page_size", "daily_api_requests", "session_seconds")


class ControlError(Exception):
    """A control request that makes no sense: an HTTP status and a sentence."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Lever:
    """One control request: its path parameters, its query, its JSON body, and the time (aware UTC, whole seconds)."""

    org: Org
    request: Request
    body: dict[str, Json]
    now: datetime

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])


def control_route(api: Api, path: str, **methods: Callable[[Lever], object]) -> Route:
    """`/sandbox/salesforce<path>`: a lever by HTTP method; a mistake answered with a sentence."""

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        try:
            lever = Lever(api.org, request, json_object(body) if body else {}, api.now())
            return answer(methods[request.method](lever))
        except ControlError as error:
            return answer({"error": str(error)}, error.status)
        except (ApiError, RowError) as error:
            return answer({"error": f"{error.code}: {error.message}"}, error.status)

    return Route("/sandbox/salesforce" + path, endpoint, methods=list(methods))


def control_routes(api: Api) -> list[Route]:
    """Every route of the table above."""
    return [
        control_route(api, "", GET=_org),
        control_route(api, "/totals", GET=lambda lever: totals(lever.org)),
        control_route(api, "/expire", POST=_expire),
        control_route(api, "/settings", POST=_settings),
        control_route(api, "/users/{username}", POST=_user),
        control_route(api, "/records/{sobject}", POST=_create),
        control_route(api, "/records/{sobject}/{key:path}", GET=_read, PATCH=_edit, DELETE=_delete),
    ]


def totals(org: Org) -> dict[str, dict[str, Json]]:
    """Per object: live and deleted records, and the exact sum, as text, of every numeric field that holds anything."""
    return {name: _totals(table) for name, table in org.tables.items()}


def _totals(table: Table) -> dict[str, Json]:
    names = [field.name for field in table.sobject.fields.values() if field.type in ("double", "currency")]
    sums: dict[str, Decimal] = {}
    for row in table.rows.values():
        for name in names if not row["IsDeleted"] else ():
            value = row.get(name)
            if isinstance(value, Decimal):
                sums[name] = sums.get(name, Decimal(0)) + value
    live = len(table.rows) - table.deleted
    return {
        "records": live,
        "deleted": table.deleted,
        "sums": {name: str(total) for name, total in sums.items()},
    }


def _org(lever: Lever) -> dict[str, object]:
    settings = lever.org.settings
    users = lever.org.tables["User"].rows.values()
    return {
        "org_id": settings.org_id,
        "username": settings.username,
        "users": [{"Id": user["Id"], "Username": user["Username"], "IsActive": user["IsActive"]} for user in users],
        "settings": {name: getattr(settings, name) for name in SWITCHES},
        "api_requests": lever.org.calls_made(lever.now),
        "sessions": len(lever.org.tokens),
        "writes_held_back": len(lever.org.delayed),
    }


def _expire(lever: Lever) -> dict[str, int]:
    ended = {"tokens": 0, "cursors": 0}
    if lever.body.get("tokens") is True:
        ended["tokens"] = lever.org.drop_tokens(list(lever.org.tokens))
    if lever.body.get("cursors") is True:
        ended["cursors"] = len(lever.org.cursors)
        lever.org.cursors.clear()
    return ended


def _settings(lever: Lever) -> dict[str, object]:
    for name, value in lever.body.items():
        if name not in SWITCHES:
            raise ControlError(400, f"There is no switch {name}; there are {', '.join(SWITCHES)}.")
        number = int(value) if isinstance(value, Decimal) else None
        if (number is None or number < 0) and not (name == "page_size" and value is None):
            raise ControlError(400, f"{name} has to be a whole number.")
        setattr(lever.org.settings, name, number)
    lever.org.settings_changed()
    return {name: getattr(lever.org.settings, name) for name in SWITCHES}


def _user(lever: Lever) -> dict[str, Json]:
    user = lever.org.user(lever.path("username"))
    if user is None:
        raise ControlError(404, f"There is no user {lever.path('username')}.")
    table = lever.org.tables["User"]
    Writer(lever.org, str(user["Id"]), lever.now).update(
        str(user["Id"]), read_record(lever.org, table.sobject, lever.body)
    )
    return _printed(table, table.rows[str(user["Id"])])


def _read(lever: Lever) -> dict[str, Json]:
    table = _table(lever)
    return _printed(table, _find(table, lever.path("key")))


def _create(lever: Lever) -> dict[str, Json]:
    table = _table(lever)
    record_id = lever.org.new_id(table.sobject)
    if not _held_back(lever, table, record_id):
        incoming = read_record(lever.org, table.sobject, lever.body)
        _writer(lever).create(incoming, record_id=record_id)
    return {"id": record_id}


def _edit(lever: Lever) -> dict[str, Json]:
    table = _table(lever)
    record_id = str(_find(table, lever.path("key"))["Id"])
    if not _held_back(lever, table, record_id):
        _writer(lever).update(record_id, read_record(lever.org, table.sobject, lever.body))
    return _printed(table, table.rows[record_id])


def _delete(lever: Lever) -> dict[str, Json]:
    table = _table(lever)
    record_id = str(_find(table, lever.path("key"))["Id"])
    _writer(lever).delete(table.sobject, record_id)
    return _printed(table, table.rows[record_id])


def _held_back(lever: Lever, table: Table, record_id: str) -> bool:
    seconds = lever.request.query_params.get("visible_after")
    if seconds is None:
        return False
    if not seconds.isdigit():
        raise ControlError(400, "visible_after has to be a whole number of seconds.")
    # Read now, so that a body that will never work is refused now.
    read_record(lever.org, table.sobject, lever.body)
    visible = lever.now + timedelta(seconds=int(seconds))
    user_id = _writer(lever).user_id
    lever.org.delay(Delayed(table.sobject.name, record_id, lever.body, user_id, lever.now, visible))
    return True


def _writer(lever: Lever) -> Writer:
    username = lever.request.query_params.get("as")
    users = lever.org.tables["User"].rows.values()
    for user in users:
        chosen = user["Username"] == username if username else user["Username"] != lever.org.settings.username
        if chosen and user["IsActive"]:
            return Writer(lever.org, str(user["Id"]), lever.now)
    raise ControlError(404, f"There is no active user {username or 'besides the integration user'}.")


def _table(lever: Lever) -> Table:
    sobject = lever.org.schema.find(lever.path("sobject"))
    if sobject is None:
        raise ControlError(404, f"There is no object {lever.path('sobject')}.")
    return lever.org.tables[sobject.name]


def _find(table: Table, key: str) -> Row:
    row = table.rows.get(ids.to18(key) or "")
    if row is not None:
        return row
    for field in table.sobject.fields.values():
        matches = table.find(field, key) if field.indexed else []
        if matches:
            return matches[0]
    raise ControlError(404, f"There is no {table.sobject.name} {key}.")


def _printed(table: Table, row: Row) -> dict[str, Json]:
    return {field.name: encode(field, row) for field in table.sobject.fields.values()}
