"""What must hold of an invoice before it is sent, declared once (SCW-07 to SCW-09, products.md section 5, 15).

Each check looks at one field of the evidence (`drafts.Draft`, `drafts.DraftLine`). The gate (`export_gate`) asks them of every
draft, and Great Expectations asks the same of the staged evidence. None calls Xero, so a record that is refused costs no call.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Literal

from xero_pipeline.domain.expectations import Between, Expectation, Given, Length, NotOneOf

Grain = Literal["document", "line", "item"]
# The order in which an export goes about a sale, and so the order of what fails first (FF-03).
Step = Literal["customer", "products", "invoice", "item"]


@dataclass(frozen=True, slots=True)
class ExportCheck:
    """One rule. `field` is what it looks at, `subject` the field whose value the failure is about: failures of one check about
    one subject have one cause, and one act mends them all. `sentence` may name fields of the evidence in braces."""

    name: str
    field: str
    expects: Expectation
    step: Step
    subject: str
    sentence: str
    fix: str
    grain: Grain

    @property
    def in_general(self) -> str:
        """The sentence with names of fields in place of their values: Xero has no item with the code [item code]."""
        return re.sub(r"\{(\w+)\}", lambda field: f"[{field[1].replace('_', ' ')}]", self.sentence)


_document = partial(ExportCheck, grain="document")
_line = partial(ExportCheck, grain="line")

_AMOUNT = Decimal("9999999999.99")
_AFTER_A_LOCK = Between(least=Decimal(1))

EXPORT_CHECKS: tuple[ExportCheck, ...] = (
    _document(
        "customer_is_named", "account_id", Given(), "customer", "sale_id",
        "The sale names no account, so there is nobody to invoice.",
        "Give it an account in Salesforce.",
    ),
    _document(
        "customer_may_be_synced", "contact_state", NotOneOf(("do_not_sync",)), "customer", "account_id",
        "The account {account_name} is ticked to be kept out of the sync.",
        "Untick Do Not Sync on the account, or dismiss the sale.",
    ),
    _document(
        "customer_is_unique", "contact_state", NotOneOf(("ambiguous",)), "customer", "account_id",
        "Several active contacts in Xero fit the account {account_name}.",
        "Put the ContactID of the right one into Xero Contact Id on the account, or merge them in Xero.",
    ),
    _document(
        "customer_is_active", "contact_state", NotOneOf(("archived",)), "customer", "account_id",
        "The contact of {account_name} is archived in Xero, and archived contacts cannot be invoiced.",
        "Restore the contact in Xero, then retry.",
    ),
    _document(
        "customer_is_known", "contact_state", NotOneOf(("not_found",)), "customer", "account_id",
        "Xero has no contact with the id, account number or name of {account_name}.",
        "Auto Sync creates it; or create it in Xero with the same account number or name, then retry.",
    ),
    _document(
        "currency_is_subscribed", "currency_state", NotOneOf(("not_subscribed",)), "invoice", "currency_code",
        "The organisation is not subscribed to the currency {currency_code}.",
        "Add the currency in Xero, or correct the sale's currency.",
    ),
    _document(
        "date_is_given", "invoice_date", Given(), "invoice", "sale_id",
        "The sale has no date to invoice it on.",
        "Give it a close or effective date in Salesforce.",
    ),
    _document(
        "date_is_after_period_lock", "days_after_period_lock", _AFTER_A_LOCK, "invoice", "invoice_date",
        "The date {invoice_date} is in a period that is locked in Xero.",
        "Move the sale's date past the period lock date, or have an adviser move the lock.",
    ),
    _document(
        "date_is_after_year_end_lock", "days_after_year_end_lock", _AFTER_A_LOCK, "invoice", "invoice_date",
        "The date {invoice_date} is in a financial year that is locked in Xero.",
        "Move the sale's date past the year-end lock date.",
    ),
    _document(
        "reference_is_short_enough", "reference", Length(1, 255), "invoice", "sale_id",
        "The reference is longer than the 255 characters Xero takes.",
        "Shorten it in Salesforce, or choose another field for it in orgs.yaml.",
    ),
    _document(
        "number_is_free", "number_state", NotOneOf(("taken",)), "invoice", "invoice_number",
        "Xero has another invoice with the number {invoice_number}.",
        "Correct the reference that the number is made of, or let Xero number invoices.",
    ),
    _document(
        "number_is_printable", "number_state", NotOneOf(("not_printable",)), "invoice", "invoice_number",
        "The invoice number {invoice_number} is longer than 255 characters or has some that Xero does not take in a number.",
        "Use at most 250 letters, digits and punctuation of ASCII in the reference, or let Xero number invoices.",
    ),
    _document(
        "branding_theme_is_known", "branding_state", NotOneOf(("unknown",)), "invoice", "branding_theme",
        "Xero has no branding theme called {branding_theme}; case matters.",
        "Correct its name in Salesforce or orgs.yaml, or create it in Xero.",
    ),
    _document(
        "sale_has_lines", "line_count", Between(least=Decimal(1)), "invoice", "sale_id",
        "The sale has no lines, so there is nothing to invoice.",
        "Add its products in Salesforce.",
    ),
    _document(
        "total_is_positive", "total", Between(least=Decimal(0), above=True), "invoice", "sale_id",
        "The total is {total}, and Xero takes no invoice of nothing or less.",
        "Correct the quantities or prices; give credit by a credit note in Xero.",
    ),
    _document(
        "total_agrees_with_salesforce", "difference_beyond_tolerance", Between(most=Decimal(0)), "invoice", "sale_id",
        "Salesforce makes {salesforce_total} of the lines, and Xero would make it another amount, beyond what rounding explains.",
        "Correct the line whose total is not quantity times price less discount, or widen the tolerance in orgs.yaml.",
    ),
    _document(
        "deposit_is_a_share", "deposit_state", NotOneOf(("out_of_range",)), "invoice", "sale_id",
        "A deposit of {deposit_percent} per cent is no share of the sale.",
        "Give a percentage above 0 and below 100, or none.",
    ),
    _document(
        "deposit_still_stands", "deposit_state", NotOneOf(("gone",)), "invoice", "sale_id",
        "The deposit invoice of the sale is gone or cannot follow the sale any more, so the balance would not be what is owed.",
        "Clear the deposit percentage to invoice the whole sale, if the deposit was voided; else undo the change.",
    ),
    _document(
        "invoice_is_not_paid", "invoice_state", NotOneOf(("paid",)), "invoice", "external_id",
        "The invoice has a payment or credit on it, and Xero then lets nobody change its amounts, dates, tax or currency.",
        "Undo the change in Salesforce, or remove the payment in Xero first; or give a credit note.",
    ),
    _document(
        "invoice_is_not_voided", "invoice_state", NotOneOf(("voided", "deleted")), "invoice", "external_id",
        "The invoice was voided or deleted in Xero, which cannot be taken back, so it cannot be changed.",
        "Dismiss the sale, or make a new one.",
    ),
    _document(
        "invoice_is_not_locked", "invoice_state", NotOneOf(("locked",)), "invoice", "external_id",
        "The invoice is dated in a period that is locked in Xero, so it cannot be changed.",
        "Undo the change in Salesforce, or have an adviser move the lock date.",
    ),
    _document(
        "invoice_is_still_there", "invoice_state", NotOneOf(("vanished",)), "invoice", "external_id",
        "Xero does not show the invoice any more that was made of this sale.",
        "Find out in Xero what became of it; dismiss the sale if it is gone for good.",
    ),
    _document(
        "sale_is_not_invoiced_yet", "linked_invoices", Between(most=Decimal(0)), "invoice", "sale_id",
        "Xero already has {linked_invoices} other invoice(s) for this sale, so it would be billed twice.",
        "Untick Export to Xero if they are the invoice of this sale, void them if they are not to stand, or correct their "
        "reference. After a change of the deposit percentage, change it back or void them.",
    ),
    _document(
        "sale_is_billed_by_one_record", "orders", Between(most=Decimal(0)), "invoice", "sale_id",
        "An order that was made from this opportunity is to be invoiced too, so it would be billed twice.",
        "Untick Export to Xero on the opportunity or on its order.",
    ),
    _line(
        "sku_is_given", "item_state", NotOneOf(("missing",)), "products", "product_id",
        "The product {item_name} has no SKU, so it cannot be found among Xero's items.",
        "Give the product its SKU in Salesforce.",
    ),
    _line(
        "item_is_known", "item_state", NotOneOf(("unknown",)), "products", "item_code",
        "Xero has no item with the code {item_code}.",
        "Auto Sync creates it; or create it in Xero, then retry.",
    ),
    _line(
        "item_is_sold", "item_state", NotOneOf(("not_sold",)), "products", "item_code",
        "The item {item_code} may only be bought: I sell this item is not ticked in Xero.",
        "Tick it in Xero, then retry.",
    ),
    _line(
        "account_is_given", "account_state", NotOneOf(("missing",)), "invoice", "product_id",
        "Nothing says which account the line is booked to.",
        "Give the line, its product or its account a Xero account code, or set account_code in orgs.yaml.",
    ),
    _line(
        "account_is_known", "account_state", NotOneOf(("unknown",)), "invoice", "account_code",
        "Xero has no account with the code {account_code}.",
        "Correct the code, or add the account in Xero.",
    ),
    _line(
        "account_is_active", "account_state", NotOneOf(("archived",)), "invoice", "account_code",
        "The account {account_code} is archived in Xero.",
        "Use another code, or restore the account in Xero.",
    ),
    _line(
        "tax_is_given", "tax_state", NotOneOf(("missing",)), "invoice", "product_id",
        "Nothing says how the line is taxed.",
        "Give the line, its product or its account a Xero tax type, or set tax_type in orgs.yaml.",
    ),
    _line(
        "tax_is_known", "tax_state", NotOneOf(("unknown",)), "invoice", "tax_type",
        "Xero has no tax rate with the type {tax_type}.",
        "Correct the tax type, or add the rate in Xero.",
    ),
    _line(
        "tax_is_active", "tax_state", NotOneOf(("inactive",)), "invoice", "tax_type",
        "The tax rate {tax_type} is not active in Xero.",
        "Use another tax type.",
    ),
    _line(
        "tax_fits_the_account", "tax_state", NotOneOf(("wrong_class",)), "invoice", "tax_type",
        "The tax type {tax_type} cannot be used with account {account_code}, which is of class {account_class}.",
        "Use a tax type of sales on a sales account.",
    ),
    _line(
        "tracking_1_is_known", "tracking_1_state", NotOneOf(("unknown",)), "invoice", "tracking_1",
        "Xero has no tracking option {tracking_1} in its first category; case matters.",
        "Correct its name, or add the option in Xero.",
    ),
    _line(
        "tracking_1_is_active", "tracking_1_state", NotOneOf(("archived",)), "invoice", "tracking_1",
        "The tracking option {tracking_1} is archived in Xero.",
        "Use another option, or restore it in Xero.",
    ),
    _line(
        "tracking_2_is_known", "tracking_2_state", NotOneOf(("unknown",)), "invoice", "tracking_2",
        "Xero has no tracking option {tracking_2} in its second category; case matters.",
        "Correct its name, or add the option in Xero.",
    ),
    _line(
        "tracking_2_is_active", "tracking_2_state", NotOneOf(("archived",)), "invoice", "tracking_2",
        "The tracking option {tracking_2} is archived in Xero.",
        "Use another option, or restore it in Xero.",
    ),
    _line(
        "description_is_short_enough", "description", Length(1, 4000), "invoice", "line_id",
        "The description of line {position} is empty or longer than the 4,000 characters Xero takes.",
        "Correct it in Salesforce.",
    ),
    _line(
        "code_is_short_enough", "item_code", Length(1, 30), "products", "item_code",
        "The code {item_code} is longer than the 30 characters Xero takes.",
        "Shorten the product's code.",
    ),
    _line(
        "quantity_is_given", "quantity", Given(), "invoice", "line_id",
        "Line {position} has no quantity.",
        "Give it one in Salesforce.",
    ),
    _line(
        "price_is_given", "unit_amount", Given(), "invoice", "line_id",
        "Line {position} has no price.",
        "Give it one in Salesforce.",
    ),
    _line(
        "amount_is_in_range", "line_amount", Between(-_AMOUNT, _AMOUNT), "invoice", "line_id",
        "Line {position} amounts to {line_amount}, more than Xero takes.",
        "Split the line.",
    ),
    _line(
        "discount_is_a_share", "discount_rate", Between(Decimal(0), Decimal(100)), "invoice", "line_id",
        "A discount of {discount_rate} per cent is none that Xero takes.",
        "Give a percentage from 0 to 100.",
    ),
)  # fmt: skip
