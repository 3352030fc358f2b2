"""From a sale to the invoices it becomes: one, or a deposit and the balance; nothing here decides whether they may be sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from xero_pipeline.domain.amounts import NOTHING, LineAmountTypes, cents, totals
from xero_pipeline.domain.books import Books, Contact, Invoice
from xero_pipeline.domain.deposits import balance_lines, deposit_in_xero, deposit_lines, share_of_totals
from xero_pipeline.domain.drafting_lines import draft_lines
from xero_pipeline.domain.drafts import (
    BrandingState,
    ContactState,
    Creates,
    DepositState,
    Draft,
    DraftLine,
    NumberState,
    Part,
)
from xero_pipeline.domain.due_dates import due_date
from xero_pipeline.domain.export_settings import Export
from xero_pipeline.domain.invoice_changes import ENDED, invoice_state, is_locked
from xero_pipeline.domain.recognition import recognised
from xero_pipeline.domain.sales import Sale, first_of

_AMOUNTS: dict[str, LineAmountTypes] = {"exclusive": "Exclusive", "inclusive": "Inclusive", "no_tax": "NoTax"}
_HUNDRED = Decimal(100)
# What the number of a part is told apart by, where invoices are numbered by their reference.
_SUFFIXES: dict[Part, str] = {"whole": "", "deposit": "-1", "balance": "-2"}
_PARTS: tuple[Part, ...] = ("whole", "deposit", "balance")
# What Xero still lets a deposit invoice become; with any other state it no longer follows its sale.
_FOLLOWS = frozenset({"new", "open", "header_only"})
_LONGEST_NUMBER = 255


def external_id(sale_id: str, part: Part) -> str:
    """What an invoice is known by here: the sale's id, with the part where the sale has two."""
    return sale_id if part == "whole" else f"{sale_id}:{part}"


def numbers_of(sale: Sale, export: Export) -> tuple[str, ...]:
    """The invoice numbers that the sale may ask for; none where Xero gives them."""
    if export.number == "xero":
        return ()
    return tuple(_reference(sale, export) + suffix for suffix in _SUFFIXES.values())


def drafts(sale: Sale, books: Books, export: Export, *, create: Creates) -> Iterator[Draft]:
    """The invoices of a sale, none where it is not sold, as they are if what `create` allows is created first."""
    books = books.with_categories(rule.category for rule in export.tracking)
    amounts = _amounts(sale, export)
    lines = draft_lines(sale, amounts, books, export, create)
    parts = _parts(sale, export)
    if "whole" in parts:
        yield _draft(sale, "whole", lines, amounts, books, export, create)
    if "deposit" in parts:
        asked = _deposit_lines(sale, lines, amounts, books, export)
        deposit = _draft(sale, "deposit", asked, amounts, books, export, create)
        yield deposit
        if "balance" in parts:
            rest = balance_lines(lines, asked, amounts, books)
            balance = _draft(sale, "balance", rest, amounts, books, export, create)
            yield balance if deposit.invoice_state in _FOLLOWS else replace(balance, deposit_state="gone")


def _parts(sale: Sale, export: Export) -> tuple[Part, ...]:
    percent = sale.deposit_percent or NOTHING
    has_deposit = 0 < percent < _HUNDRED
    sold = export.opportunities.stages if sale.sale_type == "opportunity" else export.orders.statuses
    if sale.phase in sold:
        return ("deposit", "balance") if has_deposit else ("whole",)
    if sale.sale_type == "opportunity" and has_deposit and sale.phase in export.opportunities.deposit_stages:
        return ("deposit",)
    return ()


def _deposit_lines(
    sale: Sale, lines: tuple[DraftLine, ...], amounts: LineAmountTypes, books: Books, export: Export
) -> tuple[DraftLine, ...]:
    existing = books.exported.get(external_id(sale.sale_id, "deposit"))
    if existing and _is_final(existing, books):
        # A deposit that was paid stays what it was, and the balance takes all that became of the sale since.
        return deposit_in_xero(existing, amounts, books, export)
    return deposit_lines(lines, sale.deposit_percent or NOTHING, amounts, books)


def _is_final(invoice: Invoice, books: Books) -> bool:
    return invoice.is_settled or is_locked(invoice, books)


def _amounts(sale: Sale, export: Export) -> LineAmountTypes:
    customer = sale.customer.wishes.amounts if sale.customer else ""
    said = first_of((sale.wishes.amounts, customer))
    return next((each for each in _AMOUNTS.values() if each == said), _AMOUNTS[export.amounts])


def _draft(
    sale: Sale,
    part: Part,
    lines: tuple[DraftLine, ...],
    amounts: LineAmountTypes,
    books: Books,
    export: Export,
    create: Creates,
) -> Draft:
    key = external_id(sale.sale_id, part)
    existing = books.exported.get(key)
    existing = recognised(existing, lines) if existing else None
    state, contact = _contact(sale, books, create)
    day = _day(sale, part, existing, books, export)
    reference = _reference(sale, export)
    number, number_state = _number(reference, part, existing, books, export)
    theme, branding_state = _branding(sale, books, export)
    summed = totals(((line.line_amount, line.tax_amount) for line in lines), amounts)
    expected = _expected(sale, part, lines, books)
    ours = summed.total if amounts == "Inclusive" else summed.sub_total
    allowed = export.tolerance * max(len(sale.lines), 1)
    currency = first_of((sale.currency, books.base_currency)).upper()
    # An invoice that stays on its day is not moved into a locked period; whether it may change at all is its state.
    moved_to = None if existing and existing.day == day else day
    draft = Draft(
        external_id=key,
        sale_type=sale.sale_type,
        sale_id=sale.sale_id,
        sale_name=sale.name,
        part=part,
        source_hash=sale.source_hash,
        account_id=sale.customer.account_id if sale.customer else None,
        account_name=sale.customer.name if sale.customer else None,
        contact_id=contact.contact_id if contact else None,
        contact_state=state,
        contact_name=contact.name if contact else None,
        currency_code=currency,
        currency_state="subscribed" if currency in {*books.currencies, books.base_currency} else "not_subscribed",
        invoice_date=day,
        days_after_period_lock=_days_after(books.period_lock_date, moved_to),
        days_after_year_end_lock=_days_after(books.year_end_lock_date, moved_to),
        due_date=sale.due_date or (due_date(day, contact.terms if contact else None, export.due) if day else None),
        reference=reference,
        invoice_number=number,
        number_state=number_state,
        branding_theme=theme or None,
        branding_state=branding_state,
        amounts=amounts,
        line_count=len(lines),
        sub_total=summed.sub_total,
        total_tax=summed.total_tax,
        total=summed.total,
        salesforce_total=expected,
        difference_beyond_tolerance=max(abs(ours - expected) - allowed, NOTHING),
        deposit_percent=sale.deposit_percent or None,
        deposit_state=_deposit_state(sale, part),
        invoice_state="new",
        linked_invoices=0
        if existing
        else len(books.others.get(sale.sale_id, ())) + _of_another_split(sale, books, export),
        orders=0 if existing else sale.orders,
        lines=lines,
    )
    return replace(draft, invoice_state=invoice_state(draft, existing, books)) if existing else draft


def _contact(sale: Sale, books: Books, create: Creates) -> tuple[ContactState, Contact | None]:
    if sale.customer is None:
        return "no_account", None
    if sale.customer.do_not_sync:
        return "do_not_sync", None
    found = books.contacts.find(sale.customer)
    if found.state == "not_found" and create.contacts:
        return "to_create", None
    return found.state, found.contact


def _of_another_split(sale: Sale, books: Books, export: Export) -> int:
    """How many invoices were exported for the sale while it was split otherwise: beside those, these would bill it twice."""
    parts = _parts(sale, export)
    others = (books.exported.get(external_id(sale.sale_id, part)) for part in _PARTS if part not in parts)
    return sum(1 for other in others if other and other.status not in ENDED)


def _day(sale: Sale, part: Part, existing: Invoice | None, books: Books, export: Export) -> date | None:
    # A deposit is asked for before the sale closes, so the day on which that is expected is not the deposit's.
    early = part == "deposit" and (existing is not None or "balance" not in _parts(sale, export))
    if export.date == "sale" and not early:
        return sale.day
    # An invoice keeps the day on which it was made.
    return existing.day if existing and existing.day else books.today


def _days_after(lock: date | None, day: date | None) -> int | None:
    return (day - lock).days if lock and day else None


def _reference(sale: Sale, export: Export) -> str:
    chosen = {"xero_reference": sale.reference, "name": sale.name, "number": sale.number, "id": sale.sale_id}
    return first_of((chosen[export.reference].strip(), sale.sale_id))


def _number(
    reference: str, part: Part, existing: Invoice | None, books: Books, export: Export
) -> tuple[str | None, NumberState]:
    if export.number == "xero":
        return None, "by_xero"
    number = reference + _SUFFIXES[part]
    if not (number.isascii() and number.isprintable() and len(number) <= _LONGEST_NUMBER):
        return number, "not_printable"
    holder = books.numbers.get(number)
    if holder is None:
        return number, "free"
    return number, "own" if existing and holder == existing.invoice_id else "taken"


def _branding(sale: Sale, books: Books, export: Export) -> tuple[str, BrandingState]:
    customer = sale.customer.wishes.branding_theme if sale.customer else ""
    theme = first_of((sale.wishes.branding_theme, customer, export.branding_theme))
    if not theme:
        return "", "default"
    return theme, "known" if theme in books.branding_themes else "unknown"


def _expected(sale: Sale, part: Part, lines: tuple[DraftLine, ...], books: Books) -> Decimal:
    """What Salesforce makes of it: the totals of its lines, less the deposit, which is a share of them until it is final."""
    sold = sum((cents(line.total_price) for line in sale.lines if line.total_price is not None), NOTHING)
    if part == "whole":
        return sold
    deposit = books.exported.get(external_id(sale.sale_id, "deposit"))
    if deposit is None or not _is_final(deposit, books):
        asked = share_of_totals(sale.lines, sale.deposit_percent or NOTHING)
    elif part == "deposit":
        asked = sum((line.line_amount for line in lines), NOTHING)
    else:
        asked = -sum((line.line_amount for line in lines[len(sale.lines) :]), NOTHING)
    return asked if part == "deposit" else sold - asked


def _deposit_state(sale: Sale, part: Part) -> DepositState:
    percent = sale.deposit_percent or NOTHING
    if percent and not 0 < percent < _HUNDRED:
        return "out_of_range"
    return "none" if part == "whole" else part
