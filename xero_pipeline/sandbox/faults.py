"""Faults on demand: rules that say which requests go wrong, when, and how.

A rule is JSON: `{"what": …, "match": {"path": regex, "method": "GET"}, "when": …, "count": n}`, and what else the fault takes.

| when | hits |
| --- | --- |
| `"always"` (default) | every matching request |
| `{"nth": 3}` | the third matching request alone |
| `{"every": 4}` | the 4th, 8th, … |
| `{"probability": 0.2, "seed": 7}` | each with that chance, the same ones for the same seed |

| what | does |
| --- | --- |
| `429 minute`, `429 day`, `429 concurrent`, `429 appminute` | refuses so; `retry_after` in seconds (1, day 3600) |
| `401`, `403`, `500`, `502`, `503` | answers so, in the system's own words; `text` replaces the body |
| `500 remembered` | fails inside Xero after `done` (0) elements of a write, whose Idempotency-Key remembers it; else as `500` |
| `timeout before`, `timeout after` | holds the request `seconds` (30), then drops it: the work not done, or done and not told |
| `truncated` | a whole answer whose JSON ends half-way |
| `cut` | the connection is lost half-way through the body |
| `html` | 200 with a web page |
| `drip` | the body in 20 pieces over `seconds` (2) |
| `delay` | the answer `seconds` (0.2) later |
| `repeat page` | page 1 for every page, while pageCount grows |
| `unknown enum` | `field` (Status) of the records becomes `value` (SOMETHING_NEW) |
| `missing field` | `field` is taken out of the records |

`records` is `first` (default) or `all` for the last two; `field` may be a path such as `Contact.Name`. `count` ends the rule
after so many hits. The first rule that hits a request has it; each rule counts the matching requests it saw.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

REFUSALS = ("429 minute", "429 day", "429 concurrent", "429 appminute", "401", "403", "500", "502", "503")
# Unlike the others it happens where Idempotency-Keys are known (xero.md section 3: internal errors are cached too).
REMEMBERED = "500 remembered"
LOST = ("timeout before", "timeout after")
SPOILT = ("truncated", "cut", "html", "drip", "delay", "repeat page", "unknown enum", "missing field")
KINDS = frozenset((*REFUSALS, REMEMBERED, *LOST, *SPOILT))
KEYS = frozenset(
    {"what", "match", "when", "count", "seconds", "retry_after", "text", "field", "value", "records", "done"}
)


class BadRule(Exception):
    """A rule that makes no sense; the message says why."""


@dataclass(slots=True)
class Rule:
    """One rule, and how many requests it saw (`matched`) and spoilt (`hits`)."""

    number: int
    what: str
    path: re.Pattern[str]
    method: str
    when: dict[str, float]
    count: int | None
    options: dict[str, object]
    chance: random.Random
    matched: int = 0
    hits: int = 0

    def meets(self, method: str, path: str) -> bool:
        """Whether this request goes wrong. Called once a request: it counts."""
        if self.method not in ("", method) or not self.path.search(path) or self.hits == self.count:
            return False
        self.matched += 1
        if not self._is_time():
            return False
        self.hits += 1
        return True

    def seconds(self, default: float) -> float:
        """The rule's `seconds`, or the default of its kind."""
        return float(str(self.options.get("seconds", default)))

    def text(self, name: str, default: str = "") -> str:
        """An option as text."""
        return str(self.options.get(name, default))

    def shown(self) -> dict[str, object]:
        """The rule as the control API lists it."""
        return {
            "id": self.number,
            "what": self.what,
            "match": {"path": self.path.pattern, "method": self.method},
            "when": self.when or "always",
            "count": self.count,
            **self.options,
            "matched": self.matched,
            "hits": self.hits,
        }

    def _is_time(self) -> bool:
        if "nth" in self.when:
            return self.matched == self.when["nth"]
        if "every" in self.when:
            return self.matched % self.when["every"] == 0
        return self.chance.random() < self.when["probability"] if "probability" in self.when else True


@dataclass(slots=True)
class Faults:
    """The rules in force, oldest first."""

    rules: list[Rule] = field(default_factory=list)
    made: int = 0

    def add(self, asked: Mapping[str, object]) -> Rule:
        """Puts a rule in force; BadRule when it makes no sense."""
        unknown = asked.keys() - KEYS
        if unknown:
            raise BadRule(f"A rule has no {', '.join(sorted(unknown))}.")
        what = str(asked.get("what", ""))
        if what not in KINDS:
            raise BadRule(f"'what' is one of: {', '.join(sorted(KINDS))}.")
        match = _mapping(asked.get("match", {}), "match", {"path", "method"})
        try:
            path = re.compile(str(match.get("path", "")))
        except re.error as error:
            raise BadRule(f"The path is no regular expression: {error}.") from error
        when = _when(asked.get("when", "always"))
        count = asked.get("count")
        if count is not None and (not isinstance(count, int) or count < 1):
            raise BadRule("'count' is a whole number above 0.")
        done = asked.get("done", 0)
        if not isinstance(done, int) or done < 0:
            raise BadRule("'done' is a whole number of elements.")
        self.made += 1
        rule = Rule(
            self.made,
            what,
            path,
            str(match.get("method", "")).upper(),
            when,
            count,
            {key: asked[key] for key in asked.keys() - {"what", "match", "when", "count"}},
            random.Random(when.get("seed")),
        )
        self.rules.append(rule)
        return rule

    def choose(self, method: str, path: str) -> Rule | None:
        """The rule that has this request, or None."""
        return next((rule for rule in self.rules if rule.meets(method, path)), None)

    def remove(self, number: int) -> bool:
        """Takes one rule out of force; False when there is none of that number."""
        before = len(self.rules)
        self.rules = [rule for rule in self.rules if rule.number != number]
        return len(self.rules) < before


def _mapping(value: object, name: str, keys: set[str]) -> dict[str, object]:
    if not isinstance(value, dict) or value.keys() - keys:
        raise BadRule(f"'{name}' is an object of {' and '.join(sorted(keys))}.")
    return value


def _when(value: object) -> dict[str, float]:
    if value == "always":
        return {}
    numbers = _mapping(value, "when", {"nth", "every", "probability", "seed"})
    if len(numbers.keys() - {"seed"}) != 1 or not all(
        isinstance(number, (int, float, Decimal)) for number in numbers.values()
    ):
        raise BadRule("'when' is \"always\", or one of nth, every and probability (with seed), each a number.")
    if any(numbers.get(key, 1) < 1 for key in ("nth", "every")):  # type: ignore[operator]
        raise BadRule("nth and every count from 1.")
    return {key: float(str(number)) for key, number in numbers.items()}
