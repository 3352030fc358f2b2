"""Roll invoices up to opportunities and accounts, per currency and in base currency (BW-45 to BW-49, BW-X01).

A delta adds up anew only what it touched, which loads and triggers note in sync.rollups_due: whose documents changed, who lost
or gained a contact or a link, and those of whose documents the due date has passed since. The rows are taken in the transaction
that writes the rollups, so a run that fails leaves them to the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from psycopg import Connection, sql

from xero_pipeline.domain.errors import Permanent, Transient
from xero_pipeline.domain.org import Org
from xero_pipeline.domain.windows import Window
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session
from xero_pipeline.stages.sql import query
from xero_pipeline.warehouse import due
from xero_pipeline.warehouse.loader import Changes

_BASE_CURRENCY = "select base_currency from xero.organisations where org_id = %(org_id)s"

# From a fifth of them on, adding up everything costs less than finding what a part of it is added up by. Each has two rows or
# more, one a currency and one in base currency. How many rows there are PostgreSQL knows nearly enough: whatever is added up,
# the figures are the same, and counting them would cost as much as adding up a hundredth.
_FEW = 1_000
_MANY_TIMES = 10
_ROWS = "select reltuples from pg_class where oid = %(table)s::regclass"

# Sums of numerics take more room than PostgreSQL plans for, and half a million of them at once go to disk. One after the other,
# in the order in which they are stored, they are added up and compared in an eighth less time. A few take a little less, too.
_IN_ORDER = "set local enable_hashagg = off"

# What of the temporary table counts for one kind.
_COUNTED = sql.SQL("counted as (select * from pg_temp.counted where {target} is not null),")

# Opportunities first (BW-48).
KINDS = ("opportunity", "account")


@dataclass(frozen=True, slots=True)
class Terms:
    """What every figure depends on besides the documents themselves; `today` is the organisation's date, ISO."""

    today: str
    base_currency: str
    basis: str
    drafts: str
    prepayments: str
    type: str
    scope: str

    @classmethod
    def of(cls, org: Org, today: date, base_currency: str) -> Terms:
        """The terms that an organisation's settings make on a day."""
        rules = org.rollups
        return cls(
            today=today.isoformat(),
            base_currency=base_currency,
            basis=rules.basis,
            drafts="DRAFT,SUBMITTED" if rules.submitted_counts_as_draft else "DRAFT",
            prepayments="yes" if rules.prepayments_count_as_credit else "no",
            type=rules.type,
            scope=",".join(org.invoice_prefixes),
        )


@dataclass(frozen=True, slots=True)
class Targets:
    """Accounts or opportunities, their ids as PostgreSQL writes an array: there may be thousands, and they only go back there."""

    ids: str = "{}"
    count: int = 0

    def __bool__(self) -> bool:
        return self.count > 0


def run(session: Session, window: Window) -> StageReport:
    """Bring every rollup up to date; one transaction. Everything is added up anew unless this is a delta.

    With rollup type "none" nothing happens at all, zeroing included (BW-49). `window` does not matter here.
    Raises Permanent when the organisation's base currency was never staged.
    """
    # Asked before a connection is taken: the first time it takes one itself.
    report, org_id = StageReport("rollups"), session.org_id
    with session.warehouse.connect(purpose="rollups") as conn:
        terms = Terms.of(session.organisation, session.today(conn), _base_currency(conn, session))
        done = bring_up_to_date(conn, org_id, terms, now=session.started_at, whole=session.mode != "delta")
    for table, (seen, changes) in done.items():
        report.rows_seen += seen
        report.add(f"analytics.{table}", changes)
    return report


def bring_up_to_date(
    conn: Connection, org_id: str, terms: Terms, *, now: datetime, whole: bool
) -> dict[str, tuple[int, Changes]]:
    """Make the rollups what the documents add up to, in the caller's transaction: by table, rows looked at and what changed.

    Without `whole` only what was touched since the last time, if that was under the same terms and is a small part. Raises
    Transient when somebody else, who does not hold the organisation's lock, changed one of the rollups meanwhile.
    """
    before = due.terms(conn, org_id, "rollups")
    binds: dict[str, object] = {
        "org_id": org_id,
        "now": now,
        "today": terms.today,
        "before": before.get("today", terms.today),
        "base_currency": terms.base_currency,
        "draft_statuses": terms.drafts.split(","),
        "prepayments_count": terms.prepayments == "yes",
    }
    touched = _touched(conn, binds)
    whole = whole or {**before, "today": terms.today} != asdict(terms)
    # Whose figures are to be added up, by kind; None is everybody's.
    targets = {
        kind: None if whole or _are_many(conn, kind, touched[kind]) else touched[kind]
        for kind in KINDS
        if terms.type in ("both", kind)
    }
    counted = sql.SQL(query("rollups_counted.part")).format(basis=sql.Identifier(terms.basis))
    conn.execute(_IN_ORDER)
    if any(targets.values()):
        _count(conn, org_id, counted, targets)
    done = {f"{kind}_rollups": _add_up(conn, kind, counted, binds, of_kind) for kind, of_kind in targets.items()}
    due.keep(conn, org_id, "rollups", before, asdict(terms), at=now)
    return done


def _touched(conn: Connection, binds: Mapping[str, object]) -> dict[str, Targets]:
    found = {kind: Targets(ids, count) for kind, ids, count in conn.execute(query("rollups_touched"), binds)}
    return {kind: found.get(kind, Targets()) for kind in KINDS}


def _are_many(conn: Connection, kind: str, targets: Targets) -> bool:
    if targets.count <= _FEW:
        return False
    (rows,) = conn.execute(_ROWS, {"table": f"analytics.{kind}_rollups"}).fetchone() or (0,)
    return targets.count * _MANY_TIMES > float(rows)


def _count(conn: Connection, org_id: str, counted: sql.Composable, targets: Mapping[str, Targets | None]) -> None:
    """Put what counts for those targets that are named into the temporary table `counted`."""
    accounts, opportunities = (targets.get(kind) or Targets() for kind in ("account", "opportunity"))
    binds = {"org_id": org_id, "accounts": accounts.ids, "opportunities": opportunities.ids}
    conn.execute("drop table if exists pg_temp.counted")
    conn.execute(sql.SQL(query("rollups_counted")).format(counted=counted), binds)


def _add_up(
    conn: Connection, kind: str, counted: sql.Composable, binds: Mapping[str, object], targets: Targets | None
) -> tuple[int, Changes]:
    """Add up those of `targets` from the table `counted`, or all from all that counts with None. Raises Transient."""
    if targets is not None and not targets:
        return 0, Changes()
    target = sql.Identifier(f"{kind}_id")
    whose = (
        _COUNTED.format(target=target) if targets else sql.SQL(query(f"{kind}_counted.part")).format(counted=counted)
    )
    document = sql.SQL(query("documents.part")).format(target=target)
    totals = sql.SQL(query("totals.part"))
    statement = sql.SQL(query(f"{kind}_rollups")).format(counted=whose, document=document, totals=totals)
    counts = conn.execute(statement, {**binds, "targets": targets.ids if targets else None}).fetchone()
    assert counts is not None
    seen, inserted, updated, removed, rewritten = counts
    if rewritten != updated + removed:
        raise Transient(
            f"Something else changed analytics.{kind}_rollups while it was added up, so nothing was written."
        )
    return seen, Changes(inserted=inserted, updated=updated, removed=removed)


def _base_currency(conn: Connection, session: Session) -> str:
    row = conn.execute(_BASE_CURRENCY, {"org_id": session.org_id}).fetchone()
    if row is None or not row[0]:
        raise Permanent(
            f"The base currency of {session.organisation.alias} is not known, so nothing can be added up.",
            next_step="Run the metadata stage first.",
        )
    return str(row[0])
