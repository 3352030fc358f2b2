"""A line of a document: its defaults from item and account, the accounts and tax types it may use, and its price.

Sources: xero.md section 2 (LineItem) and section 3 ("Line defaults", "Rounding", "Discount"). The text for an unknown account
is the one integrators quote; texts marked so in the code are ours, for want of a source.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from xero_pipeline.sandbox.xero.arithmetic import HUNDRED, NO_TAX, four_places, line_amount, line_tax, totals
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.record import ZERO, Record, child_of, children_of, decimal_of, text_of
from xero_pipeline.sandbox.xero.refusal import Refusal

CLASS_APPLIES = {
    "ASSET": "CanApplyToAssets",
    "EQUITY": "CanApplyToEquity",
    "EXPENSE": "CanApplyToExpenses",
    "LIABILITY": "CanApplyToLiabilities",
    "REVENUE": "CanApplyToRevenue",
}
# Money reaches these by documents and payments alone.
CONTROL_ACCOUNTS = frozenset({"DEBTORS", "CREDITORS", "UNPAIDEXPCLM"})
ONE = Decimal("1.0000")
LINE_LIMIT = Decimal("9999999999.99")
PRICED_BY = frozenset({"Quantity", "UnitAmount", "DiscountRate", "DiscountAmount", "TaxType", "ItemCode", "LineAmount"})
KEPT = ("Description", "ItemCode", "DiscountRate", "DiscountAmount")


@dataclass(frozen=True, slots=True)
class Pricing:
    """How the lines of one document are priced: which side it is on, its LineAmountTypes, whether discounts are allowed and
    whether every line must be complete (a draft's need not be). `control`: lines go to a control account, as overpayments' do."""

    selling: bool
    line_amount_types: str
    discounts: bool
    complete: bool
    control: bool = False


def price_line(book: Book, fields: Record, pricing: Pricing) -> Record:
    """The stored line for the `fields` of a LineItem; a line with a description alone is worth 0.00."""
    line: Record = {"LineItemID": text_of(fields, "LineItemID") or book.new_id()}
    item = _item_defaults(book, fields, pricing)
    for field in KEPT:
        if field in fields:
            line[field] = fields[field]
    if "Description" not in line:
        line["Description"] = item.get("Description", "")
    # Such a line is read back with a LineAmount of 0.00, and may be sent so.
    worth = decimal_of(fields, "LineAmount") or (text_of(fields, "AccountCode") and "LineAmount" in fields)
    if "UnitAmount" not in fields and "UnitAmount" not in item and not worth:
        return line | {"LineAmount": ZERO, "TaxAmount": ZERO, "Tracking": fields.get("Tracking", [])}
    _price(line, fields, item, pricing)
    account_code = text_of(fields, "AccountCode") or text_of(item, "AccountCode")
    account = _account(book, account_code, pricing)
    if account is not None:
        line["AccountCode"] = account_code
    _tax(book, line, fields, item, account, pricing)
    line["Tracking"] = fields.get("Tracking", [])
    return line


def reprice_line(book: Book, line: Record, fields: Record, pricing: Pricing) -> Record:
    """`line` with `fields` over it: amounts are worked out again when anything they stem from was given."""
    merged = line | fields
    if PRICED_BY & fields.keys():
        for derived in ("LineAmount", "TaxAmount"):
            if derived not in fields:
                merged.pop(derived, None)
    return price_line(book, merged, pricing)


def total_lines(document: Record, line_amount_types: str) -> None:
    """Sets SubTotal, TotalTax, Total and, where a line is discounted, TotalDiscount on the document."""
    lines = children_of(document, "LineItems")
    result = totals(
        [(decimal_of(line, "LineAmount"), decimal_of(line, "TaxAmount")) for line in lines], line_amount_types
    )
    document["SubTotal"], document["TotalTax"], document["Total"] = result
    discount = ZERO
    for line in lines:
        if "DiscountRate" in line or "DiscountAmount" in line:
            gross = line_amount(decimal_of(line, "Quantity"), decimal_of(line, "UnitAmount"))
            discount += gross - decimal_of(line, "LineAmount")
    if discount:
        document["TotalDiscount"] = discount
    else:
        document.pop("TotalDiscount", None)


def check_tax_type(book: Book, tax_type: str, account: Record) -> Record:
    """The tax rate, refused when it is unknown, retired or not for accounts of this class."""
    rate = book.find("TaxRates", tax_type)
    allowed = rate is not None and rate.get("Status") == "ACTIVE" and rate.get(CLASS_APPLIES[text_of(account, "Class")])
    if rate is None or not allowed:
        raise Refusal(f"The TaxType code '{tax_type}' cannot be used with account code '{text_of(account, 'Code')}'.")
    return rate


def _item_defaults(book: Book, fields: Record, pricing: Pricing) -> Record:
    code = text_of(fields, "ItemCode")
    if not code:
        return {}
    item = book.numbered("Items", code)
    if item is None:
        raise Refusal(f"Item code '{code}' is not valid")
    details = child_of(item, "SalesDetails" if pricing.selling else "PurchaseDetails")
    defaults: Record = {"Description": text_of(item, "Description" if pricing.selling else "PurchaseDescription")}
    if "UnitPrice" in details:
        defaults["UnitAmount"] = details["UnitPrice"]
    for field in ("AccountCode", "COGSAccountCode", "TaxType"):
        if field in details:
            defaults["AccountCode" if field == "COGSAccountCode" else field] = details[field]
    return defaults


def _price(line: Record, fields: Record, item: Record, pricing: Pricing) -> None:
    if not pricing.discounts and ("DiscountRate" in line or "DiscountAmount" in line):
        raise Refusal("Discounts can only be applied to sales invoices and quotes")  # wording ours
    if not ZERO <= decimal_of(line, "DiscountRate") <= HUNDRED:
        raise Refusal("The discount rate must be between 0 and 100")  # wording ours
    quantity = four_places(decimal_of(fields, "Quantity")) if "Quantity" in fields else ONE
    given = decimal_of(fields, "LineAmount") if "LineAmount" in fields else None
    if "UnitAmount" in fields:
        unit_amount = decimal_of(fields, "UnitAmount")
    elif "UnitAmount" in item:
        unit_amount = decimal_of(item, "UnitAmount")
    else:
        unit_amount = given / quantity if given is not None and quantity else ZERO
    unit_amount = four_places(unit_amount)
    line["Quantity"], line["UnitAmount"] = quantity, unit_amount
    rate = decimal_of(line, "DiscountRate") if "DiscountRate" in line else None
    less = decimal_of(line, "DiscountAmount") if "DiscountAmount" in line else None
    amount = line_amount(quantity, unit_amount, discount_rate=rate, discount_amount=less)
    if given is not None and given != amount:
        if "UnitAmount" in fields:
            raise Refusal(f"The line total {given} does not match the expected line total {amount}")
        amount = line_amount(ONE, given)
    if abs(amount) > LINE_LIMIT:
        raise Refusal(f"The line total {amount} is more than {LINE_LIMIT}")  # wording ours
    line["LineAmount"] = amount


def _account(book: Book, code: str, pricing: Pricing) -> Record | None:
    if not code:
        if pricing.complete:
            raise Refusal("Account code must be specified")
        return None
    account = book.numbered("Accounts", code)
    forbidden = account is not None and (account["Type"] == "BANK" or account.get("SystemAccount") in CONTROL_ACCOUNTS)
    if account is None or (forbidden and not pricing.control):
        raise Refusal(f"Account code '{code}' is not a valid code for this document.")
    if account["Status"] != "ACTIVE":
        raise Refusal(
            f"Account code '{code}' has been archived, or has been deleted. "
            "Each line item must reference a valid account."
        )
    return account


def _tax(book: Book, line: Record, fields: Record, item: Record, account: Record | None, pricing: Pricing) -> None:
    tax_type = text_of(fields, "TaxType") or text_of(item, "TaxType")
    if not tax_type and account is not None:
        tax_type = text_of(account, "TaxType")
    if pricing.line_amount_types == NO_TAX:
        tax_type = "NONE"
    if not tax_type:
        line["TaxAmount"] = ZERO
        return
    line["TaxType"] = tax_type
    rate = book.find("TaxRates", tax_type)
    if rate is None:
        raise Refusal(f"The TaxType code {tax_type} does not exist or cannot be used for this type of transaction.")
    if account is not None:
        check_tax_type(book, tax_type, account)
    if "TaxAmount" in fields and pricing.line_amount_types != NO_TAX:
        line["TaxAmount"] = line_amount(ONE, decimal_of(fields, "TaxAmount"))
    else:
        line["TaxAmount"] = line_tax(
            decimal_of(line, "LineAmount"), decimal_of(rate, "EffectiveRate"), pricing.line_amount_types
        )
