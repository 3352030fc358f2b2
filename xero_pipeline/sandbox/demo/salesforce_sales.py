"""The opportunities and orders of the demo: what was sold before it was invoiced, and what has not been invoiced yet.

Invoices quote `OPP-…` for an opportunity and `SO-…` for an order; most of these exist here, on the account of the invoice's
contact, with the invoice's goods and net amounts in New Zealand dollars. A few are on another account, a few share their
reference, a few write it in small letters, and some have a reference that no invoice quotes. References of the customers' own
(`PO …`) are nobody's here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from xero_pipeline.sandbox.demo.salesforce_world import HISTORY, SalesWorld
from xero_pipeline.sandbox.salesforce.values import Json
from xero_pipeline.sandbox.xero.record import Record, child_of, children_of, date_of, decimal_of, text_of

CENT = Decimal("0.01")
ENTERED_SHARE = 0.94
OTHER_ACCOUNT_SHARE = 0.02
SHARED_REFERENCE_SHARE = 0.02
SMALL_LETTERS_SHARE = 0.03
WITHOUT_LINES_SHARE = 0.1
PIPELINE_SHARE = 0.1
GONE = ("VOIDED", "DELETED")
OPEN_STAGES = ("Prospecting", "Qualification", "Proposal/Price Quote", "Negotiation/Review")
STALE_ROLLUPS: dict[str, Json] = {
    "Xero_Total_Invoiced__c": "1840.00",
    "Xero_Total_Paid__c": "1840.00",
    "Xero_Total_Draft__c": "230.00",
}


@dataclass(slots=True)
class Goods:
    """One line of a sale: an item's code, how many, and the net amount for all in New Zealand dollars."""

    code: str
    quantity: Decimal
    amount: Decimal


def add_sales(world: SalesWorld) -> None:
    """Adds an opportunity or order for most references of the book's invoices, and a pipeline that no invoice knows."""
    sales: dict[str, list[Record]] = {}
    for invoice in world.book.collections["Invoices"].values():
        reference = text_of(invoice, "Reference")
        if invoice["Type"] == "ACCREC" and reference.startswith(("OPP-", "SO-")):
            sales.setdefault(reference, []).append(invoice)
    first_made = False
    for reference, invoices in sorted(sales.items()):
        account_id = world.accounts.get(text_of(child_of(invoices[0], "Contact"), "ContactID"))
        if account_id is None or not world.chance(ENTERED_SHARE):
            continue
        if reference.startswith("SO-"):
            _add_order(world, reference, invoices, account_id)
            continue
        if world.chance(OTHER_ACCOUNT_SHARE):
            account_id = world.rng.choice(list(world.accounts.values()))
        _add_opportunity(world, reference, invoices, account_id)
        # At least one reference is shared, however small the book.
        if not first_made or world.chance(SHARED_REFERENCE_SHARE):
            first_made = True
            _add_opportunity(world, reference, invoices, account_id, name="(copy)")
    _add_pipeline(world, max(6, int(len(sales) * PIPELINE_SHARE)))


def _add_opportunity(
    world: SalesWorld, reference: str, invoices: list[Record], account_id: str, name: str = ""
) -> None:
    live = [invoice for invoice in invoices if invoice["Status"] not in GONE]
    won = any(invoice["Status"] in ("AUTHORISED", "PAID") for invoice in live)
    first = _first_day(world, invoices)
    close = first - timedelta(days=world.rng.randint(0, 9))
    created = _office(world, close - timedelta(days=world.rng.randint(6, 60)))
    goods = goods_of(world, live or invoices)
    small = world.chance(SMALL_LETTERS_SHARE)
    body: dict[str, Json] = {
        "AccountId": account_id,
        "Name": f"{_title(world, goods)} {reference} {name}".strip(),
        "StageName": "Closed Won" if won else "Closed Lost" if not live else "Negotiation/Review",
        "CloseDate": close.isoformat(),
        "Amount": str(_net(live or invoices)),
        "OwnerId": world.rng.choice(world.owners),
        "Xero_Reference__c": reference.lower() if small else reference,
    }
    opportunity_id = world.add("Opportunity", created, body)
    if not world.chance(WITHOUT_LINES_SHARE):
        _add_lines(world, opportunity_id, goods, min(created + timedelta(minutes=12), world.now))


def _add_lines(world: SalesWorld, opportunity_id: str, goods: Iterable[Goods], stamp: datetime) -> None:
    for position, line in enumerate(goods, start=1):
        body: dict[str, Json] = {
            "OpportunityId": opportunity_id,
            "PricebookEntryId": world.entries[line.code],
            "Quantity": str(line.quantity),
            "TotalPrice": str(line.amount),
            "SortOrder": position,
        }
        world.add("OpportunityLineItem", stamp, body)


def _add_order(world: SalesWorld, reference: str, invoices: list[Record], account_id: str) -> None:
    live = [invoice for invoice in invoices if invoice["Status"] not in GONE]
    first = _first_day(world, invoices)
    created = _office(world, first - timedelta(days=world.rng.randint(1, 21)))
    body: dict[str, Json] = {
        "AccountId": account_id,
        "Name": f"Order {reference}",
        "Status": "Draft",
        "EffectiveDate": min(first, world.now.date()).isoformat(),
        "Pricebook2Id": world.pricebook_id,
        "OwnerId": world.rng.choice(world.owners),
        "Xero_Reference__c": reference,
    }
    order_id = world.add("Order", created, body)
    stamp = min(created + timedelta(minutes=7), world.now)
    for line in goods_of(world, live or invoices):
        item: dict[str, Json] = {
            "OrderId": order_id,
            "PricebookEntryId": world.entries[line.code],
            "Quantity": str(line.quantity),
            "UnitPrice": str((line.amount / line.quantity).quantize(CENT, ROUND_HALF_UP)),
        }
        world.add("OrderItem", stamp, item)
    sold = any(invoice["Status"] in ("AUTHORISED", "PAID") for invoice in live)
    if sold and world.org.tables["Order"].rows[order_id].get("TotalAmount"):
        activated = min(created + timedelta(hours=5), world.now)
        world.edit("Order", order_id, activated, {"Status": "Activated"})


def _add_pipeline(world: SalesWorld, count: int) -> None:
    everyone = [*world.accounts.values(), *world.strangers]
    for number in range(count):
        created = world.past(2, 120)
        code, entry_id = world.rng.choice(sorted(world.entries.items()))
        body: dict[str, Json] = {
            "AccountId": world.strangers[0] if number == 0 else world.rng.choice(everyone),
            "Name": f"{_product_name(world, entry_id)} {number + 1:03d}",
            "StageName": world.rng.choice(OPEN_STAGES),
            "CloseDate": (world.now + timedelta(days=world.rng.randint(3, 90))).date().isoformat(),
            "Amount": str(world.rng.randint(8, 400) * 100),
            "OwnerId": world.rng.choice(world.owners),
            # Half of what is still being talked about has its reference already; no invoice quotes it yet.
            "Xero_Reference__c": f"OPP-{90_000 + number}" if number % 2 else None,
        }
        opportunity_id = world.add("Opportunity", created, body)
        if number % 3 == 1:
            quantity = Decimal(world.rng.choice((1, 2, 4)))
            price = world.org.tables["PricebookEntry"].rows[entry_id]["UnitPrice"]
            amount = (quantity * Decimal(str(price))).quantize(CENT, ROUND_HALF_UP)
            _add_lines(world, opportunity_id, [Goods(code, quantity, amount)], created)
        if number == 0:
            # What an earlier sync left behind: the invoices it counted are no longer linked.
            world.edit("Opportunity", opportunity_id, world.now - timedelta(days=1, hours=2), STALE_ROLLUPS)


def goods_of(world: SalesWorld, invoices: Iterable[Record]) -> list[Goods]:
    """What the invoices together sell, a line an item. A deposit and its balance are one sale, not two."""
    goods: dict[str, Goods] = {}
    for invoice in invoices:
        for line in children_of(invoice, "LineItems"):
            code, quantity = text_of(line, "ItemCode"), decimal_of(line, "Quantity")
            if code not in world.entries or quantity <= 0:
                continue
            amount = _base(invoice, _net_line(invoice, line))
            known = goods.setdefault(code, Goods(code, quantity, Decimal(0)))
            known.quantity = max(known.quantity, quantity).quantize(CENT, ROUND_HALF_UP)
            known.amount += amount
    return [line for line in goods.values() if line.amount > 0 and line.quantity > 0]


def _net(invoices: Iterable[Record]) -> Decimal:
    return sum((_base(invoice, decimal_of(invoice, "SubTotal")) for invoice in invoices), Decimal(0))


def _net_line(invoice: Record, line: Record) -> Decimal:
    amount = decimal_of(line, "LineAmount")
    return amount - decimal_of(line, "TaxAmount") if invoice.get("LineAmountTypes") == "Inclusive" else amount


def _base(invoice: Record, amount: Decimal) -> Decimal:
    """`amount` of the invoice in New Zealand dollars: its rate is units of its currency for one dollar."""
    rate = decimal_of(invoice, "CurrencyRate") or Decimal(1)
    return (amount / rate).quantize(CENT, ROUND_HALF_UP)


def _first_day(world: SalesWorld, invoices: Iterable[Record]) -> date:
    """The date of the earliest invoice. One dated before the org began was mistyped, and the sale is as old as the org."""
    days = [day for invoice in invoices if (day := date_of(invoice, "Date")) is not None]
    return max(min(days), (world.now - HISTORY).date() + timedelta(days=90))


def _office(world: SalesWorld, day: date) -> datetime:
    """A working moment of that day, and not after now."""
    moment = datetime.combine(day, time(), UTC) + timedelta(seconds=world.rng.randint(0, 28_800))
    return min(moment, world.now - timedelta(minutes=20))


def _title(world: SalesWorld, goods: list[Goods]) -> str:
    return _product_name(world, world.entries[goods[0].code]) if goods else "Services"


def _product_name(world: SalesWorld, entry_id: str) -> str:
    return str(world.org.tables["PricebookEntry"].rows[entry_id]["Name"]).split(",")[0]
