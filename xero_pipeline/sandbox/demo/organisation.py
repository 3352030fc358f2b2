"""Builds the demo organisation: eighteen months of an equipment supplier in New Zealand, the same for the same seed and now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from xero_pipeline.sandbox.collecting import without_garbage_collection
from xero_pipeline.sandbox.demo.catalogue import add_items, add_rare_items
from xero_pipeline.sandbox.demo.chart import add_chart, add_tax_rates
from xero_pipeline.sandbox.demo.clock import Clock, month_starts, monthly_rates
from xero_pipeline.sandbox.demo.credit import add_standing_credit
from xero_pipeline.sandbox.demo.journals import add_journals
from xero_pipeline.sandbox.demo.oddities import archive_some_contacts, give_odd_dates, merge_some_contacts
from xero_pipeline.sandbox.demo.people import add_contacts
from xero_pipeline.sandbox.demo.purchases import add_bills, add_purchase_orders
from xero_pipeline.sandbox.demo.quotes import add_quotes
from xero_pipeline.sandbox.demo.sales import add_sales
from xero_pipeline.sandbox.demo.settings import add_settings, organisation, tracking_choices, year_end_before
from xero_pipeline.sandbox.demo.world import World, seeded_ids
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.record import text_of

CREATED = datetime(2013, 1, 8, 3, 10, 44, 0, UTC)
CONTACTS_IN_A_HUNDRED = 20
FEWEST_CONTACTS = 330
MOST_CONTACTS = 20_000
BILLS_IN_A_HUNDRED = 40
PURCHASE_ORDERS_IN_A_HUNDRED = 10
QUOTES_IN_A_HUNDRED = 8
STANDING_CREDITS_IN_A_HUNDRED = 3


def build(seed: int, now: datetime, invoices: int = 1500) -> Book:
    """A book with `invoices` sales invoices in the 18 months up to `now` (aware), and all else in proportion.

    Every document is made by the same actions that serve writes, so the book obeys every rule of Xero's that they do. Nothing is
    left in `changed`: the whole book is new.
    """
    rng = Random(seed)
    book = Book({}, seeded_ids(Random(f"{seed} ids")))
    now = now.astimezone(UTC)
    with without_garbage_collection():
        book.organisation.update(organisation(book.new_id(), CREATED, None))
        clock = Clock(now, book.zone, rng)
        book.organisation["PeriodLockDate"] = clock.start - timedelta(days=1)
        book.organisation["EndOfYearLockDate"] = year_end_before(clock.start - timedelta(days=1))
        _fill(book, rng, clock, invoices)
        book.drain_changes()
    return book


def _fill(book: Book, rng: Random, clock: Clock, invoices: int) -> None:
    add_settings(book)
    add_tax_rates(book)
    add_chart(book)
    items = add_items(book)
    regions, departments = tracking_choices(book)
    months = month_starts(clock.start, clock.today)
    rates = {
        "AUD": monthly_rates(Decimal("0.915"), months, rng),
        "USD": monthly_rates(Decimal("0.595"), months, rng),
    }
    card = next(text_of(found, "AccountID") for found in book.collections["Accounts"].values() if "Code" not in found)
    themes = list(book.collections["BrandingThemes"])
    world = World(book, rng, clock, items, regions, departments, themes, rates, card)
    add_contacts(world, min(MOST_CONTACTS, max(FEWEST_CONTACTS, invoices * CONTACTS_IN_A_HUNDRED // 100)))
    add_sales(world, invoices)
    add_bills(world, invoices * BILLS_IN_A_HUNDRED // 100)
    add_purchase_orders(world, invoices * PURCHASE_ORDERS_IN_A_HUNDRED // 100)
    add_quotes(world, invoices * QUOTES_IN_A_HUNDRED // 100)
    add_standing_credit(world, invoices * STANDING_CREDITS_IN_A_HUNDRED // 100)
    add_journals(world)
    merge_some_contacts(world)
    archive_some_contacts(world)
    give_odd_dates(world)
    add_rare_items(book)
