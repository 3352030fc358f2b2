"""Sales that pass every check: between them they use all that a sale may say of how it is invoiced."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from xero_pipeline.sandbox.demo.salesforce_export_customers import Customers
from xero_pipeline.sandbox.demo.salesforce_export_goods import AFTER_HOURS
from xero_pipeline.sandbox.demo.salesforce_export_world import ExportSales, Line

EVERYDAY = 12
NOTES: tuple[tuple[str, str], ...] = (
    ("Delivery", "Deliver to the back gate before ten; the forklift is in use after that."),
    ("Agreed by telephone", "The discount was agreed with the workshop manager and holds for this order alone."),
    ("Warranty", "Extended to 36 months — see the signed schedule.\nSerial numbers follow with the dispatch note."),
)


@dataclass(frozen=True, slots=True)
class Stock:
    """Products that have a SKU, by what is special about how they are sold."""

    pump: str
    sensor: str
    panel: str
    by_metre: str
    by_kilometre: str
    by_hour: str
    by_day: str
    freight: str


def add_sales_to_export(sales: ExportSales, to: Customers) -> None:
    """Adds them, and notes on three: a plain opportunity, a discounted one, and an order."""
    stock = _stock(sales)
    plain = _add_priced(sales, to, stock)
    discounted = _add_discounted(sales, to, stock)
    _add_told_otherwise(sales, to, stock)
    _add_split(sales, to, stock)
    ordered = _add_orders(sales, to, stock)
    _add_everyday(sales, to)
    links = ({"Opportunity__c": plain}, {"Opportunity__c": discounted}, {"Order__c": ordered})
    for (subject, details), link in zip(NOTES, links, strict=True):
        sales.world.add("Xero_Note__c", sales.world.past(0.1, 0.9), {"Name": subject, "Details__c": details, **link})


def _stock(sales: ExportSales) -> Stock:
    return Stock(
        pump=sales.stocked("PMP-240", "PMP-120", "PMP-480"),
        sensor=sales.stocked("SNS-PR", "SNS-TM", "SNS-LV"),
        panel=sales.stocked("PNL-8", "PNL-16", "VFD-04"),
        by_metre=sales.stocked("HSE-25", "HSE-50", "CBL-4C"),
        by_kilometre=sales.stocked("SRV-KM", "GLY-5", "SUB-DEV"),
        by_hour=sales.stocked("SRV-TECH", "SRV-ENG", "SRV-CAL"),
        by_day=sales.stocked("HIR-PMP", "HIR-CMP", "HIR-GEN"),
        freight=sales.stocked("FRT-NI", "FRT-SI"),
    )


def _add_priced(sales: ExportSales, to: Customers, stock: Stock) -> str:
    several = [Line(stock.pump, "2"), Line(stock.panel), Line(stock.by_hour, "6"), Line(stock.freight)]
    plain = sales.opportunity("Export: several lines", to.by_number, several)
    sales.opportunity("Export: prices of four places", to.by_name, [Line(stock.by_metre, "24.5"), Line(stock.sensor)])
    sales.opportunity(
        "Export: quantities with decimals", to.by_id, [Line(stock.by_hour, "2.75"), Line(stock.by_day, "0.5")]
    )
    sales.opportunity("Export: a total entered by hand", to.by_name, [Line(stock.sensor, "3", total="800.00")])
    sales.opportunity(
        "Export: a line at no charge", to.by_number, [Line(stock.pump), Line(stock.freight, price="0.00")]
    )
    sales.opportunity("Export: one line returned", to.by_id, [Line(stock.pump, "2"), Line(stock.sensor, "-1")])
    sales.opportunity("Export: prices include tax", to.by_name, several[:2], Xero_Amounts__c="Inclusive")
    sales.opportunity("Export: no tax at all", to.by_name, several[1:], Xero_Amounts__c="NoTax")
    sales.opportunity("Export: without a reference", to.by_number, [Line(stock.panel)], Xero_Reference__c=None)
    described = [replace(Line(stock.by_hour, "4"), says={"Description": "Fault finding on pump 2, both visits"})]
    sales.opportunity("Export: a line in words of its own", to.by_id, described)
    return plain


def _add_discounted(sales: ExportSales, to: Customers, stock: Stock) -> str:
    whole = [Line(stock.pump, "2", says={"Discount": "10"}), Line(stock.sensor, "4", says={"Discount": "10"})]
    discounted = sales.opportunity("Export: a tenth off everything", to.by_number, whole)
    one = [Line(stock.panel, "1", says={"Discount": "12.5"}), Line(stock.by_hour, "3")]
    sales.opportunity("Export: an eighth off one line", to.by_name, one)
    metres = [Line(stock.by_metre, "37.25", says={"Discount": "12.5"}), Line(stock.by_kilometre, "118")]
    sales.opportunity("Export: four places and a discount", to.by_id, metres)
    sales.opportunity("Export: tax included and a discount", to.by_number, whole, Xero_Amounts__c="Inclusive")
    return discounted


def _add_told_otherwise(sales: ExportSales, to: Customers, stock: Stock) -> None:
    goods = [Line(stock.pump), Line(stock.freight)]
    abroad = {"Xero_Tax_Type__c": "ZERORATED", "Xero_Account_Code__c": "230"}
    sales.opportunity("Export: zero-rated by the sale", to.by_name, goods, **abroad)
    sales.opportunity("Export: zero-rated by the account", to.abroad, goods)
    sales.opportunity("Export: in US dollars", to.abroad, [Line(stock.pump, price="1820.00")], Xero_Currency__c="USD")
    sales.opportunity(
        "Export: in Australian dollars", to.by_id, [Line(stock.sensor, "6", price="262.40")], Xero_Currency__c="AUD"
    )
    tracked = {"Xero_Tracking_1__c": "Otago", "Xero_Tracking_2__c": "Service"}
    sales.opportunity("Export: both categories by the sale", to.by_number, goods, **tracked)
    sales.opportunity("Export: both categories by the account", to.tracked, goods)
    by_line = [
        Line(stock.pump, says={"Xero_Tracking_1__c": "Waikato", "Xero_Tracking_2__c": "Equipment"}),
        Line(stock.by_hour, "2", says={"Xero_Tracking_2__c": "Service"}),
    ]
    sales.opportunity("Export: both categories by the line", to.tracked, by_line)
    recoded = [Line(stock.pump), Line(stock.freight, says={"Xero_Account_Code__c": "260"})]
    sales.opportunity("Export: an account by the line", to.by_number, recoded)
    sales.opportunity("Export: an account by the product", to.by_number, [Line(AFTER_HOURS, "3.5")])
    sales.opportunity("Export: tax included by the account", to.inclusive, goods)
    sales.opportunity("Export: a branding theme", to.by_name, goods, Xero_Branding_Theme__c="Service Jobs")
    due = (sales.world.now + timedelta(days=45)).date().isoformat()
    sales.opportunity("Export: a due date of its own", to.by_id, goods, Xero_Due_Date__c=due)
    sales.opportunity("Export: a person known by the address", to.person_by_email, goods)
    sales.opportunity("Export: a person known by the name", to.person_by_name, goods)


def _add_split(sales: ExportSales, to: Customers, stock: Stock) -> None:
    goods = [Line(stock.pump, "3"), Line(stock.by_metre, "12.5", says={"Discount": "10"})]
    sales.opportunity("Export: a deposit and the balance", to.by_number, goods, Xero_Deposit_Percent__c="30")
    sales.opportunity(
        "Export: a deposit, still negotiated",
        to.by_name,
        goods,
        StageName="Negotiation/Review",
        Xero_Deposit_Percent__c="12.5",
    )


def _add_orders(sales: ExportSales, to: Customers, stock: Stock) -> str:
    goods = [Line(stock.panel), Line(stock.sensor, "5"), Line(stock.by_hour, "1.5")]
    ordered = sales.order("Export: an order", to.by_number, goods)
    less = [
        Line(stock.panel, "2", says={"Xero_Discount__c": "12.5"}),
        Line(stock.sensor, says={"Xero_Discount__c": "10"}),
    ]
    sales.order("Export: an order at a discount", to.by_name, less)
    sales.order("Export: an order, tax included", to.by_id, goods, Xero_Amounts__c="Inclusive")
    sales.order(
        "Export: an order in US dollars",
        to.abroad,
        [Line(stock.by_metre, "80", price="7.1250")],
        Xero_Currency__c="USD",
    )
    tracked = {"Xero_Tracking_1__c": "Canterbury", "Xero_Tracking_2__c": "Hire"}
    sales.order("Export: an order that is tracked", to.by_number, [Line(stock.by_day, "9")], **tracked)
    sales.order("Export: an order with a deposit", to.by_name, goods, Xero_Deposit_Percent__c="50")
    sales.order("Export: an order of a person", to.person_by_email, [Line(stock.sensor, "2")])
    return ordered


def _add_everyday(sales: ExportSales, to: Customers) -> None:
    rng = sales.world.rng
    for number in range(1, EVERYDAY + 1):
        lines = [
            Line(code, str(rng.choice((1, 1, 2, 3, 4, 8))), says={"Discount": "5"} if rng.random() < 0.2 else {})
            for code in rng.sample(sales.everyday, rng.randint(1, 4))
        ]
        account_id = rng.choice((to.by_number, to.by_name, to.by_id, to.tracked))
        sales.opportunity(f"Export: everyday sale {number}", account_id, lines)
