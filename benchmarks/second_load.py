"""second_load: the same data loaded twice; the second time everything is read and compared, and nothing is written."""

from __future__ import annotations

from benchmarks.contenders import OURS, check, first_load
from benchmarks.front import LARGEST, in_front_of
from benchmarks.ground import Book
from benchmarks.measuring import measure
from benchmarks.session import Outcome, Session


def run(session: Session) -> Outcome:
    """Rounds of a first load and a second one of the same database, from pages that lie ready."""
    session.book().pass_time(hours=1)
    with in_front_of(session.book(), LARGEST) as book:
        return _rounds(session, book)


def _rounds(session: Session, book: Book) -> Outcome:
    outcome = Outcome()
    ground = session.ground
    for number in session.numbers():
        first = first_load(ground, book, OURS, session.states)
        outcome.add("first", number, first.figures, written=first.told["written"])
        figures, told = measure(ground, book, OURS.programs(False), first.database)
        check(ground, book, OURS, first.database)
        outcome.add("second", number, figures, written=told["written"])
        session.keep(OURS, first)
    outcome.compare("second", "first", at_most=0.7)
    outcome.compare("second", "first", key="wal_mb", what="WAL, second / first")
    written = sum(int(value) for value in outcome.of("second", "written").values())
    outcome.notes.append(f"The second loads wrote {written} rows (wanted: 0).")
    return outcome
