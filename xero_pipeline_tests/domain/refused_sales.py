"""For every check of the export a draft that trips it, and one at its edge that does not, made of sales and books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from xero_pipeline.domain.books import Books, Contact
from xero_pipeline.domain.drafts import Creates, Draft
from xero_pipeline.domain.sales import Sale, SaleLine, Wishes
from xero_pipeline_tests.domain.trade import (
    CONTACT,
    SALE_ID,
    SOLD_ON,
    books,
    customer,
    drafted,
    invoiced,
    line,
    product,
    sale,
    settings,
    the_draft,
)

Pair = tuple[Draft, Draft]

THE_DAY_BEFORE, MOVED = SOLD_ON - timedelta(days=1), replace(sale(), day=date(2026, 5, 5))
THERE = invoiced(the_draft(sale()))
PAID = replace(THERE, status="PAID", amount_paid=Decimal(115))
SOMEBODY = Contact("c-9", "Somebody", "ACTIVE")
NUMBERED = settings(number="reference")
THIRTY = sale(deposit_percent=Decimal(30))
DEPOSIT = invoiced(drafted(THIRTY)[0])
BIG = Decimal("9999999999.99")
TRACKED = settings(tracking=[{"category": "Region"}, {"category": "Department"}])


def of(sold: Sale | SaleLine, held: Books | None = None, create: Creates | None = None, **given: Any) -> Draft:
    """The last draft of the sale: the balance, where it becomes two."""
    whole = sale(sold) if isinstance(sold, SaleLine) else sold
    return drafted(whole, held, settings(**given), create or Creates())[-1]


def there(invoice: Any) -> Books:
    return books(exported={SALE_ID: invoice})


def numbered(reference: str, **numbers: str) -> Draft:
    return the_draft(sale(reference=reference), books(numbers=numbers), NUMBERED)


def tracked(first: str = "", second: str = "") -> Draft:
    return the_draft(sale(line(wishes=Wishes(tracking=(first, second)))), export=TRACKED)


def of_one(price: Decimal, quantity: Decimal = Decimal(1)) -> SaleLine:
    return line(quantity=quantity, unit_price=price)


# Four places a unit make steps of a cent of a hundred, and of ten cents of a thousand.
A_THOUSAND = {"quantity": Decimal(1000), "unit_price": Decimal("0.01")}

OF_THE_CUSTOMER: Mapping[str, Pair] = {
    "customer_is_named": (of(sale(customer=None)), of(sale())),
    "customer_may_be_synced": (of(sale(customer=customer(do_not_sync=True))), of(sale())),
    "customer_is_unique": (
        of(sale(), books(CONTACT, replace(CONTACT, contact_id="c-2"))),
        of(sale(), books(CONTACT, replace(CONTACT, contact_id="c-2", status="ARCHIVED"))),
    ),
    "customer_is_active": (of(sale(), books(replace(CONTACT, status="ARCHIVED"))), of(sale(), books(CONTACT))),
    "customer_is_known": (of(sale(), books(SOMEBODY)), of(sale(), books(SOMEBODY), Creates(contacts=True))),
}

OF_THE_INVOICE: Mapping[str, Pair] = {
    "currency_is_subscribed": (of(sale(currency="EUR")), of(sale(currency="AUD"))),
    "date_is_given": (of(sale(day=None)), of(sale(day=None), date="today")),
    "date_is_after_period_lock": (
        of(sale(), books(period_lock_date=SOLD_ON)),
        of(sale(), books(period_lock_date=THE_DAY_BEFORE)),
    ),
    "date_is_after_year_end_lock": (
        of(sale(), books(year_end_lock_date=SOLD_ON)),
        of(sale(), books(year_end_lock_date=THE_DAY_BEFORE)),
    ),
    "reference_is_short_enough": (of(sale(reference="x" * 256)), of(sale(reference="x" * 255))),
    "number_is_free": (numbered("SO-1", **{"SO-1": "another"}), numbered("SO-1", **{"SO-11": "another"})),
    "number_is_printable": (numbered("Größe 1"), numbered("So (1) & more!")),
    "branding_theme_is_known": (of(sale(), branding_theme="special"), of(sale(), branding_theme="Special")),
    "sale_has_lines": (of(replace(sale(), lines=())), of(line())),
    "total_is_positive": (of(of_one(Decimal(0))), of(of_one(Decimal("0.01")))),
    "total_agrees_with_salesforce": (
        of(line(**A_THOUSAND, total_price=Decimal("10.02"))),
        of(line(**A_THOUSAND, total_price=Decimal("10.01"))),
    ),
    "deposit_is_a_share": (of(sale(deposit_percent=Decimal(100))), of(sale(deposit_percent=Decimal("99.99")))),
    "deposit_still_stands": (
        of(THIRTY, books(exported={f"{SALE_ID}:deposit": replace(DEPOSIT, status="VOIDED")})),
        of(THIRTY, books(exported={f"{SALE_ID}:deposit": DEPOSIT})),
    ),
    "invoice_is_not_paid": (of(MOVED, there(PAID)), of(replace(sale(), reference="PO 8"), there(PAID))),
    "invoice_is_not_voided": (of(MOVED, there(replace(THERE, status="VOIDED"))), of(MOVED, there(THERE))),
    "invoice_is_not_locked": (
        of(MOVED, replace(there(THERE), period_lock_date=SOLD_ON)),
        of(MOVED, replace(there(THERE), period_lock_date=THE_DAY_BEFORE)),
    ),
    "invoice_is_still_there": (of(sale(), there(replace(THERE, vanished=True))), of(sale(), there(THERE))),
    "sale_is_not_invoiced_yet": (
        of(sale(), books(others={SALE_ID: ("INV-7",)})),
        of(sale(), books(others={"another": ("INV-7",)})),
    ),
    "sale_is_billed_by_one_record": (of(replace(sale(), orders=1)), of(sale())),
}

OF_THE_PRODUCTS: Mapping[str, Pair] = {
    "sku_is_given": (of(line(product=product(code=""))), of(line(product=None, description="By hand"))),
    "item_is_known": (
        of(line(product=product(code="TEA"))),
        of(line(product=product(code="TEA")), create=Creates(items=True)),
    ),
    "item_is_sold": (of(line(product=product(code="SACKS"))), of(line())),
    "code_is_short_enough": (
        of(line(product=product(code="C" * 31)), create=Creates(items=True)),
        of(line(product=product(code="C" * 30)), create=Creates(items=True)),
    ),
}

OF_THE_LINES: Mapping[str, Pair] = {
    "account_is_given": (of(line(), account_code=""), of(line(wishes=Wishes("200")), account_code="")),
    "account_is_known": (of(line(), account_code="20"), of(line(), account_code="200")),
    "account_is_active": (of(line(), account_code="299"), of(line(), account_code="200")),
    "tax_is_given": (of(line(), tax_type=""), of(line(), tax_type="", amounts="no_tax")),
    "tax_is_known": (of(line(), tax_type="output2"), of(line(), tax_type="OUTPUT2")),
    "tax_is_active": (of(line(), tax_type="OLDRATE"), of(line(), tax_type="ZERORATED")),
    "tax_fits_the_account": (of(line(), account_code="400"), of(line(), account_code="400", tax_type="ZERORATED")),
    "tracking_1_is_known": (tracked("north"), tracked("North")),
    "tracking_1_is_active": (tracked("Old"), tracked("")),
    "tracking_2_is_known": (tracked(second="retail"), tracked(second="Retail")),
    "tracking_2_is_active": (tracked(second="Closed"), tracked("North", "AUK")),
    "description_is_short_enough": (of(line(description="x" * 4001)), of(line(description="x" * 4000))),
    "quantity_is_given": (of(line(quantity=None)), of(line(quantity=Decimal("0.0002")))),
    "price_is_given": (of(line(unit_price=None)), of(line())),
    "amount_is_in_range": (of(of_one(BIG + Decimal("0.01"))), of(of_one(BIG))),
    "discount_is_a_share": (
        of(line(discount=Decimal("100.01"))),
        of(sale(line(), line("00k2", discount=Decimal(100)))),
    ),
}
