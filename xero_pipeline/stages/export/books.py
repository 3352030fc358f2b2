"""What the staged books say about a set of sales: the organisation's settings, and the contacts and invoices that they touch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from xero_pipeline.domain.books import (
    Account,
    Books,
    Category,
    Contact,
    Contacts,
    Invoice,
    InvoiceLine,
    Item,
    TaxRate,
    Terms,
)
from xero_pipeline.domain.matching import normalised
from xero_pipeline.domain.sales import Product, Sale
from xero_pipeline.stages.sql import query
from xero_pipeline.warehouse.exact_json import read_exactly

Row = Mapping[str, Any]

_ORGANISATION = """
select base_currency, period_lock_date, end_of_year_lock_date from xero.organisations where org_id = %(org_id)s
"""
_ACCOUNTS = """
select code, coalesce(status, '') as status, coalesce(class, '') as kind
from xero.accounts where org_id = %(org_id)s and code <> '' and vanished_at is null
"""
_TAX_RATES = """
select
    tax_type,
    coalesce(status, '') as status,
    coalesce(effective_rate, 0) as rate,
    array_remove(
        array[
            case when can_apply_to_assets then 'ASSET' end,
            case when can_apply_to_equity then 'EQUITY' end,
            case when can_apply_to_expenses then 'EXPENSE' end,
            case when can_apply_to_liabilities then 'LIABILITY' end,
            case when can_apply_to_revenue then 'REVENUE' end
        ],
        null
    ) as fits
from xero.tax_rates where org_id = %(org_id)s and vanished_at is null
"""
_ITEMS = """
select item_id, code, coalesce(is_sold, true) as is_sold
from xero.items where org_id = %(org_id)s and code = any(%(codes)s) and vanished_at is null
"""
_CURRENCIES = "select code from xero.currencies where org_id = %(org_id)s and vanished_at is null"
_TRACKING = """
select categories.tracking_category_id, categories.name as category, options.name, options.status
from xero.tracking_categories as categories
left join xero.tracking_options as options using (org_id, tracking_category_id)
where categories.org_id = %(org_id)s and categories.status = 'ACTIVE' and categories.vanished_at is null
"""
_THEMES = "select name, branding_theme_id from xero.branding_themes where org_id = %(org_id)s and vanished_at is null"
_MATCHED = """
select account_id, contact_id
from sync.contact_matches
where org_id = %(org_id)s and account_id = any(%(account_ids)s) and status in ('matched', 'manual')
"""
_NUMBERS = """
select invoice_number, invoice_id
from xero.invoices where org_id = %(org_id)s and type = 'ACCREC' and invoice_number = any(%(numbers)s)
"""


def books_for(
    conn: Connection,
    org_id: str,
    today: date,
    *,
    salesforce_org_id: str = "",
    sales: Sequence[Sale] = (),
    urls: Mapping[str, str] | None = None,
    numbers: Iterable[str] = (),
    more_products: Iterable[Product] = (),
) -> Books:
    """The books as far as these sales and products need them; `today` is the date at the organisation.

    `salesforce_org_id` is where the sales are, `urls` maps the external ids of their invoices to the addresses they carry,
    `numbers` are those that they would be given.
    """
    read_exactly(conn)
    binds: dict[str, object] = {"org_id": org_id, "salesforce_org_id": salesforce_org_id}
    customers = {sale.customer.account_id: sale.customer for sale in sales if sale.customer}
    products = (line.product for sale in sales for line in sale.lines if line.product)
    codes = {product.code for product in (*products, *more_products)}
    sale_ids = [sale.sale_id for sale in sales]
    organisation = next(iter(_rows(conn, _ORGANISATION, binds)), None)
    matched = _grouped(_rows(conn, _MATCHED, binds | {"account_ids": list(customers)}), "account_id", "contact_id")
    wanted = {
        "account_ids": list(customers),
        "contact_ids": [
            *(customer.xero_contact_id for customer in customers.values() if customer.xero_contact_id),
            *(contact_id for contact_ids in matched.values() for contact_id in contact_ids),
        ],
        "numbers": [normalised(customer.number) for customer in customers.values() if normalised(customer.number)],
        "names": [normalised(customer.name) for customer in customers.values() if normalised(customer.name)],
    }
    contacts = [_contact(row) for row in _rows(conn, query("export/contacts"), binds | wanted)]
    addresses = {"external_ids": list(urls or {}), "urls": list((urls or {}).values())}
    exported = _rows(conn, query("export/exported"), binds | addresses)
    elsewhere = _rows(conn, query("export/invoiced_elsewhere"), binds | addresses | {"sale_ids": sale_ids})
    return Books(
        base_currency=organisation["base_currency"] or "" if organisation else "",
        today=today,
        contacts=Contacts(contacts, matched),
        period_lock_date=organisation["period_lock_date"] if organisation else None,
        year_end_lock_date=organisation["end_of_year_lock_date"] if organisation else None,
        accounts={row["code"]: Account(**row) for row in _rows(conn, _ACCOUNTS, binds)},
        tax_rates={row["tax_type"]: _tax_rate(row) for row in _rows(conn, _TAX_RATES, binds)},
        items={row["code"]: Item(**row) for row in _rows(conn, _ITEMS, binds | {"codes": list(codes)})},
        currencies=frozenset(row["code"] for row in _rows(conn, _CURRENCIES, binds)),
        categories=_categories(_rows(conn, _TRACKING, binds)),
        branding_themes={row["name"]: row["branding_theme_id"] for row in _rows(conn, _THEMES, binds)},
        numbers={
            row["invoice_number"]: row["invoice_id"]
            for row in _rows(conn, _NUMBERS, binds | {"numbers": list(numbers)})
        },
        exported={row["external_id"]: _invoice(row) for row in exported},
        others={key: tuple(found) for key, found in _grouped(elsewhere, "sale_id", "invoice_number").items()},
    )


def _rows(conn: Connection, statement: str, binds: Mapping[str, object]) -> list[Row]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return list(cursor.execute(statement.encode(), binds).fetchall())


def _grouped(rows: Iterable[Row], key: str, value: str) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        grouped[row[key]].append(row[value])
    return grouped


def _contact(row: Row) -> Contact:
    day, kind = row["payment_terms_sales_day"], row["payment_terms_sales_type"]
    return Contact(
        contact_id=row["contact_id"],
        name=row["name"],
        status=row["status"],
        account_number=row["account_number"],
        contact_number=row["contact_number"],
        merged_to=row["merged_to"],
        terms=Terms(day, kind) if day is not None and kind else None,
    )


def _tax_rate(row: Row) -> TaxRate:
    return TaxRate(row["tax_type"], row["status"], row["rate"], frozenset(row["fits"]))


def _categories(rows: Iterable[Row]) -> tuple[Category, ...]:
    options: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for row in rows:
        of_category = options[(row["tracking_category_id"], row["category"])]
        if row["name"] is not None:
            of_category[row["name"]] = row["status"] or ""
    return tuple(Category(category_id, name, found) for (category_id, name), found in options.items())


def _invoice(row: Row) -> Invoice:
    return Invoice(
        invoice_id=row["invoice_id"],
        number=row["number"],
        status=row["status"],
        contact_id=row["contact_id"],
        day=row["day"],
        due_date=row["due_date"],
        reference=row["reference"],
        currency=row["currency"],
        amounts=row["amounts"],
        branding_theme_id=row["branding_theme_id"],
        amount_paid=row["amount_paid"],
        amount_credited=row["amount_credited"],
        lines=tuple(_line(line) for line in row["lines"] or ()),
        line_ids={line_id: item_id for line_id, item_id in row["line_ids"] or () if item_id},
        unanswered=frozenset(line_id for line_id, item_id in row["line_ids"] or () if not item_id),
        vanished=row["vanished"],
    )


def _line(line: Mapping[str, Any]) -> InvoiceLine:
    return InvoiceLine(
        line_item_id=line["line_item_id"],
        description=line["description"] or "",
        quantity=_amount(line["quantity"]),
        unit_amount=_amount(line["unit_amount"]),
        discount_rate=_amount(line["discount_rate"]),
        item_code=line["item_code"] or "",
        account_code=line["account_code"] or "",
        tax_type=line["tax_type"] or "",
        tracking={name: option for name, option in line["tracking"] if name and option},
    )


def _amount(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))
