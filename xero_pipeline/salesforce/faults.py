"""What an unsuccessful answer of Salesforce means, in the kinds of the project's errors (salesforce.md sections 1 and 2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from xero_pipeline.domain.errors import Permanent, PipelineError, Reconnect, Throttled, Transient
from xero_pipeline.salesforce.values import decode

DEPLOY_PACKAGE = (
    "Deploy xero_pipeline/salesforce/package to the org and assign the permission set Xero_Sync_Integration to the user "
    "the sync signs in as."
)
_ASSIGN_PERMISSIONS = "Assign the permission set Xero_Sync_Integration to the user the sync signs in as."
# The answer to a spent day names no time: usage is counted over a rolling 24 hours, so an hour on some of it has come back.
DAY_RETRY_AFTER = 3600.0


class Refused(Permanent):
    """Salesforce refused the request as it stands. `code` is its errorCode, or HTTP_<status> where the body had none."""

    def __init__(self, message: str, *, status: int, code: str, next_step: str = "") -> None:
        self.status = status
        self.code = code
        super().__init__(message, next_step=next_step)


class CursorExpired(Transient):
    """The cursor of a query is gone (INVALID_QUERY_LOCATOR): the query is to be asked again from the last row that was read."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The first error of an answer: its code, its message on one line without markup, and the fields it names."""

    code: str
    message: str
    fields: tuple[str, ...] = ()


def one_line(text: str, limit: int = 300) -> str:
    """Text fit for a sentence: no markup, no line breaks, at most `limit` characters."""
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())[:limit]


def read_fault(response: httpx.Response) -> Fault:
    """The error in an answer: a JSON list of errors, one error object, or a page of HTML from the edge (salesforce.md 6.23)."""
    try:
        body = decode(response.content)
    except ValueError:
        return Fault(f"HTTP_{response.status_code}", one_line(response.text) or response.reason_phrase)
    first = body[0] if isinstance(body, list) and body else body
    if not isinstance(first, Mapping):
        return Fault(f"HTTP_{response.status_code}", one_line(response.text))
    code = first.get("errorCode") or first.get("exceptionCode") or first.get("error") or f"HTTP_{response.status_code}"
    message = first.get("message") or first.get("exceptionMessage") or first.get("error_description") or ""
    fields = first.get("fields")
    return Fault(str(code), one_line(str(message)), tuple(map(str, fields)) if isinstance(fields, list) else ())


def session_is_dead(response: httpx.Response) -> bool:
    """Whether a 401 says that the session ended, the only 401 that logging in again can cure (jsforce's login loops)."""
    return response.status_code == 401 and read_fault(response).code == "INVALID_SESSION_ID"


# Codes that pass by themselves, whatever HTTP status they come with (UNABLE_TO_LOCK_ROW is seen as 400 and as 500).
_PASSING = frozenset({"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT", "UNKNOWN_EXCEPTION"})
_PASSING_STATUS = frozenset({406, 408, 420, 429})
_NO_SUCH_THING = frozenset({"INVALID_FIELD", "INVALID_TYPE", "INVALID_FIELD_FOR_INSERT_UPDATE", "NOT_FOUND"})


def error_of(response: httpx.Response, doing: str) -> PipelineError:
    """The error that an unsuccessful answer to a data call stands for; `doing` completes "Salesforce … while <doing>"."""
    status, fault = response.status_code, read_fault(response)
    said = f"{fault.code}: {fault.message}" if fault.message else fault.code
    if fault.code == "INVALID_QUERY_LOCATOR":
        return CursorExpired(f"The Salesforce cursor expired while {doing}.")
    if fault.code == "REQUEST_LIMIT_EXCEEDED":
        if "concurrent" in fault.message.casefold():
            return Throttled(
                f"Salesforce has too many long requests running while {doing}.", problem="concurrent", retry_after=30.0
            )
        return Throttled(
            "The Salesforce org has used up its API requests of the day.", problem="day", retry_after=DAY_RETRY_AFTER
        )
    if status >= 500 or status in _PASSING_STATUS or fault.code in _PASSING:
        return Transient(f"Salesforce could not answer while {doing} (HTTP {status}, {said}).")
    if status == 401:
        return Reconnect(
            f"Salesforce no longer accepts the session while {doing} ({said}).",
            next_step="Check the connected app and its user in Salesforce Setup, then run `xero-pipeline connect salesforce`.",
        )
    return Refused(
        f"Salesforce refused {doing} (HTTP {status}, {said}).",
        status=status,
        code=fault.code,
        next_step=_next_step(status, fault),
    )


def _next_step(status: int, fault: Fault) -> str:
    if fault.code.startswith("API_") or fault.code == "FUNCTIONALITY_NOT_ENABLED":
        return "Enable API access for this org and for the user the sync signs in as."
    if fault.code == "TXN_SECURITY_METERING_ERROR":
        return "Give the user the sync signs in as the permission Exempt from Transaction Security."
    if fault.code in _NO_SUCH_THING:
        return DEPLOY_PACKAGE
    if status == 403:
        return _ASSIGN_PERMISSIONS
    if status == 410:
        return "This API version is retired; update xero_pipeline."
    return ""
