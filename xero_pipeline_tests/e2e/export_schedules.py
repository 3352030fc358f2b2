"""Random schedules of faults over exports: whatever fails on the way, every sale ends as one invoice, as it stands (issue C, 2).

A schedule sells, edits, and exports under faults on every path to Xero: answers that are lost before and after the write,
internal errors that the key remembers, connections cut, processes killed right before and right after a call, two exporters at
once, and time that passes beyond Xero's memory of keys.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from xero_pipeline.domain.errors import AlreadyRunning, PipelineError
from xero_pipeline.stages import write_back
from xero_pipeline.xero.writing import Writer
from xero_pipeline_tests.e2e.export_sales import Sales, Wanted
from xero_pipeline_tests.e2e.pair import Pair
from xero_pipeline_tests.e2e.schedules_figures import Counts

_WRITES = (
    "500",
    "500 remembered",
    "502",
    "503",
    "timeout before",
    "timeout after",
    "cut",
    "truncated",
    "html",
    "429 minute",
)
_READS = ("500", "503", "timeout before", "cut", "401")
# Xero remembers a key for six minutes; after eight nothing under it can be at work any more.
_SOON, _BETWEEN, _BEYOND_MEMORY = 45, 330, 500
_PENDING = """
select object, external_id, status, error, called_at from sync.deliveries where system = 'xero' and status <> 'succeeded'
"""
_OF_SALE = (
    "select external_id, status, error, attempts, remote_id, payload from sync.deliveries where external_id like %s"
)


class Killed(BaseException):
    """The process is gone: nothing that would run after it runs."""


@dataclass
class Schedule:
    """One schedule under way, and what it met."""

    pair: Pair
    rng: Random
    figures: Counts = field(default_factory=Counts)

    def __post_init__(self) -> None:
        self.sales = Sales(self.pair, self.rng)

    def run(self) -> None:
        """Three rounds of selling and exporting under faults, and exports without them until everything is sent."""
        self.sales.add()
        for _ in range(3):
            for _ in range(self.rng.randint(2, 4)):
                self.rng.choice((self.sales.add, self.sales.add, self.sales.edit))()
            self._break()
            for _ in range(self.rng.randint(1, 3)):
                self._attempt()
                gap = self.rng.choice((_SOON, _SOON, _BETWEEN, _BEYOND_MEMORY))
                self.figures["exports after Xero's memory of keys"] += gap == _BEYOND_MEMORY
                self.pair.pass_time(seconds=gap)
        self._heal()
        self.figures["schedules"] += 1
        self.figures["invoices"] += len(self.sales.invoices())
        for entry in self.pair.world.log.entries:
            if entry.fault:
                self.figures["faults hit"] += 1
                self.figures[f"faults: {entry.fault}"] += 1

    def assert_one_invoice_a_sale(self) -> None:
        """Every sale is one invoice, or a deposit and a balance, and says what the sale says now."""
        for wanted in self.sales.made.values():
            found = self.sales.in_xero(wanted)
            parts = {"deposit", "balance"} if wanted.deposit else {""}
            assert {part: len(invoices) for part, invoices in found.items()} == dict.fromkeys(parts, 1), (
                wanted,
                found,
                self._known(wanted),
            )
            (invoice,) = found["balance" if wanted.deposit else ""]
            assert _quantities(invoice["LineItems"]) == sorted(wanted.quantities.values()), (
                wanted,
                invoice,
                self._known(wanted),
            )
        assert len(self.sales.invoices()) == sum(2 if each.deposit else 1 for each in self.sales.made.values())
        numbers = [contact["ContactNumber"] for contact in self.sales.contacts()]
        assert sorted(numbers) == sorted(set(numbers))

    def _known(self, wanted: Wanted) -> object:
        return self.pair.rows(_OF_SALE, f"{wanted.sale_id}%")

    def assert_nothing_more_to_do(self) -> None:
        """Another export calls nobody at Xero to write, and nothing waits."""
        assert self.pair.rows(_PENDING) == []
        self.pair.forget_requests()
        self._export()
        assert [each for each in self.pair.requests("xero") if each["method"] != "GET"] == []

    def _break(self) -> None:
        self.pair.mend()
        for _ in range(self.rng.choice((1, 1, 2, 3))):
            self.pair.control("POST", "faults", self._rule())

    def _rule(self) -> dict[str, Any]:
        reading = self.rng.random() < 0.25
        what = self.rng.choice(_READS if reading else _WRITES)
        method = "GET" if reading else self.rng.choice(("PUT", "POST"))
        when = (
            "always",
            {"nth": self.rng.randint(1, 3)},
            {"probability": 0.5, "seed": self.rng.randint(1, 999)},
        )
        rule: dict[str, Any] = {
            "what": what,
            "match": {"path": "^/api.xro/2.0/" if reading else "^/api.xro/2.0/(Invoices|Contacts)", "method": method},
            "when": self.rng.choice(when),
        }
        if self.rng.random() < 0.6:
            rule["count"] = self.rng.randint(1, 3)
        if what.startswith("timeout"):
            rule["seconds"] = 0
        if what == "500 remembered":
            rule["done"] = self.rng.randint(0, 3)
        return rule

    def _attempt(self) -> None:
        match self.rng.choice(("plain", "plain", "plain", "killed before", "killed after", "two")):
            case "two":
                self._two_at_once()
            case "plain":
                self._export_or_fail()
            case moment:
                self.figures[f"kills: {moment} the call"] += 1
                with _killed(after=moment == "killed after", call=self.rng.choice((1, 1, 1, 2, 3))):
                    try:
                        self._export_or_fail()
                    except Killed:
                        self.figures["kills"] += 1

    def _two_at_once(self) -> None:
        met: list[BaseException] = []

        def export() -> None:
            try:
                self._export()
            except PipelineError as error:
                met.append(error)

        threads = [threading.Thread(target=export) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.figures["two exporters at once"] += 1
        self.figures["the second was refused"] += any(isinstance(error, AlreadyRunning) for error in met)

    def _export_or_fail(self) -> bool:
        try:
            self._export()
        except PipelineError as error:
            self.figures["exports failed"] += 1
            self.figures[f"exports failed with: {type(error).__name__}"] += 1
            return False
        self.figures["exports succeeded"] += 1
        return True

    def _export(self) -> None:
        self.pair.sync("export")

    def _heal(self) -> None:
        self.pair.mend()
        for _ in range(4):
            if self._export_or_fail() and not self.pair.rows(_PENDING):
                return
            self.pair.pass_time(seconds=_BEYOND_MEMORY)
        raise AssertionError(f"after the faults stopped there still waits: {self.pair.rows(_PENDING)}")


def _quantities(lines: list[Any]) -> list[int]:
    return sorted(int(line["Quantity"]) for line in lines if "ItemCode" in line)


@contextmanager
def _killed(*, after: bool, call: int) -> Iterator[None]:
    """The process dies right before, or right after, its n-th batch was sent; what it would still have done is not done."""
    real, calls = Writer._batch, [0]

    def batch(writer: Writer, *given: Any) -> Any:
        calls[0] += 1
        if calls[0] != call:
            return real(writer, *given)
        if after:
            real(writer, *given)
        raise Killed

    def tell_nobody(*given: Any) -> None:
        if calls[0] < call:
            send_exports(*given)

    send_exports: Callable[..., None] = write_back.send_exports
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Writer, "_batch", batch)
        patch.setattr(write_back, "send_exports", tell_nobody)
        yield
