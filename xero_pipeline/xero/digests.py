"""The digest of a record as Xero sent it: a record with the digest of the one that is staged need not be read again.

It covers how rows are made of records too, so that with a change of this package every record is read anew. Digests tell a
record from its own earlier versions, by chance alone wrong once in 2^128; a signature they are not, and need not be: what is
changed in Xero on purpose is stamped there, and deltas read it without asking for digests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from functools import cache
from pathlib import Path

import msgspec
from xxhash import xxh3_128_hexdigest

# Which of some records, by their ids and digests, are staged just as they came: their places, from 0.
Unchanged = Callable[[Sequence[str], Sequence[str]], Collection[int]]


def digest(raw: msgspec.Raw) -> str:
    """The digest of a record in JSON: 32 hexadecimal digits, as many as a uuid has."""
    return xxh3_128_hexdigest(raw, seed=_code())


@cache
def _code() -> int:
    """What makes rows of records, the modules of this package, in 64 bits."""
    found = hashlib.sha256()
    for module in sorted(Path(__file__).parent.glob("*.py")):
        found.update(module.read_bytes())
    return int.from_bytes(found.digest()[:8])
