"""The quotes of the demo, on their way from draft to sent, accepted, declined, invoiced or deleted."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from xero_pipeline.sandbox.demo.world import World
from xero_pipeline.sandbox.xero.orders import change_order_status, create_quote
from xero_pipeline.sandbox.xero.record import Record, text_of

WAYS: tuple[tuple[str, ...], ...] = (
    (),
    ("SENT",),
    ("SENT", "ACCEPTED"),
    ("SENT", "DECLINED"),
    ("SENT", "ACCEPTED", "INVOICED"),
    ("SENT", "ACCEPTED", "INVOICED"),
    ("DELETED",),
)
TERMS = "Valid for thirty days. Delivery four to six weeks from order."


def add_quotes(world: World, count: int) -> None:
    """Adds `count` quotes in the order of their dates."""
    for day in sorted(world.clock.days(count)):
        _add_quote(world, day)


def _add_quote(world: World, day: date) -> None:
    rng, clock = world.rng, world.clock
    at = clock.at(day)
    trader = world.customers.pick(at, rng)
    items = rng.choices(world.items["equipment"] + world.items["sensor"], k=rng.randint(1, 4))
    lines: list[Record] = [
        {
            "ItemCode": item["Code"],
            "Quantity": Decimal(rng.choice((1, 1, 2, 4))),
            "Tracking": world.tracking(trader.region, "Equipment"),
        }
        for item in items
    ]
    if trader.currency != "NZD":
        for line in lines:
            line |= {"AccountCode": "230", "TaxType": "ZERORATED"}
    fields: Record = {
        "Contact": {"ContactID": trader.contact_id},
        "Date": day,
        "LineItems": lines,
        "LineAmountTypes": trader.line_amount_types.upper(),
        "CurrencyCode": trader.currency,
        "Title": f"{text_of(items[0], 'Name')[:60]} and installation",
        "Terms": TERMS,
    }
    rate = world.rate(trader.currency, day)
    if rate is not None:
        fields["CurrencyRate"] = rate
    if world.chance(0.9):
        fields["ExpiryDate"] = day + timedelta(days=30)
    if world.chance(0.5):
        fields["Reference"] = f"OPP-{rng.randint(1001, max(1002, world.deals)):05d}"
    if world.chance(0.4):
        fields["Summary"] = "Supply, installation and commissioning as discussed on site."
    quote = create_quote(world.book, fields, at)
    for status in rng.choice(WAYS):
        later = clock.after(at, 0.3, 18)
        if later is None:
            return
        at = later
        change_order_status(world.book, "Quotes", text_of(quote, "QuoteID"), status, at)
