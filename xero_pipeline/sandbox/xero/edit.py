"""Changing any record as a person at Xero's screens might, without the rules: for settings, for odd rows and for drift."""

from __future__ import annotations

from datetime import datetime

from xero_pipeline.sandbox.xero.book import ORGANISATION, Book
from xero_pipeline.sandbox.xero.record import Record, text_of


def edit(book: Book, plural: str, record_id: str, fields: Record, now: datetime, *, stamp: bool = True) -> Record:
    """Sets `fields` on a record (None takes one away) and stamps it, unless `stamp` is False or Xero stamps no such record.

    Raises KeyError for an unknown record. `plural` may be "Organisation", whose id is then not looked at.
    """
    if plural == ORGANISATION:
        for field, value in fields.items():
            if value is None:
                book.organisation.pop(field, None)
            else:
                book.organisation[field] = value
        book.mark(ORGANISATION, text_of(book.organisation, "OrganisationID"))
        return book.organisation
    record = book.get(plural, record_id)
    book.rekey(plural, record, fields)
    if stamp and "UpdatedDateUTC" in record:
        book.touch(plural, record_id, now)
    else:
        book.mark(plural, record_id)
    return record
