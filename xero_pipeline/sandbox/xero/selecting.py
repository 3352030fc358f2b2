"""Which records of a collection a request asks for, and in which order: its filters and its `order`, read once.

Source: the published OpenAPI's parameter lists and xero.md sections 1 and 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.endpoints import Endpoint
from xero_pipeline.sandbox.xero.fields import FIELDS
from xero_pipeline.sandbox.xero.history import created_by
from xero_pipeline.sandbox.xero.holders import NARROWING
from xero_pipeline.sandbox.xero.params import Parameters
from xero_pipeline.sandbox.xero.query import (
    BadQuery,
    Getter,
    Predicate,
    comparable,
    first_equality,
    folding_of,
    parse_where,
)
from xero_pipeline.sandbox.xero.record import Record, child_of, date_of, text_of

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

LISTED = {
    "invoicenumbers": "InvoiceNumber",
    "statuses": "Status",
    "status": "Status",
    "quotenumber": "QuoteNumber",
    "references": "Reference",
}
DIRECTIONS = {"": False, "asc": False, "ascending": False, "desc": True, "descending": True}


@dataclass(frozen=True, slots=True)
class Selection:
    """Tests a record must pass, the fields to sort by (and whether downwards), and the ids it is limited to, if any.

    `holding` names a field and the folded values one of which it must hold: the tests say so too, but who holds them is known.
    `looks_through`: whether records of other collections decide too, so that a change there can change the answer.
    """

    signature: tuple[str, ...]
    tests: tuple[Predicate, ...]
    order: tuple[tuple[Getter, bool], ...]
    ids: frozenset[str] | None
    holding: tuple[str, frozenset[str]] | None
    looks_through: bool

    def takes(self, record: Record) -> bool:
        """Whether the record is one of those asked for; `ids` apart."""
        return all(test(record) for test in self.tests)


def signature_of(endpoint: Endpoint, parameters: Parameters) -> tuple[str, ...]:
    """What tells one selection from another; requests of the same signature select the same records."""
    maker = parameters.app if parameters.flag("createdByMyApp") else ""
    return (endpoint.plural, maker, *(parameters.text(name) for name in FILTERS))


def read_selection(book: Book, endpoint: Endpoint, parameters: Parameters) -> Selection:
    """What the request asks for. Raises BadQuery and BadParameter for what Xero would refuse."""
    tests = _field_tests(book, endpoint, parameters)
    where = parameters.text("where") if endpoint.where else ""
    order = parameters.text("order") if endpoint.plural in FIELDS else ""
    joins = {field: _join(book, field, plural, id_field) for field, (plural, id_field) in REFERENCES.items()}
    if where:
        tests.append(parse_where(where, FIELDS[endpoint.plural], joins, folding_of(endpoint.plural)))
    ids = parameters.listed("ids") if "ids" in endpoint.filters and parameters.text("ids") else None
    return Selection(
        signature_of(endpoint, parameters),
        tuple(tests),
        tuple(_order(endpoint, order, joins)) if order else (),
        ids,
        _holding(endpoint, parameters, where),
        # Only a path such as Contact.Name leads to another record.
        looks_through="." in where or "." in order,
    )


def sortable(value: object) -> tuple[bool, object]:
    """A value to sort by: null before everything, text without case. BadQuery for a list or an object, which has no order."""
    value = comparable(value)
    if isinstance(value, dict | list):
        raise BadQuery("Records have no order by a field that holds an object or a list")
    return (value is not None, value)


def _holding(endpoint: Endpoint, parameters: Parameters, where: str) -> tuple[str, frozenset[str]] | None:
    if not endpoint.modified_since:
        return None  # what Xero does not stamp is little, and keeps the order in which it was made
    for name, field in (*LISTED.items(), ("contactids", "Contact"), ("contactid", "Contact")):
        if field in NARROWING and name in endpoint.filters and parameters.text(name):
            return field, parameters.listed(name)
    equality = first_equality(where) if where else None
    if equality is not None:
        fold = folding_of(endpoint.plural)
        field = next((known for known in NARROWING if known.lower() == equality[0].lower()), "Contact")
        if field != "Contact":
            return field, frozenset({fold(equality[1])})
    return None


def _order(endpoint: Endpoint, order: str, joins: dict[str, Getter]) -> list[tuple[Getter, bool]]:
    names = {name.lower(): name for name in FIELDS[endpoint.plural]}
    parts = []
    for part in order.split(","):
        field, _, direction = part.strip().partition(" ")
        head, _, tail = field.partition(".")
        name, downwards = names.get(head.lower()), DIRECTIONS.get(direction.strip().lower())
        if name is None or downwards is None or (tail and name not in joins):
            raise BadQuery(f"No property or field '{part.strip()}' exists to order by")
        parts.append((_path(joins[name], tail) if tail else _field(name), downwards))
    return parts


def _field(name: str) -> Getter:
    return lambda record: record.get(name)


def _path(join: Getter, tail: str) -> Getter:
    def nested(record: Record) -> object:
        target = join(record)
        return target.get(tail) if isinstance(target, dict) else None

    return nested


def _join(book: Book, field: str, plural: str, id_field: str) -> Getter:
    def joined(record: Record) -> object:
        reference = record.get(field)
        return book.find(plural, str(reference[id_field])) if isinstance(reference, dict) else None

    return joined


def _field_tests(book: Book, endpoint: Endpoint, parameters: Parameters) -> list[Predicate]:
    tests: list[Predicate] = []
    if endpoint.archived and not parameters.flag("includeArchived"):
        archived = endpoint.archived
        tests.append(lambda record: record.get(archived) != "ARCHIVED")
    known = endpoint.filters
    tests += [
        _one_of(field, parameters.listed(name))
        for name, field in LISTED.items()
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
    if "createdbymyapp" in known and parameters.flag("createdByMyApp"):
        app, id_field = parameters.app, endpoint.id_field
        tests.append(lambda record: created_by(book, text_of(record, id_field)) == app)
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
