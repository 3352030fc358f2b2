"""How an organisation is set up, as Xero sends it: organisation, themes, accounts, taxes, tracking, currencies, items."""

from __future__ import annotations

from decimal import Decimal

from xero_pipeline.xero.wire import Record


class Organisation(Record):
    organisation_id: str
    name: str | None = None
    legal_name: str | None = None
    short_code: str | None = None
    version: str | None = None
    organisation_type: str | None = None
    organisation_entity_type: str | None = None
    organisation_status: str | None = None
    base_currency: str | None = None
    country_code: str | None = None
    timezone: str | None = None
    period_lock_date: str | None = None
    end_of_year_lock_date: str | None = None
    financial_year_end_day: int | None = None
    financial_year_end_month: int | None = None
    sales_tax_basis: str | None = None
    sales_tax_period: str | None = None
    default_sales_tax: str | None = None
    default_purchases_tax: str | None = None
    pays_tax: bool | None = None
    is_demo_company: bool | None = None
    class_: str | None = None
    edition: str | None = None
    line_of_business: str | None = None
    registration_number: str | None = None
    employer_identification_number: str | None = None
    tax_number: str | None = None
    created_date_utc: str | None = None


class BrandingTheme(Record):
    branding_theme_id: str
    name: str | None = None
    logo_url: str | None = None
    type: str | None = None
    sort_order: int | None = None
    created_date_utc: str | None = None


class Account(Record):
    account_id: str
    code: str | None = None
    name: str | None = None
    type: str | None = None
    class_: str | None = None
    status: str | None = None
    description: str | None = None
    tax_type: str | None = None
    currency_code: str | None = None
    system_account: str | None = None
    enable_payments_to_account: bool | None = None
    show_in_expense_claims: bool | None = None
    bank_account_number: str | None = None
    bank_account_type: str | None = None
    reporting_code: str | None = None
    reporting_code_name: str | None = None
    add_to_watchlist: bool | None = None
    has_attachments: bool | None = None
    updated_date_utc: str | None = None


class TaxComponent(Record):
    name: str | None = None
    rate: Decimal | None = None
    is_compound: bool | None = None
    is_non_recoverable: bool | None = None


class TaxRate(Record):
    tax_type: str
    name: str | None = None
    status: str | None = None
    report_tax_type: str | None = None
    display_tax_rate: Decimal | None = None
    effective_rate: Decimal | None = None
    tax_components: list[TaxComponent] | None = None
    can_apply_to_assets: bool | None = None
    can_apply_to_equity: bool | None = None
    can_apply_to_expenses: bool | None = None
    can_apply_to_liabilities: bool | None = None
    can_apply_to_revenue: bool | None = None


class TrackingOption(Record):
    tracking_option_id: str
    name: str | None = None
    status: str | None = None


class TrackingCategory(Record):
    tracking_category_id: str
    name: str | None = None
    status: str | None = None
    options: list[TrackingOption] | None = None


class Currency(Record):
    code: str
    description: str | None = None


class ItemDetails(Record):
    unit_price: Decimal | None = None
    account_code: str | None = None
    cogs_account_code: str | None = None
    tax_type: str | None = None


class Item(Record):
    item_id: str
    code: str | None = None
    name: str | None = None
    description: str | None = None
    purchase_description: str | None = None
    is_sold: bool | None = None
    is_purchased: bool | None = None
    is_tracked_as_inventory: bool | None = None
    sales_details: ItemDetails | None = None
    purchase_details: ItemDetails | None = None
    inventory_asset_account_code: str | None = None
    quantity_on_hand: Decimal | None = None
    total_cost_pool: Decimal | None = None
    updated_date_utc: str | None = None
