"""The Salesforce side of the demo: what a sales team would have entered about the customers and sales that the Xero book knows.

It fits the book and has the gaps that real orgs have: accounts that match by number, by name, by e-mail address or not at all,
names that are spelled differently, twins, opportunities without an invoice and invoices without an opportunity. The same seed,
book and moment give the same records; keys and secrets are fresh each time.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from xero_pipeline.sandbox.collecting import without_garbage_collection
from xero_pipeline.sandbox.demo.salesforce_accounts import add_accounts
from xero_pipeline.sandbox.demo.salesforce_exports import add_exports
from xero_pipeline.sandbox.demo.salesforce_products import add_products
from xero_pipeline.sandbox.demo.salesforce_sales import add_sales
from xero_pipeline.sandbox.demo.salesforce_world import HISTORY, SalesWorld, XeroBook
from xero_pipeline.sandbox.salesforce.org import Org
from xero_pipeline.sandbox.salesforce.values import Row

INTEGRATION_USERNAME = "xero.sync@tieke.example"
SELLERS = (("Marama", "Oakes"), ("Tomasi", "Vea"), ("Ingrid", "Solberg"))
FORMER_SELLER = ("Callum", "Dray")
ZONE = "Pacific/Auckland"


def build(book: XeroBook, seed: int, now: datetime) -> Org:
    """An org whose records belong to `book`, as of `now` (aware). Nothing in it is stamped later than `now`."""
    with without_garbage_collection():
        return _filled(Org.create(username=INTEGRATION_USERNAME), book, seed, now)


def _filled(org: Org, book: XeroBook, seed: int, now: datetime) -> Org:
    world = SalesWorld(org, book, Random(f"salesforce {seed}"), now.replace(microsecond=0))
    _add_organisation(world)
    former = _add_users(world)
    add_products(world)
    add_accounts(world)
    add_sales(world)
    # With chances of its own, so that all before is what it was without it.
    add_exports(replace(world, rng=Random(f"salesforce exports {seed}")))
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
