"""The Salesforce side of the demo: what a sales team would have entered about the customers and sales that the Xero book knows.

It fits the book and has the gaps that real orgs have: accounts that match by number, by name, by e-mail address or not at all,
names that are spelled differently, twins, opportunities without an invoice and invoices without an opportunity. The same seed,
book and moment give the same records; keys and secrets are fresh each time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from xero_pipeline.sandbox.collecting import without_garbage_collection
from xero_pipeline.sandbox.demo.salesforce_accounts import add_accounts
from xero_pipeline.sandbox.demo.salesforce_sales import add_sales
from xero_pipeline.sandbox.demo.salesforce_world import HISTORY, SalesWorld, XeroBook
from xero_pipeline.sandbox.salesforce.org import Org
from xero_pipeline.sandbox.salesforce.values import Json, Row
from xero_pipeline.sandbox.xero.record import Record, child_of, decimal_of, text_of

INTEGRATION_USERNAME = "xero.sync@tieke.example"
SELLERS = (("Marama", "Oakes"), ("Tomasi", "Vea"), ("Ingrid", "Solberg"))
FORMER_SELLER = ("Callum", "Dray")
ZONE = "Pacific/Auckland"
FAMILIES = {"SRV": "Services", "SUB": "Services", "HIR": "Services", "FRT": "None"}
NO_SKU_SHARE = 0.08
# In the price list of the sales team, not in Xero yet: code | name | price
NOT_IN_XERO = (
    ("GTW-3", "Telemetry gateway, satellite", "1190.00"),
    ("PMP-960", "Kahikatea P960 process pump", "11850.00"),
    ("SRV-AUD", "Energy audit, per site", "2400.00"),
)


def build(book: XeroBook, seed: int, now: datetime) -> Org:
    """An org whose records belong to `book`, as of `now` (aware). Nothing in it is stamped later than `now`."""
    with without_garbage_collection():
        return _filled(Org.create(username=INTEGRATION_USERNAME), book, seed, now)


def _filled(org: Org, book: XeroBook, seed: int, now: datetime) -> Org:
    world = SalesWorld(org, book, Random(f"salesforce {seed}"), now.replace(microsecond=0))
    _add_organisation(world)
    former = _add_users(world)
    _add_products(world)
    add_accounts(world)
    add_sales(world)
    # Her accounts stay hers after she has left.
    world.edit("User", former, world.now - timedelta(days=40), {"IsActive": False})
    return org


def _add_organisation(world: SalesWorld) -> None:
    stamp = world.now - HISTORY
    row: Row = {
        "Id": world.org.settings.org_id,
        "Name": "Tīeke Industrial Supply",
        "OrganizationType": "Enterprise Edition",
        "InstanceName": "AUS5G",
        "TimeZoneSidKey": ZONE,
        "DefaultLocaleSidKey": "en_NZ",
        "IsSandbox": False,
        "IsDeleted": False,
        "CreatedDate": stamp,
        "LastModifiedDate": stamp,
        "SystemModstamp": stamp,
    }
    world.org.put(world.org.schema.objects["Organization"], row)


def _add_users(world: SalesWorld) -> str:
    stamp = world.now - HISTORY
    integration = {"FirstName": "Xero", "LastName": "Sync", "Username": INTEGRATION_USERNAME}
    world.user_id = world.org.new_id(world.org.schema.objects["User"])
    world.add("User", stamp, {**integration, "Email": INTEGRATION_USERNAME, "Alias": "xsync"}, record_id=world.user_id)
    for first, last in (*SELLERS, FORMER_SELLER):
        address = f"{first}.{last}@tieke.example".lower()
        body = {"FirstName": first, "LastName": last, "Username": address, "Email": address, "Alias": last.lower()}
        world.owners.append(world.add("User", stamp, body))
    return world.owners[-1]


def _add_products(world: SalesWorld) -> None:
    stamp = world.now - HISTORY
    books = world.org.schema.objects["Pricebook2"]
    world.pricebook_id = world.org.new_id(books)
    world.add("Pricebook2", stamp, {"Name": "Standard Price Book", "IsActive": True}, record_id=world.pricebook_id)
    standard: Row = {**world.org.tables["Pricebook2"].rows[world.pricebook_id], "IsStandard": True}
    world.org.put(books, standard)
    for item in world.book.collections["Items"].values():
        if item.get("IsSold", True):
            _add_item(world, item, stamp)
    for code, name, price in NOT_IN_XERO:
        _add_product(world, code, name, name, price, stamp, sku=True)


def _add_item(world: SalesWorld, item: Record, stamp: datetime) -> None:
    code = text_of(item, "Code")
    price = decimal_of(child_of(item, "SalesDetails"), "UnitPrice")
    name = text_of(item, "Name") or code
    description = text_of(item, "Description") or name
    _add_product(world, code, name, description, str(price), stamp, sku=not world.chance(NO_SKU_SHARE))


def _add_product(
    world: SalesWorld, code: str, name: str, description: str, price: str, stamp: datetime, *, sku: bool
) -> None:
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
