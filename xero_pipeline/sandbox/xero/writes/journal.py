"""Manual journals over the API: created, edited, posted, voided, deleted."""

from __future__ import annotations

from xero_pipeline.sandbox.xero.arithmetic import cents
from xero_pipeline.sandbox.xero.journals import (
    change_journal_status,
    create_manual_journal,
    update_manual_journal_fields,
)
from xero_pipeline.sandbox.xero.record import Record, children_of, decimal_of, text_of
from xero_pipeline.sandbox.xero.tracking import named_on_line
from xero_pipeline.sandbox.xero.writes.document import CLOSING, with_account_code
from xero_pipeline.sandbox.xero.writes.hand import Hand

HAPPENED = {
    "POSTED": "Posted",
    "VOIDED": "Voided",
    "DELETED": "Deleted",
    "DRAFT": "Returned to draft",
    "ARCHIVED": "Archived",
}


def save_journal(hand: Hand, fields: Record, path_id: str) -> Record:
    """Creates a journal, or edits the one of this id and then moves it to the status asked for."""
    journal_id = hand.meant("ManualJournals", fields, path_id)
    prepared = dict(fields)
    if "JournalLines" in fields:
        prepared["JournalLines"] = [_line(hand, line) for line in children_of(fields, "JournalLines")]
    if not journal_id:
        created = create_manual_journal(hand.book, prepared, hand.now)
        hand.log(text_of(created, "ManualJournalID"), "Created")
        return created
    journal = hand.book.get("ManualJournals", journal_id)
    status = text_of(fields, "Status")
    moves = status not in ("", journal["Status"])
    content = {field: value for field, value in prepared.items() if field not in ("Status", "ManualJournalID")}
    if not moves or (content and status not in CLOSING):
        update_manual_journal_fields(hand.book, journal_id, content, hand.now)
        hand.log(journal_id, "Edited")
    if moves:
        change_journal_status(hand.book, journal_id, status, hand.now)
        hand.log(journal_id, HAPPENED[status])
    return journal


def _line(hand: Hand, given: Record) -> Record:
    line = with_account_code(hand.book, given)
    line["LineAmount"] = cents(decimal_of(line, "LineAmount"))
    if "Tracking" in line:
        line["Tracking"] = named_on_line(hand.book, children_of(line, "Tracking"))
    return line
