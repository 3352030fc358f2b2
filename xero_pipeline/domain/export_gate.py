"""The gate of the export: what any check refuses is not sent, and every reason is told, the first step's first (FF-16)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from xero_pipeline.domain.drafts import Draft, DraftLine
from xero_pipeline.domain.export_checks import EXPORT_CHECKS, ExportCheck, Step
from xero_pipeline.domain.items import ITEM_CHECKS, ItemDraft

Evidence: TypeAlias = Draft | DraftLine | ItemDraft

# What an export goes about first, second and last (FF-03, FF-08, FF-11).
_ORDER: dict[Step, int] = {"customer": 0, "products": 1, "invoice": 2, "item": 3}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a draft may not be sent: `cause` is `<check>:<subject>`, `line_id` the line at fault, if it is a line."""

    check: ExportCheck
    cause: str
    sentence: str
    line_id: str | None = None

    @property
    def step(self) -> Step:
        return self.check.step


def refusals(draft: Draft) -> tuple[Refusal, ...]:
    """Every check that a draft fails, in the order of the steps: customer, products, invoice. None: it may be sent."""
    found = [
        refusal
        for check in EXPORT_CHECKS
        for evidence, line_id in _looked_at(check, draft)
        if (refusal := refusal_of(check, evidence, line_id))
    ]
    return tuple(sorted(found, key=lambda refusal: _ORDER[refusal.step]))


def item_refusals(draft: ItemDraft) -> tuple[Refusal, ...]:
    """Every check that an item to be fails."""
    return tuple(found for check in ITEM_CHECKS if (found := refusal_of(check, draft)))


def refusal_of(check: ExportCheck, evidence: Evidence, line_id: str | None = None) -> Refusal | None:
    """What one check says of one row of evidence; None when it holds."""
    if check.expects.holds(getattr(evidence, check.field)):
        return None
    said = {name: getattr(evidence, name) for name in type(evidence).__dataclass_fields__}
    values = {name: "(none)" if value is None else value for name, value in said.items()}
    return Refusal(check, f"{check.name}:{values[check.subject]}", check.sentence.format(**values), line_id)


def _looked_at(check: ExportCheck, draft: Draft) -> Iterator[tuple[Draft | DraftLine, str | None]]:
    if check.grain == "document":
        yield draft, None
    else:
        yield from ((line, line.line_id) for line in draft.lines)
