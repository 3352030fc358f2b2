"""Who holds a value: the records of a collection by the text in one of their fields, so that a look-up scans nothing.

A client that exports looks for numbers, names and contacts again and again; in a hundred thousand invoices each look would take
a third of a second. A field is gone through when it is first asked for, and follows the book's changes from then on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.query import folding_of
from xero_pipeline.sandbox.xero.record import Record

# Fields whose value, where a record has one, is text; `Contact` stands for its ContactID.
NARROWING = frozenset(
    {"AccountNumber", "Code", "Contact", "ContactNumber", "CreditNoteNumber", "EmailAddress", "InvoiceNumber", "Name"}
    | {"QuoteNumber", "Reference"}
)


@dataclass(slots=True)
class _Column:
    """One field of a collection at a revision of the book: ids by folded value, and the value each record has here."""

    revision: int
    ids: dict[str, list[str]] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)


class Holders:
    """The fields of one book that were asked for."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._columns: dict[tuple[str, str], _Column] = {}

    def of(self, plural: str, name: str, values: Iterable[str]) -> list[str]:
        """The ids of the records whose field `name` holds one of the folded `values`."""
        column = self._columns.get((plural, name))
        if column is None or column.revision != self.book.revisions[plural]:
            column = self._columns[plural, name] = _Column(self.book.revisions[plural])
            for record_id, record in self.book.collections[plural].items():
                _enter(column, plural, name, record_id, record)
        return [record_id for value in values for record_id in column.ids.get(value, ())]

    def follow(self, plural: str, record_ids: Iterable[str]) -> None:
        """Takes in what became of the changed records of a collection."""
        for (of, name), column in self._columns.items():
            if of != plural:
                continue
            for record_id in record_ids:
                value = column.values.pop(record_id, None)
                if value is not None:
                    column.ids[value].remove(record_id)
                record = self.book.find(plural, record_id)
                if record is not None:
                    _enter(column, plural, name, record_id, record)
            column.revision = self.book.revisions[plural]


def _enter(column: _Column, plural: str, name: str, record_id: str, record: Record) -> None:
    value = record.get(name)
    if isinstance(value, dict):
        value = value.get("ContactID")
    if isinstance(value, str):
        folded = column.values[record_id] = folding_of(plural)(value)
        column.ids.setdefault(folded, []).append(record_id)
