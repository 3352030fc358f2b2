"""A plan of the export as people read it: fields before and after with the place of each line, and refusals by their root."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xero_pipeline.domain.invoice_changes import changes
from xero_pipeline.stages.export.run import Exported

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of an invoice, of a line where `line` is its place from 1; None before means new, None after that it goes."""

    line: int | None
    line_id: str | None
    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """What one root keeps from being sent: the reason as the first of them tells it, and which they are, each with the reasons
    that it has besides."""

    cause: str
    sentence: str
    fix: str
    records: tuple[tuple[str, tuple[str, ...]], ...]


def changed_fields(row: Row, lines: Sequence[Row]) -> list[FieldChange]:
    """The fields that a row of the plan creates or changes, in the order in which they stand on the invoice."""
    places = {line["line_id"]: line["position"] for line in lines}
    found = []
    for change in changes(row["before"] or {}, row["after"] or {}):
        if change.before or change.after:
            line_id, name = _split(change.field)
            found.append(FieldChange(places.get(line_id), line_id, name, change.before, change.after))
    return found


def lines_to_be(row: Row, lines: Sequence[Row]) -> list[dict[str, object]]:
    """The lines of an invoice to be, each with the fields it will have, by Xero's names."""
    fields: dict[str | None, dict[str, object]] = {}
    for field, value in (row["after"] or {}).items():
        line_id, name = _split(field)
        fields.setdefault(line_id, {})[name] = value
    return [{"line": line["position"], "line_id": line["line_id"], **fields.get(line["line_id"], {})} for line in lines]


def by_cause(exported: Exported) -> list[Refused]:
    """What the checks refuse, invoices and items, by root: the root that keeps most back first."""
    refused = [
        (row["cause"], called(row), [(reason["sentence"], reason["fix"]) for reason in row["reasons"]])
        for row in exported.invoices
        if row["action"] == "blocked"
    ]
    refused += [
        (item.refused[0].cause, item.name, [(refusal.sentence, refusal.check.fix) for refusal in item.refused])
        for item in exported.items
        if item.action == "blocked"
    ]
    grouped: dict[str, list[tuple[str, list[tuple[str, str]]]]] = {}
    for cause, name, reasons in refused:
        grouped.setdefault(cause, []).append((name, reasons))
    found = [
        Refused(
            cause,
            *group[0][1][0],
            tuple((name, tuple(dict.fromkeys(sentence for sentence, _ in reasons[1:]))) for name, reasons in group),
        )
        for cause, group in grouped.items()
    ]
    return sorted(found, key=lambda refused: (-len(refused.records), refused.cause))


def called(row: Row) -> str:
    """What people call an invoice to be: its sale, and which part of it."""
    name = row["sale_name"] or row["sale_id"]
    return name if row["part"] == "whole" else f"{name} ({row['part']})"


def _split(field: str) -> tuple[str | None, str]:
    if not field.startswith("line "):
        return None, field
    _, line_id, name = field.split(" ", 2)
    return line_id, name
