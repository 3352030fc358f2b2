"""What may be expected of one value: the few shapes that both this code and Great Expectations can judge alike.

A value that is missing meets every expectation but `Given`, as it does in Great Expectations.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Given:
    """The value is there."""

    def holds(self, value: object) -> bool:
        return value is not None


@dataclass(frozen=True, slots=True)
class NotOneOf:
    """The value is none of these words."""

    words: tuple[str, ...]

    def holds(self, value: object) -> bool:
        return value not in self.words


@dataclass(frozen=True, slots=True)
class Between:
    """The number is `least` at least and `most` at most, where they are given; with `above`, more than `least`."""

    least: Decimal | None = None
    most: Decimal | None = None
    above: bool = False

    def holds(self, value: object) -> bool:
        if value is None:
            return True
        if not isinstance(value, (int, Decimal)):
            raise TypeError(f"{type(value).__name__} is no number")
        enough = self.least is None or (value > self.least if self.above else value >= self.least)
        return enough and (self.most is None or value <= self.most)


@dataclass(frozen=True, slots=True)
class Length:
    """The text has `least` characters at least and `most` at most."""

    least: int
    most: int

    def holds(self, value: object) -> bool:
        return value is None or self.least <= len(str(value)) <= self.most


Expectation: TypeAlias = Given | NotOneOf | Between | Length
