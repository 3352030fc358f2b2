"""A session: what a benchmark is given, and what it hands back to be printed, kept and drawn."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.contenders import Contender, Loaded
from benchmarks.ground import Book, Ground, say
from benchmarks.measuring import Figures


@dataclass(frozen=True)
class Ratio:
    """Two medians' quotient is not taken: each round gives a quotient, and this is their median, least and greatest.

    `wanted` is the bound of the project's own making, as a person would say it: at most, or at least. None has no bound.
    """

    what: str
    value: float
    least: float
    greatest: float
    rounds: int
    at_most: float | None = None
    at_least: float | None = None

    def __str__(self) -> str:
        bound = ""
        if self.at_most is not None:
            bound = f"  (at most {self.at_most:g}: {'yes' if self.value <= self.at_most else 'NO'})"
        if self.at_least is not None:
            bound = f"  (at least {self.at_least:g}: {'yes' if self.value >= self.at_least else 'NO'})"
        spread = f"{self.least:.3g} to {self.greatest:.3g}, " if self.rounds > 1 else ""
        rounds = f"{self.rounds} round{'s' if self.rounds > 1 else ''}"
        return f"{self.what}: {self.value:.3g}  [{spread}{rounds}]{bound}"


def ratio(what: str, values: Iterable[float], *, at_most: float | None = None, at_least: float | None = None) -> Ratio:
    """The median of the rounds' quotients."""
    found = list(values)
    return Ratio(what, median(found), min(found), max(found), len(found), at_most, at_least)


@dataclass
class Outcome:
    """What a benchmark found: every measurement with its round and name, the ratios, and sentences about both."""

    measurements: list[dict[str, Any]] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, number: int, figures: Figures, **more: object) -> None:
        """Keep a measurement and show it."""
        rounded = {key: round(value, 3) if isinstance(value, float) else value for key, value in figures.items()}
        self.measurements.append({"name": name, "round": number, **rounded, **more})
        say(
            f"  {number}  {name:40}{figures['seconds']:9.2f} s   client {figures['client_cpu']:7.2f}   "
            f"PostgreSQL {figures['postgres_cpu']:6.2f}   sandbox {figures['sandbox_cpu']:6.2f}   "
            f"peak {figures['peak_mb']:6.0f} MB   calls {figures['calls']:5}"
        )

    def of(self, name: str, key: str = "seconds") -> dict[int, float]:
        """A figure of one name, by round."""
        return {one["round"]: float(one[key]) for one in self.measurements if one["name"] == name}

    def compare(
        self,
        above: str,
        below: str,
        *,
        key: str = "seconds",
        what: str = "",
        at_most: float | None = None,
        at_least: float | None = None,
    ) -> None:
        """Add the ratio of two names, over the rounds that both were measured in."""
        upper, lower = self.of(above, key), self.of(below, key)
        quotients = [upper[number] / lower[number] for number in sorted(upper.keys() & lower.keys()) if lower[number]]
        if quotients:
            self.ratios.append(ratio(what or f"{above} / {below}", quotients, at_most=at_most, at_least=at_least))

    def median(self, name: str, key: str = "seconds") -> float:
        return median(self.of(name, key).values())


@dataclass
class Session:
    """What a benchmark is given: the ground, how often and how much, until when, and what was loaded before it.

    `until` is a reading of time.monotonic. Slow peers are measured fewer times when there is no time for more.
    """

    ground: Ground
    invoices: int
    rounds: int
    until: float
    loaded: dict[tuple[int, str], Loaded] = field(default_factory=dict)

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.until - time.monotonic()

    def numbers(self) -> Iterator[int]:
        """The numbers of the rounds, from 1, as long as there is time for another like those before."""
        began = time.monotonic()
        for number in range(1, self.rounds + 1):
            if number > 1 and (time.monotonic() - began) / (number - 1) > self.left:
                say(f"  There is no time for round {number}.")
                return
            yield number

    @property
    def states(self) -> Path:
        """Where contenders keep what they remember."""
        return self.ground.home / "states"

    def book(self) -> Book:
        """The sandbox of the session's size."""
        return self.ground.book(self.invoices)

    def keep(self, contender: Contender, loaded: Loaded) -> None:
        """Keep what a contender loaded for the benchmarks that go on from it, in place of what it loaded before."""
        before = self.loaded.pop((self.invoices, contender.name), None)
        if before is not None:
            self.ground.drop(before.database)
        self.loaded[self.invoices, contender.name] = loaded

    def kept(self, contender: Contender) -> Loaded | None:
        return self.loaded.get((self.invoices, contender.name))

    def let_go(self) -> None:
        """Drop what was kept."""
        while self.loaded:
            _, loaded = self.loaded.popitem()
            self.ground.drop(loaded.database)


def in_turn(contenders: Sequence[Contender], number: int) -> list[Contender]:
    """The contenders of a round: every other round begins at the other end, so that no one always follows the same."""
    return list(contenders if number % 2 else reversed(contenders))
