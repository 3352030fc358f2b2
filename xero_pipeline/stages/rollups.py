"""Roll invoices up to opportunities and accounts, per currency and in base currency (BW-45 to BW-49, BW-X01).

A delta adds up anew only what it touched, which loads and triggers note in sync.rollups_due: whose documents changed, who lost
or gained a contact or a link, and those of whose documents the due date has passed since. The rows are taken in the transaction
that writes the rollups, so a run that fails leaves them to the next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from psycopg import Connection, sql

from xero_pipeline.domain.errors import Permanent
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

_CONTACTS = "select contact_id from sync.contact_matches where org_id = %(org_id)s and account_id = any(%(targets)s)"
_INVOICES = """
select invoice_id from sync.invoice_links
where org_id = %(org_id)s and target_type = 'opportunity' and target_id = any(%(targets)s)
"""


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


@dataclass(frozen=True)
class Rollup:
    """A table of rollups, whose it is (`target`) and what in Xero leads to them (`member`), by column.

    `belongs` is where the one says whose it is of the other, `members` the query of those who lead to some.
    """

    table: str
    target: str
    member: str
    members: str
    belongs: tuple[str, str]
    types: tuple[str, ...]

    @property
    def kind(self) -> str:
        return self.target.removesuffix("_id")


# Opportunities first (BW-48).
ROLLUPS = (
    Rollup(
        "opportunity_rollups",
        "opportunity_id",
        "invoice_id",
        _INVOICES,
        ("links", "target_id"),
        ("both", "opportunity"),
    ),
    Rollup("account_rollups", "account_id", "contact_id", _CONTACTS, ("matches", "account_id"), ("both", "account")),
)


def run(session: Session, window: Window) -> StageReport:
    """Bring every rollup up to date; one transaction. Everything is added up anew unless this is a delta.

    With rollup type "none" nothing happens at all, zeroing included (BW-49). `window` does not matter here.
    Raises Permanent when the organisation's base currency was never staged.
    """
    report = StageReport("rollups")
    with session.warehouse.connect(purpose="rollups") as conn:
        terms = Terms.of(session.organisation, session.today(conn), _base_currency(conn, session))
        done = bring_up_to_date(conn, session.org_id, terms, now=session.started_at, whole=session.mode != "delta")
    for table, (seen, changes) in done.items():
        report.rows_seen += seen
        report.add(f"analytics.{table}", changes)
    return report


def bring_up_to_date(
    conn: Connection, org_id: str, terms: Terms, *, now: datetime, whole: bool
) -> dict[str, tuple[int, Changes]]:
    """Make the rollups what the documents add up to, in the caller's transaction: by table, rows looked at and what changed.

    Without `whole` only what was touched since the last time, if that was under the same terms and is a small part.
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
    done: dict[str, tuple[int, Changes]] = {}
    for rollup in ROLLUPS:
        if terms.type in rollup.types:
            targets = touched[rollup.kind]
            everything = whole or _are_many(conn, rollup, targets)
            done[rollup.table] = _add_up(conn, rollup, terms, binds, None if everything else targets)
    due.keep(conn, org_id, "rollups", before, asdict(terms), at=now)
    return done


def _touched(conn: Connection, binds: Mapping[str, object]) -> dict[str, list[str]]:
    touched: dict[str, list[str]] = {rollup.kind: [] for rollup in ROLLUPS}
    for kind, record_id in conn.execute(query("rollups_touched"), binds):
        touched[kind].append(record_id)
    return touched


def _are_many(conn: Connection, rollup: Rollup, targets: Sequence[str]) -> bool:
    if len(targets) <= _FEW:
        return False
    (rows,) = conn.execute(_ROWS, {"table": f"analytics.{rollup.table}"}).fetchone() or (0,)
    return len(targets) * _MANY_TIMES > float(rows)


def _add_up(
    conn: Connection, rollup: Rollup, terms: Terms, binds: Mapping[str, object], targets: Sequence[str] | None
) -> tuple[int, Changes]:
    """Add up those of `targets`, or all with None."""
    if targets is not None and not targets:
        return 0, Changes()
    more: dict[str, object] = {}
    members: sql.Composable = sql.SQL("")
    of_targets: dict[str, sql.Composable] = dict.fromkeys(("of_targets", "stored_of_targets"), members)
    if targets is not None:
        found = conn.execute(rollup.members, {**binds, "targets": targets})
        more = {"targets": targets, "members": [member for (member,) in found]}
        members = sql.SQL("and {} = any(%(members)s)").format(sql.Identifier(rollup.member))
        of_targets = {
            "of_targets": _of_targets(*rollup.belongs),
            "stored_of_targets": _of_targets("stored", rollup.target),
        }
    document = sql.SQL(query("documents.part")).format(basis=sql.Identifier(terms.basis), only=members)
    statement = sql.SQL(query(rollup.table)).format(document=document, of_contacts=members, **of_targets)
    counts = conn.execute(statement, {**binds, **more}).fetchone()
    assert counts is not None
    seen, inserted, updated, removed = counts
    return seen, Changes(inserted=inserted, updated=updated, removed=removed)


def _of_targets(table: str, column: str) -> sql.Composable:
    return sql.SQL("and {} = any(%(targets)s)").format(sql.Identifier(table, column))


def _base_currency(conn: Connection, session: Session) -> str:
    row = conn.execute(_BASE_CURRENCY, {"org_id": session.org_id}).fetchone()
    if row is None or not row[0]:
        raise Permanent(
            f"The base currency of {session.organisation.alias} is not known, so nothing can be added up.",
            next_step="Run the metadata stage first.",
        )
    return str(row[0])
