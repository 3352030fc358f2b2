"""The elements of one write, done one by one or all together, and how Xero shows a refused one (xero.md section 3).

summarizeErrors=false does every element by itself and shows each with its status. Without it one refusal refuses them all:
whether Xero keeps the valid ones then is not known, and a client must not rely on either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.record import Record, child_of, text_of
from xero_pipeline.sandbox.xero.refusal import Refusal
from xero_pipeline.sandbox.xero.wire import Json, wired
from xero_pipeline.sandbox.xero.writes.contact import ContactRefusal
from xero_pipeline.sandbox.xero.writes.reading import NO_GUID, Element


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one element: the record it made or changed, or why not."""

    element: Element
    record: Record
    refusal: Refusal | None = None


class _Undo(Exception):
    """Takes back what the valid elements of a refused batch did."""


def run(book: Book, elements: list[Element], save: Callable[[Record], Record], *, together: bool) -> list[Outcome]:
    """Saves every element; `together` means all of them or, when one is refused, none."""
    outcomes: list[Outcome] = []
    try:
        with book.all_or_nothing():
            outcomes += [_run_one(book, element, save) for element in elements]
            if together and any(outcome.refusal for outcome in outcomes):
                raise _Undo
    except _Undo:
        pass
    return outcomes


def refused(fields: Record, refusal: Refusal, id_field: str, twins: Mapping[str, str]) -> Json:
    """A refused element: what was sent, with its id (zeros for a new record) and the sentences that say why.

    `id_field` may be "", for what has no id of its own.
    """
    shown: Json = {id_field: text_of(fields, id_field) or NO_GUID} if id_field.endswith("ID") else {}
    shown |= {field: value for field, value in wired(fields, twins).items() if field not in shown}
    messages = [{"Message": message} for message in refusal.messages]
    if isinstance(refusal, ContactRefusal):
        # What is wrong with a document's contact is said there and not on the document (xero.md section 7, 22).
        contact = child_of(fields, "Contact")
        shown["Contact"] = {**contact, "HasValidationErrors": True, "ValidationErrors": messages}
        messages = []
    return shown | {"HasErrors": True, "HasValidationErrors": True, "ValidationErrors": messages}


def _run_one(book: Book, element: Element, save: Callable[[Record], Record]) -> Outcome:
    if element.problems:
        return Outcome(element, {}, Refusal(*element.problems))
    try:
        with book.all_or_nothing():
            return Outcome(element, save(element.fields))
    except Refusal as refusal:
        return Outcome(element, {}, refusal)
