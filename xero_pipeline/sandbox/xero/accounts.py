"""Accounts of the chart: added, edited, archived and deleted (xero.md section 2, Accounts)."""

from __future__ import annotations

from datetime import datetime

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.lines import check_tax_type
from xero_pipeline.sandbox.xero.record import Record, children_of, text_of
from xero_pipeline.sandbox.xero.refusal import Refusal

CLASSES = {
    "BANK": "ASSET",
    "CURRENT": "ASSET",
    "FIXED": "ASSET",
    "INVENTORY": "ASSET",
    "NONCURRENT": "ASSET",
    "PREPAYMENT": "ASSET",
    "CURRLIAB": "LIABILITY",
    "LIABILITY": "LIABILITY",
    "PAYG": "LIABILITY",
    "TERMLIAB": "LIABILITY",
    "EQUITY": "EQUITY",
    "DEPRECIATN": "EXPENSE",
    "DIRECTCOSTS": "EXPENSE",
    "EXPENSE": "EXPENSE",
    "OVERHEADS": "EXPENSE",
    "OTHERINCOME": "REVENUE",
    "REVENUE": "REVENUE",
    "SALES": "REVENUE",
}
DEFAULT_TAX = "NONE"


def create_account(book: Book, fields: Record, now: datetime) -> Record:
    """A new active account; refused with a code or name that another has. A bank account needs its number."""
    kind = text_of(fields, "Type")
    if not kind:
        raise Refusal("Account Type must be specified")  # wording ours
    account: Record = {
        "AccountID": book.new_id(),
        "Code": "",
        "Status": "ACTIVE",
        "TaxType": DEFAULT_TAX,
        "Description": "",
        "EnablePaymentsToAccount": False,
        "ShowInExpenseClaims": False,
        "AddToWatchlist": False,
        "HasAttachments": False,
    }
    account |= fields | {"Class": CLASSES[kind]}
    if kind == "BANK":
        account.setdefault("BankAccountType", "BANK")
        account.setdefault("CurrencyCode", book.base_currency)
    _check(book, account)
    if not account["Code"]:
        del account["Code"]
    return book.add("Accounts", account, now)


def edit_account(book: Book, account_id: str, fields: Record, now: datetime) -> Record:
    """Changes what `fields` names; system accounts keep their type and can be neither archived nor deleted."""
    account = book.get("Accounts", account_id)
    changes = {field: value for field, value in fields.items() if account.get(field) != value}
    if "SystemAccount" in account and changes.keys() & {"Type", "Status"}:
        raise Refusal("System accounts cannot be changed")  # wording ours
    changed = account | changes
    changed["Class"] = CLASSES[text_of(changed, "Type")]
    _check(book, changed)
    book.rekey("Accounts", account, changed)
    book.touch("Accounts", account_id, now)
    return account


def delete_account(book: Book, account_id: str, now: datetime) -> Record:
    """Deletes an account nothing was ever coded to; it stays in the book as DELETED and gives its code back."""
    account = book.get("Accounts", account_id)
    if "SystemAccount" in account or _is_used(book, account):
        raise Refusal("Account cannot be deleted: it is a system account or has transactions")  # wording ours
    book.rekey("Accounts", account, {"Status": "DELETED"})
    book.touch("Accounts", account_id, now)
    return account


def _check(book: Book, account: Record) -> None:
    code, name, kind = text_of(account, "Code"), text_of(account, "Name"), text_of(account, "Type")
    if not name:
        raise Refusal("Account Name must be specified")  # wording ours
    if not code and kind != "BANK":
        raise Refusal("Account Code must be specified")  # wording ours
    if kind == "BANK" and not account.get("BankAccountNumber"):
        raise Refusal("Bank Account Number must be specified")  # wording ours
    for other in book.collections["Accounts"].values():
        if other["AccountID"] == account["AccountID"] or other["Status"] == "DELETED":
            continue
        if code and other.get("Code") == code:
            raise Refusal("Please enter a unique Code.")
        if text_of(other, "Name").casefold() == name.casefold():
            raise Refusal("Please enter a unique Name.")
    check_tax_type(book, text_of(account, "TaxType"), account)
    currency = text_of(account, "CurrencyCode")
    if currency and currency != book.base_currency and currency not in book.collections["Currencies"]:
        raise Refusal(f"Organisation is not subscribed to currency {currency}")


def _is_used(book: Book, account: Record) -> bool:
    code, account_id = account.get("Code"), account["AccountID"]
    for plural in ("Invoices", "CreditNotes", "Prepayments", "Overpayments", "ManualJournals"):
        field = "JournalLines" if plural == "ManualJournals" else "LineItems"
        for document in book.collections[plural].values():
            if any(code and line.get("AccountCode") == code for line in children_of(document, field)):
                return True
    payments = book.collections["Payments"].values()
    return any(isinstance(paid := payment["Account"], dict) and paid["AccountID"] == account_id for payment in payments)
