"""One call to the API, made to succeed if it can: paced by the budget, signed, repeated while that is safe and may help.

A read is repeated after any failure that may pass. A write is repeated only when it is certain that nothing was done.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import TypeVar

import httpx

from xero_pipeline.certificates import trusted
from xero_pipeline.domain.errors import PipelineError, Throttled, Transient
from xero_pipeline.xero.budget import IN_FLIGHT, CallBudget
from xero_pipeline.xero.call import Call, Passing, Refused, retry_after
from xero_pipeline.xero.pages import Unreadable
from xero_pipeline.xero.unpacking import Packed, received

T = TypeVar("T")

API = "/api.xro/2.0"
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 20.0


@dataclass(slots=True)
class _Tally:
    """Calls sent, by name of the endpoint, and bytes of answers received."""

    sent: Counter[str] = field(default_factory=Counter)
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class _Ahead:
    """A call that was made before anybody needs its answer."""

    answer: Future[Packed]
    tally: _Tally


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
        # Python does one thing at a time: more answers than one would only lie there unpacked, ten times as large as they came.
        # A second may be read while one waits for the warehouse.
        self._unpacked = threading.BoundedSemaphore(2)
        self._reading = threading.Lock()
        self._tally = _Tally()
        self._ahead: dict[Hashable, _Ahead] = {}
        self._early = ThreadPoolExecutor(1, thread_name_prefix="xero ahead")
        # Without Accept Xero answers in XML. httpx asks for gzip by itself.
        headers = {"Accept": "application/json", "User-Agent": _user_agent()}
        if tenant_id:
            headers["xero-tenant-id"] = tenant_id
        self._http = httpx.Client(
            base_url=api_url + API,
            auth=auth,
            headers=headers,
            transport=transport,
            verify=trusted(),
            timeout=httpx.Timeout(timeout, connect=min(10.0, timeout)),
            limits=httpx.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT),
            event_hooks={"request": [self._count], "response": [self._listen]},
        )

    def close(self) -> None:
        """Close the connections, once what is in flight has come: with it, a token may be on its way."""
        self._early.shutdown(wait=True, cancel_futures=True)
        self._http.close()

    @property
    def by_endpoint(self) -> Mapping[str, int]:
        """Calls sent, repeated ones included, by name of the endpoint; those sent ahead once their answers are taken."""
        return self._tally.sent

    @property
    def bytes_received(self) -> int:
        """Bytes of answers, compressed as they came; those to calls sent ahead once they are taken."""
        return self._tally.bytes

    def ahead(self, endpoint: str, path: str, params: Mapping[str, str], headers: Mapping[str, str]) -> None:
        """Make one GET now, so that `get` finds its answer ready; returns at once, and raises nothing.

        It is tried once. Whatever becomes of it is what the first try of `get` then meets.
        """
        call = Call("GET", endpoint, path, _unread, params, headers, ())
        if call.key not in self._ahead:
            tally = _Tally()
            self._ahead[call.key] = _Ahead(self._early.submit(self._fetched, call, tally), tally)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """A block that waits for somebody else, within `read` of an answer: another answer is read meanwhile."""
        self._reading.release()
        try:
            yield
        finally:
            self._reading.acquire()

    def get(
        self,
        endpoint: str,
        path: str,
        read: Callable[[httpx.Response], T],
        params: Mapping[str, str],
        headers: Mapping[str, str],
        *,
        accepts: Container[int] = (304,),
        exporting: bool = False,
    ) -> T:
        """What `read` makes of the answer to one GET, which is a success or has a status that it `accepts`.

        Network failures, 5xx, unreadable bodies and short throttling are met with another try, after a growing pause.
        `exporting` says that the call serves an export, and may use the share of calls that is kept for that.
        Raises Transient, Throttled, Reconnect or Permanent when that does not help or cannot.
        """
        return self._done(Call("GET", endpoint, path, read, params, headers, accepts, exporting))

    def write(
        self,
        method: str,
        endpoint: str,
        path: str,
        read: Callable[[httpx.Response], T],
        params: Mapping[str, str],
        content: bytes,
        *,
        key: str,
        within: float | None = None,
    ) -> T:
        """What `read` makes of the answer to one write: `content` is JSON, `key` its idempotency key. 400 is for `read` too.

        Only what certainly did nothing is met with another try under the same key: a refusal because of limits, a connection
        that never came about, a token that could not be renewed. Everything else that gives no clear answer raises
        OutcomeUnknown at once. It may have been done, and an answer in which Xero failed is remembered under the key, so that
        asking again would tell nothing; only the caller knows how to look for what it wrote, and how long ago it first sent it.
        Not a byte is sent later than `within` seconds from now, however long its turn takes to come: that is then Transient.
        Raises Throttled, Transient, Reconnect or Permanent where nothing was done.
        """
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        last = None if within is None else self._budget.now() + within
        call = Call(method, endpoint, path, read, params, headers, (400,), exporting=True, content=content, last=last)
        return self._done(call)

    def _done(self, call: Call[T]) -> T:
        for attempt in range(1, self._tries + 1):
            last = attempt == self._tries
            failure: PipelineError
            try:
                return self._once(call)
            except Refused as refused:
                # The next try, and every other call, waits in the budget.
                after = self._budget.refused(refused.problem, refused.retry_after, attempt)
                message = f"Xero refused {call.what} {attempt} times because of its limits."
                failure = Throttled(message, problem=refused.problem or "minute", retry_after=after)
                pause = 0.0
            except Passing as passing:
                failure, pause = passing.fault, max(_pause(attempt), passing.retry_after)
            if last or pause > _LONGEST_PAUSE:
                raise failure
            if pause:
                self._sleep(pause)
        raise AssertionError("a call is tried at least once")

    def _once(self, call: Call[T]) -> T:
        if not call.writes and (ahead := self._ahead.pop(call.key, None)):
            return self._read_ahead(call, ahead)
        with self._budget.call(exporting=call.exporting):
            if call.last is not None and self._budget.now() > call.last:
                raise Transient(f"{call.what} was not sent again: its turn came too late for its idempotency key.")
            return self._read(call, self._answer(call, self._tally))

    def _read_ahead(self, call: Call[T], ahead: _Ahead) -> T:
        try:
            answer = ahead.answer.result()
        finally:
            with self._lock:
                self._tally.sent += ahead.tally.sent
                self._tally.bytes += ahead.tally.bytes
        return self._read(call, answer)

    def _fetched(self, call: Call[None], tally: _Tally) -> Packed:
        with self._budget.call():
            return self._answer(call, tally)

    def _read(self, call: Call[T], answer: Packed) -> T:
        with self._unpacked, self._reading:
            return self._read_unpacked(call, answer)

    def _read_unpacked(self, call: Call[T], answer: Packed) -> T:
        try:
            response = answer.unpacked()
        except httpx.DecodingError as error:
            damaged = call.lost(error, answered=True)
        else:
            if response.status_code == 429:
                raise Refused(response.headers.get("X-Rate-Limit-Problem", "").lower(), retry_after(response))
            if not response.is_success and response.status_code not in call.accepts:
                raise call.refusal(response)
            try:
                return call.read(response)
            except Unreadable:
                damaged = call.unreadable()
        raise damaged

    def _answer(self, call: Call[T], tally: _Tally) -> Packed:
        request = self._http.build_request(
            call.method,
            f"/{call.path}",
            params=call.params,
            headers=call.headers,
            content=call.content,
            extensions={"endpoint": call.endpoint, "tally": tally},
        )
        failure: Exception
        try:
            answer = self._http.send(request, stream=True)
            whole = received(answer)
            with self._lock:
                tally.bytes += answer.num_bytes_downloaded
            return whole
        except httpx.RequestError as error:
            failure = call.lost(error, answered=bool(request.extensions.get("answered")))
        except Transient as unsigned:
            # The token could not be renewed just now, and without one nothing is done.
            failure = Passing(unsigned)
        raise failure

    def _count(self, request: httpx.Request) -> None:
        # Signed anew after a 401, a request is sent twice.
        request.extensions["answered"] = False
        with self._lock:
            request.extensions["tally"].sent[request.extensions["endpoint"]] += 1

    def _listen(self, response: httpx.Response) -> None:
        # The status has come; whether the body follows is seen when it is read.
        response.request.extensions["answered"] = True
        self._budget.observe(response.headers)


def _unread(response: httpx.Response) -> None:
    """Nothing, for an answer that somebody else will read."""


def _pause(attempt: int) -> float:
    """Seconds before the next try: twice as long each time, and never two callers in step."""
    return float(min(_FIRST_PAUSE * 2.0 ** (attempt - 1), _LONGEST_PAUSE) * random.uniform(0.5, 1.0))  # noqa: S311


def _user_agent() -> str:
    try:
        return f"xero-pipeline/{version('xero-pipeline')}"
    except PackageNotFoundError:
        return "xero-pipeline"
