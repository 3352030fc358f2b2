"""The newest plan as a person reads it: a row a record, the reasons of what is refused, and every field before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from xero_pipeline.domain.decisions import Action
from xero_pipeline.domain.invoice_changes import changes
from xero_pipeline.stages.report import Shown, StageReport
from xero_pipeline.stages.session import Session
from xero_pipeline.warehouse import export_plan

Row = Mapping[str, Any]

# What needs an eye comes first.
_ORDER: tuple[Action, ...] = ("blocked", "update", "create", "waiting", "no_op")
_DUE: tuple[Action, ...] = ("update", "create")
_RECORDS = 50
_OF_WHICH_FIELDS = 20

_FIRST = """
select
    external_id,
    action,
    sale_id,
    sale_name,
    part,
    account_name,
    contact_name,
    currency_code,
    total,
    reasons,
    creates,
    before,
    after
from sync.export_documents
where org_id = %(org_id)s and action = any(%(actions)s)
order by array_position(%(actions)s, action), sale_type, sale_name, external_id
limit %(limit)s
"""


def show(session: Session, report: StageReport) -> None:
    """Tell in the report what the newest plan holds, its first records by name."""
    for action in _ORDER:
        report.notes.setdefault(f"plan_{action}", 0)
    with session.warehouse.connect(purpose="export preview") as conn:
        report.shown |= preview(conn, session.org_id)


def preview(conn: Connection, org_id: str) -> dict[str, Shown]:
    """Three tables: `plan`, a row a record; `blocked` with reasons and remedies; `changes` with fields before and after."""
    rows = _first(conn, org_id, _ORDER, _RECORDS)
    due = _first(conn, org_id, _DUE, _OF_WHICH_FIELDS)
    lines = export_plan.lines(conn, org_id, [row["external_id"] for row in due])
    return {
        "plan": [_record(row) for row in rows],
        "blocked": [reason for row in rows if row["action"] == "blocked" for reason in _reasons(row)],
        "changes": [change for row in due for change in _changes(row, lines.get(row["external_id"], ()))],
    }


def _first(conn: Connection, org_id: str, actions: Sequence[Action], limit: int) -> list[Row]:
    binds = {"org_id": org_id, "actions": list(actions), "limit": limit}
    with conn.cursor(row_factory=dict_row) as cursor:
        return list(cursor.execute(_FIRST, binds).fetchall())


def _named(row: Row) -> dict[str, str]:
    part = "" if row["part"] == "whole" else f" ({row['part']})"
    return {"action": row["action"], "sale": f"{row['sale_name'] or row['sale_id']}{part}"}


def _record(row: Row) -> dict[str, str]:
    total = "" if row["total"] is None else f"{row['total']:,.2f} {row['currency_code'] or ''}".strip()
    why = [reason["sentence"] for reason in row["reasons"] or ()]
    return {
        **_named(row),
        "customer": row["contact_name"] or row["account_name"] or "",
        "total": total,
        "why": " ".join([*dict.fromkeys(why), *(f"Creates {each} first." for each in row["creates"] or ())]),
    }


def _reasons(row: Row) -> list[dict[str, str]]:
    told = {
        (reason["sentence"], reason.get("fix", ""), reason.get("step", "")): None for reason in row["reasons"] or ()
    }
    return [{**_named(row), "step": step, "reason": sentence, "what to do": fix} for sentence, fix, step in told]


def _changes(row: Row, lines: Sequence[Row]) -> list[dict[str, str]]:
    positions = {line["line_id"]: str(position) for position, line in enumerate(lines, 1)}
    return [
        {
            **_named(row),
            "field": " ".join(positions.get(word, word) for word in change.field.split(" ")),
            "before": change.before or "",
            "after": change.after or "",
        }
        for change in changes(row["before"] or {}, row["after"] or {})
        # A field that an invoice to be leaves empty says nothing.
        if change.before or change.after
    ]
