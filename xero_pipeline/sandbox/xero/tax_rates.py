"""Tax rates: users' own, added and edited; the system's cannot be touched (xero.md section 2, TaxRates)."""

from __future__ import annotations

from decimal import Decimal

from xero_pipeline.sandbox.xero.arithmetic import HUNDRED, four_places
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.record import Record, children_of, decimal_of, text_of
from xero_pipeline.sandbox.xero.refusal import Refusal

OWN = "TAX"
# Which classes of account a rate of each report type may be used with, and with none.
SELLING = ("Assets", "Equity", "Liabilities", "Revenue")
BUYING = ("Assets", "Equity", "Expenses", "Liabilities")
ALL = ("Assets", "Equity", "Expenses", "Liabilities", "Revenue")


def create_tax_rate(book: Book, fields: Record) -> Record:
    """A new rate with the next TaxType of its own (TAX001 …); Xero stamps no tax rates."""
    rate: Record = {"TaxType": _next_type(book), "Status": "ACTIVE"} | fields
    _settle(book, rate)
    return book.add("TaxRates", rate)


def edit_tax_rate(book: Book, tax_type: str, fields: Record) -> Record:
    """Changes a rate of the user's own; Status DELETED deletes it, and it stays in the book as such."""
    rate = book.get("TaxRates", tax_type)
    if not tax_type.startswith(OWN) or rate["Status"] == "DELETED":
        raise Refusal("The tax rate cannot be edited")  # wording ours
    changed = rate | fields
    _settle(book, changed)
    book.rekey("TaxRates", rate, changed)
    book.mark("TaxRates", tax_type)
    return rate


def named(book: Book, name: str) -> Record | None:
    """The living rate of this name, whatever the case."""
    return next(
        (
            rate
            for rate in book.collections["TaxRates"].values()
            if rate["Status"] != "DELETED" and text_of(rate, "Name").casefold() == name.casefold()
        ),
        None,
    )


def _next_type(book: Book) -> str:
    used = [name.removeprefix(OWN) for name in book.collections["TaxRates"] if name.startswith(OWN)]
    return f"{OWN}{max((int(number) for number in used if number.isdecimal()), default=0) + 1:03d}"


def _settle(book: Book, rate: Record) -> None:
    name = text_of(rate, "Name")
    if not name:
        raise Refusal("Tax rate Name must be specified")  # wording ours
    namesake = named(book, name)
    if namesake is not None and namesake["TaxType"] != rate["TaxType"]:
        raise Refusal("Please enter a unique Name.")
    components = children_of(rate, "TaxComponents")
    if not components:
        raise Refusal("A tax rate must have at least one tax component")  # wording ours
    rate["TaxComponents"] = [{"IsCompound": False, "IsNonRecoverable": False} | component for component in components]
    rate["DisplayTaxRate"] = rate["EffectiveRate"] = _effective(components)
    report_type = text_of(rate, "ReportTaxType")
    applies = SELLING if "OUTPUT" in report_type else BUYING if "INPUT" in report_type else ALL
    for account_class in ALL:
        rate[f"CanApplyTo{account_class}"] = account_class in applies


def _effective(components: list[Record]) -> Decimal:
    """The percentage in all: compound components are taken on top of the others."""
    simple = sum(
        (decimal_of(component, "Rate") for component in components if not component.get("IsCompound")), Decimal(0)
    )
    total = simple
    for component in components:
        if component.get("IsCompound"):
            total += decimal_of(component, "Rate") * (HUNDRED + simple) / HUNDRED
    return four_places(total)
