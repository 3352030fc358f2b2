"""What a person decides about several failures at once: which ones are meant, and the wish noted on each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xero_pipeline.domain.errors import Permanent
from xero_pipeline.stages.export import queue
from xero_pipeline.stages.export.queue import Resolution
from xero_pipeline.stages.session import Session

_HOW = "Give the ids of failures, or a root cause, or say that all are meant."


@dataclass(frozen=True)
class Wish:
    """A decision: the failures of these ids, or of this root cause, or all of them; why, and by whom."""

    resolution: Resolution
    ids: Sequence[int] = ()
    cause: str = ""
    all_failed: bool = False
    reason: str = ""
    by: str = ""


def note(session: Session, wish: Wish) -> list[str]:
    """Note the wish on every failure that is meant; the external ids of their records, which the next plan honours.

    Raises Permanent, with nothing noted, when it is not said which failures are meant or by whom, when one of them has not
    failed, and when one is to be dismissed without a reason.
    """
    said = [bool(wish.ids), bool(wish.cause), wish.all_failed]
    if said.count(True) != 1:
        meant = "It is not said which failures are meant." if not any(said) else "The failures are named in two ways."
        raise Permanent(meant, next_step=_HOW)
    if not wish.by.strip():
        raise Permanent("It is not said who decides this.", next_step="Give your name in `by`; the log keeps it.")
    with session.warehouse.connect(purpose="resolve failures") as conn:
        ids = list(dict.fromkeys(wish.ids))
        if not ids:
            ids = [entry.id for entry in queue.open_failures(conn, session.org_id, cause=wish.cause or None)]
        if not ids:
            what = f"Nothing has failed for the root cause {wish.cause}." if wish.cause else "Nothing has failed."
            raise Permanent(what, next_step=f"`xero-pipeline log {session.organisation.alias}` shows what has.")
        return queue.resolve(
            conn, session.org_id, ids, wish.resolution, by=wish.by, reason=wish.reason, now=session.clock()
        )
