"""A sandbox whose time stands still, a client that writes to it over real HTTP, and what its book then holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import httpx

from xero_pipeline.domain.org import Switches
from xero_pipeline.sandbox.clock import Clock
from xero_pipeline.sandbox.server import Sandbox, running_world
from xero_pipeline.sandbox.world import World, build_world
from xero_pipeline.xero import endpoints, identity
from xero_pipeline.xero.budget import CallBudget
from xero_pipeline.xero.client import XeroClient
from xero_pipeline.xero.oauth import MemoryTokenStore, XeroAuth, custom_connection
from xero_pipeline_tests.loopback import NO_CERTIFICATES
from xero_pipeline_tests.xero.fake import no_sleep

START = datetime(2026, 11, 17, 21, 0, 30, tzinfo=UTC)
SALES = "https://kauri.my.salesforce.com"
INVOICES, CONTACTS, ITEMS = "/Invoices$", "/Contacts$", "/Items$"

Json = dict[str, Any]


class Waiting:
    """A budget's time, which passes by waiting alone."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Books:
    """The sandbox, the client, and short words for what tests do with both."""

    world: World
    sandbox: Sandbox
    client: XeroClient
    http: httpx.Client
    contact_id: str
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __repr__(self) -> str:
        return "Books()"

    @property
    def now(self) -> datetime:
        """The sandbox's time."""
        return self.world.clock.now()

    def pass_time(self, by: timedelta) -> None:
        """Let time pass for the sandbox."""
        self.world.clock.advance(by.total_seconds())

    def key(self) -> str:
        """An idempotency key that was never used."""
        return f"key-{next(self.numbers)}"

    def url(self) -> str:
        """The address of a sale that was never invoiced."""
        return f"{SALES}/006{next(self.numbers):015}"

    def sale(self, **fields: object) -> Json:
        """A sale of 3 at 1.2345 that becomes a draft invoice."""
        line = {
            "Description": "Hose, by the metre",
            "Quantity": Decimal(3),
            "UnitAmount": Decimal("1.2345"),
            "AccountCode": "200",
            "TaxType": "OUTPUT2",
        }
        whole = {
            "Type": "ACCREC",
            "Contact": {"ContactID": self.contact_id},
            "Date": date(2026, 11, 18),
            "DueDate": date(2026, 12, 8),
            "Status": "DRAFT",
            "LineItems": [line],
            "Url": self.url(),
        }
        return whole | fields

    def bad_sale(self, **fields: object) -> Json:
        """A sale whose contact Xero does not know."""
        return self.sale(Contact={"ContactID": "7a0d3a7e-0000-4000-8000-000000000000"}, **fields)

    def invoices(self, url: object) -> list[Json]:
        """The invoices of a sale, as the sandbox's book holds them."""
        return [one for one in self._collection("Invoices") if one.get("Url") == url]

    def named(self, name: str) -> list[Json]:
        """The contacts of a name, as the sandbox's book holds them."""
        return [one for one in self._collection("Contacts") if one["Name"] == name]

    def count(self, plural: str) -> int:
        """How many records of a kind the sandbox's book holds."""
        return len(self._collection(plural))

    def fault(self, what: str, path: str = INVOICES, *, method: str = "PUT", **rest: object) -> None:
        """Spoil the next request that matches, or as `count` says."""
        rule = {"what": what, "match": {"path": path, "method": method}, "count": 1, "seconds": 0.02, **rest}
        self.control("POST", "faults", rule)

    def control(self, method: str, path: str, given: object = None) -> Any:
        """A call of the control API."""
        answer = self.http.request(method, f"{self.sandbox.control}/{path}", json=given)
        assert answer.is_success, answer.text
        return answer.json()

    def sent(self, method: str = "PUT") -> list[Json]:
        """The accounting requests of a method since they were forgotten."""
        log: list[Json] = self.control("GET", "requests?system=xero&limit=50000")["requests"]
        return [one for one in log if one["method"] == method and "/connect/" not in one["path"]]

    def another_client(self, *, day_limit: int = 1000, timeout: float = 5.0) -> AbstractContextManager[XeroClient]:
        """A client of its own budget."""
        return client_of(self.world, self.sandbox, day_limit=day_limit, timeout=timeout)

    def _collection(self, plural: str) -> list[Json]:
        return list(next(iter(self.world.tenants)).book.collections[plural].values())


@contextmanager
def client_of(world: World, sandbox: Sandbox, *, day_limit: int = 1000, timeout: float = 5.0) -> Iterator[XeroClient]:
    """A client of a sandbox's custom connection that may write, and never really waits.

    It goes by the sandbox's time, so that its token is renewed before it ends and no fault is spent on a call that is not signed.
    """
    environment, waiting, now = sandbox.environment, Waiting(), world.clock.now
    app = identity.Identity(
        environment["XERO_IDENTITY_URL"], environment["XERO_CLIENT_ID"], environment["XERO_CLIENT_SECRET"], clock=now
    )
    auth = XeroAuth(MemoryTokenStore(), custom_connection(app, identity.scopes(Switches(), exports=True)), clock=now)
    budget = CallBudget(day_limit=day_limit, clock=waiting.clock, sleep=waiting.sleep)
    with XeroClient(environment["XERO_API_URL"], auth, budget=budget, sleep=no_sleep, timeout=timeout) as client:
        yield client
    app.close()


@contextmanager
def open_books(invoices: int = 30) -> Iterator[Books]:
    """Books of a small organisation, for as long as the block runs."""
    world = build_world(seed=21, invoices=invoices, clock=Clock(stopped_at=START))
    with (
        running_world(world) as sandbox,
        client_of(world, sandbox) as client,
        httpx.Client(trust_env=False, verify=NO_CERTIFICATES) as http,
    ):
        (page,) = client.reader.fetch(endpoints.CONTACTS)
        active = [one for one in page.records if isinstance(one, endpoints.records.Contact)]
        contact_id = next(one.contact_id for one in active if one.contact_status == "ACTIVE")
        yield Books(world, sandbox, client, http, contact_id)
