"""How an approved invoice or bill of the demo comes to be paid: on time or late, in parts, by credit, twice or never."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from xero_pipeline.sandbox.demo.world import Trader, World
from xero_pipeline.sandbox.xero.arithmetic import cents
from xero_pipeline.sandbox.xero.credits import allocate, create_credit_note, create_overpayment, create_prepayment
from xero_pipeline.sandbox.xero.money_in import account_reference, pay, reconcile_payment, reverse_payment
from xero_pipeline.sandbox.xero.record import Record, child_of, children_of, date_of, decimal_of, text_of

WAYS = ("on_account", "in_parts", "reversed", "credited", "part_credited", "prepaid", "overpaid", "never")
SALE_WEIGHTS = (835, 55, 25, 18, 32, 18, 14, 26)
BILL_WEIGHTS = (900, 25, 12, 10, 22, 12, 8, 15)
RECONCILED_SHARE = 0.86
BATCHED_SHARE = 0.3


@dataclass(slots=True)
class Debt:
    """One approved document on its way: `at` is the instant of the last thing that happened to it."""

    world: World
    trader: Trader
    invoice: Record
    selling: bool
    at: datetime

    @property
    def invoice_id(self) -> str:
        """The document's id."""
        return text_of(self.invoice, "InvoiceID")

    @property
    def due(self) -> Decimal:
        """What is still owed."""
        return decimal_of(self.invoice, "AmountDue")


def settle(debt: Debt) -> None:
    """Lets the document live as far as now allows, in one of `WAYS`."""
    world = debt.world
    way = world.rng.choices(WAYS, SALE_WEIGHTS if debt.selling else BILL_WEIGHTS)[0]
    if not debt.due or way == "never":
        return
    if way in ("credited", "part_credited"):
        _credit(debt, whole=way == "credited")
    elif way == "prepaid":
        _use_prepayment(debt)
    elif way == "in_parts":
        _pay(debt, cents(debt.due * world.rng.choice((Decimal("0.25"), Decimal("0.5"), Decimal("0.4")))), early=True)
        if world.chance(0.3):
            return
    payment = _pay(debt, debt.due)
    if payment is None:
        return
    if way == "reversed":
        _reverse_and_pay_again(debt, payment)
    elif way == "overpaid":
        _note_overpayment(debt)


def credit_fields(world: World, debt: Debt, share: Decimal | None) -> Record:
    """The fields of a credit note for `share` of the first line of an invoice, or for all of its lines."""
    lines: list[Record] = []
    for line in children_of(debt.invoice, "LineItems"):
        if "Quantity" not in line or decimal_of(line, "LineAmount") <= 0:
            continue
        amount = decimal_of(line, "LineAmount")
        credited: Record = {
            "Description": f"Credit: {text_of(line, 'Description')}",
            "Quantity": Decimal("1.0000"),
            "UnitAmount": amount if share is None else cents(amount * share) or amount,
            "AccountCode": line["AccountCode"],
            "TaxType": line["TaxType"],
            "Tracking": line.get("Tracking", []),
        }
        if "TaxAmount" in line and share is None:
            credited["TaxAmount"] = line["TaxAmount"]
        lines.append(credited)
        if share is not None:
            break
    fields: Record = {
        "Type": "ACCRECCREDIT" if debt.selling else "ACCPAYCREDIT",
        "Status": "AUTHORISED",
        "Contact": debt.invoice["Contact"],
        "Date": world.clock.day_of(debt.at),
        "LineAmountTypes": debt.invoice["LineAmountTypes"],
        "CurrencyCode": debt.invoice["CurrencyCode"],
        "LineItems": lines,
    }
    rate = world.rate(text_of(debt.invoice, "CurrencyCode"), world.clock.day_of(debt.at))
    if rate is not None:
        fields["CurrencyRate"] = rate
    if debt.selling and world.chance(0.5):
        fields["Reference"] = debt.invoice["InvoiceNumber"]
    return fields


def refund(world: World, credit: Record, credit_id: str, at: datetime) -> None:
    """Pays back what is left of a credit."""
    amount = decimal_of(credit, "RemainingCredit")
    account = _bank(world, text_of(credit, "CurrencyCode"))
    pay(world.book, credit_id, account, amount, world.clock.day_of(at), at, extra={"Reference": "Refund"})


def _pay(debt: Debt, amount: Decimal, *, early: bool = False) -> Record | None:
    world, clock = debt.world, debt.world.clock
    due_day = date_of(debt.invoice, "DueDate")
    if due_day is None or not debt.due:
        return None
    late = world.rng.gauss(debt.trader.lateness, 6)
    day = due_day + timedelta(days=round(late) - (12 if early else 0))
    day = max(day, clock.day_of(debt.at))
    if day > clock.today or (day == clock.today and world.chance(0.5)):
        return None
    at = clock.at(day)
    if at <= debt.at:
        later = clock.after(debt.at, 0.01, 0.9)
        if later is None:
            return None
        at = later
    extra: Record = {}
    if debt.selling and world.chance(0.35):
        extra["Reference"] = debt.invoice["InvoiceNumber"]
    currency = text_of(debt.invoice, "CurrencyCode")
    account = _bank(world, currency)
    if not debt.selling and currency == "NZD" and account == "090" and world.chance(BATCHED_SHARE):
        extra["BatchPayment"] = _batch(world, clock.day_of(at))
    rate = world.rate(currency, clock.day_of(at))
    if rate is not None:
        extra["CurrencyRate"] = rate
    payment = pay(world.book, debt.invoice_id, account, amount, clock.day_of(at), at, extra=extra)
    debt.at = at
    # Hours later, when the bank's lines are in; the invoice's stamp stays (xero.md section 1).
    matched = clock.after(at, 0.04, 0.3) if world.chance(RECONCILED_SHARE) else None
    if matched is not None:
        reconcile_payment(world.book, text_of(payment, "PaymentID"), matched)
        debt.at = matched
    return payment


def _reverse_and_pay_again(debt: Debt, payment: Record) -> None:
    reversed_at = debt.world.clock.after(debt.at, 0.1, 6)
    if reversed_at is None or "BatchPayment" in payment:
        return
    reverse_payment(debt.world.book, text_of(payment, "PaymentID"), reversed_at)
    debt.at = reversed_at
    if debt.world.chance(0.75):
        _pay(debt, debt.due)


def _credit(debt: Debt, *, whole: bool) -> None:
    world = debt.world
    at = world.clock.after(debt.at, 0.3, 9)
    if at is None:
        return
    debt.at = at
    share = None if whole else Decimal(world.rng.choice((10, 15, 20, 25, 50))) / 100
    note = create_credit_note(world.book, credit_fields(world, debt, share), at)
    allocated_at = world.clock.after(at, 0.001, 1.5)
    if allocated_at is None:
        return
    debt.at = allocated_at
    amount = min(decimal_of(note, "RemainingCredit"), debt.due)
    allocate(world.book, text_of(note, "CreditNoteID"), debt.invoice_id, amount, allocated_at)


def _use_prepayment(debt: Debt) -> None:
    world = debt.world
    at = world.clock.after(debt.at, 0.2, 5)
    if at is None:
        return
    debt.at = at
    share = Decimal(world.rng.choice((20, 30, 50))) / 100
    prepayment = create_prepayment(world.book, prepayment_fields(world, debt, cents(debt.due * share)), at)
    amount = min(decimal_of(prepayment, "RemainingCredit"), debt.due)
    allocated_at = world.clock.after(at, 0.5, 4)
    if allocated_at is None:
        return
    debt.at = allocated_at
    allocate(world.book, text_of(prepayment, "PrepaymentID"), debt.invoice_id, amount, allocated_at)


def prepayment_fields(world: World, debt: Debt, amount: Decimal) -> Record:
    """The fields of a prepayment of `amount`, tax included, from or to the contact of the invoice."""
    foreign = debt.trader.currency != "NZD"
    line: Record = {
        "Description": "Deposit",
        "UnitAmount": max(amount, Decimal("1.00")),
        "AccountCode": "200" if debt.selling else "300",
        "TaxType": ("ZERORATED" if debt.selling else "NONE") if foreign else "OUTPUT2" if debt.selling else "INPUT2",
        "Tracking": [],
    }
    fields: Record = {
        "Type": "RECEIVE-PREPAYMENT" if debt.selling else "SPEND-PREPAYMENT",
        "Contact": debt.invoice["Contact"],
        "Date": world.clock.day_of(debt.at),
        "LineAmountTypes": "Inclusive",
        "CurrencyCode": debt.invoice["CurrencyCode"],
        "LineItems": [line],
    }
    rate = world.rate(text_of(debt.invoice, "CurrencyCode"), world.clock.day_of(debt.at))
    if rate is not None:
        fields["CurrencyRate"] = rate
    if world.chance(0.5):
        fields["Reference"] = "Deposit"
    return fields


def overpayment_fields(world: World, debt: Debt) -> Record:
    """The fields of an overpayment of the invoice, from or to its contact."""
    amount = Decimal(world.rng.choice((100, 900, 1000, 1500, 4500, 10_000, 23_050))) / 100
    fields: Record = {
        "Type": "RECEIVE-OVERPAYMENT" if debt.selling else "SPEND-OVERPAYMENT",
        "Contact": debt.invoice["Contact"],
        "Date": world.clock.day_of(debt.at),
        "CurrencyCode": debt.invoice["CurrencyCode"],
        "LineItems": [{"Description": f"Overpayment of {debt.invoice['InvoiceNumber']}", "UnitAmount": amount}],
    }
    rate = world.rate(text_of(debt.invoice, "CurrencyCode"), world.clock.day_of(debt.at))
    if rate is not None:
        fields["CurrencyRate"] = rate
    return fields


def _note_overpayment(debt: Debt) -> None:
    world = debt.world
    at = debt.at
    overpayment = create_overpayment(world.book, overpayment_fields(world, debt), at)
    used_at = world.clock.after(at, 3, 20)
    overpayment_id = text_of(overpayment, "OverpaymentID")
    if used_at is None:
        return
    if world.chance(0.3):
        refund(world, overpayment, overpayment_id, used_at)
    elif world.chance(0.6):
        _use_on_another(world, debt, overpayment_id, used_at)


def _use_on_another(world: World, debt: Debt, overpayment_id: str, at: datetime) -> None:
    contact_id = text_of(child_of(debt.invoice, "Contact"), "ContactID")
    overpayment = world.book.get("Overpayments", overpayment_id)
    for plural, document in world.book.documents_of(contact_id):
        if plural == "Invoices" and document["Type"] == debt.invoice["Type"] and document["Status"] == "AUTHORISED":
            stamped = document["UpdatedDateUTC"]
            if isinstance(stamped, datetime) and stamped < at and decimal_of(document, "AmountDue"):
                amount = min(decimal_of(document, "AmountDue"), decimal_of(overpayment, "RemainingCredit"))
                allocate(world.book, overpayment_id, text_of(document, "InvoiceID"), amount, at)
                return


def _bank(world: World, currency: str) -> str:
    if currency == "USD":
        return "092"
    roll = world.rng.random()
    if roll < 0.04:
        return "615"
    return world.card if roll < 0.06 else "090"


def _batch(world: World, day: date) -> Record:
    batch = world.batches.get(day)
    if batch is None:
        account = world.book.account("090")
        if account is None:
            raise KeyError("090")
        batch = world.batches[day] = {
            "BatchPaymentID": world.book.new_id(),
            "Account": account_reference(account),
            "Date": day,
            "Type": "PAYBATCH",
            "Status": "AUTHORISED",
        }
    return batch
