"""What the demo organisation sells: equipment by the piece, work by the hour, monitoring by the month, hire by the day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.record import Record

# family | code | name | sales price | purchase price (blank: not bought)
ITEMS = """
equipment|PMP-120|Kahikatea P120 transfer pump|1849.00|1121.40
equipment|PMP-240|Kahikatea P240 transfer pump|2975.00|1840.75
equipment|PMP-480|Kahikatea P480 process pump|6420.00|4015.00
equipment|CMP-05|Riroriro C5 air compressor 5.5 kW|4890.00|3120.00
equipment|CMP-11|Riroriro C11 air compressor 11 kW|8150.00|5390.00
equipment|DRY-20|Riroriro D20 refrigerated dryer|2310.00|1465.50
equipment|VFD-04|Variable speed drive 4 kW|1128.50|689.20
equipment|VFD-15|Variable speed drive 15 kW|2684.00|1702.00
equipment|FLT-100|Inline filter housing 100 mm|412.00|236.10
equipment|TNK-500|Pressure vessel 500 L|1575.00|988.00
equipment|VLV-50|Motorised valve DN50|688.90|402.35
equipment|VLV-80|Motorised valve DN80|1042.35|641.00
equipment|PNL-8|Control panel, 8 channels|3290.00|1975.00
equipment|PNL-16|Control panel, 16 channels|5480.00|3310.00
sensor|SNS-PR|Pressure transmitter 0-16 bar|284.50|148.20
sensor|SNS-FL|Ultrasonic flow meter|1365.00|842.00
sensor|SNS-TM|Temperature probe Pt100|96.75|47.30
sensor|SNS-LV|Radar level sensor|1120.00|706.00
sensor|GTW-1|Telemetry gateway, cellular|745.00|418.00
sensor|GTW-2|Telemetry gateway, LoRa|589.00|327.00
consumable|OIL-20|Compressor oil 20 L|218.40|121.00
consumable|SEA-P1|Seal kit P120/P240|64.95|28.10
consumable|SEA-P4|Seal kit P480|142.20|77.60
consumable|FLT-E1|Filter element 5 micron|38.60|14.85
consumable|FLT-E2|Filter element 1 micron|52.15|21.30
consumable|HSE-25|Delivery hose 25 mm, per metre|11.4375|5.2150
consumable|HSE-50|Delivery hose 50 mm, per metre|23.8125|11.9050
consumable|CBL-4C|Screened cable 4 core, per metre|3.1825|1.4640
consumable|GLY-5|Glycol concentrate, per litre|6.8750|3.5125
service|SRV-TECH|Field technician, per hour|128.00|
service|SRV-ENG|Controls engineer, per hour|176.50|
service|SRV-CAL|Calibration with certificate|145.00|
service|SRV-COM|Commissioning, per day|1290.00|
service|SRV-KM|Travel, per kilometre|1.0400|
subscription|SUB-MON|Site monitoring, per month|89.00|
subscription|SUB-MON+|Site monitoring with alarms, per month|149.00|
subscription|SUB-DEV|Connected device, per month|7.2500|
subscription|SUB-RPT|Compliance reporting, per month|59.50|
subscription|SUB-CARE|Service plan, per month|240.00|
hire|HIR-CMP|Compressor hire, per day|165.00|
hire|HIR-PMP|Pump hire, per day|98.00|
hire|HIR-GEN|Generator hire 40 kVA, per day|285.00|
freight|FRT-NI|Freight North Island|48.00|
freight|FRT-SI|Freight South Island|86.50|
"""
# What no sale of the demo's history holds: one that is only bought, and one whose code is as long as Xero takes (30 characters).
BOUGHT_ONLY = ("CRT-1", "Shipping crate, pine", "92.40")
LONGEST_CODE = ("CBL-4C-UV-ARMOURED-DRUM-500-MT", "Screened cable 4 core, armoured, drum of 500 m", "2140.0000")
SALES_ACCOUNTS = {
    "equipment": "200",
    "sensor": "200",
    "consumable": "200",
    "service": "210",
    "subscription": "220",
    "hire": "215",
    "freight": "250",
}
LISTED = datetime(2013, 11, 18, 21, 40, 2, 118_000, UTC)


def add_items(book: Book) -> dict[str, list[Record]]:
    """Adds the items and returns them by family."""
    families: dict[str, list[Record]] = {}
    for count, line in enumerate(ITEMS.strip().splitlines()):
        family, code, name, price, cost = line.split("|")
        item: Record = {
            "ItemID": book.new_id(),
            "Code": code,
            "Name": name[:50],
            "Description": name,
            "IsSold": True,
            "IsPurchased": bool(cost),
            "IsTrackedAsInventory": False,
            "SalesDetails": {
                "UnitPrice": Decimal(price).quantize(Decimal("0.0001")),
                "AccountCode": SALES_ACCOUNTS[family],
                "TaxType": "OUTPUT2",
            },
        }
        if cost:
            item["PurchaseDescription"] = name
            unit_price = Decimal(cost).quantize(Decimal("0.0001"))
            item["PurchaseDetails"] = {"UnitPrice": unit_price, "AccountCode": "300", "TaxType": "INPUT2"}
        book.add("Items", item, LISTED + timedelta(days=71 * count, milliseconds=6 * count))
        families.setdefault(family, []).append(item)
    return families


def add_rare_items(book: Book) -> None:
    """Adds the items that are there for what may not be sold, and for the edge of what may."""
    code, name, cost = BOUGHT_ONLY
    bought: Record = {
        "ItemID": book.new_id(),
        "Code": code,
        "Name": name,
        "PurchaseDescription": name,
        "IsSold": False,
        "IsPurchased": True,
        "IsTrackedAsInventory": False,
        "PurchaseDetails": {"UnitPrice": Decimal(f"{cost}00"), "AccountCode": "300", "TaxType": "INPUT2"},
    }
    book.add("Items", bought, LISTED)
    code, name, price = LONGEST_CODE
    sold: Record = {
        "ItemID": book.new_id(),
        "Code": code,
        "Name": name,
        "Description": name,
        "IsSold": True,
        "IsPurchased": False,
        "IsTrackedAsInventory": False,
        "SalesDetails": {"UnitPrice": Decimal(price), "AccountCode": "200", "TaxType": "OUTPUT2"},
    }
    book.add("Items", sold, LISTED)
