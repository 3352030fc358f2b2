"""For every check of the export a sale that it refuses, and one at its edge that it lets through.

They are called `Export check: <check>` and `Export edge: <check>`, and are judged by the settings of the demo in orgs.yaml:
drafts, numbered by Xero, prices before tax, account 200, tax type OUTPUT2, the region from the billing state, no contact created.
"""

from __future__ import annotations

from datetime import timedelta

from xero_pipeline.sandbox.demo import salesforce_export_customers as customers
from xero_pipeline.sandbox.demo.catalogue import BOUGHT_ONLY, LONGEST_CODE
from xero_pipeline.sandbox.demo.salesforce_export_customers import Customers
from xero_pipeline.sandbox.demo.salesforce_export_goods import LONG_SKU, OTHER_CODE, WITHOUT_SKU, WRITTEN_OUT
from xero_pipeline.sandbox.demo.salesforce_export_world import ExportSales, Line
from xero_pipeline.sandbox.demo.salesforce_sales import goods_of
from xero_pipeline.sandbox.salesforce.values import Json
from xero_pipeline.sandbox.xero.record import Record, child_of, children_of, text_of

LONGEST_REFERENCE = 255
# More than Xero takes of a line.
TOO_MUCH = "10000000000.00"


class _Pairs:
    """Adds the two sales of a check; unless said otherwise both are one sensor for one customer."""

    def __init__(self, sales: ExportSales, to: Customers) -> None:
        self.sales = sales
        self.to = to.by_number
        self.goods = [Line(sales.stocked("SNS-PR", "SNS-TM", "SNS-LV"), "2")]

    def refused(self, check: str, lines: list[Line] | None = None, **fields: Json) -> None:
        """The sale that `check` refuses."""
        self._add(f"Export check: {check}", lines, fields)

    def passed(self, check: str, lines: list[Line] | None = None, **fields: Json) -> None:
        """The sale at the edge of `check`."""
        self._add(f"Export edge: {check}", lines, fields)

    def _add(self, name: str, lines: list[Line] | None, fields: dict[str, Json]) -> None:
        account_id = fields.pop("AccountId", self.to)
        if account_id is not None and not isinstance(account_id, str):
            raise TypeError("an account is named by its id")
        self.sales.opportunity(name, account_id, self.goods if lines is None else lines, **fields)


def add_checked_sales(sales: ExportSales, to: Customers) -> None:
    """Adds them, in the order of the checks."""
    pairs = _Pairs(sales, to)
    _add_customers(pairs)
    _add_dates(pairs)
    _add_headers(pairs)
    _add_totals(pairs)
    _add_invoiced(pairs)
    _add_ordered(pairs)
    _add_products(pairs)
    _add_codes(pairs)
    _add_amounts(pairs)


def _add_customers(pairs: _Pairs) -> None:
    sales = pairs.sales
    accounts: dict[str, tuple[str | None, str]] = {
        "customer_is_named": (None, customers.named_alone(sales)),
        "customer_may_be_synced": (customers.kept_out(sales), _allowed_again(sales)),
        "customer_is_unique": (customers.claimed_twice(sales), customers.claimed_twice_once_in_use(sales)),
        "customer_is_active": (customers.archived(sales), customers.merged(sales)),
        "customer_is_known": (customers.nobody(sales), customers.named_loosely(sales)),
    }
    for check, (refused, passed) in accounts.items():
        pairs.refused(check, AccountId=refused)
        pairs.passed(check, AccountId=passed)
    pairs.refused("currency_is_subscribed", Xero_Currency__c="EUR")
    pairs.passed("currency_is_subscribed", Xero_Currency__c="AUD")


def _allowed_again(sales: ExportSales) -> str:
    account_id = customers.kept_out(sales)
    sales.world.edit("Account", account_id, sales.world.past(22, 28), {"Xero_Do_Not_Sync__c": False})
    return account_id


def _add_dates(pairs: _Pairs) -> None:
    period, year_end = pairs.sales.lock_date("period"), pairs.sales.lock_date("year end")
    pairs.refused("date_is_after_period_lock", CloseDate=period.isoformat())
    pairs.passed("date_is_after_period_lock", CloseDate=(period + timedelta(days=1)).isoformat())
    pairs.refused("date_is_after_year_end_lock", CloseDate=year_end.isoformat())


def _add_headers(pairs: _Pairs) -> None:
    reference = "Framework agreement 2026-17, call-off 3, cost centre 4410, site manager to sign "
    pairs.passed("reference_is_short_enough", Xero_Reference__c=reference.ljust(LONGEST_REFERENCE, "."))
    numbers = (text_of(each, "InvoiceNumber") for each in pairs.sales.world.book.collections["Invoices"].values())
    pairs.passed("number_is_free", Xero_Reference__c=next(number for number in numbers if number))
    pairs.passed("number_is_printable", Xero_Reference__c="Whangārei – Pūkeko Wharf")
    pairs.refused("branding_theme_is_known", Xero_Branding_Theme__c="service jobs")
    pairs.passed("branding_theme_is_known", Xero_Branding_Theme__c="Service Jobs")
    pairs.refused("deposit_is_a_share", Xero_Deposit_Percent__c="100")
    pairs.passed("deposit_is_a_share", Xero_Deposit_Percent__c="99.99")


def _add_totals(pairs: _Pairs) -> None:
    code = pairs.goods[0].code
    pairs.refused("sale_has_lines", [])
    pairs.passed("sale_has_lines", [Line(code)])
    pairs.refused("total_is_positive", [Line(code, "2", price="96.75"), Line(code, "-2", price="96.75")])
    pairs.refused("total_is_positive (a credit)", [Line(code, price="96.75"), Line(code, price="-150.00")])
    pairs.passed("total_is_positive", [Line(code, price="96.75"), Line(code, price="-96.74")])
    # No price of four places gives these totals: the nearest make 1000.02 and 500.01, and a cent a line is tolerated.
    pairs.refused("total_agrees_with_salesforce", [Line(code, "700", total="1000.00")])
    pairs.passed("total_agrees_with_salesforce", [Line(code, "350", total="500.00")])


def _add_invoiced(pairs: _Pairs) -> None:
    invoice = _invoice_of_nobody(pairs.sales)
    if invoice is None:
        return
    reference = text_of(invoice, "Reference")
    account_id = customers.of_contact(pairs.sales, _contact_id(invoice))
    lines = [
        Line(line.code, str(line.quantity), total=str(line.amount)) for line in goods_of(pairs.sales.world, [invoice])
    ]
    pairs.refused("sale_is_not_invoiced_yet", lines, AccountId=account_id, Xero_Reference__c=reference)
    pairs.passed("sale_is_not_invoiced_yet", lines, AccountId=account_id, Xero_Reference__c=f"{reference}-B")


def _add_ordered(pairs: _Pairs) -> None:
    """A deal that was won and ordered, ticked twice; and one whose order was not ticked."""
    sales = pairs.sales
    for kind, ticked in (("check", True), ("edge", False)):
        won = sales.opportunity(f"Export {kind}: sale_is_billed_by_one_record", pairs.to, pairs.goods)
        name = f"Export: the order of a deal that was won ({kind})" if ticked else "Not exported: the order of a deal"
        sales.order(name, pairs.to, pairs.goods, OpportunityId=won, Xero_Export__c=ticked)


def _invoice_of_nobody(sales: ExportSales) -> Record | None:
    """A paid sales invoice that alone quotes an opportunity, to a contact without an account, of goods that can be found."""
    by_reference: dict[str, list[Record]] = {}
    for invoice in sales.world.book.collections["Invoices"].values():
        if invoice["Type"] == "ACCREC" and text_of(invoice, "Reference").startswith("OPP-"):
            by_reference.setdefault(text_of(invoice, "Reference"), []).append(invoice)
    everyday = set(sales.everyday)

    def fits(invoice: Record) -> bool:
        return (
            invoice["Status"] == "PAID"
            and invoice["CurrencyCode"] == "NZD"
            and sales.is_free(_contact_id(invoice))
            and all(text_of(line, "ItemCode") in everyday for line in children_of(invoice, "LineItems"))
        )

    return next((found[0] for found in by_reference.values() if len(found) == 1 and fits(found[0])), None)


def _contact_id(invoice: Record) -> str:
    return text_of(child_of(invoice, "Contact"), "ContactID")


def _add_products(pairs: _Pairs) -> None:
    pairs.refused("sku_is_given", [Line(WITHOUT_SKU)])
    pairs.passed("sku_is_given", [Line(OTHER_CODE)])
    pairs.refused("item_is_known", [Line("GTW-3", price="1190.00")])
    pairs.passed("item_is_known", [Line(pairs.sales.stocked("SUB-MON+", "SUB-CARE"))])
    pairs.refused("item_is_sold", [Line(BOUGHT_ONLY[0], price="120.00")])
    pairs.passed("item_is_sold", [Line(pairs.sales.stocked("SRV-ENG", "SRV-CAL", "SRV-TECH"))])
    pairs.refused("code_is_short_enough", [Line(LONG_SKU)])
    pairs.passed("code_is_short_enough", [Line(LONGEST_CODE[0])])
    pairs.passed("description_is_short_enough", [Line(WRITTEN_OUT)])


def _add_codes(pairs: _Pairs) -> None:
    code = pairs.goods[0].code

    def line(**says: Json) -> list[Line]:
        return [Line(code, says=says)]

    pairs.refused("account_is_known", line(Xero_Account_Code__c="299"))
    pairs.passed("account_is_known", line(Xero_Account_Code__c="250"))
    pairs.refused("account_is_active", line(Xero_Account_Code__c="255"))
    pairs.passed("account_is_active", line(Xero_Account_Code__c="260"))
    pairs.refused("tax_is_known", line(Xero_Tax_Type__c="OUTPUT3"))
    pairs.passed("tax_is_known", line(Xero_Tax_Type__c="ZERORATED"))
    pairs.refused("tax_is_active", line(Xero_Tax_Type__c="OUTPUT"))
    pairs.passed("tax_is_active", line(Xero_Tax_Type__c="NONE"))
    pairs.refused("tax_fits_the_account", line(Xero_Tax_Type__c="INPUT2"))
    pairs.passed("tax_fits_the_account", line(Xero_Tax_Type__c="INPUT2", Xero_Account_Code__c="330"))
    pairs.refused("tracking_1_is_known", Xero_Tracking_1__c="Southland")
    pairs.passed("tracking_1_is_known", Xero_Tracking_1__c="Otago")
    pairs.refused("tracking_1_is_active", Xero_Tracking_1__c="Eastside (closed)")
    pairs.passed("tracking_1_is_active", AccountId=customers.in_a_closed_region(pairs.sales))
    pairs.refused("tracking_2_is_known", Xero_Tracking_2__c="hire")
    pairs.passed("tracking_2_is_known", Xero_Tracking_2__c="Hire")


def _add_amounts(pairs: _Pairs) -> None:
    code = pairs.goods[0].code
    pairs.passed("quantity_is_given", [Line(code, "0.01", price="100.00")])
    pairs.passed("price_is_given", [Line(code), Line(code, price="0.00")])
    pairs.refused("amount_is_in_range", [Line(code, price=TOO_MUCH)])
    pairs.refused("discount_is_a_share", [Line(code, "5"), Line(code, says={"Discount": "101"})])
    pairs.passed("discount_is_a_share", [Line(code, "5"), Line(code, says={"Discount": "100"})])
