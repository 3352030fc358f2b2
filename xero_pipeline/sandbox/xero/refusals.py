"""How Xero says no: the bodies and headers of 400, 401, 403, 404, 429, 501 and 503 (xero.md section 3)."""

from __future__ import annotations

import uuid

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from xero_pipeline.sandbox.xero.limits import Exceeded


def bearer_of(request: Request) -> str:
    """The bearer token of a request, or ""."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def unauthorised(detail: str) -> Response:
    """401: the token is missing, foreign or expired; `detail` says which."""
    return _problem(401, "Unauthorized", detail)


def insufficient_scope() -> Response:
    """401 with the header by which a client tells a missing scope from a dead token."""
    response = _problem(401, "Unauthorized", "AuthorizationUnsuccessful")
    response.headers["WWW-Authenticate"] = "insufficient_scope"
    return response


def forbidden() -> Response:
    """403: the organisation is not, or no longer, connected."""
    return _problem(403, "Forbidden", "AuthenticationUnsuccessful")


def not_found() -> Response:
    """404, as text."""
    return PlainTextResponse("The resource you're looking for cannot be found", 404)


def bad_query(message: str) -> Response:
    """400 for a `where` or `order` Xero cannot read. The number is the one integrators report; it is not documented."""
    return JSONResponse({"ErrorNumber": 16, "Type": "QueryParseException", "Message": message}, 400)


def bad_value(message: str) -> Response:
    """400 for a value that cannot be read."""
    return JSONResponse({"ErrorNumber": 14, "Type": "PostDataInvalidException", "Message": message}, 400)


def high_volume(message: str) -> Response:
    """400 for a list that would look through too many records, with the number integrators report."""
    return JSONResponse({"ErrorNumber": 51, "Type": "HighVolumeException", "Message": message}, 400)


def too_many(exceeded: Exceeded) -> Response:
    """429 with an empty body; which limit it was is in a header."""
    response = Response(status_code=429, headers={"X-Rate-Limit-Problem": exceeded.problem})
    if exceeded.retry_after is not None:
        response.headers["Retry-After"] = str(exceeded.retry_after)
    return response


def not_acceptable() -> Response:
    """406. Xero answers XML to a client that does not ask for JSON; the sandbox has none, and says so instead of hiding it."""
    text = "Xero answers XML unless JSON is asked for, and the sandbox has no XML: send Accept: application/json"
    return PlainTextResponse(text, 406)


def not_implemented() -> Response:
    """501: the method is not one of this resource's."""
    return PlainTextResponse("The method is not implemented on this resource", 501)


def _problem(status: int, title: str, detail: str) -> Response:
    return JSONResponse(
        {
            "Type": None,
            "Title": title,
            "Status": status,
            "Detail": detail,
            "Instance": str(uuid.uuid4()),
            "Extensions": {},
        },
        status,
    )
