"""How a batch is brought to its end whatever happens on the way: the reference that whoever writes to Xero follows.

A batch is written down, with its members in order and its key, before it is sent, and what becomes of each member when that is
known. In between it is in doubt, and three facts say what may be done with it:

* `first_sent`: Xero knows the key until six minutes later. The same request under the same key gives the answer of the first
  one and writes nothing new, so it may go again if it gets there in time, unless Xero has failed at it: a failure is remembered
  as well.
* `failed`: Xero answered, and it was no answer (OutcomeUnknown.answered). The key is worth nothing any more.
* `silent`: when it was last sent and not answered. It may be at work since then, and looking for what it wrote proves something
  only when it can be at work no longer.

Where the key is worth nothing, the members are looked up by their natural key. What Xero has is done; what it has not goes in a
new batch, under a new key.

Every other error of a call (Throttled, Reconnect, Transient, Permanent) says that this call did nothing, and says nothing of an
earlier one: what was in doubt stays in doubt. A look-up that fails is no look-up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from xero_pipeline.domain.errors import OutcomeUnknown, PipelineError
from xero_pipeline.xero.answers import Answer
from xero_pipeline.xero.records import Invoice

MEMORY = timedelta(minutes=6)
# How long a call may be under way before Xero looks at its key: longer than the client waits for an answer.
UNDER_WAY = timedelta(minutes=2)
REPEATABLE = MEMORY - UNDER_WAY
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
    """What is kept of a batch that is not brought to its end."""

    key: str
    members: Sequence[Json]
    first_sent: datetime | None = None
    silent: datetime | None = None
    failed: bool = False


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
        """The next act of an exporter; there is none while a silent call may be at work. Errors of the calls pass through."""
        batch, now = self.batch, self._now()
        if batch is None:
            return
        if batch.first_sent is None or (not batch.failed and now < batch.first_sent + REPEATABLE):
            self._send(xero, batch, now)
        elif batch.silent is None or now >= batch.silent + MEMORY:
            self._look_up(xero, batch)

    def _send(self, xero: Invoicing, batch: Batch, now: datetime) -> None:
        sent = replace(batch, first_sent=batch.first_sent or now, silent=now)
        self.batch = sent
        try:
            within = None if batch.first_sent is None else batch.first_sent + REPEATABLE - now
            answers = xero.put("Invoices", sent.members, key=sent.key, within=within)
        except OutcomeUnknown as doubt:
            if doubt.answered:
                self._settle(
                    {str(sent.members[place]["Url"]): Done(reasons=why) for place, why in doubt.refused.items()}
                )
                self.batch = replace(sent, silent=batch.silent, failed=True)
            return
        except PipelineError:
            self.batch = batch
            raise
        self._settle({str(one["Url"]): _done(answer) for one, answer in zip(sent.members, answers, strict=True)})
        self.batch = None

    def _look_up(self, xero: Invoicing, batch: Batch) -> None:
        if batch.first_sent is None:
            raise AssertionError("only what was sent is looked up")
        # Of every contact, because theirs may have been merged into another meanwhile.
        there = xero.invoices_of(None, modified_since=batch.first_sent - SKEW)
        ours = {str(one["Url"]) for one in batch.members}
        self._settle({one.url: Done(one.invoice_id) for one in there if one.url in ours})
        missing = [one for one in batch.members if str(one["Url"]) not in self.done]
        self.batch = Batch(self._new_key(), missing) if missing else None

    def _settle(self, known: Mapping[str, Done]) -> None:
        self.done |= known


def _done(answer: Answer) -> Done:
    return Done(str(answer.record["InvoiceID"])) if answer.ok else Done(reasons=answer.messages)
