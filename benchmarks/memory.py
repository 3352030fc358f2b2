"""memory: what a first load holds at most, for an organisation once, three times and ten times as large as the sandbox's."""

from __future__ import annotations

from benchmarks.contenders import OURS, expected
from benchmarks.front import LARGEST, in_front_of
from benchmarks.ground import MIGRATED, Book
from benchmarks.measuring import Figures, measure
from benchmarks.session import Outcome, Session, ratio

TIMES = (1, 3, 10)


def run(session: Session) -> Outcome:
    """Rounds of a first load of each size; a size is left out of further rounds when there is no time for it."""
    outcome = Outcome()
    book = session.book()
    took: dict[int, float] = {}
    for number in range(1, session.rounds + 1):
        for times in TIMES:
            if number > 1 and took[times] > session.left:
                continue
            figures = _load(session, book, times)
            took[times] = figures["process_seconds"]
            outcome.add(_named(book, times), number, figures)
    smallest = outcome.of(_named(book, 1), "peak_mb")
    outcome.ratios.append(ratio(f"peak above imports at {_named(book, 1)}, MB", smallest.values(), at_most=250))
    for times in TIMES[1:]:
        what = f"peak memory, {_named(book, times)} / {_named(book, 1)}"
        bound = 1.1 if times == TIMES[-1] else None
        outcome.compare(_named(book, times), _named(book, 1), key="peak_mb", what=what, at_most=bound)
    outcome.notes.append("Larger organisations are the sandbox's lists served over and over, with other ids each time.")
    outcome.notes.append("Bills count as invoices.")
    return outcome


def _named(book: Book, times: int) -> str:
    return f"{int(expected(book)[1]) * times:,} invoices"


def _load(session: Session, book: Book, times: int) -> Figures:
    ground = session.ground
    with in_front_of(book, LARGEST, times=times) as front, ground.lent(MIGRATED) as database:
        figures, _ = measure(ground, front, OURS.programs(False), database)
        arrived = [float(value) for value in ground.rows(database, OURS.holds)[0]]
        wanted = [float(value) * times for value in expected(book)]
    if [round(value, 2) for value in arrived] != [round(value, 2) for value in wanted]:
        raise RuntimeError(f"{arrived} arrived of {wanted}.")
    return figures
