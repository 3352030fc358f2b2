"""The ground that schedules of faults run on: a tiny organisation, and what lets one schedule cost a second or two.

A schedule waits for minutes if its clients do, so waiting moves a clock instead; and the thousand certificates nobody on
loopback is asked for are not read. Everything else is as it is.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from random import Random

import httpx
import pytest
from psycopg import sql

from xero_pipeline.domain.org import Org
from xero_pipeline.sandbox.demo import organisation
from xero_pipeline.sandbox.demo.world import seeded_ids
from xero_pipeline.sandbox.server import Sandbox, running_world
from xero_pipeline.sandbox.world import World, build_world
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.settings import Settings
from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.xero.budget import CallBudget
from xero_pipeline.xero.endpoints import Endpoint
from xero_pipeline_tests.clocks import standing_clock
from xero_pipeline_tests.e2e.faults_bench import pages_of, settings_for
from xero_pipeline_tests.e2e.pair import DEMO
from xero_pipeline_tests.loopback import NO_CERTIFICATES

INVOICES = 24
CONTACTS = 25
JOURNALS = 8
# Lists of a few dozen records still have several pages.
PAGE = 15
# What people book to, beside what documents name already: sales and advertising.
ACCOUNTS = ("200", "400")
_WITH_LINES = (
    "Invoices", "CreditNotes", "Prepayments", "Overpayments", "PurchaseOrders", "Quotes", "ManualJournals",
)  # fmt: skip

_numbers = count(1)
# Everything but what a migration leaves.
_FILLED = """
select schemaname, tablename
from pg_tables
where schemaname in ('xero', 'salesforce', 'analytics', 'sync') and tablename not in ('alembic_version', 'settings')
"""


@dataclass
class Ground:
    """A sandbox with a tiny organisation, and an empty warehouse to sync it into."""

    world: World
    sandbox: Sandbox
    settings: Settings
    org: Org
    control: httpx.Client

    @property
    def book(self) -> Book:
        """The organisation as Xero holds it."""
        return next(iter(self.world.tenants)).book

    @property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.settings.warehouse_url)


class Hourglass:
    """Monotonic seconds in which waiting takes no time."""

    def __init__(self) -> None:
        self._skipped = 0.0

    def now(self) -> float:
        return time.monotonic() + self._skipped

    def sleep(self, seconds: float) -> None:
        self._skipped += max(0.0, seconds)


@contextmanager
def made_cheap() -> Iterator[None]:
    """Small pages, and waits that take no time."""
    hourglass = Hourglass()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Endpoint, "page_size", pages_of(PAGE))
        # The records asked for by id in one call always fit a page.
        patch.setattr("xero_pipeline.xero.reading.IDS_PER_CALL", PAGE)
        patch.setattr("xero_pipeline.xero.client.CallBudget", _budget(hourglass))
        yield


def _budget(hourglass: Hourglass) -> partial[CallBudget]:
    return partial(CallBudget, clock=hourglass.now, sleep=hourglass.sleep)


def make_state(directory: Path, seed: int) -> Path:
    """The state of a sandbox with a tiny organisation, its clock standing at `START`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(organisation, "FEWEST_CONTACTS", CONTACTS)
        # Nothing is exported here, and what the demo has for that needs more contacts than these.
        patch.setattr("xero_pipeline.sandbox.demo.salesforce.add_exports", lambda world: None)
        world = build_world(seed=seed, invoices=INVOICES, state=directory, clock=standing_clock())
    _prune(next(iter(world.tenants)).book)
    world.keep()
    assert world.store is not None
    world.store.close()
    return directory


def _prune(book: Book) -> None:
    """Take away the journals, items and accounts that nothing needs: each is a row in every first sync."""
    for journal in list(book.collections["ManualJournals"])[JOURNALS:]:
        book.remove("ManualJournals", journal)
    documents = [each for plural in _WITH_LINES for each in book.collections[plural].values()]
    lines = [line for each in documents for line in each.get("LineItems", each.get("JournalLines", ()))]
    coded = {line.get("AccountCode") for line in lines} | {*ACCOUNTS}
    sold = {line.get("ItemCode") for line in lines}
    for account_id, account in list(book.collections["Accounts"].items()):
        if account.get("Code") not in coded and account.get("Type") != "BANK" and "SystemAccount" not in account:
            book.remove("Accounts", account_id)
    for item_id, item in list(book.collections["Items"].items()):
        if item["Code"] not in sold:
            book.remove("Items", item_id)


@contextmanager
def ground(state: Path, warehouse_url: str, directory: Path, seed: int) -> Iterator[Ground]:
    """A copy of the state, served, and the warehouse without a row.

    Whoever makes the same changes to two copies made with one `seed` gets the same ids for what they create.
    """
    with Warehouse(warehouse_url).connect() as conn:
        tables = sql.SQL(", ").join(sql.Identifier(*name) for name in conn.execute(_FILLED).fetchall())
        conn.execute(sql.SQL("truncate {} restart identity").format(tables))
        conn.execute("delete from sync.settings where scope <> 'global'")
    copied = Path(shutil.copytree(state, directory / f"copy_{next(_numbers)}"))
    world = build_world(seed=1, invoices=1, state=copied)
    next(iter(world.tenants)).book.new_id = seeded_ids(Random(f"{seed} changes"))
    with (
        running_world(world) as sandbox,
        httpx.Client(verify=NO_CERTIFICATES, base_url=sandbox.control, trust_env=False) as control,
    ):
        # Reading the key of a JSON web token costs more than the login; there is a secret too.
        settings = replace(settings_for(sandbox, warehouse_url, directory), salesforce_private_key="")
        yield Ground(world, sandbox, settings, DEMO, control)
    shutil.rmtree(copied)
