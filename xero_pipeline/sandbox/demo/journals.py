"""The manual journals of the demo: depreciation, wages and accruals of every month, some still drafts, some voided."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from decimal import Decimal

from xero_pipeline.sandbox.demo.clock import month_starts
from xero_pipeline.sandbox.demo.world import World
from xero_pipeline.sandbox.xero.journals import change_journal_status, create_manual_journal
from xero_pipeline.sandbox.xero.record import Record, text_of

# narration | the lines: account, description, share of the amount
MONTHLY: tuple[tuple[str, int, int, tuple[tuple[str, str, int], ...]], ...] = (
    (
        "Depreciation",
        210_000,
        290_000,
        (
            ("416", "Depreciation for the month", 100),
            ("711", "Office equipment", -20),
            ("721", "Computers", -35),
            ("731", "Vehicles", -45),
        ),
    ),
    (
        "Wages",
        5_400_000,
        6_900_000,
        (
            ("477", "Gross wages", 97),
            ("478", "KiwiSaver employer contributions", 3),
            ("825", "PAYE withheld", -24),
            ("803", "Net wages", -76),
        ),
    ),
    ("Insurance used in the month", 48_000, 61_000, (("433", "Insurance", 100), ("620", "Prepaid insurance", -100))),
    ("Accrued power", 60_000, 140_000, (("445", "Power not yet billed", 100), ("805", "Accruals", -100))),
)


def add_journals(world: World) -> None:
    """Adds four journals a month, a reversal of each accrual, and a few that were drafted or voided."""
    months = month_starts(world.clock.start, world.clock.today)
    for position, month in enumerate(months):
        last = month.replace(day=calendar.monthrange(month.year, month.month)[1])
        if last > world.clock.today:
            last = world.clock.today
        for narration, low, high, shares in MONTHLY:
            amount = Decimal(world.rng.randint(low, high)) / 100
            lines = _lines(amount, shares)
            status = (
                "DRAFT" if month == months[-1] or (position % 7 == 3 and narration == "Accrued power") else "POSTED"
            )
            voided = status == "POSTED" and position % 6 == 1 and narration == "Insurance used in the month"
            _add(world, f"{narration}, {month:%B %Y}", last, lines, status, voided=voided)
            if narration == "Accrued power" and status == "POSTED":
                reversal: list[Record] = [line | {"LineAmount": -_amount(line)} for line in lines]
                _add(world, f"Reversal: {narration}, {month:%B %Y}", last + timedelta(days=1), reversal, "POSTED")


def _lines(amount: Decimal, shares: tuple[tuple[str, str, int], ...]) -> list[Record]:
    lines: list[Record] = []
    balance = Decimal("0.00")
    for account, description, share in shares:
        part = (amount * share / 100).quantize(Decimal("0.01"))
        balance += part
        lines.append({"AccountCode": account, "Description": description, "LineAmount": part})
    lines[-1]["LineAmount"] = _amount(lines[-1]) - balance
    return lines


def _amount(line: Record) -> Decimal:
    amount = line["LineAmount"]
    if not isinstance(amount, Decimal):
        raise TypeError("A journal line holds a Decimal.")
    return amount


def _add(world: World, narration: str, day: date, lines: list[Record], status: str, *, voided: bool = False) -> None:
    clock = world.clock
    at = clock.at(min(day, clock.today))
    for line in lines:
        line["Tracking"] = world.tracking("", "Administration") if line["AccountCode"] in ("477", "416") else []
    fields: Record = {"Narration": narration, "Date": day, "JournalLines": lines, "Status": status}
    journal = create_manual_journal(world.book, fields, at)
    later = clock.after(at, 1, 9)
    if voided and later is not None:
        change_journal_status(world.book, text_of(journal, "ManualJournalID"), "VOIDED", later)
