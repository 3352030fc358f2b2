"""An invoice to be, with everything that decides whether it may be sent: what each value is, and how it stands with the books.

A draft is both halves of an export: its values become the payload, and its values and states together are the evidence that
the checks of `export_checks` look at, row by row, here and in PostgreSQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from xero_pipeline.domain.amounts import LineAmountTypes
from xero_pipeline.domain.sales import SaleType

# One sale is one invoice, or a deposit and the balance.
Part = Literal["whole", "deposit", "balance"]
ContactState = Literal["found", "to_create", "not_found", "ambiguous", "archived", "no_account", "do_not_sync"]
ItemState = Literal["known", "to_create", "unknown", "not_sold", "missing", "not_needed"]
AccountState = Literal["active", "unknown", "archived", "missing"]
TaxState = Literal["fits", "unknown", "inactive", "wrong_class", "missing", "not_needed"]
TrackingState = Literal["none", "known", "unknown", "archived"]
NumberState = Literal["by_xero", "free", "own", "taken", "not_printable"]
BrandingState = Literal["default", "known", "unknown"]
DepositState = Literal["none", "deposit", "balance", "gone", "out_of_range"]
InvoiceState = Literal["new", "open", "header_only", "paid", "voided", "deleted", "locked", "vanished"]


@dataclass(frozen=True, slots=True)
class Creates:
    """What an export may create in Xero on the way to an invoice: the customer (FF-07), the products (FF-18).

    `coming` are the codes of items that will be there by then, because their products are ticked to become items.
    """

    contacts: bool = False
    items: bool = False
    coming: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A line of an invoice to be: amounts in its currency, `discount_rate` in per cent, `tax_amount` as Xero will round it."""

    line_id: str
    position: int
    product_id: str | None
    item_code: str | None
    item_state: ItemState
    item_name: str | None
    description: str
    quantity: Decimal | None
    unit_amount: Decimal | None
    discount_rate: Decimal | None
    account_code: str | None
    account_state: AccountState
    account_class: str | None
    tax_type: str | None
    tax_state: TaxState
    tracking_1: str | None
    tracking_1_state: TrackingState
    tracking_2: str | None
    tracking_2_state: TrackingState
    line_amount: Decimal
    tax_amount: Decimal


@dataclass(frozen=True, slots=True)
class Draft:
    """An invoice to be. `salesforce_total` is what Salesforce makes of the same lines, with tax only where prices include it;
    `difference_beyond_tolerance` is how much further than allowed Xero's own sum will be from it."""

    external_id: str
    sale_type: SaleType
    sale_id: str
    sale_name: str
    part: Part
    source_hash: str
    account_id: str | None
    account_name: str | None
    contact_id: str | None
    contact_state: ContactState
    contact_name: str | None
    currency_code: str
    currency_state: Literal["subscribed", "not_subscribed"]
    invoice_date: date | None
    days_after_period_lock: int | None
    days_after_year_end_lock: int | None
    due_date: date | None
    reference: str
    invoice_number: str | None
    number_state: NumberState
    branding_theme: str | None
    branding_state: BrandingState
    amounts: LineAmountTypes
    line_count: int
    sub_total: Decimal
    total_tax: Decimal
    total: Decimal
    salesforce_total: Decimal
    difference_beyond_tolerance: Decimal
    deposit_percent: Decimal | None
    deposit_state: DepositState
    invoice_state: InvoiceState
    linked_invoices: int
    orders: int
    lines: tuple[DraftLine, ...]
