"""The standard objects the sandbox knows, as data: names, types, lengths and rules of reference/salesforce.md, section 3.

Fields that the metadata package adds to them are in `package.py`. An object not named here does not exist in this org.
"""

from __future__ import annotations

from xero_pipeline.sandbox.salesforce.declare import (
    READ_ONLY,
    address,
    choice,
    flag,
    lookup,
    moment,
    name_as_label,
    number,
    plain,
    system_fields,
    text,
)
from xero_pipeline.sandbox.salesforce.schema import Field, SObject

STAGES = plain(
    "Prospecting", "Qualification", "Proposal/Price Quote", "Negotiation/Review", "Closed Won", "Closed Lost"
)
ORDER_STATUSES = plain("Draft", "Activated")
ACCOUNT_TYPES = plain("Prospect", "Customer - Direct", "Customer - Channel", "Other")
FAMILIES = plain("None", "Goods", "Services")
ZONES = plain("Pacific/Auckland", "Australia/Sydney", "Australia/Melbourne", "UTC")


def _object(name: str, plural: str, key_prefix: str, fields: list[Field], *, owned: bool = True) -> SObject:
    every = [*system_fields(owned=owned), *fields]
    return SObject(name, name_as_label(name), plural, key_prefix, False, {field.name: field for field in every})


def standard_objects() -> list[SObject]:
    """Fresh declarations of every standard object, without the package's fields."""
    return [
        _object(
            "Account",
            "Accounts",
            "001",
            [
                text("Name", 255, required=True),
                # A business account has no person's name: these four exist because person accounts are switched on.
                text("Salutation", 40),
                text("FirstName", 40, compound="Name"),
                text("LastName", 80, compound="Name"),
                text("PersonEmail", 80, kind="email"),
                flag("IsPersonAccount", writable=False),
                text("AccountNumber", 40),
                choice("Type", ACCOUNT_TYPES),
                lookup("ParentId", "Account", "ChildAccounts"),
                *address("Billing"),
                *address("Shipping"),
                text("Phone", 40, kind="phone"),
                text("Website", 255, kind="url"),
                text("Industry", 255),
                text("Description", 32000, kind="textarea", filterable=False),
            ],
        ),
        _object(
            "Contact",
            "Contacts",
            "003",
            [
                lookup("AccountId", "Account", "Contacts", on_delete="cascade"),
                text("LastName", 80, required=True, compound="Name"),
                text("FirstName", 40, compound="Name"),
                text("Name", 121, **READ_ONLY),
                text("Title", 128),
                text("Email", 80, kind="email"),
                text("Phone", 40, kind="phone"),
                text("MobilePhone", 40, kind="phone"),
                *address("Mailing"),
            ],
        ),
        _object(
            "User",
            "Users",
            "005",
            [
                text("Username", 80, required=True, unique=True),
                text("LastName", 80, required=True, compound="Name"),
                text("FirstName", 40, compound="Name"),
                text("Name", 121, **READ_ONLY),
                text("Alias", 8),
                text("Email", 128, kind="email", required=True),
                flag("IsActive", default=True),
                choice("TimeZoneSidKey", ZONES, default="Pacific/Auckland"),
                choice("LocaleSidKey", plain("en_NZ", "en_AU", "en_GB"), default="en_NZ"),
                choice("LanguageLocaleKey", plain("en_US"), default="en_US"),
                choice("UserType", plain("Standard"), default="Standard"),
            ],
            owned=False,
        ),
        _object(
            "Product2",
            "Products",
            "01t",
            [
                text("Name", 255, required=True),
                text("ProductCode", 255),
                text("StockKeepingUnit", 180),
                text("Description", 4000, kind="textarea"),
                flag("IsActive"),
                choice("Family", FAMILIES),
                text("QuantityUnitOfMeasure", 255),
            ],
            owned=False,
        ),
        _object(
            "Pricebook2",
            "Price Books",
            "01s",
            [
                text("Name", 255, required=True),
                flag("IsActive"),
                flag("IsStandard", writable=False),
                text("Description", 255),
            ],
            owned=False,
        ),
        _object(
            "PricebookEntry",
            "Price Book Entries",
            "01u",
            [
                text("Name", 255, **READ_ONLY),
                # A lookup that is required cannot be cleared, so what it names cannot be deleted.
                lookup(
                    "Pricebook2Id",
                    "Pricebook2",
                    "PricebookEntries",
                    required=True,
                    updateable=False,
                    on_delete="restrict",
                ),
                lookup(
                    "Product2Id", "Product2", "PricebookEntries", required=True, updateable=False, on_delete="cascade"
                ),
                text("ProductCode", 255, **READ_ONLY),
                number("UnitPrice", "currency", required=True),
                flag("IsActive"),
                flag("UseStandardPrice"),
            ],
            owned=False,
        ),
        _object(
            "Opportunity",
            "Opportunities",
            "006",
            [
                lookup("AccountId", "Account", "Opportunities", on_delete="cascade"),
                text("Name", 120, required=True),
                text("Description", 32000, kind="textarea", filterable=False),
                choice("StageName", STAGES, required=True),
                number("Amount", "currency"),
                number("Probability", "percent", 0, writable=False),
                moment("CloseDate", "date", required=True),
                text("Type", 255),
                flag("IsClosed", writable=False),
                flag("IsWon", writable=False),
                lookup("Pricebook2Id", "Pricebook2", "Opportunities"),
                flag("HasOpportunityLineItem", writable=False),
            ],
        ),
        _object(
            "OpportunityLineItem",
            "Opportunity Products",
            "00k",
            [
                lookup(
                    "OpportunityId",
                    "Opportunity",
                    "OpportunityLineItems",
                    required=True,
                    updateable=False,
                    on_delete="cascade",
                ),
                lookup(
                    "PricebookEntryId",
                    "PricebookEntry",
                    "OpportunityLineItems",
                    required=True,
                    updateable=False,
                    on_delete="restrict",
                ),
                lookup("Product2Id", "Product2", "OpportunityLineItems", createable=False, updateable=False),
                text("ProductCode", 255, **READ_ONLY),
                text("Name", 376, **READ_ONLY),
                number("Quantity", "double", required=True),
                # How many places a sales price has is the org's own choice, and this one sells by the metre.
                number("UnitPrice", "currency", 4),
                number("ListPrice", "currency", writable=False),
                number("Discount", "percent"),
                number("TotalPrice", "currency"),
                text("Description", 255),
                moment("ServiceDate", "date"),
                number("SortOrder", "int", 0),
            ],
            owned=False,
        ),
        _object(
            "Order",
            "Orders",
            "801",
            [
                lookup("AccountId", "Account", "Orders", on_delete="restrict"),
                lookup("OpportunityId", "Opportunity", "Orders"),
                lookup("Pricebook2Id", "Pricebook2", "Orders"),
                Field(
                    name="OrderNumber",
                    label="Order Number",
                    type="string",
                    length=30,
                    createable=False,
                    updateable=False,
                    auto_number=True,
                ),
                text("Name", 80),
                choice("Status", ORDER_STATUSES, required=True, restricted=True),
                choice("StatusCode", ORDER_STATUSES, **READ_ONLY),
                moment("EffectiveDate", "date", required=True),
                number("TotalAmount", "currency", writable=False),
                text("Description", 32000, kind="textarea", filterable=False),
                text("PoNumber", 80),
            ],
        ),
        _object(
            "OrderItem",
            "Order Products",
            "802",
            [
                lookup("OrderId", "Order", "OrderItems", required=True, updateable=False, on_delete="cascade"),
                lookup(
                    "PricebookEntryId",
                    "PricebookEntry",
                    "OrderItems",
                    required=True,
                    updateable=False,
                    on_delete="restrict",
                ),
                lookup("Product2Id", "Product2", "OrderItems", createable=False, updateable=False),
                Field(
                    name="OrderItemNumber",
                    label="Order Product Number",
                    type="string",
                    length=30,
                    createable=False,
                    updateable=False,
                    auto_number=True,
                ),
                number("Quantity", "double", required=True),
                number("UnitPrice", "currency", 4, required=True),
                number("ListPrice", "currency", writable=False),
                number("TotalPrice", "currency", writable=False),
                text("Description", 255),
                moment("ServiceDate", "date"),
            ],
            owned=False,
        ),
        _object(
            "Organization",
            "Organizations",
            "00D",
            [
                text("Name", 80, **READ_ONLY),
                text("OrganizationType", 40, **READ_ONLY),
                text("InstanceName", 40, **READ_ONLY),
                text("TimeZoneSidKey", 40, **READ_ONLY),
                flag("IsSandbox", writable=False),
                text("DefaultLocaleSidKey", 40, **READ_ONLY),
            ],
            owned=False,
        ),
    ]
