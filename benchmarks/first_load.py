"""first_load: everything into an empty database, by the project's own stages, by the peers, and by the floor below them."""

from __future__ import annotations

import shutil
from pathlib import Path

import psycopg

from benchmarks.contenders import OURS, PEERS, Contender, Loaded, first_load, floor
from benchmarks.front import LARGEST, USUAL, in_front_of
from benchmarks.ground import Book, Ground, say
from benchmarks.session import Outcome, Session, in_turn

# Read from the sandbox itself, which makes each page when it is asked for, on the machine that everything else runs on.
ON_REQUEST = ", pages made on request"
TABLES = ("contacts", "invoices", "invoice_lines", "payments")


def run(session: Session) -> Outcome:
    """Rounds of ours, the floor and the peers from pages that lie ready; then of ours and the floor from the sandbox itself."""
    session.book().pass_time(hours=1)
    with in_front_of(session.book(), LARGEST, USUAL) as book:
        return _rounds(session, book)


def _rounds(session: Session, book: Book) -> Outcome:
    """A peer that takes long is left out of a round there is no time for."""
    outcome = Outcome()
    rows = session.ground.home / "rows"
    lowest = floor(rows)
    took: dict[str, float] = {}
    skipped: dict[str, int] = {}
    failed: list[Contender] = []
    for number in range(1, session.rounds + 1):
        for contender in in_turn((OURS, lowest, *PEERS), number):
            own = (session.rounds - number + 1) * (took.get("ours", 0) + took.get("floor", 0))
            if contender in failed:
                continue
            if contender.patient and number > 1 and took[contender.name] + own > session.left:
                skipped[contender.title] = skipped.get(contender.title, 0) + 1
                continue
            try:
                loaded = first_load(session.ground, book, contender, session.states)
            except RuntimeError as error:
                if not contender.patient:
                    raise
                say(f"{contender.title} failed and is left out: {error}")
                failed.append(contender)
                continue
            took[contender.name] = loaded.figures["process_seconds"]
            outcome.add(contender.name, number, loaded.figures)
            if contender is OURS and number == 1:
                write_rows(session.ground, loaded.database, rows)
            _keep(session, contender, loaded)
        for contender in (OURS, lowest):
            loaded = first_load(session.ground, session.book(), contender, session.states)
            outcome.add(f"{contender.name}{ON_REQUEST}", number, loaded.figures)
            session.ground.drop(loaded.database)
    outcome.notes.extend(f"{contender.title} failed and was left out." for contender in failed)
    for title, times in skipped.items():
        outcome.notes.append(f"{title} ran {times} round{'s' if times > 1 else ''} fewer: the time was up.")
    _conclude(outcome, book)
    return outcome


def _keep(session: Session, contender: Contender, loaded: Loaded) -> None:
    if contender.name == "floor":
        session.ground.drop(loaded.database)
    else:
        session.keep(contender, loaded)


def write_rows(ground: Ground, database: str, directory: Path) -> None:
    """The rows of a loaded warehouse as COPY's text, a file a table, for the floor to read."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    with psycopg.connect(ground.server.url(database)) as conn:
        for table in TABLES:
            statement = f"copy xero.{table} to stdout".encode()
            with conn.cursor().copy(statement) as copy, (directory / table).open("wb") as file:
                for chunk in copy:
                    file.write(chunk)


def _conclude(outcome: Outcome, book: Book) -> None:
    outcome.compare("dlt", "ours", at_least=4)
    outcome.compare("tap-xero", "ours", what="tap-xero + target-postgres / ours", at_least=15)
    outcome.compare("pandas", "ours", at_least=8)
    outcome.compare("ours", "floor", at_most=1.6)
    outcome.compare(f"ours{ON_REQUEST}", f"floor{ON_REQUEST}", at_most=1.6)
    for peer in PEERS:
        outcome.compare(peer.name, "ours", key="peak_mb", what=f"peak memory, {peer.name} / ours")
        outcome.compare(peer.name, "ours", key="calls", what=f"calls, {peer.name} / ours")
    totals = book.control("GET", "xero/first/totals")
    contacts, invoices, payments = (totals[plural]["count"] for plural in ("Contacts", "Invoices", "Payments"))
    lines = totals["Invoices"]["LineItems"]["count"]
    outcome.notes.append(
        f"{contacts:,} contacts, {invoices:,} invoices and bills, {lines:,} lines, {payments:,} payments."
    )
    outcome.notes.append(
        "Ours also reads the seven lists of settings, which lines refer to; the others leave them out."
    )
