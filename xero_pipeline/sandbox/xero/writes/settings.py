"""Items and what an organisation is set up with: accounts, tax rates, currencies, tracking categories and options."""

from __future__ import annotations

from decimal import Decimal

from xero_pipeline.sandbox.xero import accounts, items, tax_rates, tracking
from xero_pipeline.sandbox.xero.arithmetic import cents, four_places
from xero_pipeline.sandbox.xero.currencies import add_currency
from xero_pipeline.sandbox.xero.record import Record, child_of, children_of, decimal_of, text_of
from xero_pipeline.sandbox.xero.refusal import Refusal
from xero_pipeline.sandbox.xero.writes.hand import Hand


def save_item(hand: Hand, fields: Record, path_id: str) -> Record:
    """Creates an item, or edits the one of this id or (POST) code."""
    item_id = hand.meant("Items", fields, path_id)
    prepared = {field: value for field, value in fields.items() if field != "ItemID"}
    for side in ("SalesDetails", "PurchaseDetails"):
        price = child_of(prepared, side).get("UnitPrice")
        if isinstance(price, Decimal):
            rounded = cents(price) if hand.unit_places == 2 else price
            prepared[side] = child_of(prepared, side) | {"UnitPrice": four_places(rounded)}
    if item_id:
        hand.log(item_id, "Edited")
        return items.edit_item(hand.book, item_id, prepared, hand.now)
    item = items.create_item(hand.book, prepared, hand.now)
    hand.log(text_of(item, "ItemID"), "Created")
    return item


def save_account(hand: Hand, fields: Record, path_id: str) -> Record:
    """Adds an account (PUT), or edits the one in the path."""
    prepared = {field: value for field, value in fields.items() if field != "AccountID"}
    if path_id:
        return accounts.edit_account(hand.book, path_id, prepared, hand.now)
    return accounts.create_account(hand.book, prepared, hand.now)


def save_tax_rate(hand: Hand, fields: Record, path_id: str) -> Record:
    """Adds a tax rate, or (POST) edits the one of this TaxType or Name."""
    prepared = dict(fields)
    if "TaxComponents" in fields:
        prepared["TaxComponents"] = [
            component | {"Rate": four_places(decimal_of(component, "Rate"))}
            for component in children_of(fields, "TaxComponents")
        ]
    tax_type = text_of(prepared, "TaxType")
    prepared.pop("TaxType", None)
    rate = None
    if not hand.creates_only:
        named = None if tax_type else tax_rates.named(hand.book, text_of(fields, "Name"))
        rate = hand.book.find("TaxRates", tax_type) if tax_type else named
    if rate is not None:
        return tax_rates.edit_tax_rate(hand.book, text_of(rate, "TaxType"), prepared)
    if tax_type and not hand.creates_only:
        raise Refusal(f"The TaxType code {tax_type} does not exist or cannot be used for this type of transaction.")
    return tax_rates.create_tax_rate(hand.book, prepared)


def save_currency(hand: Hand, fields: Record, path_id: str) -> Record:
    """Subscribes to a currency."""
    return add_currency(hand.book, fields)


def save_category(hand: Hand, fields: Record, path_id: str) -> Record:
    """Adds a tracking category (PUT), or edits the one in the path."""
    if path_id:
        return tracking.edit_category(hand.book, path_id, fields)
    return tracking.create_category(hand.book, fields)
