"""The records of a list call: selected, in order, and cut into pages.

Each collection is kept in its default order, UpdatedDateUTC and then id, and each changed record moved within it; so a selection
of 100,000 invoices is picked from that order and never sorted, and paying one of them sorts nothing. Selections are kept
likewise. Collections that Xero does not stamp keep the order they were made in.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil

from xero_pipeline.sandbox.xero.book import ORGANISATION, Book
from xero_pipeline.sandbox.xero.endpoints import BY_NAME, ENDPOINTS, Endpoint, Paging
from xero_pipeline.sandbox.xero.high_volume import check_filters, check_unpaged
from xero_pipeline.sandbox.xero.holders import Holders
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


@dataclass(slots=True)
class _Order:
    """A whole collection in its default order at a revision of the book, and the stamp each record has in it."""

    revision: int
    keys: list[Key]
    stamps: dict[str, datetime]


class Listing:
    """Selections over one book. `page` raises BadQuery, BadParameter and HighVolume for what Xero would refuse."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._kept: OrderedDict[tuple[str, ...], _Kept] = OrderedDict()
        self._orders: dict[str, _Order] = {}
        self._holders = Holders(book)

    def warm(self) -> None:
        """Puts every stamped collection in order now, so that no first reader of a large book waits for it."""
        for endpoint in ENDPOINTS:
            if endpoint.modified_since:
                self._order(endpoint)

    def page(self, endpoint: Endpoint, parameters: Parameters, since: datetime | None) -> Page:
        """The records the request is about; `since` (aware) is inclusive and counts where the endpoint supports it."""
        if endpoint.plural == ORGANISATION:
            return Page([self.book.organisation], None, paged=False)
        number, size = self._paging(endpoint, parameters)
        collection = self.book.collections[endpoint.plural]
        check_filters(endpoint, parameters, len(collection))
        kept = self._selected(endpoint, parameters)
        keys, start = kept.keys, 0
        if since is not None and endpoint.modified_since:
            if kept.selection.order:
                keys = [key for key in keys if key[0] >= since]
            else:
                start = bisect_left(keys, (since, ""))
        if number is None:
            check_unpaged(endpoint, len(keys) - start)
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
                stamps = self._orders[plural].stamps
                for record_id in changed[plural]:
                    self._move(plural, record_id, kept.keys, stamps, kept.selection)
                kept.revision = self.book.revisions[plural]
        for plural, record_ids in changed.items():
            self._holders.follow(plural, record_ids)
            order = self._orders.get(plural)
            if order is None:
                continue
            for record_id in record_ids:
                self._move(plural, record_id, order.keys, order.stamps, None)
                record = self.book.find(plural, record_id)
                if record is None:
                    order.stamps.pop(record_id, None)
                else:
                    order.stamps[record_id] = _stamp(record)
            order.revision = self.book.revisions[plural]

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
        few = selection.ids
        if few is None and selection.holding is not None:
            few = frozenset(self._holders.of(endpoint.plural, *selection.holding))
        if few is not None:
            keys = [(_stamp(collection[key]), key) for key in few if key in collection]
            keys = [key for key in keys if selection.takes(collection[key[1]])]
            if endpoint.modified_since:
                keys.sort()
        elif endpoint.modified_since:
            keys = self._order(endpoint).keys[:]
            if selection.tests:
                keys = [key for key in keys if selection.takes(collection[key[1]])]
        else:
            keys = [(_stamp(record), key) for key, record in collection.items() if selection.takes(record)]
        if selection.order:
            keys.sort(key=lambda key: key[1])
            for getter, downwards in reversed(selection.order):
                keys.sort(key=lambda key: sortable(getter(collection[key[1]])), reverse=downwards)
        return keys

    def _order(self, endpoint: Endpoint) -> _Order:
        plural = endpoint.plural
        order = self._orders.get(plural)
        if order is None or order.revision != self.book.revisions[plural]:
            stamps = {key: _stamp(record) for key, record in self.book.collections[plural].items()}
            keys = sorted((stamp, key) for key, stamp in stamps.items())
            order = self._orders[plural] = _Order(self.book.revisions[plural], keys, stamps)
        return order

    @staticmethod
    def _followed(plural: str, kept: _Kept) -> bool:
        return BY_NAME[plural.lower()].modified_since and not kept.selection.order and kept.selection.ids is None

    def _move(
        self,
        plural: str,
        record_id: str,
        keys: list[Key],
        stamps: Mapping[str, datetime],
        selection: Selection | None,
    ) -> None:
        """Moves a record in `keys` from where its stamp had it to where it belongs, if the selection (None: all) takes it."""
        record = self.book.find(plural, record_id)
        new = None if record is None else (_stamp(record), record_id)
        # A selection made since the change already has the new stamp.
        old = (stamps.get(record_id, NEVER), record_id)
        for key in {old} if new is None else {old, new}:
            at = bisect_left(keys, key)
            if at < len(keys) and keys[at] == key:
                del keys[at]
        if record is not None and new is not None and (selection is None or selection.takes(record)):
            insort(keys, new)


def _stamp(record: Record) -> datetime:
    return instant_of(record, "UpdatedDateUTC") or NEVER
