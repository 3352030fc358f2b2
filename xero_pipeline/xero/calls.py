"""One call to the API, made to succeed if it can: paced by the budget, signed, repeated while the failure may pass.

Only reads go through here, so repeating is always safe.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import TypeVar

import httpx

from xero_pipeline.domain.errors import PipelineError, Throttled, Transient
from xero_pipeline.xero import faults
from xero_pipeline.xero.budget import IN_FLIGHT, CallBudget
from xero_pipeline.xero.pages import Unreadable

T = TypeVar("T")

API = "/api.xro/2.0"
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 20.0


class _Refused(Exception):
    """A 429, on its way to the budget."""

    def __init__(self, problem: str, retry_after: float | None) -> None:
        self.problem = problem
        self.retry_after = retry_after
        super().__init__(problem)


class _Passing(Exception):
    """A failure that may pass, and the seconds Xero asks to wait, if it does."""

    def __init__(self, fault: Transient, retry_after: float = 0.0) -> None:
        self.fault = fault
        self.retry_after = retry_after
        super().__init__(fault.message)


class Calls:
    """Makes calls for one organisation and counts them. Safe to share between threads.

    `tries` is how often one call is sent before its failure is given on.
    """

    def __init__(
        self,
        api_url: str,
        auth: httpx.Auth,
        budget: CallBudget,
        *,
        tenant_id: str | None = None,
        tries: int = 5,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        timeout: float = 60.0,
    ) -> None:
        self._budget = budget
        self._tries = tries
        self._sleep = sleep
        self._lock = threading.Lock()
        self.by_endpoint: Counter[str] = Counter()
        self.bytes = 0
        # Without Accept Xero answers in XML. httpx asks for gzip by itself.
        headers = {"Accept": "application/json", "User-Agent": _user_agent()}
        if tenant_id:
            headers["xero-tenant-id"] = tenant_id
        self._http = httpx.Client(
            base_url=api_url + API,
            auth=auth,
            headers=headers,
            transport=transport,
            timeout=httpx.Timeout(timeout, connect=min(10.0, timeout)),
            limits=httpx.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT),
            event_hooks={"request": [self._count], "response": [self._listen]},
        )

    def close(self) -> None:
        self._http.close()

    def get(
        self,
        endpoint: str,
        path: str,
        read: Callable[[httpx.Response], T],
        params: Mapping[str, str],
        headers: Mapping[str, str],
    ) -> T:
        """What `read` makes of the answer to one GET.

        Network failures, 5xx, unreadable bodies and short throttling are met with another try, after a growing pause.
        Raises Transient, Throttled, Reconnect or Permanent when that does not help or cannot.
        """
        for attempt in range(1, self._tries + 1):
            last = attempt == self._tries
            failure: PipelineError
            try:
                return self._once(endpoint, path, read, params, headers)
            except _Refused as refused:
                # The next try, and every other call, waits in the budget.
                after = self._budget.refused(refused.problem, refused.retry_after, attempt)
                message = f"Xero refused GET {path} {attempt} times because of its limits."
                failure = Throttled(message, problem=refused.problem or "minute", retry_after=after)
                pause = 0.0
            except _Passing as passing:
                failure, pause = passing.fault, max(_pause(attempt), passing.retry_after)
            except Transient as unsigned:
                # The token could not be renewed just now.
                failure, pause = unsigned, _pause(attempt)
            if last or pause > _LONGEST_PAUSE:
                raise failure
            if pause:
                self._sleep(pause)
        raise AssertionError("a call is tried at least once")

    def _once(
        self,
        endpoint: str,
        path: str,
        read: Callable[[httpx.Response], T],
        params: Mapping[str, str],
        headers: Mapping[str, str],
    ) -> T:
        what = f"GET {path}"
        with self._budget.call():
            try:
                response = self._http.get(f"/{path}", params=params, headers=headers, extensions={"endpoint": endpoint})
            except httpx.RequestError as error:
                fault = faults.no_answer(error, what)
            else:
                with self._lock:
                    self.bytes += response.num_bytes_downloaded
                if response.status_code == 429:
                    raise _Refused(response.headers.get("X-Rate-Limit-Problem", "").lower(), _retry_after(response))
                if not response.is_success and response.status_code != 304:
                    refusal = faults.of_api(response, what)
                    if isinstance(refusal, Transient):
                        raise _Passing(refusal, _retry_after(response) or 0.0)
                    raise refusal
                try:
                    return read(response)
                except Unreadable:
                    fault = Transient(f"Xero answered {what} with something that is cut off or no list of records.")
        raise _Passing(fault)

    def _count(self, request: httpx.Request) -> None:
        with self._lock:
            self.by_endpoint[str(request.extensions.get("endpoint", ""))] += 1

    def _listen(self, response: httpx.Response) -> None:
        self._budget.observe(response.headers)


def _pause(attempt: int) -> float:
    """Seconds before the next try: twice as long each time, and never two callers in step."""
    return float(min(_FIRST_PAUSE * 2.0 ** (attempt - 1), _LONGEST_PAUSE) * random.uniform(0.5, 1.0))  # noqa: S311


def _retry_after(response: httpx.Response) -> float | None:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else None


def _user_agent() -> str:
    try:
        return f"xero-pipeline/{version('xero-pipeline')}"
    except PackageNotFoundError:
        return "xero-pipeline"
