"""The plan of the export, in schema `sync`: the invoices that Salesforce's sales are to become, with what decides about each.

The newest plan replaces the one before. A row holds facts, and states in words where a fact is a comparison with Xero; what
follows from them is said once, by the checks of `domain/export_checks.py`.
"""

from __future__ import annotations

from sqlalchemy import Table

from xero_pipeline.warehouse.tables.metadata import (
    AnyColumn,
    day,
    instant,
    integer,
    json,
    key,
    metadata,
    money,
    number,
    org_id,
    ref,
    text,
)


def _planned(name: str, comment: str, *columns: AnyColumn) -> Table:
    identity = (
        org_id("Xero organisation the invoice is for, by OrganisationID"),
        key("external_id", "Invoice to be: the sale's id, followed by :deposit or :balance where it becomes two"),
    )
    return Table(name, metadata, *identity, *columns, schema="sync", comment=comment)


export_documents = _planned(
    "export_documents",
    "What the newest plan of the export would do, one row an invoice to be, and why",
    text("sale_type", "opportunity or order", required=True),
    ref("sale_id", "Salesforce opportunity or order"),
    text("sale_name", "Name of the opportunity, or number of the order"),
    text("part", "whole, deposit or balance", required=True),
    ref("plan_id", "Plan the row is of; a plan is applied by this id or not at all"),
    instant("planned_at", "When it was planned", required=True),
    text("action", "create, update, no_op, blocked or waiting", required=True),
    json("reasons", "Checks that refuse it, with the sentence and the remedy of each; null where none does"),
    text("cause", "Root cause of the refusal, the same for all that one act would mend; null where none refuses it"),
    json("before", "Fields of the invoice in Xero that an update would change, as they are"),
    json("after", "Fields of the invoice as they are to be"),
    json("creates", "What has to be created in Xero first, a sentence each; null where nothing has"),
    json("payload", "What is to be sent, to the letter; null where nothing is"),
    text("source_hash", "Digest of the Salesforce records it was planned from: a sale that moved since is not sent"),
    ref("account_id", "Salesforce account of the customer"),
    text("account_name", "Name of the account"),
    ref("contact_id", "Xero contact of the customer; null where none was found"),
    text(
        "contact_state",
        "found, to_create, not_found, ambiguous, archived, no_account or do_not_sync",
    ),
    text("contact_name", "Name of the Xero contact"),
    text("currency_code", "ISO code of the currency of the invoice"),
    text("currency_state", "subscribed or not_subscribed: whether the organisation has the currency"),
    day("invoice_date", "Date of the invoice"),
    integer(
        "days_after_period_lock", "Days from the period lock date to the invoice date; null where nothing is locked"
    ),
    integer("days_after_year_end_lock", "Days from the year-end lock date to the invoice date; null where none is set"),
    day("due_date", "Date the invoice is due"),
    text("reference", "Reference of the invoice"),
    text("invoice_number", "Number of the invoice; null where Xero is to number it"),
    text("number_state", "by_xero, free, own, taken or not_printable: whether the number can be given"),
    text("branding_theme", "Name of the branding theme; null for the organisation's default"),
    text("branding_state", "default, known or unknown: whether the branding theme is one of the organisation's"),
    text("amounts", "Exclusive, Inclusive or NoTax: what unit prices and line amounts mean"),
    integer("line_count", "Lines of the invoice"),
    money("sub_total", "Total before tax, as Xero adds it up"),
    money("total_tax", "Tax, as Xero works it out"),
    money("total", "Total with tax, as Xero adds it up"),
    money("salesforce_total", "What Salesforce makes of the same lines, with tax only where prices include it"),
    money("difference_beyond_tolerance", "How much further apart the two are than is tolerated; zero agrees"),
    number("deposit_percent", "Share of the sale that the deposit is, in per cent; null without one"),
    text(
        "deposit_state",
        "none, deposit, balance, gone or out_of_range: how the sale is split, and whether its deposit still stands",
    ),
    text("invoice_state", "new, open, header_only, paid, voided, deleted, locked or vanished: what Xero allows"),
    integer(
        "linked_invoices",
        "Invoices that Xero already has for the sale from elsewhere, or from when it was split otherwise",
    ),
    integer("orders", "Orders made from the opportunity that are to be invoiced themselves"),
)

export_lines = _planned(
    "export_lines",
    "Lines of the invoices that the newest plan of the export holds",
    key("line_id", "Line in Salesforce it is made of"),
    integer("position", "Position on the invoice, from 1"),
    ref("product_id", "Salesforce product"),
    text("item_code", "Code of the item in Xero; null where the product has none"),
    text(
        "item_state",
        "known, to_create, unknown, not_sold, missing or not_needed: whether Xero has the item and sells it",
    ),
    text("item_name", "Name of the item"),
    text("description", "Description of the line"),
    number("quantity", "Quantity"),
    money("unit_amount", "Price of one, before discount"),
    number("discount_rate", "Discount in per cent; null for none"),
    text("account_code", "Code of the ledger account; null where none is named"),
    text("account_state", "active, unknown, archived or missing"),
    text("account_class", "Class of the ledger account in Xero, such as REVENUE; null where it is unknown"),
    text("tax_type", "TaxType code; null where none is named"),
    text(
        "tax_state", "fits, unknown, inactive, wrong_class, missing or not_needed: whether the account takes the rate"
    ),
    text("tracking_1", "Option of the first tracking category; null for none"),
    text("tracking_1_state", "none, known, unknown or archived"),
    text("tracking_2", "Option of the second tracking category; null for none"),
    text("tracking_2_state", "none, known, unknown or archived"),
    money("line_amount", "Amount of the line, as Xero works it out"),
    money("tax_amount", "Tax of the line, as Xero works it out"),
)
