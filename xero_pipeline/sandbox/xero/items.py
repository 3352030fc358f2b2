"""Items: created, edited and deleted; the one record that Xero deletes without a trace (xero.md section 2, Items)."""

from __future__ import annotations

from datetime import datetime

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.lines import check_tax_type
from xero_pipeline.sandbox.xero.record import Record, child_of, text_of
from xero_pipeline.sandbox.xero.refusal import Refusal

# Which details and description belong to which side; a side switched off loses them.
SIDES = {"IsSold": ("SalesDetails", "Description"), "IsPurchased": ("PurchaseDetails", "PurchaseDescription")}


def create_item(book: Book, fields: Record, now: datetime) -> Record:
    """A new item; refused without a Code, or with one that another item has."""
    item: Record = {"ItemID": book.new_id(), "IsSold": True, "IsPurchased": True, "IsTrackedAsInventory": False}
    return book.add("Items", _checked(book, item | fields), now)


def edit_item(book: Book, item_id: str, fields: Record, now: datetime) -> Record:
    """Changes what `fields` names and keeps the rest, details included."""
    item = book.get("Items", item_id)
    changed = item | fields
    for details, _ in SIDES.values():
        if details in fields and details in item:
            changed[details] = child_of(item, details) | child_of(fields, details)
    changed = _checked(book, changed)
    gone: Record = {field: None for field in item if field not in changed}
    book.rekey("Items", item, changed | gone)
    book.touch("Items", item_id, now)
    return item


def delete_item(book: Book, item_id: str) -> None:
    """Takes an item out; lines that name it keep its code."""
    book.remove("Items", item_id)


def _checked(book: Book, item: Record) -> Record:
    code = text_of(item, "Code")
    if not code:
        raise Refusal("Item Code must be specified")  # wording ours
    holder = book.numbered("Items", code)
    if holder is not None and holder["ItemID"] != item["ItemID"]:
        raise Refusal(f"Price List Item with Code '{code}' already exists")
    checked = dict(item)
    for flag, (details, description) in SIDES.items():
        if not item.get(flag):
            checked.pop(details, None)
            checked.pop(description, None)
        elif details in item:
            _check_details(book, child_of(item, details))
    checked["IsTrackedAsInventory"] = bool(text_of(item, "InventoryAssetAccountCode"))
    return checked


def _check_details(book: Book, details: Record) -> None:
    for field in ("AccountCode", "COGSAccountCode"):
        code = text_of(details, field)
        account = book.numbered("Accounts", code) if code else None
        if code and (account is None or account["Status"] != "ACTIVE"):
            raise Refusal(f"Account code '{code}' is not a valid code for this document.")
        tax_type = text_of(details, "TaxType")
        if account is not None and tax_type and field == "AccountCode":
            check_tax_type(book, tax_type, account)
