"""The promise of all that writes: whatever happens on the way, each sale ends as one invoice, and a refused one as none."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from xero_pipeline.domain.errors import OutcomeUnknown, PipelineError
from xero_pipeline.xero.answers import Answer
from xero_pipeline.xero.records import Invoice
from xero_pipeline_tests.xero.books import INVOICES, Books, Json
from xero_pipeline_tests.xero.recovery import Batch, Ledger

# What the sandbox does to a call; the rest is done here.
SPOILT = (
    "timeout before",
    "timeout after",
    "500",
    "502",
    "503",
    "429 minute",
    "401",
    "403",
    "truncated",
    "cut",
    "html",
)
FAILED = ("500 remembered 0", "500 remembered 1", "500 remembered 9")
KILLED = ("killed before", "killed after")
LATE = "late"
# How long a call is under way that was given up.
UNDER_WAY = timedelta(seconds=119)
LOOKING = ("look-up 500", "look-up truncated", "look-up timeout after")
# More than a call is repeated by itself.
OFTEN = 5

Moment = tuple[str, int]


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Way:
    """The way to Xero and back, on which things happen: to the next call what `happens` says."""

    books: Books
    happens: str = ""
    # Calls that were given up and will still get there, and when.
    under_way: list[tuple[datetime, Callable[[], object]]] = field(default_factory=list)

    def put(self, plural: str, elements: Sequence[Json], *, key: str, within: timedelta | None = None) -> list[Answer]:
        happens, self.happens = self.happens, ""
        writer = self.books.client.writer
        if happens == "killed before":
            raise Killed
        if happens == LATE:
            arrives = self.books.now + UNDER_WAY
            self.under_way.append((arrives, lambda: writer.put(plural, elements, key=key)))
            raise OutcomeUnknown("No answer came, and Xero is still at work.", answered=False)
        what, _, done = happens.rpartition(" ") if happens in FAILED else (happens, "", "0")
        if what in (*SPOILT, "500 remembered"):
            self.books.fault(what, done=int(done))
        answers = writer.put(plural, elements, key=key, within=within)
        if happens == "killed after":
            raise Killed
        return answers

    def invoices_of(self, contact_ids: Sequence[str] | None, *, modified_since: datetime | None) -> Iterable[Invoice]:
        if self.happens in LOOKING:
            self.books.fault(self.happens.removeprefix("look-up "), INVOICES, method="GET", count=OFTEN)
            self.happens = ""
        return self.books.client.writer.invoices_of(contact_ids, modified_since=modified_since)

    def pass_time(self, seconds: int) -> None:
        """Let time pass, and what is still under way arrive in it."""
        until = self.books.now + timedelta(seconds=seconds)
        for arrives, act in [one for one in self.under_way if one[0] <= until]:
            self.books.pass_time(max(arrives - self.books.now, timedelta()))
            with contextlib.suppress(PipelineError):
                act()
        self.under_way = [one for one in self.under_way if one[0] > until]
        self.books.pass_time(until - self.books.now)


_MOMENTS = st.tuples(
    st.sampled_from(["", *SPOILT, *FAILED, *KILLED, LATE, *LOOKING]),
    st.sampled_from([0, 1, 60, 119, 239, 241, 361, 480]),
)


@given(st.lists(st.booleans(), min_size=1, max_size=4), st.lists(_MOMENTS, max_size=8))
@example([True, True, False], [("500 remembered 1", 0), ("look-up truncated", 0), ("timeout after", 361), ("cut", 0)])
@example([True, False], [(LATE, 60), ("500 remembered 9", 0)])
@example([True], [(LATE, 239), (LATE, 361), ("killed after", 0)])
# What is late arrives after the key was forgotten, or after another call under the key was answered by a failure.
@example([True], [("timeout before", 239), (LATE, 2), ("", 0), ("", 0)])
@example([True], [("killed after", 239), (LATE, 119)])
# A call that is refused says nothing of the one before it.
@example([True], [("timeout after", 1), ("403", 361), ("", 0), ("", 0)])
@example([True], [(LATE, 1), ("503", 0), ("", 0), ("", 0)])
@settings(max_examples=80)
def test_each_sale_ends_as_one_invoice_and_each_refused_one_as_none(
    shared_books: Books, good: list[bool], moments: list[Moment]
) -> None:
    books = shared_books
    books.control("DELETE", "faults")
    sales = [books.sale() if is_good else books.bad_sale() for is_good in good]
    ledger, way = Ledger(sales, lambda: books.now, books.key), Way(books)
    for happens, seconds in moments:
        way.happens = happens
        with contextlib.suppress(PipelineError, Killed):
            ledger.step(way)
        way.pass_time(seconds)
    books.control("DELETE", "faults")
    way.happens = ""
    for _ in range(8):
        ledger.step(way)
        way.pass_time(120)
    way.pass_time(900)

    assert ledger.batch is None
    assert ledger.done.keys() == {sale["Url"] for sale in sales}
    for sale, is_good in zip(sales, good, strict=True):
        known = ledger.done[sale["Url"]]
        assert [one["InvoiceID"] for one in books.invoices(sale["Url"])] == [known.invoice_id] * is_good
        assert bool(known.reasons) is not is_good


def test_a_batch_in_doubt_goes_again_as_it_was_while_its_key_is_known_and_never_after(shared_books: Books) -> None:
    books = shared_books
    books.control("DELETE", "faults")
    books.control("DELETE", "requests")
    sales = [books.sale(), books.sale()]
    ledger, way = Ledger(sales, lambda: books.now, books.key), Way(books)
    for seconds in (120, 119, 1, 239):
        way.happens = "timeout before"
        ledger.step(way)
        way.pass_time(seconds)
    assert isinstance(ledger.batch, Batch)
    first = ledger.batch.key
    assert len(books.sent()) == 3, "four minutes later the key may be forgotten by the time that the request arrives"
    way.happens = ""
    ledger.step(way)
    assert (ledger.batch.key, len(books.sent("GET"))) == (first, 0), "and what is under way may not be there yet"
    way.pass_time(1)
    ledger.step(way)
    assert ledger.batch.key != first
    ledger.step(way)
    assert [len(books.invoices(sale["Url"])) for sale in sales] == [1, 1]
