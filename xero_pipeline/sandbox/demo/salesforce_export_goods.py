"""The products that the sales to be exported need, and those that are themselves to become items in Xero."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from xero_pipeline.sandbox.demo.catalogue import BOUGHT_ONLY, LONGEST_CODE
from xero_pipeline.sandbox.demo.salesforce_export_world import ExportSales

# Product codes. An item in Xero is known by the SKU, which some of these have in common with a product of the price list.
AFTER_HOURS = "SRV-AH"
WITHOUT_SKU = "HYD-ADP"
OTHER_CODE = "SITE-STOCK"
LONG_SKU = "SNS-KIT-STAINLESS-IP69K-M12-50M"
WRITTEN_OUT = "PNL-SPEC"
LONGEST_DESCRIPTION = 4000
# Ticked "Sync to Xero" and not in Xero yet: code | name | price. Xero's names of items end at 50 characters; the last is longer.
TO_BE_ITEMS = (
    ("PMP-720", "Kahikatea P720 process pump", "9240.00"),
    ("SNS-PH", "pH probe, glass", "318.75"),
    ("SKD-DS", "Process skid, duty and standby pump, twin strainers", "28400.00"),
)
DEARER = Decimal("2.50")


def add_goods(sales: ExportSales) -> None:
    """Adds the products that sales are made of."""
    sales.product(
        AFTER_HOURS,
        "Field technician after hours, per hour",
        "192.00",
        StockKeepingUnit=sales.stocked("SRV-TECH", "SRV-ENG", "SRV-CAL", "SRV-KM"),
        Xero_Account_Code__c="260",
    )
    sales.product(WITHOUT_SKU, "Hydrant adaptor, brass", "88.00", StockKeepingUnit=None)
    sales.product(
        OTHER_CODE,
        "Temperature probe Pt100, site stock",
        "96.75",
        StockKeepingUnit=sales.stocked("SNS-TM", "SNS-PR", "SNS-FL"),
    )
    sales.product(LONG_SKU, "Sensor kit, stainless, with 50 m of cable", "1480.00")
    sales.product(
        WRITTEN_OUT,
        "Control panel to specification",
        "6150.00",
        StockKeepingUnit=sales.stocked("PNL-16", "PNL-8", "VFD-15"),
        Description=_specification(),
    )
    for code, name, price in (BOUGHT_ONLY, LONGEST_CODE):
        sales.product(code, name, price)


def add_products_to_sync(sales: ExportSales) -> None:
    """Ticks products that are to become items: two new ones, one whose price went up, and one that Xero cannot take."""
    for code, name, price in TO_BE_ITEMS:
        sales.product(code, name, price, Xero_Sync__c=True)
    world, code = sales.world, sales.stocked("FLT-E1", "FLT-E2", "OIL-20")
    entry_id = world.entries[code]
    entry = world.org.tables["PricebookEntry"].rows[entry_id]
    changed = world.now - timedelta(days=2)
    world.edit("PricebookEntry", entry_id, changed, {"UnitPrice": str(sales.list_price(code) + DEARER)})
    world.edit("Product2", str(entry["Product2Id"]), changed, {"Xero_Sync__c": True})


def _specification() -> str:
    """A description of exactly as many characters as Xero takes."""
    sentence = "Wired, tested and labelled to the customer's drawings; cable entry from below. "
    return (
        (sentence * (LONGEST_DESCRIPTION // len(sentence) + 1))[: LONGEST_DESCRIPTION - 1]
        .rstrip()
        .ljust(LONGEST_DESCRIPTION, ".")
    )
