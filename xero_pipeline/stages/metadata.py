"""Stage the organisation's settings and lists (BW-03, BW-51): all of them at night, in slices during the day.

None of these calls can be answered with "nothing changed" for less than a call, and an idle window may cost six calls in all.
So a delta reads, oldest first, only as many of the lists as the document stages leave calls for, and only those that would
otherwise be older than an hour before it is their turn; a code that turns up unknown is looked up at once.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import zip_longest

from psycopg import Connection

from xero_pipeline.domain.windows import Window, latest_complete
from xero_pipeline.domain.zones import iana_of
from xero_pipeline.stages.reading import AfterMerge, read
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session
from xero_pipeline.warehouse import ledger, settings
from xero_pipeline.warehouse.loader import Load

ENDPOINTS = ("organisations", "branding_themes", "accounts", "tax_rates", "tracking_categories", "currencies", "items")
CALLS_OF_AN_IDLE_WINDOW = 6
LIKE_NEW = timedelta(hours=1)
LONGEST_WINDOW = timedelta(minutes=13)


def run(session: Session, window: Window) -> StageReport:
    """Stage the lists that are due: every one in a full or metadata run, else a slice."""
    report = StageReport("metadata")
    names = ENDPOINTS if session.mode in ("full", "metadata") else _due(session)
    for name, then in zip_longest(names, names[1:]):
        # With the list that tells it: a run that fails at a later list would leave the views without it until this one is due.
        after_merge = _keep_time_zone(session) if name == "organisations" else None
        read(session, window, name, report, everything=True, then=then, after_merge=after_merge)
    report.notes["lists_read"] = len(names)
    return report


def refresh(session: Session, name: str, report: StageReport) -> None:
    """Read one list again now, because something names an entry of it that is not staged."""
    read(session, latest_complete(session.clock()), name, report, everything=True)


def _due(session: Session) -> tuple[str, ...]:
    with session.warehouse.connect(purpose="metadata") as conn:
        read_at = ledger.watermarks(conn, session.org_id, ENDPOINTS)
    never = [name for name in ENDPOINTS if read_at[name] is None]
    known = sorted((at, name) for name, at in read_at.items() if at is not None)
    spare = max(1, CALLS_OF_AN_IDLE_WINDOW - session.organisation.sync.calls_of_a_window)
    # After a full run all lists have one age and come due together, a few a window: the first must go before their hour is
    # over, or the last would wait long past it.
    pressing = [
        place
        for place, (at, _) in enumerate(known)
        if session.started_at - at + place // spare * LONGEST_WINDOW >= LIKE_NEW
    ]
    old = [name for _, name in known[: max(pressing, default=-1) + 1]]
    return tuple([*never, *old][: max(spare, len(never))])


def _keep_time_zone(session: Session) -> AfterMerge:
    """Keep the organisation's IANA time zone where the views find it: Xero names zones as Windows does."""

    def keep(conn: Connection, load: Load, report: StageReport) -> None:
        row = conn.execute("select timezone from xero.organisations where org_id = %s", [session.org_id]).fetchone()
        zone = iana_of(row[0] if row else None, session.organisation.time_zone)
        settings.put(conn, session.org_id, "time_zone", zone, now=session.started_at)

    return keep
