"""Credit of the demo that stands by itself: unallocated, refunded, still a draft, voided; deposits not yet used."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from xero_pipeline.sandbox.demo.settlement import Debt, credit_fields, prepayment_fields, refund
from xero_pipeline.sandbox.demo.world import Trader, World
from xero_pipeline.sandbox.xero.credits import change_credit_note_status, create_credit_note, create_prepayment
from xero_pipeline.sandbox.xero.record import Record, decimal_of, text_of

# What becomes of each note or deposit, round and round, so that even a small book has every one.
FATES = ("open", "refunded", "draft", "open", "voided", "prepaid", "open", "deleted", "prepaid_refunded")


def add_standing_credit(world: World, count: int) -> None:
    """Adds `count` credits made after living documents, spread over the book and over both sides."""
    settled = [
        invoice
        for invoice in world.book.collections["Invoices"].values()
        if invoice["Status"] in ("AUTHORISED", "PAID") and decimal_of(invoice, "Total") > 20
    ]
    traders = {trader.contact_id: trader for side in (world.suppliers, world.customers) for trader in side.known}
    for number in range(count):
        invoice = world.rng.choice(settled)
        contact = invoice["Contact"]
        if isinstance(contact, dict):
            _add(world, traders[contact["ContactID"]], invoice, FATES[number % len(FATES)])


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
