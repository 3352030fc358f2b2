"""The sales invoices of the demo: equipment, work, subscriptions and hire, deposits with their balance, and their fates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from xero_pipeline.sandbox.demo.clock import due_date
from xero_pipeline.sandbox.demo.settlement import Debt, settle
from xero_pipeline.sandbox.demo.world import Trader, World
from xero_pipeline.sandbox.xero.arithmetic import cents
from xero_pipeline.sandbox.xero.documents import change_status, create_invoice
from xero_pipeline.sandbox.xero.record import Record, child_of, decimal_of, text_of

KINDS = ("equipment", "service", "subscription", "hire", "deal")
KIND_WEIGHTS = (38, 25, 24, 7, 6)
DEPARTMENTS = {
    "equipment": "Equipment",
    "service": "Service",
    "subscription": "Subscriptions",
    "hire": "Hire",
    "deal": "Equipment",
}
REFERENCED_SHARE = {"equipment": 0.74, "service": 0.5, "subscription": 0.42, "hire": 0.5, "deal": 1.0}
ORDER_SHARE = 0.35
CUSTOMER_REFERENCE_SHARE = 0.12
DISCOUNTS = tuple(Decimal(rate) for rate in ("5.00", "7.50", "10.00", "12.50", "20.00"))
HOURS = tuple(Decimal(quarter) / 4 for quarter in range(1, 49))
METRES = tuple(Decimal(tenth) / 10 for tenth in range(15, 1200, 7))
PIECES = tuple(Decimal(count) for count in (1, 1, 1, 1, 2, 2, 3, 4, 6, 8, 10, 12))
ONE = Decimal(1)


@dataclass(slots=True)
class Planned:
    """One invoice to come: its date, what it is for, and for the balance of a deal the deal it belongs to."""

    day: date
    kind: str
    deal: Deal | None = None
    balance: bool = False


@dataclass(slots=True)
class Deal:
    """A sale invoiced twice under one reference: a deposit, then the balance."""

    trader: Trader | None = None
    reference: str = ""
    lines: list[Record] | None = None


def add_sales(world: World, count: int) -> None:
    """Adds `count` ACCREC invoices in the order of their dates."""
    for planned in _plan(world, count):
        _add_sale(world, planned)


def _plan(world: World, count: int) -> list[Planned]:
    rng, clock = world.rng, world.clock
    plan: list[Planned] = []
    for day in clock.days(count):
        if len(plan) >= count:
            break
        kind = rng.choices(KINDS, KIND_WEIGHTS)[0]
        if kind == "subscription":
            plan.append(Planned(max(day.replace(day=1), clock.start), kind))
        elif kind == "deal":
            deal = Deal()
            plan.append(Planned(day, kind, deal))
            follows = day + timedelta(days=rng.randint(10, 50))
            if follows <= clock.today and len(plan) < count:
                plan.append(Planned(follows, kind, deal, balance=True))
        else:
            plan.append(Planned(day, kind))
    plan.sort(key=lambda planned: planned.day)
    return plan


def _add_sale(world: World, planned: Planned) -> None:
    rng, clock, deal = world.rng, world.clock, planned.deal
    at = clock.at(planned.day)
    if deal is not None and deal.trader is not None:
        trader, reference = deal.trader, deal.reference
    else:
        trader = world.customers.pick(at, rng)
        reference = _reference(world, planned.kind)
    lines = _deal_lines(world, trader, planned) if deal is not None else _lines(world, trader, planned.kind)
    if deal is not None:
        deal.trader, deal.reference = trader, reference
    fields: Record = {
        "Type": "ACCREC",
        "Contact": {"ContactID": trader.contact_id},
        "Date": planned.day,
        "DueDate": due_date(planned.day, trader.terms),
        "LineAmountTypes": trader.line_amount_types,
        "CurrencyCode": trader.currency,
        "LineItems": lines,
        "Status": "AUTHORISED",
    }
    rate = world.rate(trader.currency, planned.day)
    if rate is not None:
        fields["CurrencyRate"] = rate
    elif world.chance(0.35):
        fields["CurrencyRate"] = ONE
    if reference:
        fields["Reference"] = reference
    if world.chance(0.75):
        fields["BrandingThemeID"] = world.themes[_theme(trader, planned.kind)]
    _live(world, trader, fields, at, (clock.today - planned.day).days)


def _live(world: World, trader: Trader, fields: Record, at: datetime, age: int) -> None:
    book, clock, rng = world.book, world.clock, world.rng
    roll = rng.random()
    draft_share = 0.1 if age < 20 else 0.012
    submitted_share = draft_share + (0.08 if age < 12 else 0.006)
    if roll < submitted_share:
        fields["Status"] = "DRAFT" if roll < draft_share else "SUBMITTED"
        if roll < draft_share and world.chance(0.25):
            del fields["DueDate"]
        create_invoice(book, fields, at)
        return
    if roll > 0.98:
        _undo(world, fields, at, "DRAFT", "DELETED")
    elif roll > 0.955:
        _undo(world, fields, at, "AUTHORISED", "VOIDED")
    else:
        if world.chance(0.7):
            fields["SentToContact"] = True
        elif world.chance(0.2):
            fields["SentToContact"] = False
        if world.chance(0.06):
            fields["ExpectedPaymentDate"] = clock.day_of(at) + timedelta(days=rng.randint(10, 60))
        invoice = create_invoice(book, fields, at)
        settle(Debt(world, trader, invoice, True, at))


def _undo(world: World, fields: Record, at: datetime, status: str, end: str) -> None:
    invoice = create_invoice(world.book, fields | {"Status": status}, at)
    undone = world.clock.after(at, 0.02, 12)
    if undone is not None and invoice["Status"] == status:
        change_status(world.book, text_of(invoice, "InvoiceID"), end, undone)


def _theme(trader: Trader, kind: str) -> int:
    if trader.currency != "NZD":
        return 2
    return 1 if kind == "service" else 0


def _reference(world: World, kind: str) -> str:
    if not world.chance(REFERENCED_SHARE[kind]):
        return ""
    if kind != "deal" and world.chance(CUSTOMER_REFERENCE_SHARE):
        return f"PO {world.rng.randint(1000, 98_000)}"
    if kind != "deal" and world.chance(ORDER_SHARE):
        world.orders += 1
        return f"SO-{world.orders:05d}"
    world.deals += 1
    return f"OPP-{world.deals:05d}"


def _lines(world: World, trader: Trader, kind: str) -> list[Record]:
    rng = world.rng
    if kind == "subscription":
        first = rng.randrange(len(world.items[kind]))
        return [
            _line(world, trader, kind, world.items[kind][(first + step) % 5]) for step in range(rng.choice((1, 1, 2)))
        ]
    if kind != "equipment":
        return [_line(world, trader, kind, rng.choice(world.items[kind])) for _ in range(rng.choice((1, 1, 2, 3)))]
    families = rng.choices(("equipment", "sensor", "consumable"), (3, 3, 5), k=rng.choice((1, 1, 1, 2, 2, 3, 4, 6)))
    lines = [_line(world, trader, family, rng.choice(world.items[family])) for family in families]
    if world.chance(0.12):
        for line in lines:
            line["DiscountRate"] = rng.choice(DISCOUNTS)
    if world.chance(0.25):
        lines.append(_line(world, trader, "freight", rng.choice(world.items["freight"])))
    if world.chance(0.05):
        lines.append({"Description": "Site access through the east gate; ask for the shift engineer."})
    return lines


def _line(world: World, trader: Trader, family: str, item: Record) -> Record:
    rng = world.rng
    if family in ("service",):
        quantity = rng.choice(HOURS)
    elif family == "consumable" and text_of(item, "Code")[:3] in ("HSE", "CBL", "GLY"):
        quantity = rng.choice(METRES)
    elif family == "equipment":
        quantity = ONE if rng.random() < 0.8 else Decimal(2)
    else:
        quantity = rng.choice(PIECES)
    unit_amount = decimal_of(child_of(item, "SalesDetails"), "UnitPrice")
    line: Record = {"ItemCode": item["Code"], "Quantity": quantity}
    if trader.currency != "NZD":
        base = world.rates[trader.currency][world.clock.start]
        line |= {"TaxType": "ZERORATED", "AccountCode": "230", "UnitAmount": cents(unit_amount * base)}
    elif trader.line_amount_types == "Inclusive":
        line["UnitAmount"] = cents(unit_amount * 115 / 100)
    elif rng.random() < 0.1:
        line["UnitAmount"] = cents(unit_amount * Decimal(rng.randint(88, 104)) / 100)
    line["Tracking"] = world.tracking(trader.region, DEPARTMENTS.get(family, "Equipment"))
    return line


def _deal_lines(world: World, trader: Trader, planned: Planned) -> list[Record]:
    deal = planned.deal
    if deal is None or deal.lines is None:
        rng = world.rng
        lines = [
            _line(world, trader, "equipment", rng.choice(world.items["equipment"])) for _ in range(rng.randint(2, 4))
        ]
        if deal is not None:
            deal.lines = lines
        share, word = Decimal("0.3"), "30% deposit"
    else:
        lines, share, word = deal.lines, Decimal("0.7"), "Balance"
    return [_share(world, line, share, word) for line in lines]


def _share(world: World, line: Record, share: Decimal, word: str) -> Record:
    item = world.book.numbered("Items", text_of(line, "ItemCode"))
    if item is None:
        raise KeyError(text_of(line, "ItemCode"))
    price = (
        decimal_of(line, "UnitAmount")
        if "UnitAmount" in line
        else decimal_of(child_of(item, "SalesDetails"), "UnitPrice")
    )
    return line | {"Description": f"{word}: {text_of(item, 'Description')}", "UnitAmount": cents(price * share)}
