"""One call to Salesforce, made to come back with an answer or with the right error: retries, the daily budget, the counts."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

from xero_pipeline.certificates import trusted
from xero_pipeline.domain.errors import PipelineError, Throttled, Transient
from xero_pipeline.salesforce.faults import DAY_RETRY_AFTER, error_of
from xero_pipeline.salesforce.oauth import SalesforceAuth
from xero_pipeline.salesforce.values import decode

_TRIES = 5
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 60.0
_LIMIT_INFO = re.compile(r"api-usage=(\d+)/(\d+)")


@dataclass(frozen=True, slots=True)
class Budget:
    """API requests of the org in the last 24 hours, as `Sforce-Limit-Info` tells: used, and allowed."""

    used: int
    limit: int

    @property
    def share(self) -> float:
        """The used part, 0 to 1 and above."""
        return self.used / self.limit if self.limit else 0.0


class Calls:
    """The HTTP side of one run: sends requests, repeats those that failed in a way that passes, and keeps count.

    Every request sent through here must be safe to repeat: reads, upserts by external id, updates and deletes by id. A create
    without an external id is not, and has no way through.

    `calls` counts requests to the data API (repeats included, logins not), `bytes_received` what came over the wire
    (compressed), `bytes_sent` the bodies. `budget_share` is the part of the org's daily API requests after which this run
    stops before its next call, so that the org's people and other tools are never locked out.
    """

    def __init__(
        self,
        auth: SalesforceAuth,
        base_url: str,
        *,
        budget_share: float,
        timeout: float,
        transport: httpx.BaseTransport | None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._auth = auth
        self._budget_share = budget_share
        self._sleep = sleep
        self._http = httpx.Client(
            base_url=base_url,
            auth=auth,
            transport=transport,
            verify=trusted(),
            timeout=httpx.Timeout(timeout, connect=10.0),
            headers={"Accept": "application/json", "Sforce-Call-Options": "client=xero-pipeline"},
            event_hooks={"response": [self._count]},
        )
        self.calls = 0
        self.bytes_received = 0
        self.bytes_sent = 0
        self.budget: Budget | None = None

    def close(self) -> None:
        self._http.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        doing: str,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        read: Callable[[httpx.Response], object] = lambda response: decode(response.content),
    ) -> object:
        """What `read` makes of a successful answer, JSON unless told otherwise (None for an empty one).

        `content` is JSON where the headers do not say what it is; `doing` completes the sentence of an error.
        Raises Throttled when a limit is spent, Reconnect when the connection is dead, Refused (a Permanent) when the request
        cannot succeed as it stands, CursorExpired or another Transient when it still failed after the last of its repeats.
        """
        self._guard_budget()
        all_headers = dict(headers or {})
        if content is not None:
            all_headers.setdefault("Content-Type", "application/json")
        for attempt in range(1, _TRIES + 1):
            asked_wait = 0.0
            try:
                response = self._http.request(method, path, params=params, content=content, headers=all_headers)
            except httpx.TransportError as error:
                # The request may have been carried out. That is why nothing comes through here that cannot be repeated.
                failure: PipelineError = Transient(
                    f"Salesforce could not be reached while {doing} ({type(error).__name__})."
                )
            except Transient as error:  # the login within the call
                failure = error
            else:
                self._account(response, content)
                if response.is_success:
                    try:
                        return read(response) if response.content else None
                    except ValueError:
                        failure = Transient(f"Salesforce sent an answer that breaks off or is no JSON while {doing}.")
                else:
                    failure = error_of(response, doing)
                    asked_wait = _retry_after(response)
            if attempt == _TRIES or not _passes(failure):
                raise failure
            self.pause(_FIRST_WAIT * 2 ** (attempt - 1), at_least=asked_wait)
        raise AssertionError("unreachable")

    def pause(self, seconds: float, *, at_least: float = 0.0) -> None:
        """Wait about that long: half to one and a half times, so that clients that failed together do not return together."""
        self._sleep(max(at_least, seconds * random.uniform(0.5, 1.5)))  # noqa: S311

    def _count(self, response: httpx.Response) -> None:
        if "/services/oauth2/" in response.request.url.path:
            return
        self.calls += 1
        if found := _LIMIT_INFO.search(response.headers.get("Sforce-Limit-Info", "")):
            self.budget = Budget(int(found[1]), int(found[2]))

    def _account(self, response: httpx.Response, content: bytes | None) -> None:
        self.bytes_received += sum(answer.num_bytes_downloaded for answer in (*response.history, response))
        self.bytes_sent += len(content or b"")

    def _guard_budget(self) -> None:
        if self.budget and self.budget.share >= self._budget_share:
            raise Throttled(
                f"Salesforce has counted {self.budget.used} of the org's {self.budget.limit} API requests of the day, and the "
                f"sync stops at {self._budget_share:.0%} to leave the rest to others.",
                problem="day",
                retry_after=DAY_RETRY_AFTER,
            )


def _passes(failure: PipelineError) -> bool:
    """Whether the same request may succeed in seconds. An expired cursor never does, and a spent day does not so soon."""
    if isinstance(failure, Throttled):
        return failure.problem == "concurrent"
    return type(failure) is Transient


def _retry_after(response: httpx.Response) -> float:
    text = response.headers.get("Retry-After", "")
    return min(float(text), _LONGEST_WAIT) if text.isdigit() else 0.0
