"""UNABLE_TO_LOCK_ROW: rules that make writes fail so, and real clashes of requests that are under way together.

A write locks its own record and every record it belongs to: those its references cascade from or are restricted by. A lookup
that clears on delete locks nothing (reference/salesforce.md, "Locks and parallelism"; unverified). With `hold_seconds`, an
answer waits so long with its locks held, or until the locks are taken away, and a request that needs one of them meanwhile
fails at once, as if Salesforce's ten seconds of patience had passed. Neither rules nor locks survive a restart.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from xero_pipeline.sandbox.salesforce.failures import RowError
from xero_pipeline.sandbox.salesforce.schema import SObject
from xero_pipeline.sandbox.salesforce.values import Row


@dataclass(slots=True)
class LockRule:
    """Fails writes of rows that are, or refer to, `parent` (None: any row): the next `left`, or each with a `probability`."""

    number: int
    parent: str | None
    left: int | None
    probability: float
    chance: random.Random
    hits: int = 0

    def meets(self, touched: Iterable[str]) -> bool:
        """Whether this write fails. Called once a row: it counts."""
        if self.left == 0 or (self.parent is not None and self.parent not in touched):
            return False
        if self.left is not None:
            self.left -= 1
        elif self.chance.random() >= self.probability:
            return False
        self.hits += 1
        return True

    def shown(self) -> dict[str, object]:
        """The rule as the control API lists it."""
        when = {"probability": self.probability} if self.left is None else {"left": self.left}
        return {"id": self.number, "parent": self.parent, **when, "hits": self.hits}


@dataclass(slots=True)
class Locks:
    """The rules in force and the records that unanswered requests hold."""

    hold_seconds: float = 0.0
    rules: list[LockRule] = field(default_factory=list)
    made: int = 0
    held: set[str] = field(default_factory=set)
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, parent: str | None, *, left: int | None = None, probability: float = 0.0, seed: int = 0) -> LockRule:
        """Puts a rule in force: the next `left` writes, or each with `probability`, the same ones for the same `seed`."""
        self.made += 1
        rule = LockRule(self.made, parent, left, probability, random.Random(seed))
        self.rules.append(rule)
        return rule

    def end(self) -> None:
        """Puts every rule out of force, and lets the answers go that are held back."""
        self.rules.clear()
        self.hold_seconds = 0.0
        self._over.set()
        self._over = asyncio.Event()

    async def hold(self) -> None:
        """Waits for `hold_seconds`, or until `end`."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), self.hold_seconds)

    def grip(self) -> Grip:
        """The locks of a request or a bulk job that starts now: none yet."""
        return Grip(self)


class Grip:
    """The locks that one request or one bulk job holds. It never stands in its own way."""

    def __init__(self, locks: Locks) -> None:
        self._locks = locks
        self._mine: set[str] = set()

    def take(self, sobject: SObject, row: Row) -> None:
        """Lock what a write of `row` locks. Raises RowError UNABLE_TO_LOCK_ROW."""
        if self._locks.rules:
            references = [row.get(field.name) for field in sobject.references if field.reference_to != "User"]
            touched = [str(row["Id"]), *(str(value) for value in references if value is not None)]
            for rule in self._locks.rules:
                if rule.meets(touched):
                    raise _unable(rule.parent or touched[-1])
        if not self._locks.hold_seconds:
            return
        owners = [row.get(field.name) for field in sobject.references if field.on_delete != "set_null"]
        wanted = {str(row["Id"]), *(str(value) for value in owners if value is not None)} - self._mine
        taken = sorted(wanted & self._locks.held)
        if taken:
            raise _unable(*taken)
        self._mine |= wanted
        self._locks.held |= wanted

    async def let_go(self) -> None:
        """Hold what was locked as long as the locks say, then release it."""
        try:
            if self._mine:
                await self._locks.hold()
        finally:
            self.release()

    def release(self) -> None:
        """Release everything now."""
        for record_id in self._mine:
            self._locks.held.discard(record_id)
        self._mine.clear()


def _unable(*record_ids: str) -> RowError:
    return RowError(
        "UNABLE_TO_LOCK_ROW",
        f"unable to obtain exclusive access to this record or {len(record_ids)} records: {','.join(record_ids)}",
    )
