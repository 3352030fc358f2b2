"""What Xero answered to each Idempotency-Key in the last six minutes (xero.md section 3).

Keys are an app's, whatever the organisation. A key met again with the same request gets the first answer, whatever that was,
internal errors included; with another request it is refused. Time is the sandbox's clock. Nothing of it survives a restart.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

MEMORY = timedelta(minutes=6)
LONGEST_KEY = 128


class KeyRefused(Exception):
    """The key is too long, or came with another request before; the message is Xero's."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer as it went out."""

    status: int
    body: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class _Kept:
    fingerprint: str
    since: datetime
    answered: Answered


class IdempotencyMemory:
    """The answers of all apps. `recall` before the work, `keep` after it; `now` is aware."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], _Kept] = {}

    def recall(self, client_id: str, key: str, fingerprint: str, now: datetime) -> Answered | None:
        """The first answer to this key, or None when there is none yet; KeyRefused when it was for another request."""
        if len(key) > LONGEST_KEY:
            raise KeyRefused(f"Idempotency Key: {key} is longer than {LONGEST_KEY} characters.")  # wording ours
        self._forget(now)
        kept = self._kept.get((client_id, key))
        if kept is None:
            return None
        if kept.fingerprint != fingerprint:
            raise KeyRefused(f"Idempotency Key: {key} is used with a different request.")
        return kept.answered

    def keep(self, client_id: str, key: str, fingerprint: str, answered: Answered, now: datetime) -> None:
        """Remembers an answer for six minutes from now."""
        self._kept[client_id, key] = _Kept(fingerprint, now, answered)

    def _forget(self, now: datetime) -> None:
        # Answers stand in the order they were kept; a clock set back keeps them a little longer.
        for key, kept in list(self._kept.items()):
            if now - kept.since < MEMORY:
                break
            del self._kept[key]


def fingerprint_of(method: str, target: str, tenant_id: str, content: bytes) -> str:
    """What makes two requests the same: method, path with query, organisation and body."""
    head = f"{method} {target} {tenant_id}\n".encode()
    return hashlib.sha256(head + content).hexdigest()
