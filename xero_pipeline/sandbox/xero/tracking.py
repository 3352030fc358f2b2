"""Tracking categories and their options: added, renamed, archived, deleted; and named on a line (xero.md section 2).

What is used is archived instead of deleted; no source says which of the two Xero does.
"""

from __future__ import annotations

from collections.abc import Iterator

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.record import Record, children_of, text_of
from xero_pipeline.sandbox.xero.refusal import Refusal

CATEGORIES = "TrackingCategories"
MOST_ACTIVE, MOST = 2, 4
MOST_ON_A_LINE = 2


def create_category(book: Book, fields: Record) -> Record:
    """A new category with the options it names; at most two are active and four there."""
    category: Record = {
        "TrackingCategoryID": book.new_id(),
        "Name": text_of(fields, "Name"),
        "Status": "ACTIVE",
        "Options": [],
    }
    _check_category(book, category)
    category["Options"] = [_option(book, category, option) for option in children_of(fields, "Options")]
    return book.add(CATEGORIES, category)


def edit_category(book: Book, category_id: str, fields: Record) -> Record:
    """Renames, archives or restores a category."""
    category = book.get(CATEGORIES, category_id)
    changed = category | {field: fields[field] for field in ("Name", "Status") if field in fields}
    _check_category(book, changed)
    book.rekey(CATEGORIES, category, changed)
    book.mark(CATEGORIES, category_id)
    return category


def delete_category(book: Book, category_id: str) -> Record:
    """Deletes a category no line names, archives one that was used; answers it as it is then."""
    category = book.get(CATEGORIES, category_id)
    used = any(entry.get("TrackingCategoryID") == category_id for entry in _entries(book))
    if used:
        category["Status"] = "ARCHIVED"
        book.mark(CATEGORIES, category_id)
        return category
    book.remove(CATEGORIES, category_id)
    return category | {"Status": "DELETED", "Options": []}


def add_option(book: Book, category_id: str, fields: Record) -> Record:
    """A new option of a category."""
    category = book.get(CATEGORIES, category_id)
    option = _option(book, category, fields)
    category["Options"] = [*children_of(category, "Options"), option]
    book.mark(CATEGORIES, category_id)
    return option


def edit_option(book: Book, category_id: str, option_id: str, fields: Record) -> Record:
    """Renames, archives or restores an option."""
    category = book.get(CATEGORIES, category_id)
    option = option_of(category, option_id)
    changed = option | {field: fields[field] for field in ("Name", "Status") if field in fields}
    _check_option(category, changed)
    category["Options"] = [changed if found is option else found for found in children_of(category, "Options")]
    book.mark(CATEGORIES, category_id)
    return changed


def delete_option(book: Book, category_id: str, option_id: str) -> Record:
    """Deletes an option no line names, archives one that was used; answers it as it is then."""
    category = book.get(CATEGORIES, category_id)
    option = option_of(category, option_id)
    used = any(entry.get("TrackingOptionID") == option_id for entry in _entries(book))
    changed = option | {"Status": "ARCHIVED" if used else "DELETED"}
    category["Options"] = [
        changed if found is option else found
        for found in children_of(category, "Options")
        if used or found is not option
    ]
    book.mark(CATEGORIES, category_id)
    return changed


def option_of(category: Record, option_id: str) -> Record:
    """The option of this id, or KeyError."""
    for option in children_of(category, "Options"):
        if option["TrackingOptionID"] == option_id:
            return option
    raise KeyError(option_id)


def named_on_line(book: Book, given: list[Record]) -> list[Record]:
    """The tracking of a line with ids and present names, from ids or from Name and Option."""
    if len(given) > MOST_ON_A_LINE:
        raise Refusal("A line item can have two tracking categories at most")  # wording ours
    return [_named(book, entry) for entry in given]


def _named(book: Book, entry: Record) -> Record:
    category_id, name = text_of(entry, "TrackingCategoryID"), text_of(entry, "Name").casefold()
    for category in book.collections[CATEGORIES].values():
        if category_id not in ("", category["TrackingCategoryID"]):
            continue
        if not category_id and text_of(category, "Name").casefold() != name:
            continue
        option_id, option_name = text_of(entry, "TrackingOptionID"), text_of(entry, "Option").casefold()
        for option in children_of(category, "Options"):
            if option["TrackingOptionID"] == option_id or (
                not option_id and text_of(option, "Name").casefold() == option_name
            ):
                return {
                    "TrackingCategoryID": category["TrackingCategoryID"],
                    "TrackingOptionID": option["TrackingOptionID"],
                    "Name": category["Name"],
                    "Option": option["Name"],
                }
    raise Refusal("The tracking category or option could not be found")  # wording ours


def _option(book: Book, category: Record, fields: Record) -> Record:
    option: Record = {
        "TrackingOptionID": book.new_id(),
        "Name": text_of(fields, "Name"),
        "Status": "ACTIVE",
        "TrackingCategoryID": category["TrackingCategoryID"],
    }
    _check_option(category, option)
    return option


def _check_category(book: Book, category: Record) -> None:
    if not text_of(category, "Name"):
        raise Refusal("Tracking category Name must be specified")  # wording ours
    others = [
        other
        for other in book.collections[CATEGORIES].values()
        if other["TrackingCategoryID"] != category["TrackingCategoryID"]
    ]
    if any(text_of(other, "Name").casefold() == text_of(category, "Name").casefold() for other in others):
        raise Refusal("Please enter a unique Name.")
    active = sum(other["Status"] == "ACTIVE" for other in others)
    if len(others) >= MOST or (category["Status"] == "ACTIVE" and active >= MOST_ACTIVE):
        raise Refusal("You have reached the maximum number of tracking categories")  # wording ours


def _check_option(category: Record, option: Record) -> None:
    name = text_of(option, "Name")
    if not name:
        raise Refusal("Tracking option Name must be specified")  # wording ours
    for other in children_of(category, "Options"):
        if (
            other["TrackingOptionID"] != option["TrackingOptionID"]
            and text_of(other, "Name").casefold() == name.casefold()
        ):
            raise Refusal("Please enter a unique Name.")


def _entries(book: Book) -> Iterator[Record]:
    for plural in ("Invoices", "CreditNotes", "Prepayments", "Overpayments", "PurchaseOrders", "Quotes"):
        for document in book.collections[plural].values():
            for line in children_of(document, "LineItems"):
                yield from children_of(line, "Tracking")
    for journal in book.collections["ManualJournals"].values():
        for line in children_of(journal, "JournalLines"):
            yield from children_of(line, "Tracking")
