"""How a batch is brought to its end whatever happens on the way: the reference that whoever writes to Xero follows.

A batch is written down, with its members in order, its key and the time, before it is sent; what became of each member is written
down when it is known. In between it is in doubt, and the time since it was first called says what may be done with it: the same
request again under the same key (until REPEATABLE), nothing, or a look-up (from SETTLED on), after which what Xero has is done
and what it has not goes in a new batch under a new key.

An error other than OutcomeUnknown says that this call did nothing, and says nothing of an earlier one under the same key: only
the first call of a batch is undone by it. A look-up that fails is no look-up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from xero_pipeline.domain.errors import OutcomeUnknown, PipelineError
from xero_pipeline.xero.answers import Answer
from xero_pipeline.xero.records import Invoice
from xero_pipeline.xero.writing import REPEATABLE, SETTLED

# Xero's clock is another than ours.
SKEW = timedelta(minutes=5)

Json = Mapping[str, Any]


class Invoicing(Protocol):
    """What is needed of `xero.writing.Writer`."""

    def put(
        self, plural: str, elements: Sequence[Json], *, key: str, within: timedelta | None = None
    ) -> list[Answer]: ...

    def invoices_of(
        self, contact_ids: Sequence[str] | None, *, modified_since: datetime | None
    ) -> Iterable[Invoice]: ...


@dataclass(frozen=True)
class Batch:
    """What is kept of a batch that is not brought to its end; `called_at` is when it was first called, None before."""

    key: str
    members: Sequence[Json]
    called_at: datetime | None = None


@dataclass(frozen=True)
class Done:
    """What is known of a member: the invoice that it is now, or why Xero refused it."""

    invoice_id: str = ""
    reasons: tuple[str, ...] = ()


class Ledger:
    """What is kept, each assignment a commit: a crash loses everything else. `new_key` never gives a key twice."""

    def __init__(self, members: Sequence[Json], now: Callable[[], datetime], new_key: Callable[[], str]) -> None:
        self._now = now
        self._new_key = new_key
        self.batch: Batch | None = Batch(new_key(), members)
        self.done: dict[str, Done] = {}

    def step(self, xero: Invoicing) -> None:
        """The next act of an exporter, if there is one now. Errors of the calls pass through."""
        batch, now = self.batch, self._now()
        if batch is None:
            return
        if batch.called_at is None:
            self._call(xero, batch, now)
        elif now < batch.called_at + REPEATABLE:
            self._repeat(xero, batch, batch.called_at + REPEATABLE - now)
        elif now >= batch.called_at + SETTLED:
            self._look_up(xero, batch, batch.called_at)

    def _call(self, xero: Invoicing, batch: Batch, now: datetime) -> None:
        called = self.batch = replace(batch, called_at=now)
        try:
            answers = xero.put("Invoices", called.members, key=called.key, within=REPEATABLE)
        except OutcomeUnknown as doubt:
            self._refuse(called, doubt)
            if doubt.answered:
                # Nothing can be at work under this key.
                self._look_up(xero, called, now)
        except PipelineError:
            self.batch = batch
            raise
        else:
            self._settle(called, answers)

    def _repeat(self, xero: Invoicing, batch: Batch, within: timedelta) -> None:
        try:
            answers = xero.put("Invoices", batch.members, key=batch.key, within=within)
        except OutcomeUnknown as doubt:
            self._refuse(batch, doubt)
        else:
            self._settle(batch, answers)

    def _settle(self, batch: Batch, answers: Sequence[Answer]) -> None:
        self.done |= {str(one["Url"]): _done(answer) for one, answer in zip(batch.members, answers, strict=True)}
        self.batch = None

    def _refuse(self, batch: Batch, doubt: OutcomeUnknown) -> None:
        self.done |= {str(batch.members[place]["Url"]): Done(reasons=why) for place, why in doubt.refused.items()}

    def _look_up(self, xero: Invoicing, batch: Batch, called_at: datetime) -> None:
        # Among those of every contact, because theirs may have been merged into another meanwhile.
        there = xero.invoices_of(None, modified_since=called_at - SKEW)
        ours = {str(one["Url"]) for one in batch.members}
        self.done |= {one.url: Done(one.invoice_id) for one in there if one.url in ours}
        missing = [one for one in batch.members if str(one["Url"]) not in self.done]
        self.batch = Batch(self._new_key(), missing) if missing else None


def _done(answer: Answer) -> Done:
    return Done(str(answer.record["InvoiceID"])) if answer.ok else Done(reasons=answer.messages)
