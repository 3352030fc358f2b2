"""The columns that rows read from Salesforce are made of, and those that several objects share: data, and nothing that acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from xero_pipeline.salesforce.values import to_boolean, to_date, to_decimal, to_instant, to_text

# required: an org without it cannot be read. package: comes with our package, so its absence means it was not deployed.
# standard: every org has it, so its absence means that the user may not see it. some_orgs: may be absent, and is not missed.
# computed: filled in by the reader, not a field of the object.
Presence: TypeAlias = Literal["required", "package", "standard", "some_orgs", "computed"]


@dataclass(frozen=True, slots=True)
class Column:
    """A field and the column it becomes. A dotted field reads a parent's, as in `Product2.ProductCode`.

    `absent` is what a row holds where the org has no such field.
    """

    name: str
    field: str
    convert: Callable[[object], object]
    presence: Presence = "standard"
    absent: object = None


def text(name: str, field: str, presence: Presence = "standard") -> Column:
    return Column(name, field, to_text, presence)


def number(name: str, field: str, presence: Presence = "standard") -> Column:
    return Column(name, field, to_decimal, presence)


def flag(name: str, field: str, presence: Presence = "standard") -> Column:
    return Column(name, field, to_boolean, presence)


def day(name: str, field: str, presence: Presence = "standard") -> Column:
    return Column(name, field, to_date, presence)


CURRENCY = text("currency_iso_code", "CurrencyIsoCode", "some_orgs")  # only where multi-currency is on
DELETED = flag("is_deleted", "IsDeleted", "required")
STAMP = Column("system_modstamp", "SystemModstamp", to_instant, "required")

# What people say about how something is invoiced in Xero, and what the sync says about how that went.
CODING = (
    text("xero_account_code", "Xero_Account_Code__c", "package"),
    text("xero_tax_type", "Xero_Tax_Type__c", "package"),
)
TRACKING = (
    text("xero_tracking_1", "Xero_Tracking_1__c", "package"),
    text("xero_tracking_2", "Xero_Tracking_2__c", "package"),
)
LOOK = (
    text("xero_branding_theme", "Xero_Branding_Theme__c", "package"),
    text("xero_amounts", "Xero_Amounts__c", "package"),
)
OUTCOME = (
    text("xero_export_status", "Xero_Export_Status__c", "package"),
    text("xero_export_message", "Xero_Export_Message__c", "package"),
)
SALE = (
    flag("xero_export", "Xero_Export__c", "package"),
    *CODING,
    *TRACKING,
    *LOOK,
    text("xero_currency", "Xero_Currency__c", "package"),
    day("xero_due_date", "Xero_Due_Date__c", "package"),
    number("xero_deposit_percent", "Xero_Deposit_Percent__c", "package"),
    *OUTCOME,
    text("xero_invoice_id", "Xero_Invoice_Id__c", "package"),
    text("xero_invoice_number", "Xero_Invoice_Number__c", "package"),
    text("xero_invoice_status", "Xero_Invoice_Status__c", "package"),
    text("xero_invoice_url", "Xero_Invoice_Url__c", "package"),
)
