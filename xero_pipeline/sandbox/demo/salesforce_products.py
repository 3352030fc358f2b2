"""The products of the demo: what the sales team sells, under the codes of the book's items, and a few that Xero lacks yet."""

from __future__ import annotations

from datetime import datetime

from xero_pipeline.sandbox.demo.catalogue import BOUGHT_ONLY, LONGEST_CODE
from xero_pipeline.sandbox.demo.salesforce_world import HISTORY, SalesWorld
from xero_pipeline.sandbox.salesforce.values import Json, Row
from xero_pipeline.sandbox.xero.record import Record, child_of, decimal_of, text_of

FAMILIES = {"SRV": "Services", "SUB": "Services", "HIR": "Services", "FRT": "None"}
NO_SKU_SHARE = 0.08
# Their products come with the sales that are to be exported (salesforce_export_goods).
RARE_CODES = (BOUGHT_ONLY[0], LONGEST_CODE[0])
# In the price list of the sales team, not in Xero yet: code | name | price
NOT_IN_XERO = (
    ("GTW-3", "Telemetry gateway, satellite", "1190.00"),
    ("PMP-960", "Kahikatea P960 process pump", "11850.00"),
    ("SRV-AUD", "Energy audit, per site", "2400.00"),
)


def add_products(world: SalesWorld) -> None:
    """Adds the standard price book, a product for every item in common use, and a few that Xero lacks."""
    stamp = world.now - HISTORY
    books = world.org.schema.objects["Pricebook2"]
    world.pricebook_id = world.org.new_id(books)
    world.add("Pricebook2", stamp, {"Name": "Standard Price Book", "IsActive": True}, record_id=world.pricebook_id)
    standard: Row = {**world.org.tables["Pricebook2"].rows[world.pricebook_id], "IsStandard": True}
    world.org.put(books, standard)
    for item in world.book.collections["Items"].values():
        if text_of(item, "Code") not in RARE_CODES:
            _add_item(world, item, stamp)
    for code, name, price in NOT_IN_XERO:
        add_product(world, code, name, name, price, stamp, sku=True)


def _add_item(world: SalesWorld, item: Record, stamp: datetime) -> None:
    code = text_of(item, "Code")
    price = decimal_of(child_of(item, "SalesDetails"), "UnitPrice")
    name = text_of(item, "Name") or code
    description = text_of(item, "Description") or name
    add_product(world, code, name, description, str(price), stamp, sku=not world.chance(NO_SKU_SHARE))


def add_product(
    world: SalesWorld, code: str, name: str, description: str, price: str, stamp: datetime, *, sku: bool
) -> None:
    """Adds a product with its standard price, and notes its price book entry by its code."""
    body: dict[str, Json] = {
        "Name": name,
        "ProductCode": code,
        "StockKeepingUnit": code if sku else None,
        "Description": description,
        "Family": FAMILIES.get(code[:3], "Goods"),
        "IsActive": True,
    }
    product_id = world.add("Product2", stamp, body)
    entry: dict[str, Json] = {
        "Pricebook2Id": world.pricebook_id,
        "Product2Id": product_id,
        "UnitPrice": price,
        "IsActive": True,
    }
    world.entries[code] = world.add("PricebookEntry", stamp, entry)
