"""Reading a whole list page by page: several pages at once, proven complete, and never without end.

Xero orders a list by UpdatedDateUTC (xero.md section 1), so a record that is edited while it is read moves to the end and
every record behind its old place moves one place to the left: across a page boundary, a record can slip from a page not yet
read into one that has been. Three measures:

* Pages are read from the last to the first, after page 1 has told how many there are. What slips left then slips into pages
  still to be read; what can be missed is the edited record itself, and what slips between pages that are read together.
* Every answer says how many records the whole list has. Records never leave a list (deleted and archived ones stay in it), so
  as many distinct ids as the highest such count proves that nothing was missed, without another call.
* When ids are missing, what changed since the reading began is read too (an edited record is in there) and page 1 again. If
  ids are missing still, the pages are read once more, one at a time from the last to the first, then those changes again.

A record may so arrive more than once; what arrives later is never older.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Generic, TypeVar

from xero_pipeline.domain.errors import Permanent, Transient
from xero_pipeline.xero.budget import IN_FLIGHT
from xero_pipeline.xero.endpoints import Endpoint
from xero_pipeline.xero.pages import Page

# What is made of a page where it arrives.
P = TypeVar("P", bound=Page)

# Xero's answers come from several machines, and If-Modified-Since is exact to the second only.
_SKEW = timedelta(seconds=5)
# Pages that are asked for, or lie there, while the reader is busy with one.
_READY = 3
# How often what changed during the reading may itself change while it is read, before it is left to the next run.
_DEEPEST = 3


class Listing(Generic[P]):
    """One reading of one list. `ask` asks for one page (from 1) of what changed since an instant, or of everything.

    `began` is when page 1 was asked for, where that was before now.
    `arrived` tells how many distinct records have arrived, as whoever takes the pages counts them once it has a page; without
    it their ids are kept here, which is not for lists of a million.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        ask: Callable[[int, datetime | None], P],
        since: datetime | None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        began: datetime | None = None,
        arrived: Callable[[], int] | None = None,
        depth: int = 0,
    ) -> None:
        self._endpoint = endpoint
        self._ask = ask
        self._since = since
        self._clock = clock
        self._began = began
        self._depth = depth
        self._ids: set[str] | None = None if arrived else set()
        self._arrived = arrived or self._count_ids
        # Which page holds exactly these records: those of one reading are all different.
        self._pages: dict[int, int] = {}
        self._last = 1
        self._expected = 0

    def pages(self) -> Iterator[P]:
        """Every page, as it arrives. Raises Transient when records are missing in the end, Permanent when pages repeat."""
        began = self._began or self._clock()
        first = self._heard(self._ask(1, self._since), 1)
        began = (first.server_time or began) - _SKEW
        yield first
        if first.page_count is None:
            yield from self._uncounted(first, began)
        else:
            yield from self._counted(first.page_count, began)

    def _counted(self, page_count: int, began: datetime) -> Iterator[P]:
        yield from self._together(page_count)
        if self._complete():
            return
        yield from self._changes_and_count(began)
        if self._complete():
            return
        yield from self._backwards()
        if self._complete():
            return
        yield from self._changes_and_count(began)
        if not self._complete():
            raise Transient(
                f"Xero says it has {self._expected} {self._endpoint.name}, but only {self._arrived()} arrived."
            )

    def _changes_and_count(self, began: datetime) -> Iterator[P]:
        """What changed since the reading began, then page 1 again.

        A record created just before the changes were read would make up for a missing one, so the count is taken anew after
        them; and page 1, read before all others, is where most of what slipped away has slipped to.
        """
        yield from self._changes(began)
        yield self._heard(self._ask(1, self._since), 1)

    def _uncounted(self, first: P, began: datetime) -> Iterator[P]:
        """A list without a count (quotes): a page that is not full is the last, and what changed meanwhile is asked for."""
        page = first
        while len(page.ids) >= self._endpoint.page_size > 0:
            number = self._last = self._last + 1
            page = self._heard(self._ask(number, self._since), number)
            yield page
        if self._last == 1:
            return
        changed = False
        for page in self._changes(began):
            changed = changed or bool(page.ids)
            yield page
        if changed:
            yield from self._backwards()
            yield from self._changes(began)

    def _together(self, page_count: int) -> Iterator[P]:
        """Pages 2 to the last, the last first: at most five in flight or waiting for the reader, which bounds memory.

        A reader that finds them ready when it comes is the slower side: more than three would only lie there.
        """
        numbers = iter(range(page_count, 1, -1))
        with ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="xero") as pool:
            waiting = {self._submit(pool, number): number for number in islice(numbers, IN_FLIGHT)}
            try:
                while waiting:
                    ready = any(one.done() for one in waiting)
                    done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                    # What has arrived is given on before a failure beside it is raised.
                    for future in sorted(done, key=lambda one: one.exception() is not None):
                        page = self._heard(future.result(), waiting.pop(future))
                        room = (_READY if ready else IN_FLIGHT) - len(waiting)
                        waiting |= {self._submit(pool, number): number for number in islice(numbers, max(room, 0))}
                        yield page
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _submit(self, pool: ThreadPoolExecutor, number: int) -> Future[P]:
        return pool.submit(self._ask, number, self._since)

    def _backwards(self) -> Iterator[P]:
        # Pages may hold by now what their neighbours held before.
        self._pages.clear()
        for number in range(self._last, 0, -1):
            yield self._heard(self._ask(number, self._since), number)

    def _changes(self, began: datetime) -> Iterator[P]:
        if self._depth == _DEEPEST:
            return
        since = max(began, self._since) if self._since else began
        for page in Listing(self._endpoint, self._ask, since, clock=self._clock, depth=self._depth + 1).pages():
            self._note(page.ids)
            yield page

    def _complete(self) -> bool:
        return self._arrived() >= self._expected

    def _note(self, ids: Sequence[str]) -> None:
        if self._ids is not None:
            self._ids.update(ids)

    def _count_ids(self) -> int:
        return len(self._ids or ())

    def _heard(self, page: P, asked: int) -> P:
        """Take note of a page, and refuse one that shows the list has no end."""
        name = self._endpoint.name
        if page.number != asked:
            raise Permanent(f"Xero answered page {page.number} of {name} when page {asked} was asked for.")
        if page.page_count is not None and page.page_count > max(1, page.item_count or 0):
            raise Permanent(f"Xero says that {page.item_count} {name} fill {page.page_count} pages.")
        self._note(page.ids)
        twin = self._pages.setdefault(hash(tuple(page.ids)), asked) if page.ids else asked
        if twin != asked:
            raise Permanent(
                f"Page {asked} of {name} holds the same records as page {twin}, so the list would never end."
            )
        self._last = max(self._last, page.page_count or 1)
        self._expected = max(self._expected, page.item_count or 0)
        return page
