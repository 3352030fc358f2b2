"""The sales, customers and products that an export works from, as they are staged from Salesforce."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from xero_pipeline.domain.export_settings import Export
from xero_pipeline.domain.sales import Address, Customer, Product, Sale, SaleLine, Wishes
from xero_pipeline.stages.sql import query

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Selection:
    """The sales that are to be exported, and the ids of those that were and are no longer selected."""

    sales: tuple[Sale, ...]
    gone: tuple[str, ...]


def select(
    conn: Connection,
    *,
    org_id: str,
    salesforce_org_id: str,
    export: Export,
    everything: bool = False,
    only: Sequence[str] | None = None,
) -> Selection:
    """What `orgs.yaml` selects, less what the last plan found done and what has not moved since; or `everything`; or of `only`
    these sales what is selected."""
    binds = {
        "org_id": org_id,
        "salesforce_org_id": salesforce_org_id,
        "stages": list(export.opportunities.stages),
        "deposit_stages": list(export.opportunities.deposit_stages),
        "statuses": list(export.orders.statuses),
        "require_checkbox": export.require_checkbox,
        "everything": everything or only is not None,
        "only": None if only is None else list(only),
    }
    found = _rows(conn, "export/sales", binds)
    rows = [row for row in found if row["is_selected"]]
    account_ids = [row["account_id"] for row in rows if row["account_id"]]
    customers = customers_of(conn, salesforce_org_id, account_ids)
    lines = _lines(conn, salesforce_org_id, [row["sale_id"] for row in rows], export)
    return Selection(
        tuple(_sale(row, customers.get(row["account_id"]), lines.get(row["sale_id"], ())) for row in rows),
        tuple(row["sale_id"] for row in found if not row["is_selected"]),
    )


def customers_of(conn: Connection, salesforce_org_id: str, account_ids: Sequence[str]) -> dict[str, Customer]:
    """The accounts of these ids that are still there, by id."""
    binds = {"salesforce_org_id": salesforce_org_id, "account_ids": list(account_ids)}
    return {row["account_id"]: _customer(row) for row in _rows(conn, "export/customers", binds)}


def products_of(conn: Connection, salesforce_org_id: str, product_ids: Sequence[str], export: Export) -> list[Product]:
    """The products of these ids that are still there."""
    return _products(conn, salesforce_org_id, export, product_ids=list(product_ids), ticked=False)


def ticked_products(conn: Connection, salesforce_org_id: str, export: Export) -> list[Product]:
    """The products that people want to have as items in Xero."""
    return _products(conn, salesforce_org_id, export, product_ids=[], ticked=True)


def _products(conn: Connection, salesforce_org_id: str, export: Export, **which: object) -> list[Product]:
    binds = {"salesforce_org_id": salesforce_org_id, "by_sku": export.item_code == "sku", **which}
    return [_product(row) for row in _rows(conn, "export/products", binds)]


def _lines(
    conn: Connection, salesforce_org_id: str, sale_ids: Sequence[str], export: Export
) -> Mapping[str, Sequence[SaleLine]]:
    binds = {
        "salesforce_org_id": salesforce_org_id,
        "sale_ids": list(sale_ids),
        "by_sku": export.item_code == "sku",
    }
    lines: dict[str, list[SaleLine]] = defaultdict(list)
    for row in _rows(conn, "export/sale_lines", binds):
        lines[row["sale_id"]].append(_line(row))
    return lines


def _rows(conn: Connection, name: str, binds: Mapping[str, object]) -> list[Row]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return list(cursor.execute(query(name).encode(), binds).fetchall())


def _sale(row: Row, customer: Customer | None, lines: Sequence[SaleLine]) -> Sale:
    return Sale(
        sale_type=row["sale_type"],
        sale_id=row["sale_id"],
        name=row["name"],
        phase=row["phase"],
        day=row["day"],
        customer=customer,
        lines=tuple(lines),
        number=row["number"],
        reference=row["reference"].strip(),
        currency=row["currency"],
        due_date=row["due_date"],
        deposit_percent=row["deposit_percent"],
        owner=row["owner"],
        orders=row["orders"],
        wishes=_wishes(row),
    )


def _customer(row: Row) -> Customer:
    first, _, last = row["name"].partition(" ") if row["is_person_account"] else ("", "", "")
    address = Address(row["street"], row["city"], row["state"], row["postal_code"], row["country"])
    return Customer(
        account_id=row["account_id"],
        name=row["name"],
        number=row["number"],
        email=row["email"],
        phone=row["phone"],
        first_name=first,
        last_name=last,
        address=address,
        xero_contact_id=row["xero_contact_id"].lower(),
        do_not_sync=row["do_not_sync"],
        wishes=_wishes(row),
    )


def _line(row: Row) -> SaleLine:
    return SaleLine(
        line_id=row["line_id"],
        product=_product(row) if row["product_id"] else None,
        description=row["description"],
        quantity=row["quantity"],
        unit_price=row["unit_price"],
        discount=row["discount"],
        total_price=row["total_price"],
        wishes=Wishes(row["account_code"], row["tax_type"], (row["tracking_1"], row["tracking_2"])),
    )


def _product(row: Row) -> Product:
    return Product(
        product_id=row["product_id"],
        name=row["product_name"],
        code=row["product_code"].strip(),
        family=row["product_family"],
        description=row["product_description"],
        price=row["product_price"],
        wishes=Wishes(account_code=row["product_account_code"], tax_type=row["product_tax_type"]),
    )


def _wishes(row: Row) -> Wishes:
    return Wishes(
        account_code=row["account_code"],
        tax_type=row["tax_type"],
        tracking=(row["tracking_1"], row["tracking_2"]),
        branding_theme=row["branding_theme"],
        amounts=row["amounts"],
    )
