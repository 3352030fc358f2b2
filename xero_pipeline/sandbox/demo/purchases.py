"""The purchases of the demo: orders to suppliers of stock, and bills for stock, power, rent and the rest."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from xero_pipeline.sandbox.demo import words
from xero_pipeline.sandbox.demo.clock import due_date
from xero_pipeline.sandbox.demo.settlement import Debt, settle
from xero_pipeline.sandbox.demo.world import Trader, World
from xero_pipeline.sandbox.xero.documents import change_status, create_invoice
from xero_pipeline.sandbox.xero.orders import change_order_status, create_purchase_order
from xero_pipeline.sandbox.xero.record import Record, child_of, decimal_of, text_of

QUANTITIES = tuple(Decimal(count) for count in (1, 2, 2, 3, 4, 5, 6, 8, 10, 12, 20))
INSTRUCTIONS = "Deliver to the yard between 7 am and 3 pm; forklift on site."
# One bill in so many is entered by mistake and deleted, counted and not left to chance: every book is to have some.
MISTAKES_IN = 40
DELIVERY_ADDRESS = "14 Foundry Lane\nAuckland 1061\nNew Zealand"


def add_bills(world: World, count: int) -> None:
    """Adds `count` ACCPAY bills in the order of their dates."""
    for number, day in enumerate(sorted(world.clock.days(count))):
        _add_bill(world, day, mistaken=number % MISTAKES_IN == 0)


def add_purchase_orders(world: World, count: int) -> None:
    """Adds `count` purchase orders in every status, to suppliers of stock."""
    for day in sorted(world.clock.days(count)):
        _add_purchase_order(world, day)


def _add_bill(world: World, day: date, *, mistaken: bool) -> None:
    rng, clock = world.rng, world.clock
    at = clock.at(day)
    trader = world.suppliers.pick(at, rng)
    dated = max(clock.start, day - timedelta(days=rng.choice((0, 0, 1, 2, 5))))
    fields: Record = {
        "Type": "ACCPAY",
        "Contact": {"ContactID": trader.contact_id},
        "Date": dated,
        "DueDate": due_date(dated, trader.terms),
        "InvoiceNumber": _supplier_number(world),
        "LineAmountTypes": "Inclusive" if trader.currency == "NZD" and world.chance(0.35) else "Exclusive",
        "CurrencyCode": trader.currency,
        "LineItems": _stock_lines(world, trader) if _sells_stock(trader) else [_expense_line(world, trader)],
        "Status": "AUTHORISED",
    }
    rate = world.rate(trader.currency, dated)
    if rate is not None:
        fields["CurrencyRate"] = rate
    age = (clock.today - day).days
    roll = rng.random()
    if mistaken or roll < (0.1 if age < 15 else 0.01):
        fields["Status"] = "DRAFT"
    elif roll < (0.22 if age < 15 else 0.02):
        fields["Status"] = "SUBMITTED"
    elif world.chance(0.06):
        fields["PlannedPaymentDate"] = due_date(dated, trader.terms)
    invoice = create_invoice(world.book, fields, at)
    invoice_id = text_of(invoice, "InvoiceID")
    if fields["Status"] != "AUTHORISED":
        gone = clock.after(at, 1, 9) if mistaken or world.chance(0.3) else None
        if gone is not None:
            change_status(world.book, invoice_id, "DELETED", gone)
        return
    voided = clock.after(at, 0.1, 8) if roll > 0.98 else None
    if voided is not None:
        change_status(world.book, invoice_id, "VOIDED", voided)
        return
    settle(Debt(world, trader, invoice, False, at))


def _add_purchase_order(world: World, day: date) -> None:
    rng, clock = world.rng, world.clock
    at = clock.at(day)
    trader = world.suppliers.pick(at, rng)
    while not _sells_stock(trader):
        trader = world.suppliers.pick(at, rng)
    fields: Record = {
        "Contact": {"ContactID": trader.contact_id},
        "Date": day,
        "LineItems": _stock_lines(world, trader),
        "CurrencyCode": trader.currency,
        "Status": "DRAFT" if world.chance(0.4) else "AUTHORISED",
    }
    rate = world.rate(trader.currency, day)
    if rate is not None:
        fields["CurrencyRate"] = rate
    if world.chance(0.8):
        fields["DeliveryDate"] = day + timedelta(days=rng.randint(3, 45))
    if world.chance(0.6):
        fields |= {
            "DeliveryAddress": DELIVERY_ADDRESS,
            "AttentionTo": "Receiving",
            "Telephone": "64 09 555 0140",
            "DeliveryInstructions": INSTRUCTIONS,
        }
    if world.chance(0.4):
        fields["Reference"] = f"STOCK {rng.choice(words.LANDMARKS).upper()} {rng.randint(1, 60)}"
    order = create_purchase_order(world.book, fields, at)
    order_id = text_of(order, "PurchaseOrderID")
    ways: dict[object, tuple[tuple[str, ...], ...]] = {
        "DRAFT": (("SUBMITTED",), ("SUBMITTED", "AUTHORISED", "BILLED"), ("DELETED",), ()),
        "AUTHORISED": (("BILLED",), ("BILLED",), ()),
    }
    for status in rng.choice(ways[order["Status"]]):
        later = clock.after(at, 0.2, 14)
        if later is None:
            return
        at = later
        change_order_status(world.book, "PurchaseOrders", order_id, status, at)


def _sells_stock(trader: Trader) -> bool:
    return trader.supplies == words.STOCK_SUPPLY


def _stock_lines(world: World, trader: Trader) -> list[Record]:
    rng = world.rng
    lines: list[Record] = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        item = rng.choice(world.items[rng.choice(("equipment", "sensor", "consumable"))])
        cost = decimal_of(child_of(item, "PurchaseDetails"), "UnitPrice")
        line: Record = {"ItemCode": item["Code"], "Quantity": rng.choice(QUANTITIES)}
        if trader.currency != "NZD":
            line |= {"UnitAmount": cost * world.rates[trader.currency][world.clock.start], "TaxType": "NONE"}
        elif world.chance(0.3):
            line["UnitAmount"] = cost * Decimal(rng.randint(94, 108)) / 100
        line["Tracking"] = world.tracking("", "Equipment") if world.chance(0.5) else []
        lines.append(line)
    return lines


def _expense_line(world: World, trader: Trader) -> Record:
    if trader.supplies is None:
        raise TypeError("A supplier supplies something.")
    trade, account, tax_type, low, high = trader.supplies
    amount = Decimal(world.rng.randint(low * 100, high * 100)) / 100
    return {
        "Description": f"{trade} services",
        "Quantity": Decimal(1),
        "UnitAmount": amount,
        "AccountCode": account,
        "TaxType": tax_type,
        "Tracking": world.tracking(trader.region, "Administration") if world.chance(0.6) else [],
    }


def _supplier_number(world: World) -> str:
    rng = world.rng
    style = rng.random()
    if style < 0.06:
        return ""
    if style < 0.5:
        return str(rng.randint(1000, 999_999))
    if style < 0.8:
        return f"INV{rng.randint(100, 99_999):05d}"
    return f"{rng.choice('ABCDKMPST')}{rng.randint(10, 99)}/{rng.randint(1, 999)}"
