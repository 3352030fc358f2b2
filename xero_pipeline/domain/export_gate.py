"""The gate of the export: what any check refuses is not sent, and every reason is told, the first step's first (FF-16)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xero_pipeline.domain.drafts import Draft, DraftLine
from xero_pipeline.domain.export_checks import EXPORT_CHECKS, ExportCheck, Step

# What an export goes about first, second and last (FF-03, FF-08, FF-11).
_ORDER: dict[Step, int] = {"customer": 0, "products": 1, "invoice": 2}


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
    return tuple(sorted(_refusals(draft), key=lambda refusal: _ORDER[refusal.step]))


def _refusals(draft: Draft) -> Iterator[Refusal]:
    for check in EXPORT_CHECKS:
        if check.grain == "document":
            if not check.expects.holds(getattr(draft, check.field)):
                yield _refusal(check, draft, None)
            continue
        for line in draft.lines:
            if not check.expects.holds(getattr(line, check.field)):
                yield _refusal(check, line, line.line_id)


def _refusal(check: ExportCheck, evidence: Draft | DraftLine, line_id: str | None) -> Refusal:
    values = {name: getattr(evidence, name) for name in type(evidence).__dataclass_fields__}
    return Refusal(check, f"{check.name}:{values[check.subject]}", check.sentence.format(**values), line_id)
