"""What an organisation holds, counted and summed straight from the book: what a copy of it has to agree with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from xero_pipeline.sandbox.xero.book import ORGANISATION, Book
from xero_pipeline.sandbox.xero.record import Record, children_of

NESTED = ("LineItems", "JournalLines", "Allocations", "Options")


def totals(book: Book) -> dict[str, object]:
    """By endpoint: count, exact sums (text) of every numeric field, the same by Type, counts by status, and nested rows.

    Archived, voided and deleted records count. `Options` are tracking options, `Allocations` those of credits.
    """
    answer: dict[str, object] = {ORGANISATION: {"count": 1}}
    for plural, collection in book.collections.items():
        records = list(collection.values())
        found = summed(records)
        statuses = Counter(
            str(record.get("Status") or record.get("ContactStatus"))
            for record in records
            if "Status" in record or "ContactStatus" in record
        )
        if statuses:
            found["by_status"] = dict(sorted(statuses.items()))
        if any("Type" in record for record in records):
            types = sorted({str(record["Type"]) for record in records})
            found["by_type"] = {one: summed([record for record in records if record["Type"] == one]) for one in types}
        for field in NESTED:
            rows = [row for record in records for row in children_of(record, field)]
            if rows:
                found[field] = summed(rows)
        answer[plural] = found
    return answer


def summed(records: Iterable[Record]) -> dict[str, object]:
    """`count` of the records and `sums` of their Decimal fields, exact, as text."""
    count, sums = 0, dict[str, Decimal]()
    for record in records:
        count += 1
        for field, value in record.items():
            if isinstance(value, Decimal):
                sums[field] = sums.get(field, Decimal(0)) + value
    return {"count": count, "sums": {field: str(value) for field, value in sorted(sums.items())}}
