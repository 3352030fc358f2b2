"""A Xero list in memory behind httpx's mock transport: ordered, paged and filtered as Xero does it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from xero_pipeline.xero.budget import CallBudget
from xero_pipeline.xero.client import XeroClient

START = datetime(2026, 5, 1, tzinfo=UTC)


def wire(at: datetime) -> str:
    """An instant as Xero writes it."""
    return f"/Date({int(at.timestamp() * 1000)}+0000)/"


def no_sleep(seconds: float) -> None:
    """Waiting that takes no time."""


class NoAuth(httpx.Auth):
    """Signs nothing."""


def client_of(
    handler: Callable[[httpx.Request], httpx.Response], auth: httpx.Auth | None = None, **options: Any
) -> XeroClient:
    """A client of a handler, which never really waits."""
    options.setdefault("budget", CallBudget(sleep=no_sleep))
    options.setdefault("sleep", no_sleep)
    return XeroClient("http://xero.test", auth or NoAuth(), transport=httpx.MockTransport(handler), **options)


def envelope(plural: str, records: list[dict[str, Any]], **more: Any) -> httpx.Response:
    """An answer with everything around the records that Xero puts there."""
    body = {"Id": "c1", "Status": "OK", "ProviderName": "app", "DateTimeUTC": f"/Date({1777600000000})/", **more}
    return httpx.Response(200, json=body | {plural: records})


class Ledger:
    """Invoices in the order of their UpdatedDateUTC. `before_each` runs before each answer, to change what is read."""

    def __init__(self, count: int, page_size: int = 10, *, counted: bool = True) -> None:
        self.page_size = page_size
        self.counted = counted
        self.now = START
        self.requests: list[httpx.Request] = []
        self.before_each: Callable[[int], None] = lambda call: None
        self._lock = threading.Lock()
        # Ids by the instant they were last changed; a dict keeps the order, oldest first.
        self.changed: dict[str, datetime] = {f"id-{n:04}": START - timedelta(days=count - n) for n in range(count)}

    def edit(self, record_id: str) -> None:
        """Change a record, or create it: it moves to the end."""
        self.now += timedelta(seconds=1)
        self.changed.pop(record_id, None)
        self.changed[record_id] = self.now

    def handle(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            self.before_each(len(self.requests))
            self.requests.append(request)
            since = request.headers.get("If-Modified-Since")
            after = datetime.fromisoformat(since).replace(tzinfo=UTC) if since else datetime.min.replace(tzinfo=UTC)
            ids = [one for one, at in self.changed.items() if at >= after]
            number = int(request.url.params["page"])
            size = self.page_size
            page = ids[(number - 1) * size : number * size]
            body: dict[str, Any] = {"DateTimeUTC": wire(self.now)}
            if self.counted:
                pages = -(-len(ids) // size)
                body["pagination"] = {"page": number, "pageSize": size, "pageCount": pages, "itemCount": len(ids)}
            plural = request.url.path.rpartition("/")[2]
            key = {"Invoices": "InvoiceID", "Quotes": "QuoteID"}[plural]
            body[plural] = [{key: one, "UpdatedDateUTC": wire(self.changed[one])} for one in page]
            return httpx.Response(200, content=json.dumps(body))
