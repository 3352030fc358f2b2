"""Every endpoint of the Accounting API that is read, as data: its path, its records, how it pages and what it filters by.

Names are those of the tables in schema `xero`. Sources: xero.md section 1 (paging, If-Modified-Since, includeArchived,
unitdp) and the parameters in the OpenAPI description.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from xero_pipeline.xero import records, rows, setting_records
from xero_pipeline.xero.rows import Shape
from xero_pipeline.xero.wire import Record

# numbered: page, pageSize and a `pagination` object; short: page alone, 100 rows, the end is a page that is not full.
Paging = Literal["none", "numbered", "short"]

_ARCHIVED_TOO = {"includeArchived": "true"}
# Unit amounts come with 2 decimals unless 4 are asked for, and quantity x unit amount would no longer give the line amount.
_FOUR_DECIMALS = {"unitdp": "4"}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint. `modified_since` says whether it honours If-Modified-Since; `by_ids` whether `IDs=` selects records."""

    name: str
    path: str
    record: type[Record]
    shape: Shape
    paging: Paging = "none"
    modified_since: bool = False
    by_ids: bool = False
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def plural(self) -> str:
        """The key of the array of records in an answer: always the last part of the path, in the plural."""
        return "Organisations" if self.path == "Organisation" else self.path

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of schema `xero` that the records fill, parents first."""
        return self.shape.tables

    @property
    def page_size(self) -> int:
        """Records a full page holds; 0 where everything comes in one answer. 1,000 is the most Xero gives."""
        return {"none": 0, "numbered": 1000, "short": 100}[self.paging]


ORGANISATIONS = Endpoint("organisations", "Organisation", setting_records.Organisation, rows.ORGANISATION)
BRANDING_THEMES = Endpoint("branding_themes", "BrandingThemes", setting_records.BrandingTheme, rows.BRANDING_THEME)
ACCOUNTS = Endpoint("accounts", "Accounts", setting_records.Account, rows.ACCOUNT, modified_since=True)
TAX_RATES = Endpoint("tax_rates", "TaxRates", setting_records.TaxRate, rows.TAX_RATE)
TRACKING_CATEGORIES = Endpoint(
    "tracking_categories",
    "TrackingCategories",
    setting_records.TrackingCategory,
    rows.TRACKING_CATEGORY,
    params=_ARCHIVED_TOO,
)
CURRENCIES = Endpoint("currencies", "Currencies", setting_records.Currency, rows.CURRENCY)
ITEMS = Endpoint("items", "Items", setting_records.Item, rows.ITEM, modified_since=True, params=_FOUR_DECIMALS)
CONTACTS = Endpoint(
    "contacts",
    "Contacts",
    records.Contact,
    rows.CONTACT,
    paging="numbered",
    modified_since=True,
    by_ids=True,
    params=_ARCHIVED_TOO,
)
INVOICES = Endpoint(
    "invoices",
    "Invoices",
    records.Invoice,
    rows.INVOICE,
    paging="numbered",
    modified_since=True,
    by_ids=True,
    params=_ARCHIVED_TOO | _FOUR_DECIMALS,
)
PURCHASE_ORDERS = Endpoint(
    "purchase_orders",
    "PurchaseOrders",
    records.PurchaseOrder,
    rows.PURCHASE_ORDER,
    paging="numbered",
    modified_since=True,
)
QUOTES = Endpoint("quotes", "Quotes", records.Quote, rows.QUOTE, paging="short", modified_since=True)
CREDIT_NOTES = Endpoint(
    "credit_notes",
    "CreditNotes",
    records.CreditNote,
    rows.CREDIT_NOTE,
    paging="numbered",
    modified_since=True,
    params=_FOUR_DECIMALS,
)
PREPAYMENTS = Endpoint(
    "prepayments",
    "Prepayments",
    records.Prepayment,
    rows.PREPAYMENT,
    paging="numbered",
    modified_since=True,
    params=_FOUR_DECIMALS,
)
OVERPAYMENTS = Endpoint(
    "overpayments",
    "Overpayments",
    records.Overpayment,
    rows.OVERPAYMENT,
    paging="numbered",
    modified_since=True,
    params=_FOUR_DECIMALS,
)
PAYMENTS = Endpoint("payments", "Payments", records.Payment, rows.PAYMENT, paging="numbered", modified_since=True)
MANUAL_JOURNALS = Endpoint(
    "manual_journals",
    "ManualJournals",
    records.ManualJournal,
    rows.MANUAL_JOURNAL,
    paging="numbered",
    modified_since=True,
)

ENDPOINTS: Mapping[str, Endpoint] = {
    endpoint.name: endpoint
    for endpoint in (
        ORGANISATIONS,
        BRANDING_THEMES,
        ACCOUNTS,
        TAX_RATES,
        TRACKING_CATEGORIES,
        CURRENCIES,
        ITEMS,
        CONTACTS,
        INVOICES,
        PURCHASE_ORDERS,
        QUOTES,
        CREDIT_NOTES,
        PREPAYMENTS,
        OVERPAYMENTS,
        PAYMENTS,
        MANUAL_JOURNALS,
    )
}

# The one filter that is used: optimised by Xero (xero.md section 2), and what an organisation with bills switched off needs.
SALES_INVOICES_ONLY: Mapping[str, str] = {"where": 'Type=="ACCREC"'}
