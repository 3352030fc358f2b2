"""What to do about a draft: create, update, nothing, or say why not. The plan of an export is these, a draft each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from xero_pipeline.domain.drafts import Draft
from xero_pipeline.domain.export_gate import Refusal
from xero_pipeline.domain.invoice_changes import Change

Action = Literal["create", "update", "no_op", "blocked", "waiting"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an earlier delivery. `resolution` is what a person asked for: auto_sync, retry or dismiss."""

    status: Literal["pending", "succeeded", "failed"]
    source_hash: str | None
    resolution: str = ""
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The action, and a sentence on why it waits, if it does."""

    action: Action
    waits: str = ""


def decide(draft: Draft, known: Known | None, refused: Sequence[Refusal], changed: Sequence[Change]) -> Decision:
    """What follows from the draft, from what was done before and from what the checks say.

    A failure needs a person (FF-15): it goes again when somebody asks for it or when its sale has changed, and not by itself. One
    that was dismissed comes back only with a change (products.md 2.26).
    """
    if known is not None and known.in_doubt:
        return Decision("waiting", "The answer to its last call was lost; what became of it is looked up first.")
    moved = known is None or known.source_hash != draft.source_hash
    if known is not None and not moved:
        if known.status == "succeeded":
            return Decision("no_op")
        if known.status == "failed" and known.resolution == "dismiss":
            return Decision("waiting", "It was dismissed, until its sale changes.")
        if known.status == "failed" and not known.resolution:
            return (
                Decision("blocked") if refused else Decision("waiting", "Nothing refuses it any more: Retry sends it.")
            )
    if refused:
        return Decision("blocked")
    if draft.invoice_state == "new":
        return Decision("create")
    return Decision("update") if changed else Decision("no_op")
