"""Which records a list call is about, in which order, and which of them are on the page.

A sorted selection is kept for as long as the book's revision stands, so paging deep into 100,000 invoices sorts them once.
Default order is UpdatedDateUTC, then id; collections that Xero does not stamp keep the order they were made in.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import ceil

from xero_pipeline.sandbox.xero.book import ORGANISATION, Book
from xero_pipeline.sandbox.xero.endpoints import Endpoint, Paging
from xero_pipeline.sandbox.xero.fields import FIELDS
from xero_pipeline.sandbox.xero.params import DEFAULT_PAGE_SIZE, Parameters
from xero_pipeline.sandbox.xero.query import BadQuery, Getter, Predicate, comparable, parse_where
from xero_pipeline.sandbox.xero.record import Record, child_of, date_of, text_of

NEVER = datetime(1, 1, 1, tzinfo=UTC)
KEPT_SELECTIONS = 16
REFERENCES = {
    "Contact": ("Contacts", "ContactID"),
    "Account": ("Accounts", "AccountID"),
    "Invoice": ("Invoices", "InvoiceID"),
    "CreditNote": ("CreditNotes", "CreditNoteID"),
    "Prepayment": ("Prepayments", "PrepaymentID"),
    "Overpayment": ("Overpayments", "OverpaymentID"),
}
FILTERS = (
    "where", "order", "includearchived", "ids", "invoicenumbers", "contactids", "statuses", "references", "searchterm",
    "status", "contactid", "quotenumber", "datefrom", "dateto", "expirydatefrom", "expirydateto",
)  # fmt: skip

Key = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Page:
    """The records of one answer, in order; `pagination` is Xero's object, or None where the answer has none."""

    records: list[Record]
    pagination: dict[str, int] | None
    paged: bool


class Listing:
    """Selections over one book. `page` raises BadQuery and BadParameter for what Xero would refuse."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._kept: OrderedDict[tuple[str, ...], tuple[int, list[Key]]] = OrderedDict()

    def page(self, endpoint: Endpoint, parameters: Parameters, since: datetime | None) -> Page:
        """The records the request is about; `since` (aware) is inclusive and counts where the endpoint supports it."""
        if endpoint.plural == ORGANISATION:
            return Page([self.book.organisation], None, paged=False)
        number, size = self._paging(endpoint, parameters)
        keys = self._selection(endpoint, parameters)
        start = 0
        if since is not None and endpoint.modified_since:
            if parameters.text("order"):
                keys = [key for key in keys if key[0] >= since]
            else:
                start = bisect_left(keys, (since, ""))
        collection = self.book.collections[endpoint.plural]
        if number is None:
            return Page([collection[key[1]] for key in keys[start:]], None, paged=False)
        first = start + (number - 1) * size
        records = [collection[key[1]] for key in keys[first : first + size]]
        count = len(keys) - start
        pagination = {"page": number, "pageSize": size, "pageCount": ceil(count / size), "itemCount": count}
        return Page(records, pagination if endpoint.paging is Paging.PAGED else None, paged=True)

    def _paging(self, endpoint: Endpoint, parameters: Parameters) -> tuple[int | None, int]:
        if endpoint.paging is Paging.NONE:
            return None, 0
        page = parameters.page()
        # Statuses and summaryOnly force paging (xero.md section 1 and 2, Invoices).
        forced = endpoint.always_paged or (
            bool(endpoint.summary_drops) and (parameters.flag("summaryOnly") or bool(parameters.text("Statuses")))
        )
        if page is None and forced:
            page = 1
        return page, parameters.page_size() if endpoint.paging is Paging.PAGED else DEFAULT_PAGE_SIZE

    def _selection(self, endpoint: Endpoint, parameters: Parameters) -> list[Key]:
        signature = (endpoint.plural, *(parameters.text(name) for name in FILTERS))
        # A where may look through to contacts and invoices, so it stands only while nothing at all has changed.
        looks_through = bool(parameters.text("where") or parameters.text("order"))
        revisions = self.book.revisions
        revision = sum(revisions.values()) if looks_through else revisions[endpoint.plural]
        kept = self._kept.get(signature)
        if kept is None or kept[0] != revision:
            kept = self._kept[signature] = revision, self._select(endpoint, parameters)
            if len(self._kept) > KEPT_SELECTIONS:
                self._kept.popitem(last=False)
        self._kept.move_to_end(signature)
        return kept[1]

    def _select(self, endpoint: Endpoint, parameters: Parameters) -> list[Key]:
        tests = [*_field_tests(endpoint, parameters)]
        if endpoint.where and parameters.text("where"):
            tests.append(parse_where(parameters.text("where"), FIELDS[endpoint.plural], self._joins()))
        collection = self.book.collections[endpoint.plural]
        stamped = [
            (record.get("UpdatedDateUTC", NEVER), record_id)
            for record_id, record in collection.items()
            if all(test(record) for test in tests)
        ]
        keys: list[Key] = stamped  # type: ignore[assignment]
        order = parameters.text("order")
        if order and endpoint.plural in FIELDS:
            keys.sort(key=lambda key: key[1])
            for getter, descending in reversed(self._order(endpoint, order)):
                keys.sort(key=lambda key: _sortable(getter(collection[key[1]])), reverse=descending)
        elif endpoint.modified_since:
            keys.sort()
        return keys

    def _order(self, endpoint: Endpoint, order: str) -> list[tuple[Getter, bool]]:
        names = {name.lower(): name for name in FIELDS[endpoint.plural]}
        parts = []
        for part in order.split(","):
            field, _, direction = part.strip().partition(" ")
            head, _, tail = field.partition(".")
            if head.lower() not in names or direction.strip().lower() not in (
                "",
                "asc",
                "desc",
                "ascending",
                "descending",
            ):
                raise BadQuery(f"No property or field '{part.strip()}' exists to order by")
            parts.append((self._ordering(names[head.lower()], tail), direction.strip().lower().startswith("desc")))
        return parts

    def _ordering(self, field: str, tail: str) -> Getter:
        join = self._joins().get(field)
        if not tail:
            return lambda record: record.get(field)
        if join is None:
            raise BadQuery(f"No property or field '{field}.{tail}' exists to order by")

        def nested(record: Record) -> object:
            target = join(record)
            return target.get(tail) if isinstance(target, dict) else None

        return nested

    def _joins(self) -> dict[str, Getter]:
        return {field: self._join(field, plural, id_field) for field, (plural, id_field) in REFERENCES.items()}

    def _join(self, field: str, plural: str, id_field: str) -> Getter:
        def joined(record: Record) -> object:
            reference = record.get(field)
            return self.book.find(plural, str(reference[id_field])) if isinstance(reference, dict) else None

        return joined


def _field_tests(endpoint: Endpoint, parameters: Parameters) -> list[Predicate]:
    tests: list[Predicate] = []
    if endpoint.archived and not parameters.flag("includeArchived"):
        archived = endpoint.archived
        tests.append(lambda record: record.get(archived) != "ARCHIVED")
    known = endpoint.filters
    listed = {
        "ids": endpoint.id_field,
        "invoicenumbers": "InvoiceNumber",
        "statuses": "Status",
        "status": "Status",
        "quotenumber": "QuoteNumber",
        "references": "Reference",
    }
    tests += [
        _one_of(field, parameters.listed(name))
        for name, field in listed.items()
        if name in known and parameters.text(name)
    ]
    for name in ("contactids", "contactid"):
        if name in known and parameters.text(name):
            contacts = parameters.listed(name)
            tests.append(lambda record, contacts=contacts: child_of(record, "Contact").get("ContactID") in contacts)  # type: ignore[misc]
    for name, field, later in (
        ("datefrom", "Date", True),
        ("dateto", "Date", False),
        ("expirydatefrom", "ExpiryDate", True),
        ("expirydateto", "ExpiryDate", False),
    ):
        bound = parameters.day(name) if name in known else None
        if bound is not None:
            tests.append(_within(field, bound, later=later))
    term = parameters.text("searchTerm").casefold()
    if term and endpoint.searches:
        tests.append(lambda record: any(term in text_of(record, field).casefold() for field in endpoint.searches))
    return tests


def _one_of(field: str, wanted: frozenset[str]) -> Predicate:
    return lambda record: text_of(record, field).casefold() in wanted


def _within(field: str, bound: date, *, later: bool) -> Predicate:
    def within(record: Record) -> bool:
        day = date_of(record, field)
        return day is not None and (day >= bound if later else day <= bound)

    return within


def _sortable(value: object) -> tuple[bool, object]:
    value = comparable(value)
    return (value is not None, value)
