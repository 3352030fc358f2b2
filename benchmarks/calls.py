"""calls: what a day of windows costs of Xero's daily allowance, for an idle and a busy organisation, beside the peers."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from benchmarks.contenders import OURS, PEERS, Contender, Loaded, first_load
from benchmarks.delta import change
from benchmarks.ground import MIGRATED
from benchmarks.measuring import Figures, measure, ours
from benchmarks.session import Outcome, Session, ratio
from xero_pipeline.domain.windows import windows_between

# Calls a day and organisation (xero.md): of the free tier, and of the others.
TIERS = {"starter": 1_000, "core and above": 5_000}
# Of the records, in each window of a busy organisation.
BUSY = 0.001
# Like for like with the peers, which read no settings.
SAME_WORK = ("contacts", "invoices", "payments")
# Ours as it is scheduled: with credit notes, which always come too, and the settings in turn; the proof asks for balances.
SCHEDULED = ("metadata", "contacts", "invoices", "credit_notes", "payments", "balances")
_DAY = datetime(2026, 11, 2, tzinfo=UTC)
WINDOWS = len(list(windows_between(_DAY, _DAY + timedelta(days=1))))


def run(session: Session) -> Outcome:
    """For each contender a first load, an idle window and a busy one; the day is those calls times the windows of a day."""
    outcome = Outcome()
    book, ground = session.book(), session.ground
    with ground.lent(MIGRATED) as scheduled:
        measure(ground, book, [ours("weekly_full", "full", *SCHEDULED)], scheduled)
        loaded = {contender.name: _loaded(session, contender) for contender in (OURS, *PEERS)}
        for name, share in {"idle": 0.0, "busy": BUSY}.items():
            book.pass_time(hours=1)
            since = book.now()
            change(book, share, f"{name} at {time.time_ns()}")
            figures, _ = measure(ground, book, [ours("delta", "delta", *SCHEDULED)], scheduled)
            _add(outcome, f"ours as scheduled, {name}", figures)
            for contender in (OURS, *PEERS):
                programs = [ours("delta", "delta", *SAME_WORK)] if contender is OURS else contender.programs(True)
                figures, _ = measure(
                    ground,
                    book,
                    programs,
                    loaded[contender.name].database,
                    since=since.strftime("%Y-%m-%dT%H:%M:%S"),
                    state=loaded[contender.name].state,
                )
                _add(outcome, f"{contender.name}, {name}", figures)
    for contender in PEERS:
        first, our_first = (loaded[one.name].figures["calls"] for one in (contender, OURS))
        outcome.ratios.append(ratio(f"calls of a first load, {contender.title} / ours", [first / our_first]))
        for name, window in {"idle": "an idle window", "busy": "a busy window"}.items():
            what = f"calls of {window}, {contender.title} / ours"
            outcome.compare(f"{contender.name}, {name}", f"ours, {name}", key="calls", what=what)
    _days(outcome)
    return outcome


def _loaded(session: Session, contender: Contender) -> Loaded:
    kept = session.kept(contender)
    if kept is None:
        kept = first_load(session.ground, session.book(), contender, session.states)
        session.keep(contender, kept)
    return kept


def _add(outcome: Outcome, name: str, figures: Figures) -> None:
    outcome.add(name, 1, figures, calls_a_day=figures["calls"] * WINDOWS, bytes_a_day=figures["bytes"] * WINDOWS)


def _days(outcome: Outcome) -> None:
    for one in outcome.measurements:
        shares = ", ".join(f"{one['calls_a_day'] / calls:.0%} of {calls:,} ({tier})" for tier, calls in TIERS.items())
        outcome.notes.append(
            f"{one['name']}: {one['calls']} calls a window, {one['calls_a_day']:,} a day of {WINDOWS} windows: {shares}; "
            f"{one['bytes_a_day'] / 1e6:,.1f} MB a day."
        )
    outcome.notes.append(
        f"A busy window is one in which {BUSY:.1%} of the contacts, invoices and payments changed. "
        "The same work for all but 'as scheduled', which also reads credit notes, settings in turn, and balances to prove."
    )
