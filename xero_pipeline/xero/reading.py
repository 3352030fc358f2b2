"""Reading an endpoint, whole or what changed, as pages of typed records; and one record by its id or natural key."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import RLock
from typing import TypeVar
from urllib.parse import quote

import httpx

from xero_pipeline.xero.calls import Calls
from xero_pipeline.xero.digests import Unchanged
from xero_pipeline.xero.endpoints import Endpoint
from xero_pipeline.xero.listing import Listing
from xero_pipeline.xero.pages import Page, Unreadable, read
from xero_pipeline.xero.wire import Record

# The length of an address allows about 52 ids; Xero advises 40 (xero.md section 1).
IDS_PER_CALL = 40


P = TypeVar("P", bound=Page)

# Whoever takes the pages, and does little but wait for a database, is to have its turn at once, and not after 5 ms each time.
_SWITCH_SECONDS = 0.0001
# Pages come and go in pieces of every size, and what is free between those that stay would grow for as long as a list is read.
_PAGES_TO_TRIM = 3
_trim: Callable[[int], object] = getattr(ctypes.CDLL(None), "malloc_trim", lambda kept: None)
# What is made of a page holds no cycles. To look for some each time there are 700 more objects takes a tenth of the reading.
_COLLECT_FROM = 10_000


class Reader:
    """Reads one organisation. `exporting` says that what is read serves an export, for which a share of the calls is kept."""

    def __init__(self, calls: Calls, clock: Callable[[], datetime], *, exporting: bool = False) -> None:
        self._calls = calls
        self._clock = clock
        self._exporting = exporting
        self._asked_ahead: dict[str, datetime] = {}

    def ahead(
        self, endpoint: Endpoint, modified_since: datetime | None, params: Mapping[str, str] | None = None
    ) -> None:
        """Ask for the first page of what changed, or of everything with None, so that it is there when `listing` is asked for the
        same. Returns at once. Nothing is asked of an endpoint that cannot tell what changed, and is asked that."""
        if modified_since is None or endpoint.modified_since:
            self._asked_ahead.setdefault(endpoint.name, self._clock())
            self._calls.ahead(endpoint.name, endpoint.path, *_asked(endpoint, 1, modified_since, params or {}))

    def fetch(
        self,
        endpoint: Endpoint,
        modified_since: datetime | None = None,
        ids: Sequence[str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Iterator[Page]:
        """The pages of an endpoint, as they arrive and in no particular order.

        `modified_since`, aware, reads what was created or changed since then, to the second and inclusive; endpoints that do
        not know it are read whole. `ids` reads those records instead, where the endpoint can. `params` are added to the
        endpoint's own. A record may arrive twice when it is edited during the reading; what comes later is never older.

        Nothing is sent before the first page is asked for. Closing the iterator stops the reading. Raises Transient,
        Throttled, Reconnect or Permanent; pages that were given before are good and can be kept.
        """
        if ids is not None:
            return self._by_ids(endpoint, ids, params or {})
        return self.listing(endpoint, _as_it_is, modified_since, params)

    def listing(
        self,
        endpoint: Endpoint,
        prepare: Callable[[Page], P],
        modified_since: datetime | None = None,
        params: Mapping[str, str] | None = None,
        unchanged: Unchanged | None = None,
        arrived: Callable[[], int] | None = None,
    ) -> Iterator[P]:
        """What `prepare` makes of each page, as `fetch` reads them. Records that are `unchanged` are only named, and not read.

        Both are called in the threads that pages arrive in. `arrived` is asked where the pages are taken, with every page taken
        that was given: how many distinct records were in them, readable or not. Without it this keeps every id.
        """
        since = modified_since if endpoint.modified_since else None
        compare = self._waiting_for(unchanged) if unchanged else None

        def ask(number: int, changed_since: datetime | None) -> P:
            return self._ask(endpoint, number, changed_since, params or {}, prepare, compare)

        with _pace.of_pages():
            began = self._asked_ahead.pop(endpoint.name, None)
            pages = Listing(endpoint, ask, since, clock=self._clock, began=began, arrived=arrived).pages()
            for number, page in enumerate(pages, start=1):
                yield page
                if number % _PAGES_TO_TRIM == 0:
                    _trim(0)

    def _waiting_for(self, unchanged: Unchanged) -> Unchanged:
        def compare(ids: Sequence[str], digests: Sequence[str]) -> Collection[int]:
            with self._calls.aside():
                return unchanged(ids, digests)

        return compare

    def one(self, endpoint: Endpoint, key: str) -> Record | None:
        """The record with this id or natural key, or None when Xero has none. Raises as `fetch` does."""

        def to_record(response: httpx.Response) -> Record | None:
            if response.status_code == 404:
                return None
            page = read(endpoint, response.content)
            if len(page.records) != 1:
                raise Unreadable(f"{len(page.records)} readable records for one key")
            return page.records[0]

        path = f"{endpoint.path}/{quote(key, safe='')}"
        return self._calls.get(
            endpoint.name, path, to_record, endpoint.params, {}, accepts=(404,), exporting=self._exporting
        )

    def _by_ids(self, endpoint: Endpoint, ids: Sequence[str], params: Mapping[str, str]) -> Iterator[Page]:
        if not endpoint.by_ids:
            raise ValueError(f"{endpoint.name} cannot be read by id")
        # Some may be gone, and none can move to another page: a batch is always a single page.
        for start in range(0, len(ids), IDS_PER_CALL):
            batch = ",".join(ids[start : start + IDS_PER_CALL])
            yield self._ask(endpoint, 1, None, {**params, "IDs": batch}, _as_it_is)

    def _ask(
        self,
        endpoint: Endpoint,
        number: int,
        since: datetime | None,
        params: Mapping[str, str],
        prepare: Callable[[Page], P],
        unchanged: Unchanged | None = None,
    ) -> P:
        def to_page(response: httpx.Response) -> P:
            # Xero answers an unchanged list with 200 and an empty array; 304 is accepted too (xero.md section 10).
            if response.status_code == 304:
                return prepare(Page(endpoint, (), (), number))
            return prepare(read(endpoint, response.content, number, unchanged))

        query, headers = _asked(endpoint, number, since, params)
        return self._calls.get(endpoint.name, endpoint.path, to_page, query, headers, exporting=self._exporting)


def _asked(
    endpoint: Endpoint, number: int, since: datetime | None, params: Mapping[str, str]
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The parameters and the headers that ask for a page."""
    query = {**endpoint.params, **params}
    if endpoint.paging != "none":
        # Asking for a page is also what makes Xero send the lines (xero.md section 2, Invoices).
        query["page"] = str(number)
    if endpoint.paging == "numbered":
        query["pageSize"] = str(endpoint.page_size)
    return query, {"If-Modified-Since": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")} if since else {}


class _Pace:
    """Python set for threads that make pages ready beside one that takes them, as long as anybody reads any.

    Readings overlap: one that is given up ends when Python comes to collect it, which may be while the next has begun.
    """

    def __init__(self) -> None:
        # The same thread may come in twice, when it collects a reading that was given up.
        self._lock = RLock()
        self._readings = 0
        self._usual = sys.getswitchinterval(), gc.get_threshold()

    @contextmanager
    def of_pages(self) -> Iterator[None]:
        with self._lock:
            is_first = self._readings == 0
            self._readings += 1
            if is_first:
                self._usual = sys.getswitchinterval(), gc.get_threshold()
                sys.setswitchinterval(_SWITCH_SECONDS)
                gc.set_threshold(_COLLECT_FROM, *self._usual[1][1:])
        try:
            yield
        finally:
            with self._lock:
                self._readings -= 1
                if not self._readings:
                    switching, collecting = self._usual
                    sys.setswitchinterval(switching)
                    gc.set_threshold(*collecting)


_pace = _Pace()


def _as_it_is(page: Page) -> Page:
    return page
