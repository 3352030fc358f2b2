"""Which objects are read from Salesforce, and which field becomes which column: data, and nothing that acts.

The names of the objects here are the names of the tables in schema `salesforce`, and the order of the columns is the order
of the table's, without its bookkeeping.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from xero_pipeline.salesforce.values import to_boolean, to_date, to_decimal, to_instant, to_integer, to_text

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


@dataclass(frozen=True, slots=True)
class SalesforceObject:
    """One object that is read. `optional` ones are passed over in an org that has not switched them on."""

    table: str
    name: str
    columns: tuple[Column, ...]
    optional: bool = False


def _text(name: str, field: str, presence: Presence = "standard") -> Column:
    return Column(name, field, to_text, presence)


def _number(name: str, field: str, presence: Presence = "standard") -> Column:
    return Column(name, field, to_decimal, presence)


def _flag(name: str, field: str, presence: Presence = "standard") -> Column:
    return Column(name, field, to_boolean, presence)


def _day(name: str, field: str) -> Column:
    return Column(name, field, to_date)


_CURRENCY = _text("currency_iso_code", "CurrencyIsoCode", "some_orgs")  # only where multi-currency is on
_DELETED = _flag("is_deleted", "IsDeleted", "required")
_STAMP = Column("system_modstamp", "SystemModstamp", to_instant, "required")

ACCOUNTS = SalesforceObject(
    "accounts",
    "Account",
    (
        _text("account_id", "Id", "required"),
        _text("name", "Name"),
        _text("account_number", "AccountNumber"),
        _text("type", "Type"),
        Column("is_person_account", "IsPersonAccount", to_boolean, "some_orgs", absent=False),
        _text("person_email", "PersonEmail", "some_orgs"),
        _text("phone", "Phone"),
        _text("website", "Website"),
        _text("billing_street", "BillingStreet"),
        _text("billing_city", "BillingCity"),
        _text("billing_state", "BillingState"),
        _text("billing_postal_code", "BillingPostalCode"),
        _text("billing_country", "BillingCountry"),
        _text("owner_id", "OwnerId"),
        _text("parent_id", "ParentId"),
        _text("master_record_id", "MasterRecordId", "some_orgs"),
        _CURRENCY,
        _text("xero_contact_id", "Xero_Contact_Id__c", "package"),
        _flag("xero_do_not_sync", "Xero_Do_Not_Sync__c", "package"),
        _text("xero_account_status", "Xero_Account_Status__c", "package"),
        _number("xero_total_invoiced", "Xero_Total_Invoiced__c", "package"),
        _number("xero_total_paid", "Xero_Total_Paid__c", "package"),
        _number("xero_total_credited", "Xero_Total_Credited__c", "package"),
        _number("xero_total_due", "Xero_Total_Due__c", "package"),
        _number("xero_total_overdue", "Xero_Total_Overdue__c", "package"),
        _number("xero_total_draft", "Xero_Total_Draft__c", "package"),
        _number("xero_unallocated_credit", "Xero_Unallocated_Credit__c", "package"),
        _DELETED,
        _STAMP,
    ),
)

CONTACTS = SalesforceObject(
    "contacts",
    "Contact",
    (
        _text("contact_id", "Id", "required"),
        _text("account_id", "AccountId"),
        _text("first_name", "FirstName"),
        _text("last_name", "LastName"),
        _text("name", "Name"),
        _text("email", "Email"),
        _text("phone", "Phone"),
        _text("mobile_phone", "MobilePhone"),
        _text("owner_id", "OwnerId"),
        _text("master_record_id", "MasterRecordId", "some_orgs"),
        _DELETED,
        _STAMP,
    ),
)

PRODUCTS = SalesforceObject(
    "products",
    "Product2",
    (
        _text("product_id", "Id", "required"),
        _text("name", "Name"),
        _text("product_code", "ProductCode"),
        _text("stock_keeping_unit", "StockKeepingUnit"),
        _flag("is_active", "IsActive"),
        _text("family", "Family"),
        _text("description", "Description"),
        _text("quantity_unit_of_measure", "QuantityUnitOfMeasure"),
        _CURRENCY,
        _number("standard_price", "UnitPrice", "computed"),
        _DELETED,
        _STAMP,
    ),
)

OPPORTUNITIES = SalesforceObject(
    "opportunities",
    "Opportunity",
    (
        _text("opportunity_id", "Id", "required"),
        _text("account_id", "AccountId"),
        _text("name", "Name"),
        _text("type", "Type"),
        _text("stage_name", "StageName"),
        _day("close_date", "CloseDate"),
        _number("amount", "Amount"),
        _number("probability", "Probability"),
        _flag("is_closed", "IsClosed"),
        _flag("is_won", "IsWon"),
        _text("owner_id", "OwnerId"),
        _CURRENCY,
        _text("xero_reference", "Xero_Reference__c", "package"),
        _number("xero_total_invoiced", "Xero_Total_Invoiced__c", "package"),
        _number("xero_total_paid", "Xero_Total_Paid__c", "package"),
        _number("xero_total_due", "Xero_Total_Due__c", "package"),
        _number("xero_total_overdue", "Xero_Total_Overdue__c", "package"),
        _number("xero_total_draft", "Xero_Total_Draft__c", "package"),
        _DELETED,
        _STAMP,
    ),
)

OPPORTUNITY_LINES = SalesforceObject(
    "opportunity_lines",
    "OpportunityLineItem",
    (
        _text("opportunity_id", "OpportunityId", "required"),
        _text("opportunity_line_id", "Id", "required"),
        Column("line_number", "SortOrder", to_integer, "some_orgs"),
        _text("product_id", "Product2Id"),
        _text("product_code", "ProductCode"),
        _text("name", "Name"),
        _number("quantity", "Quantity"),
        _number("unit_price", "UnitPrice"),
        _number("discount", "Discount", "some_orgs"),
        _number("total_price", "TotalPrice"),
        _day("service_date", "ServiceDate"),
        _text("description", "Description"),
        _CURRENCY,
        _DELETED,
        _STAMP,
    ),
)

ORDERS = SalesforceObject(
    "orders",
    "Order",
    (
        _text("order_id", "Id", "required"),
        _text("account_id", "AccountId"),
        _text("opportunity_id", "OpportunityId", "some_orgs"),
        _text("order_number", "OrderNumber"),
        _text("po_number", "PoNumber"),
        _text("status", "Status"),
        _text("status_code", "StatusCode"),
        _day("effective_date", "EffectiveDate"),
        _number("total_amount", "TotalAmount"),
        _text("owner_id", "OwnerId"),
        _CURRENCY,
        _text("xero_reference", "Xero_Reference__c", "package"),
        _DELETED,
        _STAMP,
    ),
    optional=True,
)

ORDER_LINES = SalesforceObject(
    "order_lines",
    "OrderItem",
    (
        _text("order_id", "OrderId", "required"),
        _text("order_line_id", "Id", "required"),
        _text("order_item_number", "OrderItemNumber"),
        _text("product_id", "Product2Id"),
        _text("product_code", "Product2.ProductCode"),
        _number("quantity", "Quantity"),
        _number("unit_price", "UnitPrice"),
        _number("total_price", "TotalPrice"),
        _day("service_date", "ServiceDate"),
        _text("description", "Description"),
        _CURRENCY,
        _DELETED,
        _STAMP,
    ),
    optional=True,
)

USERS = SalesforceObject(
    "users",
    "User",
    (
        _text("user_id", "Id", "required"),
        _text("username", "Username"),
        _text("name", "Name"),
        _text("email", "Email"),
        _flag("is_active", "IsActive"),  # users are never deleted, only deactivated
        _text("user_type", "UserType"),
        _text("time_zone", "TimeZoneSidKey"),
        _STAMP,
    ),
)

# In the order they are read: what a record refers to before the record.
OBJECTS: dict[str, SalesforceObject] = {
    each.table: each
    for each in (USERS, ACCOUNTS, CONTACTS, PRODUCTS, OPPORTUNITIES, OPPORTUNITY_LINES, ORDERS, ORDER_LINES)
}
