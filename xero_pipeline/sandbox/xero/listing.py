"""The records of a list call: selected, in order, and cut into pages.

A sorted selection is kept, and each changed record moved within it, so paging deep into 100,000 invoices sorts them once and
paying one of them sorts nothing. Default order is UpdatedDateUTC, then id; collections that Xero does not stamp keep the
order they were made in.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil

from xero_pipeline.sandbox.xero.book import ORGANISATION, Book
from xero_pipeline.sandbox.xero.endpoints import BY_NAME, Endpoint, Paging
from xero_pipeline.sandbox.xero.params import DEFAULT_PAGE_SIZE, Parameters
from xero_pipeline.sandbox.xero.record import Record, instant_of
from xero_pipeline.sandbox.xero.selecting import Selection, read_selection, signature_of, sortable

NEVER = datetime(1, 1, 1, tzinfo=UTC)
KEPT_SELECTIONS = 16

Key = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Page:
    """The records of one answer, in order; `pagination` is Xero's object, or None where the answer has none."""

    records: list[Record]
    pagination: dict[str, int] | None
    paged: bool


@dataclass(slots=True)
class _Kept:
    """A selection's records at a revision of the book, with the stamp each had then."""

    selection: Selection
    revision: int
    keys: list[Key]


class Listing:
    """Selections over one book. `page` raises BadQuery and BadParameter for what Xero would refuse."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._kept: OrderedDict[tuple[str, ...], _Kept] = OrderedDict()
        self._stamps: dict[str, dict[str, datetime]] = {}

    def page(self, endpoint: Endpoint, parameters: Parameters, since: datetime | None) -> Page:
        """The records the request is about; `since` (aware) is inclusive and counts where the endpoint supports it."""
        if endpoint.plural == ORGANISATION:
            return Page([self.book.organisation], None, paged=False)
        number, size = self._paging(endpoint, parameters)
        kept = self._selected(endpoint, parameters)
        keys, start = kept.keys, 0
        if since is not None and endpoint.modified_since:
            if kept.selection.order:
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

    def follow(self, changes: Iterable[tuple[str, str]]) -> None:
        """Moves the changed (plural, id) records within the selections kept, and forgets selections it cannot follow."""
        changed: dict[str, list[str]] = {}
        for plural, record_id in changes:
            changed.setdefault(plural, []).append(record_id)
        if not changed:
            return
        for signature, kept in list(self._kept.items()):
            plural = signature[0]
            if kept.selection.looks_through or (plural in changed and not self._followed(plural, kept)):
                del self._kept[signature]
            elif plural in changed:
                for record_id in changed[plural]:
                    self._move(plural, record_id, kept)
                kept.revision = self.book.revisions[plural]
        for plural, record_ids in changed.items():
            stamps = self._stamps.get(plural, {})
            for record_id in record_ids:
                record = self.book.find(plural, record_id) if plural != ORGANISATION else None
                if record is None:
                    stamps.pop(record_id, None)
                elif plural in self._stamps:
                    stamps[record_id] = _stamp(record)

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

    def _selected(self, endpoint: Endpoint, parameters: Parameters) -> _Kept:
        signature = signature_of(endpoint, parameters)
        kept = self._kept.get(signature)
        if kept is None or kept.revision != self._revision(endpoint, kept.selection):
            selection = read_selection(self.book, endpoint, parameters)
            revision = self._revision(endpoint, selection)
            kept = self._kept[signature] = _Kept(selection, revision, self._keys(endpoint, selection))
            if len(self._kept) > KEPT_SELECTIONS:
                self._kept.popitem(last=False)
        self._kept.move_to_end(signature)
        return kept

    def _revision(self, endpoint: Endpoint, selection: Selection) -> int:
        revisions = self.book.revisions
        return sum(revisions.values()) if selection.looks_through else revisions[endpoint.plural]

    def _keys(self, endpoint: Endpoint, selection: Selection) -> list[Key]:
        collection = self.book.collections[endpoint.plural]
        candidates = collection.items()
        if selection.ids is not None:
            candidates = {key: collection[key] for key in selection.ids if key in collection}.items()
        keys = [(_stamp(record), key) for key, record in candidates if selection.takes(record)]
        if selection.order:
            keys.sort(key=lambda key: key[1])
            for getter, downwards in reversed(selection.order):
                keys.sort(key=lambda key: sortable(getter(collection[key[1]])), reverse=downwards)
        elif endpoint.modified_since:
            keys.sort()
            if endpoint.plural not in self._stamps:
                self._stamps[endpoint.plural] = {key: _stamp(record) for key, record in collection.items()}
        return keys

    @staticmethod
    def _followed(plural: str, kept: _Kept) -> bool:
        return BY_NAME[plural.lower()].modified_since and not kept.selection.order and kept.selection.ids is None

    def _move(self, plural: str, record_id: str, kept: _Kept) -> None:
        record = self.book.find(plural, record_id)
        new = None if record is None else (_stamp(record), record_id)
        # A selection made since the change already has the new stamp.
        old = (self._stamps[plural].get(record_id, NEVER), record_id)
        for key in {old} if new is None else {old, new}:
            at = bisect_left(kept.keys, key)
            if at < len(kept.keys) and kept.keys[at] == key:
                del kept.keys[at]
        if record is not None and new is not None and kept.selection.takes(record):
            insort(kept.keys, new)


def _stamp(record: Record) -> datetime:
    return instant_of(record, "UpdatedDateUTC") or NEVER
