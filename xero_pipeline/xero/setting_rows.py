"""Rows of the tables that describe how an organisation is set up, in the order of their columns."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from xero_pipeline.xero.dates import calendar, instant
from xero_pipeline.xero.setting_records import (
    Account,
    BrandingTheme,
    Currency,
    Item,
    ItemDetails,
    Organisation,
    TaxRate,
    TrackingCategory,
)
from xero_pipeline.xero.wire import Row

# Xero's decimals are kept as digits: 15.0000 must not become the float 15.0.
_JSON = msgspec.json.Encoder(decimal_format="number")
_NO_DETAILS = ItemDetails()


def json_text(rows: list[dict[str, object]]) -> str:
    """A list of flat objects as the JSON text of a jsonb column."""
    return _JSON.encode(rows).decode()


def organisation_row(record: Organisation) -> Row:
    return (
        record.organisation_id,
        record.name,
        record.legal_name,
        record.short_code,
        record.version,
        record.organisation_type,
        record.organisation_entity_type,
        record.organisation_status,
        record.base_currency,
        record.country_code,
        record.timezone,
        calendar(record.period_lock_date),
        calendar(record.end_of_year_lock_date),
        record.financial_year_end_day,
        record.financial_year_end_month,
        record.sales_tax_basis,
        record.sales_tax_period,
        record.default_sales_tax,
        record.default_purchases_tax,
        record.pays_tax,
        record.is_demo_company,
        record.class_,
        record.edition,
        record.line_of_business,
        record.registration_number,
        record.employer_identification_number,
        record.tax_number,
        instant(record.created_date_utc),
        None,
    )


def branding_theme_row(record: BrandingTheme) -> Row:
    return (
        record.branding_theme_id,
        record.name,
        record.logo_url,
        record.type,
        record.sort_order,
        instant(record.created_date_utc),
        None,
    )


def account_row(record: Account) -> Row:
    return (
        record.account_id,
        record.code,
        record.name,
        record.type,
        record.class_,
        record.status,
        record.description,
        record.tax_type,
        record.currency_code,
        record.system_account,
        record.enable_payments_to_account,
        record.show_in_expense_claims,
        record.bank_account_number,
        record.bank_account_type,
        record.reporting_code,
        record.reporting_code_name,
        record.add_to_watchlist,
        record.has_attachments,
        record.status == "ARCHIVED",
        instant(record.updated_date_utc),
    )


def tax_rate_row(record: TaxRate) -> Row:
    components = [msgspec.structs.asdict(component) for component in record.tax_components or ()]
    return (
        record.tax_type,
        record.name,
        record.status,
        record.report_tax_type,
        record.display_tax_rate,
        record.effective_rate,
        json_text(components),
        record.can_apply_to_assets,
        record.can_apply_to_equity,
        record.can_apply_to_expenses,
        record.can_apply_to_liabilities,
        record.can_apply_to_revenue,
        record.status == "ARCHIVED",
        None,
    )


def tracking_category_row(record: TrackingCategory) -> Row:
    return (record.tracking_category_id, record.name, record.status, record.status == "ARCHIVED", None)


def tracking_option_rows(record: TrackingCategory) -> Iterator[Row]:
    for option in record.options or ():
        yield (
            option.tracking_option_id,
            record.tracking_category_id,
            option.name,
            option.status,
            option.status == "ARCHIVED",
            None,
        )


def currency_row(record: Currency) -> Row:
    return (record.code, record.description, None)


def item_row(record: Item) -> Row:
    sales = record.sales_details or _NO_DETAILS
    purchase = record.purchase_details or _NO_DETAILS
    return (
        record.item_id,
        record.code,
        record.name,
        record.description,
        record.purchase_description,
        record.is_sold,
        record.is_purchased,
        record.is_tracked_as_inventory,
        sales.unit_price,
        sales.account_code,
        sales.tax_type,
        purchase.unit_price,
        purchase.account_code,
        purchase.cogs_account_code,
        purchase.tax_type,
        record.inventory_asset_account_code,
        record.quantity_on_hand,
        record.total_cost_pool,
        instant(record.updated_date_utc),
    )
