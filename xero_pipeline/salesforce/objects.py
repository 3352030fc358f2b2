"""Which objects are read from Salesforce, and which field becomes which column: data, and nothing that acts.

The names of the objects here are the names of the tables in schema `salesforce`, and the order of the columns is the order
of the table's, without its bookkeeping.
"""

from __future__ import annotations

from dataclasses import dataclass

from xero_pipeline.salesforce.columns import (
    CODING,
    CURRENCY,
    DELETED,
    LOOK,
    OUTCOME,
    SALE,
    STAMP,
    TRACKING,
    Column,
    day,
    flag,
    number,
    text,
)
from xero_pipeline.salesforce.values import to_boolean, to_integer


@dataclass(frozen=True, slots=True)
class SalesforceObject:
    """One object that is read. `optional` ones are passed over in an org that has not switched them on."""

    table: str
    name: str
    columns: tuple[Column, ...]
    optional: bool = False


ACCOUNTS = SalesforceObject(
    "accounts",
    "Account",
    (
        text("account_id", "Id", "required"),
        text("name", "Name"),
        text("account_number", "AccountNumber"),
        text("type", "Type"),
        Column("is_person_account", "IsPersonAccount", to_boolean, "some_orgs", absent=False),
        text("person_email", "PersonEmail", "some_orgs"),
        text("phone", "Phone"),
        text("website", "Website"),
        text("billing_street", "BillingStreet"),
        text("billing_city", "BillingCity"),
        text("billing_state", "BillingState"),
        text("billing_postal_code", "BillingPostalCode"),
        text("billing_country", "BillingCountry"),
        text("owner_id", "OwnerId"),
        text("parent_id", "ParentId"),
        text("master_record_id", "MasterRecordId", "some_orgs"),
        CURRENCY,
        text("xero_contact_id", "Xero_Contact_Id__c", "package"),
        flag("xero_do_not_sync", "Xero_Do_Not_Sync__c", "package"),
        text("xero_account_status", "Xero_Account_Status__c", "package"),
        *CODING,
        *TRACKING,
        *LOOK,
        number("xero_total_invoiced", "Xero_Total_Invoiced__c", "package"),
        number("xero_total_paid", "Xero_Total_Paid__c", "package"),
        number("xero_total_credited", "Xero_Total_Credited__c", "package"),
        number("xero_total_due", "Xero_Total_Due__c", "package"),
        number("xero_total_overdue", "Xero_Total_Overdue__c", "package"),
        number("xero_total_draft", "Xero_Total_Draft__c", "package"),
        number("xero_unallocated_credit", "Xero_Unallocated_Credit__c", "package"),
        DELETED,
        STAMP,
    ),
)

CONTACTS = SalesforceObject(
    "contacts",
    "Contact",
    (
        text("contact_id", "Id", "required"),
        text("account_id", "AccountId"),
        text("first_name", "FirstName"),
        text("last_name", "LastName"),
        text("name", "Name"),
        text("email", "Email"),
        text("phone", "Phone"),
        text("mobile_phone", "MobilePhone"),
        text("owner_id", "OwnerId"),
        text("master_record_id", "MasterRecordId", "some_orgs"),
        DELETED,
        STAMP,
    ),
)

PRODUCTS = SalesforceObject(
    "products",
    "Product2",
    (
        text("product_id", "Id", "required"),
        text("name", "Name"),
        text("product_code", "ProductCode"),
        text("stock_keeping_unit", "StockKeepingUnit"),
        flag("is_active", "IsActive"),
        text("family", "Family"),
        text("description", "Description"),
        text("quantity_unit_of_measure", "QuantityUnitOfMeasure"),
        CURRENCY,
        number("standard_price", "UnitPrice", "computed"),
        flag("xero_sync", "Xero_Sync__c", "package"),
        *CODING,
        text("xero_item_id", "Xero_Item_Id__c", "package"),
        *OUTCOME,
        DELETED,
        STAMP,
    ),
)

OPPORTUNITIES = SalesforceObject(
    "opportunities",
    "Opportunity",
    (
        text("opportunity_id", "Id", "required"),
        text("account_id", "AccountId"),
        text("name", "Name"),
        text("type", "Type"),
        text("stage_name", "StageName"),
        day("close_date", "CloseDate"),
        number("amount", "Amount"),
        number("probability", "Probability"),
        flag("is_closed", "IsClosed"),
        flag("is_won", "IsWon"),
        text("owner_id", "OwnerId"),
        CURRENCY,
        text("xero_reference", "Xero_Reference__c", "package"),
        *SALE,
        number("xero_total_invoiced", "Xero_Total_Invoiced__c", "package"),
        number("xero_total_paid", "Xero_Total_Paid__c", "package"),
        number("xero_total_due", "Xero_Total_Due__c", "package"),
        number("xero_total_overdue", "Xero_Total_Overdue__c", "package"),
        number("xero_total_draft", "Xero_Total_Draft__c", "package"),
        DELETED,
        STAMP,
    ),
)

OPPORTUNITY_LINES = SalesforceObject(
    "opportunity_lines",
    "OpportunityLineItem",
    (
        text("opportunity_id", "OpportunityId", "required"),
        text("opportunity_line_id", "Id", "required"),
        Column("line_number", "SortOrder", to_integer, "some_orgs"),
        text("product_id", "Product2Id"),
        text("product_code", "ProductCode"),
        text("name", "Name"),
        number("quantity", "Quantity"),
        number("unit_price", "UnitPrice"),
        number("discount", "Discount", "some_orgs"),
        number("total_price", "TotalPrice"),
        day("service_date", "ServiceDate"),
        text("description", "Description"),
        CURRENCY,
        *CODING,
        *TRACKING,
        DELETED,
        STAMP,
    ),
)

ORDERS = SalesforceObject(
    "orders",
    "Order",
    (
        text("order_id", "Id", "required"),
        text("account_id", "AccountId"),
        text("opportunity_id", "OpportunityId", "some_orgs"),
        text("order_number", "OrderNumber"),
        text("po_number", "PoNumber"),
        text("status", "Status"),
        text("status_code", "StatusCode"),
        day("effective_date", "EffectiveDate"),
        number("total_amount", "TotalAmount"),
        text("owner_id", "OwnerId"),
        CURRENCY,
        text("xero_reference", "Xero_Reference__c", "package"),
        *SALE,
        DELETED,
        STAMP,
    ),
    optional=True,
)

ORDER_LINES = SalesforceObject(
    "order_lines",
    "OrderItem",
    (
        text("order_id", "OrderId", "required"),
        text("order_line_id", "Id", "required"),
        text("order_item_number", "OrderItemNumber"),
        text("product_id", "Product2Id"),
        text("product_code", "Product2.ProductCode"),
        number("quantity", "Quantity"),
        number("unit_price", "UnitPrice"),
        number("total_price", "TotalPrice"),
        day("service_date", "ServiceDate"),
        text("description", "Description"),
        CURRENCY,
        *CODING,
        *TRACKING,
        number("xero_discount", "Xero_Discount__c", "package"),
        DELETED,
        STAMP,
    ),
    optional=True,
)

NOTES = SalesforceObject(
    "notes",
    "Xero_Note__c",
    (
        text("note_id", "Id", "required"),
        text("opportunity_id", "Opportunity__c", "package"),
        text("order_id", "Order__c", "package"),
        text("details", "Details__c", "package"),
        *OUTCOME,
        DELETED,
        STAMP,
    ),
    optional=True,
)

USERS = SalesforceObject(
    "users",
    "User",
    (
        text("user_id", "Id", "required"),
        text("username", "Username"),
        text("name", "Name"),
        text("email", "Email"),
        flag("is_active", "IsActive"),  # users are never deleted, only deactivated
        text("user_type", "UserType"),
        text("time_zone", "TimeZoneSidKey"),
        STAMP,
    ),
)

# In the order they are read: what a record refers to before the record.
OBJECTS: dict[str, SalesforceObject] = {
    each.table: each
    for each in (USERS, ACCOUNTS, CONTACTS, PRODUCTS, OPPORTUNITIES, OPPORTUNITY_LINES, ORDERS, ORDER_LINES, NOTES)
}
