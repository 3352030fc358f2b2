"""Record ids: fifteen case-sensitive characters, and three more that carry the case.

For each group of five characters, bit n of a number is set where character n is A-Z; the number indexes `ALPHABET`. The API
always answers with 18 characters and takes either form (reference/salesforce.md, section 3).
"""

from __future__ import annotations

import re
from functools import lru_cache

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ID_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?")
INSTANCE = "5g00000"


def checksum(id15: str) -> str:
    """The three characters that carry the case of `id15`."""
    return _digit(id15[:5]) + _digit(id15[5:10]) + _digit(id15[10:15])


@lru_cache(maxsize=65_536)
def _digit(group: str) -> str:
    return ALPHABET[sum(1 << n for n, char in enumerate(group) if "A" <= char <= "Z")]


@lru_cache(maxsize=65_536)
def to18(text: str) -> str | None:
    """`text` as an 18-character id, or None where it is not an id (wrong shape or wrong checksum)."""
    if not ID_SHAPE.fullmatch(text):
        return None
    id18 = text[:15] + checksum(text[:15])
    return id18 if text in (id18, id18[:15]) else None


def make(key_prefix: str, number: int) -> str:
    """The `number`-th id of the object with that three-character key prefix, 18 characters."""
    digits = ""
    for _ in range(5):
        number, digit = divmod(number, len(DIGITS))
        digits = DIGITS[digit] + digits
    id15 = key_prefix + INSTANCE + digits
    return id15 + checksum(id15)
