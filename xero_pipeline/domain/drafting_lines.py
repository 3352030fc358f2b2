"""The lines of an invoice to be: every value resolved, the most specific word first (BW-X13), and held against the books."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from xero_pipeline.domain.amounts import (
    NOTHING,
    LineAmountTypes,
    cents,
    four_places,
    line_amount,
    line_tax,
    unit_amount_for,
)
from xero_pipeline.domain.books import Books
from xero_pipeline.domain.drafts import Creates, DraftLine, ItemState, TrackingState
from xero_pipeline.domain.export_settings import Export, LineRule
from xero_pipeline.domain.sales import Product, Sale, SaleLine, Wishes, first_of
from xero_pipeline.domain.standing import account_state, tax_state

_NO_PRODUCT = Product("", "")
_NO_WISHES = Wishes()
_HUNDRED = Decimal(100)
# The tax type that every organisation has for what is not taxed (xero.md section 2, TaxRates).
_UNTAXED = "NONE"
_LONGEST_DESCRIPTION = 4000


def draft_lines(
    sale: Sale, amounts: LineAmountTypes, books: Books, export: Export, create: Creates
) -> tuple[DraftLine, ...]:
    """A line for each line of the sale, in its order."""
    return tuple(
        _line(sale, line, position, amounts, books, export, create) for position, line in enumerate(sale.lines, start=1)
    )


def deposit_lines(
    lines: tuple[DraftLine, ...], percent: Decimal, amounts: LineAmountTypes, books: Books
) -> tuple[DraftLine, ...]:
    """The deposit on each line, as money and not as goods: an item is delivered once, with the balance."""
    label = f"Deposit {percent.normalize():f} %"
    return tuple(_share(line, percent, label, amounts, books) for line in lines)


def balance_lines(
    lines: tuple[DraftLine, ...], percent: Decimal, amounts: LineAmountTypes, books: Books
) -> tuple[DraftLine, ...]:
    """The whole sale, less line by line what its deposit invoice asked for: both add up to the sale to the cent."""
    label = f"Less deposit {percent.normalize():f} %"
    less = (_share(line, -percent, label, amounts, books) for line in lines)
    return tuple(replace(line, position=position) for position, line in enumerate((*lines, *less), start=1))


def _share(line: DraftLine, percent: Decimal, label: str, amounts: LineAmountTypes, books: Books) -> DraftLine:
    amount = cents(line.line_amount * percent / _HUNDRED)
    return replace(
        line,
        line_id=f"{line.line_id}:deposit",
        product_id=None,
        item_code=None,
        item_state="not_needed",
        item_name=None,
        description=f"{label}: {line.description}"[:_LONGEST_DESCRIPTION],
        quantity=Decimal(1),
        unit_amount=amount,
        discount_rate=None,
        line_amount=amount,
        tax_amount=_tax(amount, line.tax_type, amounts, books),
    )


def _line(
    sale: Sale,
    line: SaleLine,
    position: int,
    amounts: LineAmountTypes,
    books: Books,
    export: Export,
    create: Creates,
) -> DraftLine:
    product = line.product or _NO_PRODUCT
    customer = sale.customer.wishes if sale.customer else _NO_WISHES
    wishes = (line.wishes, product.wishes, sale.wishes, customer)
    account_code = _account_code(sale, product, wishes, export)
    tax_type = _UNTAXED if amounts == "NoTax" else _tax_type(sale, product, wishes, export)
    account = books.accounts.get(account_code)
    quantity = None if line.quantity is None else four_places(line.quantity)
    unit_amount = _unit_amount(line, quantity)
    amount = NOTHING if quantity is None or unit_amount is None else line_amount(quantity, unit_amount, line.discount)
    (first, first_state), (second, second_state) = (_tracking(place, sale, line, books, export) for place in (0, 1))
    return DraftLine(
        line_id=line.line_id,
        position=position,
        product_id=product.product_id or None,
        item_code=product.code or None,
        item_state=_item_state(line, books, create),
        item_name=product.name or None,
        description=first_of((line.description, product.description, product.name)),
        quantity=quantity,
        unit_amount=unit_amount,
        discount_rate=line.discount or None,
        account_code=account_code or None,
        account_state=account_state(account_code, books),
        account_class=account.kind if account else None,
        tax_type=tax_type or None,
        tax_state="not_needed" if amounts == "NoTax" else tax_state(tax_type, account_code, books),
        tracking_1=first or None,
        tracking_1_state=first_state,
        tracking_2=second or None,
        tracking_2_state=second_state,
        line_amount=amount,
        tax_amount=_tax(amount, tax_type, amounts, books),
    )


def _unit_amount(line: SaleLine, quantity: Decimal | None) -> Decimal | None:
    if line.unit_price is None or quantity is None:
        return None
    return unit_amount_for(quantity, line.unit_price, line.discount, line.total_price)


def _tax(amount: Decimal, tax_type: str | None, amounts: LineAmountTypes, books: Books) -> Decimal:
    rate = books.tax_rates.get(tax_type or "")
    return line_tax(amount, rate.rate, amounts) if rate else NOTHING


def _account_code(sale: Sale, product: Product, wishes: tuple[Wishes, ...], export: Export) -> str:
    line, of_product, of_sale, of_customer = (each.account_code for each in wishes)
    ruled = next((rule.account_code for rule in export.account_rules if _fits(rule, sale, product)), "")
    return first_of((line, of_product, ruled, of_sale, of_customer, export.account_code))


def _tax_type(sale: Sale, product: Product, wishes: tuple[Wishes, ...], export: Export) -> str:
    line, of_product, of_sale, of_customer = (each.tax_type for each in wishes)
    ruled = next((rule.tax_type for rule in export.tax_rules if _fits(rule, sale, product)), "")
    return first_of((line, of_product, ruled, of_sale, of_customer, export.tax_type))


def _fits(rule: LineRule, sale: Sale, product: Product) -> bool:
    country = sale.customer.address.country if sale.customer else ""
    return rule.fits(item_code=product.code, family=product.family, country=country)


def _item_state(line: SaleLine, books: Books, create: Creates) -> ItemState:
    if line.product is None:
        return "not_needed"
    if not line.product.code:
        return "missing"
    item = books.items.get(line.product.code)
    if item is None:
        return "to_create" if create.items else "unknown"
    return "known" if item.is_sold else "not_sold"


def _tracking(place: int, sale: Sale, line: SaleLine, books: Books, export: Export) -> tuple[str, TrackingState]:
    """The option of one of the two categories, in Xero's spelling (BW-X12)."""
    if place >= len(export.tracking):
        return "", "none"
    rule = export.tracking[place]
    category = next((each for each in books.categories if each.name == rule.category), None)
    options = category.options if category else {}
    customer = sale.customer.wishes.tracking[place] if sale.customer else ""
    option = first_of((line.wishes.tracking[place], sale.wishes.tracking[place], customer))
    if not option:
        # What is derived was not written for Xero, so what Xero does not know of it is no mistake of anybody's.
        derived = _derived(rule.source, sale, line)
        option = derived if options.get(derived) == "ACTIVE" else rule.default
    if not option:
        return "", "none"
    if option not in options:
        return option, "unknown"
    return option, "known" if options[option] == "ACTIVE" else "archived"


def _derived(source: str | None, sale: Sale, line: SaleLine) -> str:
    match source:
        case "billing_state":
            return sale.customer.address.state if sale.customer else ""
        case "billing_country":
            return sale.customer.address.country if sale.customer else ""
        case "family":
            return line.product.family if line.product else ""
        case "owner":
            return sale.owner
        case _:
            return ""
