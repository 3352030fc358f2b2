"""Manual journals: balanced lines, posted, and voided or deleted (xero.md section 2, ManualJournals)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from xero_pipeline.sandbox.xero.arithmetic import EXCLUSIVE, NO_TAX, line_tax
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.drafting import check_open
from xero_pipeline.sandbox.xero.lines import check_tax_type
from xero_pipeline.sandbox.xero.record import ZERO, Record, children_of, date_of, decimal_of, text_of
from xero_pipeline.sandbox.xero.refusal import Refusal

FORBIDDEN_SYSTEM_ACCOUNTS = frozenset({"DEBTORS", "CREDITORS", "RETAINEDEARNINGS"})
FORBIDDEN_TYPES = frozenset({"BANK", "INVENTORY"})
EDITABLE = frozenset({"Narration", "Date", "LineAmountTypes", "ShowOnCashBasisReports", "Url"})
WRONG_STATUS = "Manual journal not of valid status for modification"  # wording ours
TRANSITIONS = {"DRAFT": frozenset({"DRAFT", "POSTED", "DELETED"}), "POSTED": frozenset({"POSTED", "VOIDED"})}


def create_manual_journal(book: Book, fields: Record, now: datetime) -> Record:
    """A new journal, DRAFT unless POSTED is asked for: debits are positive, credits negative, and they balance with tax."""
    status = text_of(fields, "Status") or "DRAFT"
    if status not in TRANSITIONS:
        raise Refusal("Manual journal status is not valid")  # wording ours
    journal: Record = {
        "ManualJournalID": text_of(fields, "ManualJournalID") or book.new_id(),
        "Narration": text_of(fields, "Narration"),
        "Date": date_of(fields, "Date") or book.today(now),
        "Status": status,
        "LineAmountTypes": text_of(fields, "LineAmountTypes") or NO_TAX,
        "ShowOnCashBasisReports": fields.get("ShowOnCashBasisReports", True),
        "HasAttachments": False,
    }
    if "Url" in fields:
        journal["Url"] = fields["Url"]
    journal["JournalLines"] = _lines(book, journal, children_of(fields, "JournalLines"))
    _check(book, journal)
    return book.add("ManualJournals", journal, now)


def update_manual_journal_fields(book: Book, manual_journal_id: str, fields: Record, now: datetime) -> Record:
    """Edits a draft or posted journal; `JournalLines` replace those there, and it balances still."""
    journal = book.get("ManualJournals", manual_journal_id)
    if journal["Status"] not in TRANSITIONS:
        raise Refusal(WRONG_STATUS)
    _check_open(book, journal)
    changed = journal | {field: value for field, value in fields.items() if field in EDITABLE}
    if {"JournalLines", "LineAmountTypes"} & fields.keys():
        given = children_of(fields if "JournalLines" in fields else journal, "JournalLines")
        changed["JournalLines"] = _lines(book, changed, given)
    _check(book, changed)
    book.rekey("ManualJournals", journal, changed)
    book.touch("ManualJournals", manual_journal_id, now)
    return journal


def change_journal_status(book: Book, manual_journal_id: str, status: str, now: datetime) -> Record:
    """Posts or deletes a draft, voids a posted journal."""
    journal = book.get("ManualJournals", manual_journal_id)
    if status not in TRANSITIONS.get(text_of(journal, "Status"), frozenset()):
        raise Refusal(WRONG_STATUS)
    _check_open(book, journal)
    journal["Status"] = status
    book.touch("ManualJournals", manual_journal_id, now)
    return journal


def _lines(book: Book, journal: Record, given: list[Record]) -> list[Record]:
    if len(given) < 2:
        raise Refusal("A manual journal must have at least two journal lines")  # wording ours
    return [_line(book, line, text_of(journal, "LineAmountTypes")) for line in given]


def _check(book: Book, journal: Record) -> None:
    if not text_of(journal, "Narration"):
        raise Refusal("Narration must be specified")  # wording ours
    _check_balance(children_of(journal, "JournalLines"), text_of(journal, "LineAmountTypes"))
    _check_open(book, journal)


def _check_open(book: Book, journal: Record) -> None:
    day = date_of(journal, "Date")
    if day is not None:
        check_open(book, day)


def _line(book: Book, fields: Record, line_amount_types: str) -> Record:
    code = text_of(fields, "AccountCode")
    account = book.numbered("Accounts", code)
    if account is None or account["Status"] != "ACTIVE":
        raise Refusal(f"Account code '{code}' is not a valid code for this document.")
    if account["Type"] in FORBIDDEN_TYPES or account.get("SystemAccount") in FORBIDDEN_SYSTEM_ACCOUNTS:
        raise Refusal(f"Account code '{code}' is not a valid code for this document.")
    tax_type = (
        "NONE" if line_amount_types == NO_TAX else text_of(fields, "TaxType") or text_of(account, "TaxType") or "NONE"
    )
    rate = check_tax_type(book, tax_type, account)
    amount = decimal_of(fields, "LineAmount")
    return {
        "LineAmount": amount,
        "AccountID": account["AccountID"],
        "AccountCode": code,
        "Description": text_of(fields, "Description"),
        "TaxType": tax_type,
        "TaxAmount": line_tax(amount, decimal_of(rate, "EffectiveRate"), line_amount_types),
        "Tracking": fields.get("Tracking", []),
        "IsBlank": False,
    }


def _check_balance(lines: list[Record], line_amount_types: str) -> None:
    debits: Decimal = ZERO
    credits_: Decimal = ZERO
    for line in lines:
        amount = decimal_of(line, "LineAmount")
        if line_amount_types == EXCLUSIVE:
            amount += decimal_of(line, "TaxAmount")
        if amount > 0:
            debits += amount
        else:
            credits_ += amount
    if debits + credits_:
        raise Refusal(f"The total debits ({debits}) must equal total credits ({credits_})")
