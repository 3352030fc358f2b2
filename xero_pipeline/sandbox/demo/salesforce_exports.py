"""What of the demo is to go from Salesforce to Xero: sales ticked to be invoiced, products to become items, notes on invoices.

Some forty sales pass every check (`Export: …`). For each check of `domain/export_checks.py` there is one that it refuses, and it
alone (`Export check: <check>`), and one at its edge that passes (`Export edge: <check>`), but for these:

| check | is different because |
| --- | --- |
| `date_is_given` | Salesforce saves no opportunity or order without its date |
| `date_is_after_year_end_lock` | the period is locked further than the year: both refuse its sale, and would refuse its edge |
| `reference_is_short_enough` | the field ends at 255 characters, as Xero's does; there is the edge alone |
| `number_is_free`, `number_is_printable` | Xero numbers the demo's invoices; the edges' references could not be numbers |
| `sale_has_lines` | a sale of nothing has no total either, so `total_is_positive` refuses it as well |
| `account_is_given`, `tax_is_given` | orgs.yaml names an account and a tax type for what names none, as most sales do |
| `tracking_2_is_active` | no department was ever archived |
| `description_is_short_enough` | Salesforce's descriptions end at 4,000 characters, as Xero's do; there is the edge alone |
| `code_is_short_enough` | a code that Xero cannot have is one it does not know, so `item_is_known` refuses it as well |
| `amount_is_in_range` | at its edge a sale of ten billion would be all that one sees of the demo's totals; it has none |
| `quantity_is_given`, `price_is_given` | Salesforce saves no line without them; there are the edges alone |
| `invoice_is_…`, `deposit_still_stands` | these judge changes of what was exported, and nothing was yet |
| `sale_is_not_invoiced_yet` | a book of very few invoices may have none whose customer has no account; then it is left out |
"""

from __future__ import annotations

from xero_pipeline.sandbox.demo.salesforce_export_checks import add_checked_sales
from xero_pipeline.sandbox.demo.salesforce_export_customers import add_customers
from xero_pipeline.sandbox.demo.salesforce_export_goods import add_goods, add_products_to_sync
from xero_pipeline.sandbox.demo.salesforce_export_sales import add_sales_to_export
from xero_pipeline.sandbox.demo.salesforce_export_world import ExportSales
from xero_pipeline.sandbox.demo.salesforce_world import SalesWorld


def add_exports(world: SalesWorld) -> None:
    """Adds all of it; what was there before stays as it is but for one product, which is ticked and becomes dearer."""
    sales = ExportSales(world)
    customers = add_customers(sales)
    add_goods(sales)
    add_sales_to_export(sales, customers)
    add_checked_sales(sales, customers)
    add_products_to_sync(sales)
