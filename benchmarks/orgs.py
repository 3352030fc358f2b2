"""orgs: ten organisations in one location, one tick each, beside as many runs of empty assets."""

from __future__ import annotations

from benchmarks.ground import MIGRATED, Book
from benchmarks.measuring import measure, ours
from benchmarks.session import Outcome, Session

ORGS = 10


def run(session: Session) -> Outcome:
    """Every organisation is connected and synced once; then rounds of a tick and a run for each, one after the other."""
    outcome = Outcome()
    ground = session.ground
    book = ground.book(session.invoices, ORGS)
    aliases = [f"org_{number}" for number in range(1, ORGS + 1)]
    given = _environment(book, aliases)
    with ground.lent(MIGRATED) as database:
        measure(ground, book, [ours(*aliases, module="connect")], database, extra=given)
        first, _ = measure(ground, book, [ours("ours", *aliases, module="window")], database, extra=given)
        outcome.add("first sync of all", 1, first)
        book.pass_time(hours=1)
        measure(ground, book, [ours("ours", *aliases, module="window")], database, extra=given)
        for number in session.numbers():
            book.pass_time(minutes=13)
            for name, kind in {"ours": "ours", "empty assets": "assets"}.items():
                figures, _ = measure(ground, book, [ours(kind, *aliases, module="window")], database, extra=given)
                outcome.add(name, number, figures, cpu=round(figures["client_cpu"] + figures["postgres_cpu"], 3))
    outcome.compare("ours", "empty assets", what=f"wall time of {ORGS} ticks and runs, ours / empty assets")
    outcome.compare(
        "ours", "empty assets", key="cpu", what="processor time of client and PostgreSQL, ours / empty assets"
    )
    peak = max(outcome.of("ours", "peak_mb").values())
    outcome.notes.append(
        f"{ORGS} organisations of {session.invoices:,} sales invoices in one process: peak {peak:.0f} MB above imports."
    )
    outcome.notes.append(
        f"A round of idle ticks takes {outcome.median('ours') / (13 * 60):.1%} of the 13 minutes between two."
    )
    return outcome


def _environment(book: Book, aliases: list[str]) -> dict[str, str]:
    """The web app in place of the custom connection, which reaches one organisation only, and each alias' tenant."""
    xero = book.announced["xero"]
    tenants = {
        f"BENCH_TENANT_{alias}": one["tenant_id"] for alias, one in zip(aliases, xero["organisations"], strict=True)
    }
    return {
        "XERO_CLIENT_ID": xero["web_app"]["client_id"],
        "XERO_CLIENT_SECRET": xero["web_app"]["client_secret"],
        **tenants,
    }
