"""delta: what 0 %, 1 % and 10 % of changed contacts, invoices and payments cost, beside the first load of the same database."""

from __future__ import annotations

import random
import time
from datetime import datetime
from typing import Any

from benchmarks.contenders import OURS, PEERS, Contender, Loaded, first_load
from benchmarks.ground import Book, say
from benchmarks.measuring import measure
from benchmarks.session import Outcome, Session

SHARES = (0.0, 0.01, 0.1)
# Fields that most records have: pandas makes the columns of a table from the records of its first load.
FIELDS = {"Contacts": "FirstName", "Invoices": "Reference", "Payments": "Reference"}


def run(session: Session) -> Outcome:
    """Rounds of a first load by ours, then of each share for ours and for the peers that have loaded everything."""
    outcome = Outcome()
    book = session.book()
    loaded: dict[str, Loaded] = {peer.name: found for peer in PEERS if (found := session.kept(peer))}
    for number in session.numbers():
        book.pass_time(hours=1)
        loaded["ours"] = first_load(session.ground, book, OURS, session.states)
        session.keep(OURS, loaded["ours"])
        outcome.add("first load", number, loaded["ours"].figures, **_said(loaded["ours"].told))
        for share in SHARES:
            book.pass_time(hours=1)
            session.ground.tend(loaded["ours"].database)
            marker = f"changed in round {number} of {time.time_ns()}"
            since = book.now()
            changed = change(book, share, marker)
            for contender in (OURS, *PEERS):
                if contender.name in loaded:
                    _measure(session, outcome, contender, loaded[contender.name], number, share, since, marker, changed)
    for peer in PEERS:
        if peer.name not in loaded:
            outcome.notes.append(f"{peer.title} was left out: run first_load in the same session to have it loaded.")
    for share in SHARES:
        bound = 0.05 if share == 0.01 else None
        outcome.compare(f"ours {share:.0%}", "first load", at_most=bound)
        what = f"the stages alone, ours {share:.0%} / first load"
        outcome.compare(f"ours {share:.0%}", "first load", key="stage_seconds", what=what)
    for peer in PEERS:
        for share in SHARES:
            outcome.compare(f"{peer.name} {share:.0%}", f"ours {share:.0%}")
    return outcome


def _measure(
    session: Session,
    outcome: Outcome,
    contender: Contender,
    loaded: Loaded,
    number: int,
    share: float,
    since: datetime,
    marker: str,
    changed: dict[str, int],
) -> None:
    figures, told = measure(
        session.ground,
        session.book(),
        contender.programs(True),
        loaded.database,
        since=since.strftime("%Y-%m-%dT%H:%M:%S"),
        state=loaded.state,
    )
    ((arrived,),) = session.ground.rows(loaded.database, contender.marked.format(marker))
    if arrived != changed["Invoices"]:
        raise RuntimeError(f"{contender.title} has {arrived} of {changed['Invoices']} changed invoices.")
    outcome.add(
        f"{contender.name} {share:.0%}",
        number,
        figures,
        changed=sum(changed.values()),
        **_said(told),
    )


def _said(told: dict[str, Any]) -> dict[str, Any]:
    """What ours says of itself, and the peers do not."""
    return {name: told[name] for name in ("written", "stage_seconds") if name in told}


def change(book: Book, share: float, marker: str) -> dict[str, int]:
    """Change one field of a share of each collection, which stamps the records; how many, by collection."""
    chooser = random.Random(marker)  # noqa: S311
    done = {}
    for plural, field in FIELDS.items():
        ids = book.control("GET", f"xero/first/records/{plural}")
        chosen = chooser.sample(ids, round(len(ids) * share))
        for record_id in chosen:
            book.control(
                "POST", "xero/first/actions/edit", {"plural": plural, "id": record_id, "fields": {field: marker}}
            )
        done[plural] = len(chosen)
    # A delta looks back some minutes before the one before it ended, and is not to find these there again.
    book.pass_time(minutes=10)
    if share:
        say(f"     {sum(done.values()):,} records were changed in Xero.")
    return done
