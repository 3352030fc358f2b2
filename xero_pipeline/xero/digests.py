"""The digest of a record as Xero sent it: a record with the digest of the one that is staged need not be read again.

It covers how rows are made of records too, so that with a change of this package every record is read anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from functools import cache
from pathlib import Path

import msgspec

# Which of some records, by their ids and digests, are staged just as they came: their places, from 0.
Unchanged = Callable[[Sequence[str], Sequence[str]], Collection[int]]

# As many hexadecimal digits as a uuid has.
_DIGITS = 32


def digest(raw: msgspec.Raw) -> str:
    """The digest of a record in JSON: 32 hexadecimal digits."""
    code = _code().copy()
    code.update(raw)
    return code.hexdigest()[:_DIGITS]


@cache
def _code() -> hashlib._Hash:
    """What makes rows of records: the modules of this package."""
    found = hashlib.sha256()
    for module in sorted(Path(__file__).parent.glob("*.py")):
        found.update(module.read_bytes())
    return found
