"""Everything one sandbox holds, from the clock to the organisations; built anew or taken up where it was left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from xero_pipeline.sandbox.clock import Clock
from xero_pipeline.sandbox.collecting import without_garbage_collection
from xero_pipeline.sandbox.demo import organisation as demo_organisation
from xero_pipeline.sandbox.demo import salesforce as demo_salesforce
from xero_pipeline.sandbox.faults import Faults
from xero_pipeline.sandbox.requests_log import RequestsLog
from xero_pipeline.sandbox.salesforce.org import Org
from xero_pipeline.sandbox.state import Row, Store
from xero_pipeline.sandbox.xero.book import ORGANISATION, Book
from xero_pipeline.sandbox.xero.codec import decode, encode_bytes
from xero_pipeline.sandbox.xero.identity import Identity, load_identity
from xero_pipeline.sandbox.xero.index import ID_FIELDS
from xero_pipeline.sandbox.xero.limits import Allowance, Limits
from xero_pipeline.sandbox.xero.record import Record
from xero_pipeline.sandbox.xero.tenants import Tenant, Tenants
from xero_pipeline.sandbox.xero.tokens import Signer
from xero_pipeline.sandbox.xero.webhooks import Webhooks

CUSTOM_CONNECTION = "Xero Pipeline"
WEB_APP = "Xero Pipeline (web)"
ONE = "one"  # the id of a row that is a section by itself


@dataclass(slots=True)
class World:
    """One sandbox without its HTTP. `keep` writes what changed; without a store there is nothing to write."""

    clock: Clock
    identity: Identity
    tenants: Tenants
    org: Org
    limits: Limits
    store: Store | None = None
    faults: Faults = field(default_factory=Faults)
    log: RequestsLog = field(default_factory=RequestsLog)
    webhooks: Webhooks = field(default_factory=Webhooks)
    _kept_clock: str = ""

    def keep(self) -> None:
        """Writes through what changed since the last time, in one transaction, and lets the lists follow it."""
        rows: list[Row] = []
        gone: list[tuple[str, str]] = []
        for tenant in self.tenants:
            changes = tenant.book.drain_changes()
            tenant.listing.follow(changes)
            self.webhooks.note(tenant.book, changes, self.clock.now())
            for plural, record_id in changes:
                section = _book_section(tenant.tenant_id, plural)
                record = tenant.book.organisation if plural == ORGANISATION else tenant.book.find(plural, record_id)
                if record is None:
                    gone.append((section, record_id))
                else:
                    rows.append((section, record_id, encode_bytes(record)))
        for table, record_id in self.org.drain_changes():
            content = self.org.read(table, record_id)
            if content is None:
                gone.append((table, record_id))
            else:
                rows.append((table, record_id, content))
        if self.identity.changed:
            rows.append(("identity", ONE, json.dumps(self.identity.dump()).encode()))
            self.identity.changed = False
        if self.webhooks.changed:
            self.webhooks.changed = False
            rows.append(("webhooks", ONE, json.dumps(self.webhooks.dump()).encode()))
        clock = json.dumps(self.clock.dump())
        if clock != self._kept_clock:
            rows.append(("clock", ONE, clock.encode()))
            self._kept_clock = clock
        if self.store is not None and (rows or gone):
            self.store.write(rows, gone)

    def keep_everything(self) -> None:
        """Writes the whole sandbox, as its first state: all of it or, if killed, nothing."""
        for tenant in self.tenants:
            tenant.book.drain_changes()
        self.org.drain_changes()
        if self.store is not None:
            self.store.write(self._everything())
            self.identity.changed = False

    def _everything(self) -> Iterator[Row]:
        yield "clock", ONE, json.dumps(self.clock.dump()).encode()
        yield "identity", ONE, json.dumps(self.identity.dump()).encode()
        for number, tenant in enumerate(self.tenants):
            yield "tenants", tenant.tenant_id, str(number).encode()
            for plural, record_id, record in tenant.book.records():
                yield _book_section(tenant.tenant_id, plural), record_id, encode_bytes(record)
        yield from self.org.dump()


def build_world(
    *,
    seed: int,
    invoices: int,
    organisations: int = 1,
    state: Path | None = None,
    allowance: Allowance | None = None,
    clock: Clock | None = None,
) -> World:
    """A sandbox of `organisations` demo organisations, `invoices` sales invoices each, and one Salesforce org.

    A state directory that already holds a sandbox wins over seed, invoices, organisations and clock: it goes on where it was.
    """
    store = None if state is None else Store(state)
    with without_garbage_collection():
        if store is not None and any(store.section("tenants")):
            world = _take_up(store, allowance)
        else:
            world = _built(seed, invoices, organisations, store, allowance, clock)
        for tenant in world.tenants:
            tenant.listing.warm()
    return world


def _built(
    seed: int, invoices: int, organisations: int, store: Store | None, allowance: Allowance | None, clock: Clock | None
) -> World:
    clock = clock or Clock()
    now = clock.now()
    books = [demo_organisation.build(seed + number, now, invoices) for number in range(organisations)]
    tenants = Tenants(books)
    identity = Identity(clock, Signer.fresh())
    first = next(iter(tenants))
    identity.register(CUSTOM_CONNECTION, first.tenant_id)
    identity.register(WEB_APP)
    org = demo_salesforce.build(books[0], seed, now)
    world = World(clock, identity, tenants, org, Limits(clock, allowance or Allowance.unhurried()), store)
    world.keep_everything()
    return world


def _take_up(store: Store, allowance: Allowance | None) -> World:
    clock = Clock.load(json.loads(dict(store.section("clock"))[ONE]))
    identity = load_identity(clock, json.loads(dict(store.section("identity"))[ONE]))
    tenants = Tenants(Book.load(_kept_book(store, tenant_id)) for tenant_id, _ in store.section("tenants"))
    org = Org.load(store.sections("salesforce[.:]*"))
    world = World(clock, identity, tenants, org, Limits(clock, allowance or Allowance.unhurried()), store)
    for _, kept in store.section("webhooks"):
        world.webhooks = Webhooks.load(json.loads(kept), [tenant.book for tenant in tenants], clock.now())
    return world


def _kept_book(store: Store, tenant_id: str) -> Iterator[tuple[str, str, Record]]:
    for plural in (ORGANISATION, *ID_FIELDS):
        for record_id, content in store.section(_book_section(tenant_id, plural)):
            yield plural, record_id, decode(content)


def _book_section(tenant_id: str, plural: str) -> str:
    return f"xero.{tenant_id}.{plural}"


def tenant_named(world: World, tenant: str) -> Tenant | None:
    """The organisation with this tenant id or name; `first` is the first."""
    return next((one for one in world.tenants if tenant in (one.tenant_id, one.name, "first")), None)
