"""Tables of schema `salesforce`: the accounts, products and deals that Xero's documents belong to.

Columns are Salesforce's field names in snake_case; ids are its 18-character ids. Their order is the order that
`xero_pipeline.salesforce.objects` makes rows in. Lines are records of their own there: they come, change and are deleted
without their parent, and are marked, never dropped.
"""

from __future__ import annotations

from xero_pipeline.warehouse.tables.metadata import (
    AnyColumn,
    day,
    flag,
    instant,
    integer,
    key,
    money,
    number,
    records,
    ref,
    text,
)

_SCHEMA = "salesforce"


def _currency() -> AnyColumn:
    return text("currency_iso_code", "Currency of the amounts of this row; null in an org with one currency")


def _owner() -> AnyColumn:
    return ref("owner_id", "The user who owns the record: salesforce.users")


def _merged_into() -> AnyColumn:
    return ref("master_record_id", "The record this one was merged into, which is why it is deleted; null otherwise")


def _marks() -> tuple[AnyColumn, ...]:
    return (flag("is_deleted", "Deleted in Salesforce, or merged away: kept here, used for nothing"), _stamp())


def _stamp() -> AnyColumn:
    return instant(
        "system_modstamp", "When a user or an automated process last changed the record in Salesforce", required=True
    )


def _rollups(whose: str) -> tuple[AnyColumn, ...]:
    return (
        money("xero_total_due", f"What Salesforce shows as due on the {whose}'s sales invoices"),
        money("xero_total_overdue", f"What Salesforce shows as overdue on the {whose}'s sales invoices"),
        money("xero_total_draft", f"What Salesforce shows as the total of the {whose}'s draft sales invoices"),
    )


def _coding(of: str) -> tuple[AnyColumn, ...]:
    return (
        text("xero_account_code", f"Code of the ledger account in Xero for {of}; null for the usual one"),
        text("xero_tax_type", f"TaxType code in Xero for {of}; null for the usual one"),
    )


def _tracking(of: str) -> tuple[AnyColumn, ...]:
    return (
        text("xero_tracking_1", f"Option of the export's first tracking category for {of}; null for the usual one"),
        text("xero_tracking_2", f"Option of the export's second tracking category for {of}; null for the usual one"),
    )


def _look(of: str) -> tuple[AnyColumn, ...]:
    return (
        text("xero_branding_theme", f"Name of the branding theme in Xero for {of}; null for the usual one"),
        text(
            "xero_amounts",
            f"Whether prices of {of} are Exclusive or Inclusive of tax, or NoTax; null for what is usual",
        ),
    )


def _outcome(what: str) -> tuple[AnyColumn, ...]:
    return (
        text("xero_export_status", f"What Salesforce shows of the {what}'s export: Pending, Succeeded or Failed"),
        text("xero_export_message", f"What Salesforce shows as the reason why the {what}'s export failed or waits"),
    )


def _sale(what: str) -> tuple[AnyColumn, ...]:
    lines = f"lines of this {what}"
    return (
        flag("xero_export", f"Ticked by a person to have the {what} invoiced in Xero", default=None),
        *_coding(lines),
        *_tracking(lines),
        *_look(f"this {what}"),
        text("xero_currency", f"ISO code of the currency to invoice the {what} in; null for that of the record or org"),
        day("xero_due_date", "The day its invoice is to be due; null for the customer's terms or the usual rule"),
        number(
            "xero_deposit_percent", f"Share of the {what} to invoice first as a deposit, in per cent; null for none"
        ),
        *_outcome(what),
        ref("xero_invoice_id", f"InvoiceID of the invoice made of the {what}, as Salesforce holds it"),
        text("xero_invoice_number", f"Number of the invoice made of the {what}, as Salesforce shows it"),
        text("xero_invoice_status", f"Status in Xero of the invoice made of the {what}, as Salesforce shows it"),
        text("xero_invoice_url", f"Where the invoice made of the {what} can be seen, as Salesforce shows it"),
    )


accounts = records(
    _SCHEMA,
    "accounts",
    "Customers and suppliers as Salesforce knows them, person accounts included",
    key("account_id", "The account's id"),
    text("name", "Name; first and last name of a person account"),
    text("account_number", "The account number people gave it; evidence when contacts are matched"),
    text("type", "Kind of account, from the org's own list"),
    flag("is_person_account", "Whether the account is a person; false in an org without person accounts", default=None),
    text("person_email", "Email of a person account; null for a business"),
    text("phone", "Phone"),
    text("website", "Website"),
    text("billing_street", "Street lines of the billing address"),
    text("billing_city", "City of the billing address"),
    text("billing_state", "State or region of the billing address"),
    text("billing_postal_code", "Postal code of the billing address"),
    text("billing_country", "Country of the billing address"),
    _owner(),
    ref("parent_id", "The account this one is part of"),
    _merged_into(),
    _currency(),
    ref("xero_contact_id", "ContactID of the Xero contact the account is matched to, as Salesforce holds it"),
    flag("xero_do_not_sync", "Ticked by a person to keep the account out of the sync", default=None),
    text("xero_account_status", "What Salesforce shows as the account's standing in Xero"),
    *_coding("sales to this account"),
    *_tracking("sales to this account"),
    *_look("sales to this account"),
    money("xero_total_invoiced", "What Salesforce shows as invoiced to the account"),
    money("xero_total_paid", "What Salesforce shows as paid by the account"),
    money("xero_total_credited", "What Salesforce shows as credited to the account"),
    *_rollups("account"),
    money("xero_unallocated_credit", "What Salesforce shows as the account's credit that no invoice has used yet"),
    *_marks(),
    named_by="name",
)

contacts = records(
    _SCHEMA,
    "contacts",
    "People at accounts, as Salesforce knows them; not to be mistaken for Xero's contacts",
    key("contact_id", "The contact's id"),
    ref("account_id", "The account the person belongs to"),
    text("first_name", "First name"),
    text("last_name", "Last name"),
    text("name", "Full name"),
    text("email", "Email"),
    text("phone", "Phone"),
    text("mobile_phone", "Mobile phone"),
    _owner(),
    _merged_into(),
    *_marks(),
    named_by="name",
)

products = records(
    _SCHEMA,
    "products",
    "What is sold, with the price of the standard price book",
    key("product_id", "The product's id"),
    text("name", "Name"),
    text("product_code", "The code people gave it; what Xero knows an item by"),
    text("stock_keeping_unit", "Stock keeping unit"),
    flag("is_active", "Whether the product may be sold", default=None),
    text("family", "Product family, from the org's own list"),
    text("description", "Description"),
    text("quantity_unit_of_measure", "What a quantity of one is"),
    text(
        "currency_iso_code", "The product's own currency, that of its standard price; null in an org with one currency"
    ),
    money("standard_price", "Price in the standard price book; null when the product has no active entry there"),
    flag("xero_sync", "Ticked by a person to have the product as an item in Xero", default=None),
    *_coding("sales of this product"),
    ref("xero_item_id", "ItemID of the item in Xero that the product is, as Salesforce holds it"),
    *_outcome("product"),
    *_marks(),
    named_by="name",
)

opportunities = records(
    _SCHEMA,
    "opportunities",
    "Deals, open and closed",
    key("opportunity_id", "The opportunity's id"),
    ref("account_id", "The account the deal is with"),
    text("name", "Name"),
    text("type", "Kind of deal, from the org's own list"),
    text("stage_name", "Stage, from the org's own list"),
    day("close_date", "The day it closed or is expected to"),
    money("amount", "Amount; the sum of the lines where there are any"),
    number("probability", "Likelihood of winning, in per cent"),
    flag("is_closed", "Whether the stage counts as closed", default=None),
    flag("is_won", "Whether the stage counts as won", default=None),
    _owner(),
    _currency(),
    text("xero_reference", "The reference that invoices in Xero carry to be linked to this opportunity"),
    *_sale("opportunity"),
    money("xero_total_invoiced", "What Salesforce shows as invoiced for the opportunity"),
    money("xero_total_paid", "What Salesforce shows as paid for the opportunity"),
    *_rollups("opportunity"),
    *_marks(),
    named_by="name",
)

opportunity_lines = records(
    _SCHEMA,
    "opportunity_lines",
    "Products of opportunities",
    key("opportunity_id", "The opportunity the line is of"),
    key("opportunity_line_id", "The line's id"),
    integer("line_number", "Position on the opportunity where people sorted the lines; null otherwise"),
    ref("product_id", "The product: salesforce.products"),
    text("product_code", "The product's code as the line shows it"),
    text("name", "Name of the line: opportunity and product"),
    number("quantity", "Quantity"),
    money("unit_price", "Price of one, before discount"),
    number("discount", "Discount in per cent"),
    money("total_price", "Quantity times price less discount"),
    day("service_date", "The day the product is delivered or the service begins"),
    text("description", "Description"),
    _currency(),
    *_coding("this line"),
    *_tracking("this line"),
    *_marks(),
    named_by="name",
)

orders = records(
    _SCHEMA,
    "orders",
    "Orders, drafts and activated; empty in an org that does not use them",
    key("order_id", "The order's id"),
    ref("account_id", "The account that ordered"),
    ref("opportunity_id", "The opportunity the order came of, where the org keeps it"),
    text("order_number", "The number Salesforce gave it"),
    text("po_number", "The customer's own purchase order number"),
    text("status", "Status, from the org's own list"),
    text("status_code", "What the status counts as: Draft or Activated"),
    day("effective_date", "The day the order starts"),
    money("total_amount", "Sum of the lines"),
    _owner(),
    _currency(),
    text("xero_reference", "The reference that invoices in Xero carry to be linked to this order"),
    *_sale("order"),
    *_marks(),
    named_by="order_number",
)

order_lines = records(
    _SCHEMA,
    "order_lines",
    "Products of orders",
    key("order_id", "The order the line is of"),
    key("order_line_id", "The line's id"),
    text("order_item_number", "The number Salesforce gave the line, unique in the org"),
    ref("product_id", "The product: salesforce.products"),
    text("product_code", "The product's code now"),
    number("quantity", "Quantity"),
    money("unit_price", "Price of one"),
    money("total_price", "Quantity times price"),
    day("service_date", "The day the product is delivered or the service begins"),
    text("description", "Description"),
    _currency(),
    *_coding("this line"),
    *_tracking("this line"),
    number("xero_discount", "Discount on the line in Xero, in per cent; null for none"),
    *_marks(),
    named_by="order_item_number",
)

notes = records(
    _SCHEMA,
    "notes",
    "What people wrote about a sale for the history of its invoice in Xero; empty in an org without the object",
    key("note_id", "The note's id"),
    ref("opportunity_id", "The opportunity whose invoice it goes to; null for an order's"),
    ref("order_id", "The order whose invoice it goes to; null for an opportunity's"),
    text("details", "Text of the note"),
    *_outcome("note"),
    *_marks(),
)

users = records(
    _SCHEMA,
    "users",
    "People and integrations that can own records; never deleted, only deactivated",
    key("user_id", "The user's id"),
    text("username", "Login name, unique in all of Salesforce"),
    text("name", "Full name"),
    text("email", "Email"),
    flag("is_active", "Whether the user can log in", default=None),
    text("user_type", "Kind of user: Standard, AutomatedProcess, Guest …"),
    text("time_zone", "The user's own time zone, an IANA name"),
    _stamp(),
    named_by="name",
)
