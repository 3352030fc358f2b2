"""Credit of the demo that stands by itself: unallocated, refunded, still a draft, voided; deposits not yet used, overpayments."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from xero_pipeline.sandbox.demo.settlement import Debt, credit_fields, overpayment_fields, prepayment_fields, refund
from xero_pipeline.sandbox.demo.world import Trader, World
from xero_pipeline.sandbox.xero.credits import (
    allocate,
    change_credit_note_status,
    create_credit_note,
    create_overpayment,
    create_prepayment,
)
from xero_pipeline.sandbox.xero.record import Record, decimal_of, instant_of, text_of

# What becomes of each note or deposit, round and round, so that even a small book has every one.
FATES = (
    "open",
    "refunded",
    "draft",
    "open",
    "voided",
    "prepaid",
    "open",
    "deleted",
    "prepaid_refunded",
    "overpaid_used",
    "overpaid",
    "overpaid_refunded",
)
# Days after which an invoice that is still open may have an overpayment of another used on it.
OPEN_FOR = 12


def add_standing_credit(world: World, count: int) -> None:
    """Adds `count` credits made after living documents, spread over the book and over both sides."""
    settled = [
        invoice
        for invoice in world.book.collections["Invoices"].values()
        if invoice["Status"] in ("AUTHORISED", "PAID") and decimal_of(invoice, "Total") > 20
    ]
    traders = {trader.contact_id: trader for side in (world.suppliers, world.customers) for trader in side.known}
    for number in range(count):
        fate = FATES[number % len(FATES)]
        eligible = _long_open(world, settled) if fate == "overpaid_used" else settled
        if not eligible:
            continue
        invoice = world.rng.choice(eligible)
        contact = invoice["Contact"]
        if not isinstance(contact, dict):
            continue
        trader = traders[contact["ContactID"]]
        if fate == "overpaid_used":
            _use_overpayment(world, trader, invoice)
        else:
            _add(world, trader, invoice, fate)


def _long_open(world: World, documents: list[Record]) -> list[Record]:
    """Those on which something is due and to which nothing has happened for days."""
    before = world.clock.now - timedelta(days=OPEN_FOR)
    return [
        each
        for each in documents
        if each["Status"] == "AUTHORISED"
        and decimal_of(each, "AmountDue")
        and (stamp := instant_of(each, "UpdatedDateUTC")) is not None
        and stamp < before
    ]


def _use_overpayment(world: World, trader: Trader, invoice: Record) -> None:
    """The contact paid too much for something else, and what was too much is used on this open document."""
    stamp = instant_of(invoice, "UpdatedDateUTC")
    received = world.clock.after(stamp, 1, 7) if stamp is not None else None
    used = world.clock.after(received, 0.1, 4) if received is not None else None
    if received is None or used is None:
        return
    debt = Debt(world, trader, invoice, invoice["Type"] == "ACCREC", received)
    overpayment = create_overpayment(world.book, overpayment_fields(world, debt), received)
    amount = min(debt.due, decimal_of(overpayment, "RemainingCredit"))
    allocate(world.book, text_of(overpayment, "OverpaymentID"), debt.invoice_id, amount, used)


def _add(world: World, trader: Trader, invoice: Record, fate: str) -> None:
    clock = world.clock
    day = min(clock.today, clock.start + timedelta(days=world.rng.randrange((clock.today - clock.start).days)))
    debt = Debt(world, trader, invoice, invoice["Type"] == "ACCREC", clock.at(day))
    share = Decimal(world.rng.choice((10, 25, 40))) / 100
    if fate.startswith("prepaid"):
        amount = (decimal_of(invoice, "Total") * share).quantize(Decimal("0.01"))
        prepayment = create_prepayment(world.book, prepayment_fields(world, debt, amount), debt.at)
        refunded = clock.after(debt.at, 2, 30)
        if fate == "prepaid_refunded" and refunded is not None:
            refund(world, prepayment, text_of(prepayment, "PrepaymentID"), refunded)
        return
    if fate.startswith("overpaid"):
        overpayment = create_overpayment(world.book, overpayment_fields(world, debt), debt.at)
        refunded = clock.after(debt.at, 2, 30)
        if fate == "overpaid_refunded" and refunded is not None:
            refund(world, overpayment, text_of(overpayment, "OverpaymentID"), refunded)
        return
    fields = credit_fields(world, debt, share)
    if fate in ("draft", "deleted"):
        fields["Status"] = "DRAFT"
    note = create_credit_note(world.book, fields, debt.at)
    note_id = text_of(note, "CreditNoteID")
    later = clock.after(debt.at, 0.5, 15)
    if later is None:
        return
    if fate == "refunded":
        refund(world, note, note_id, later)
    elif fate in ("voided", "deleted"):
        change_credit_note_status(world.book, note_id, fate.upper(), later)
