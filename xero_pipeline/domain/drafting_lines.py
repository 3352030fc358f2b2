"""The lines of an invoice to be: every value resolved, the most specific word first (BW-X13), and held against the books."""

from __future__ import annotations

from decimal import Decimal

from xero_pipeline.domain.amounts import (
    NOTHING,
    LineAmountTypes,
    four_places,
    line_amount,
    line_tax,
    unit_amount_for,
)
from xero_pipeline.domain.books import Books, InvoiceLine
from xero_pipeline.domain.drafts import Creates, DraftLine, ItemState, TrackingState
from xero_pipeline.domain.export_settings import Export, LineRule
from xero_pipeline.domain.sales import Product, Sale, SaleLine, Wishes, first_of
from xero_pipeline.domain.standing import account_state, tax_state

_NO_PRODUCT = Product("", "")
_NO_WISHES = Wishes()
# The tax type that every organisation has for what is not taxed (xero.md section 2, TaxRates).
_UNTAXED = "NONE"


def draft_lines(
    sale: Sale, amounts: LineAmountTypes, books: Books, export: Export, create: Creates
) -> tuple[DraftLine, ...]:
    """A line for each line of the sale, in its order."""
    return tuple(
        _line(sale, line, position, amounts, books, export, create) for position, line in enumerate(sale.lines, start=1)
    )


def line_in_xero(
    line_id: str, position: int, line: InvoiceLine, amounts: LineAmountTypes, books: Books, export: Export
) -> DraftLine:
    """A line as it stands on an invoice in Xero whose money may not change any more."""
    amount = line_amount(line.quantity or NOTHING, line.unit_amount or NOTHING, line.discount_rate)
    account = books.accounts.get(line.account_code)
    named = [line.tracking.get(rule.category, "") for rule in export.tracking] + ["", ""]
    (first, first_state), (second, second_state) = (_held(named[place], place, books, export) for place in (0, 1))
    return DraftLine(
        line_id=line_id,
        position=position,
        product_id=None,
        item_code=line.item_code or None,
        item_state="not_needed",
        item_name=None,
        description=line.description,
        quantity=line.quantity,
        unit_amount=line.unit_amount,
        discount_rate=line.discount_rate or None,
        account_code=line.account_code or None,
        account_state=account_state(line.account_code, books),
        account_class=account.kind if account else None,
        tax_type=line.tax_type or None,
        tax_state="not_needed" if amounts == "NoTax" else tax_state(line.tax_type, line.account_code, books),
        tracking_1=first or None,
        tracking_1_state=first_state,
        tracking_2=second or None,
        tracking_2_state=second_state,
        line_amount=amount,
        tax_amount=tax_of(amount, line.tax_type, amounts, books),
    )


def tax_of(amount: Decimal, tax_type: str | None, amounts: LineAmountTypes, books: Books) -> Decimal:
    """The tax on a line of that amount; none where the rate is not known, which a check refuses."""
    rate = books.tax_rates.get(tax_type or "")
    return line_tax(amount, rate.rate, amounts) if rate else NOTHING


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
        tax_amount=tax_of(amount, tax_type, amounts, books),
    )


def _unit_amount(line: SaleLine, quantity: Decimal | None) -> Decimal | None:
    if line.unit_price is None or quantity is None:
        return None
    return unit_amount_for(quantity, line.unit_price, line.discount, line.total_price)


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
        return "to_create" if create.items or line.product.code in create.coming else "unknown"
    return "known" if item.is_sold else "not_sold"


def _tracking(place: int, sale: Sale, line: SaleLine, books: Books, export: Export) -> tuple[str, TrackingState]:
    """The option of one of the two categories, in Xero's spelling (BW-X12)."""
    if place >= len(export.tracking):
        return "", "none"
    rule = export.tracking[place]
    customer = sale.customer.wishes.tracking[place] if sale.customer else ""
    option = first_of((line.wishes.tracking[place], sale.wishes.tracking[place], customer))
    if not option:
        # What is derived was not written for Xero, so what Xero does not know of it is no mistake of anybody's.
        derived = _derived(rule.source, sale, line).strip()
        option = derived if _held(derived, place, books, export)[1] == "known" else rule.default
    return _held(option, place, books, export)


def _held(option: str, place: int, books: Books, export: Export) -> tuple[str, TrackingState]:
    """An option of the category in that place, held against what Xero has."""
    if not option:
        return "", "none"
    options = next((each.options for each in books.categories if each.name == export.tracking[place].category), {})
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
