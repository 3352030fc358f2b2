"""What an answer of Xero's that is not a success means: one of the error kinds, in a sentence a person can act on.

Sources: xero.md section 3 (400 to 503 and their bodies), section 5 (token errors). No sentence holds a token or a secret, and
errors of the HTTP library are never chained, because they carry the request with its headers.
"""

from __future__ import annotations

from typing import Any

import httpx
import msgspec

from xero_pipeline.domain.errors import OutcomeUnknown, Permanent, PipelineError, Reconnect, Transient

_LONGEST = 300
# Failures that come before a byte of the request was sent: no connection, no TLS, no free connection, no way through a proxy.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
# Said by what stands before Xero, which gave up waiting while Xero may not have; 409 would be Xero's word for a first request
# under the same key that is not done yet, and is not documented.
_STILL_AT_WORK = frozenset({408, 409, 502, 504})
_RECONNECT = "Connect again with `xero-pipeline connect xero`."
_CREDENTIALS = "Check XERO_CLIENT_ID and XERO_CLIENT_SECRET, then connect again with `xero-pipeline connect xero`."
_SCOPES = "Give the app the scopes it lacks, then connect again with `xero-pipeline connect xero`."


def not_connected() -> Reconnect:
    """No token was ever kept."""
    return Reconnect(
        "The organisation is not connected to Xero.", next_step="Connect with `xero-pipeline connect xero`."
    )


def cannot_refresh() -> Reconnect:
    """The token has run out and there is nothing to renew it with."""
    return Reconnect("The connection's token has ended and cannot be renewed.", next_step=_RECONNECT)


def no_answer(error: httpx.RequestError, what: str) -> Transient:
    """The network failed before a whole answer had come."""
    return Transient(f"Xero did not answer {what} ({type(error).__name__}).")


def never_sent(error: httpx.RequestError) -> bool:
    """Whether it is certain that Xero never saw the request."""
    return isinstance(error, _NEVER_SENT)


def lost_write(error: httpx.RequestError, what: str, *, answered: bool) -> OutcomeUnknown:
    """The network failed while or after something was sent to be written; `answered` says that an answer had begun to come."""
    how = "broke off its answer to" if answered else "did not answer"
    return OutcomeUnknown(
        f"Xero {how} {what} ({type(error).__name__}), so it is not known what was done.", answered=answered
    )


def of_write(response: httpx.Response, what: str) -> PipelineError:
    """The error that an answer to a write stands for: one that does not say whether it was done is an OutcomeUnknown."""
    status = response.status_code
    if status >= 500 or status in _STILL_AT_WORK:
        return OutcomeUnknown(
            f"Xero failed at {what} ({status}{_detail(response)}), so it is not known what was done.",
            answered=status not in _STILL_AT_WORK,
        )
    if status == 400 and "is used with a different request" in response.text:
        return Permanent(
            f"Xero knows the idempotency key of {what} from another request, and did nothing.",
            next_step="What was sent differs from what was written down for that key; send it under a new one.",
        )
    return of_api(response, what)


def lacks_scope(response: httpx.Response) -> bool:
    """Whether a 401 is about scopes, which no new token mends. Xero spells the word both ways."""
    reason = response.headers.get("WWW-Authenticate", "")
    return "insufficient_scope" in reason or "insufficent_scope" in reason


def of_api(response: httpx.Response, what: str) -> PipelineError:
    """The error that an answer of the API stands for; 429 is the budget's and does not come here. `what` names the call."""
    status = response.status_code
    if status == 401:
        return _unauthorised(response, what)
    if status == 403:
        return Reconnect(
            f"Xero refuses {what}: the organisation is disconnected, is not one this connection may see, "
            f"or the person who connected it has lost access{_detail(response)}.",
            next_step=_RECONNECT,
        )
    if status == 404:
        return Permanent(
            f"Xero does not know {what} (404).", next_step="Check XERO_API_URL and the organisation's tenant."
        )
    if status >= 500:
        return Transient(f"Xero could not answer {what} ({status}{_detail(response)}).")
    if status == 400:
        return Permanent(f"Xero refuses {what} as asked (400{_detail(response)}).")
    return Permanent(f"Xero answered {what} with {status}{_detail(response)}.", next_step="Check XERO_API_URL.")


def of_token(response: httpx.Response) -> PipelineError:
    """The error that an answer of the identity service stands for."""
    if response.status_code >= 500 or response.status_code == 429:
        return Transient(f"Xero's identity service could not answer ({response.status_code}).")
    body = _body(response)
    code = str(body.get("error", "")) if isinstance(body, dict) else ""
    match code:
        case "invalid_grant":
            return Reconnect(
                "Xero no longer accepts the authorisation of this connection: it expired, was used already or was revoked.",
                next_step=_RECONNECT,
            )
        case "invalid_client":
            return Reconnect("Xero does not accept the app's client id and secret.", next_step=_CREDENTIALS)
        case "unauthorized_client":
            return Reconnect("Xero does not let this app sign in this way.", next_step=_CREDENTIALS)
        case "invalid_scope":
            return Reconnect("Xero does not let this app have the scopes it asks for.", next_step=_SCOPES)
        case "":
            return Permanent(
                f"Xero's identity service answered {response.status_code} without saying why.",
                next_step="Check XERO_IDENTITY_URL.",
            )
        case _:
            return Permanent(f"Xero's identity service refuses: {code[:60]}.", next_step="Check XERO_IDENTITY_URL.")


def _unauthorised(response: httpx.Response, what: str) -> Reconnect:
    if lacks_scope(response):
        return Reconnect(f"The connection lacks the scope that {what} needs.", next_step=_SCOPES)
    return Reconnect(
        f"Xero does not accept the connection's token for {what}, not even a new one{_detail(response)}.",
        next_step=_RECONNECT,
    )


def _body(response: httpx.Response) -> Any:
    try:
        return msgspec.json.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _detail(response: httpx.Response) -> str:
    """What the body says, as `: text`; nothing when it is HTML or says nothing."""
    body = _body(response)
    if isinstance(body, dict):
        said = [str(body[key]) for key in ("Message", "Detail") if body.get(key)]
        said.extend(_validation(body))
    elif "html" in response.headers.get("Content-Type", "") or response.text.lstrip().startswith("<"):
        said = []
    else:
        said = [response.text.strip()]
    text = " ".join(" ".join(said).split())[:_LONGEST].rstrip(".")
    return f": {text}" if text else ""


def _validation(body: dict[str, Any]) -> list[str]:
    elements = body.get("Elements")
    return [
        str(fault["Message"])
        for element in (elements if isinstance(elements, list) else ())
        if isinstance(element, dict)
        for fault in element.get("ValidationErrors") or ()
        if isinstance(fault, dict) and fault.get("Message")
    ]
