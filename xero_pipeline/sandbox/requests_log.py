"""Every request the sandbox answered, in order and counted by endpoint; the control API's own are left out."""

from __future__ import annotations

import re
from collections import Counter, deque
from dataclasses import asdict, dataclass

KEPT = 50_000
GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
ACCOUNTING = "/api.xro/2.0/"
KEY = re.compile(r"(?<=^/api\.xro/2\.0/)([^/]+)/[^/]+")  # an id or a natural key
SALESFORCE_ID = re.compile(r"(?<=/)[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?(?=/|$)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. `status` is 0 when the connection was dropped without an answer; `fault` names the fault that hit it."""

    number: int
    at: str
    system: str
    method: str
    path: str
    query: str
    status: int
    milliseconds: float
    bytes_sent: int
    fault: str


class RequestsLog:
    """The last 50,000 requests, and counts of all of them since the last `clear`."""

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=KEPT)
        self.by_endpoint: Counter[str] = Counter()
        self.by_system: Counter[str] = Counter()
        self.by_status: Counter[str] = Counter()
        self.total = 0

    def next_number(self) -> int:
        """The number of the request that starts now, from 1."""
        self.total += 1
        return self.total

    def add(self, entry: Entry) -> None:
        """Notes a request that has been answered."""
        self.entries.append(entry)
        self.by_endpoint[f"{entry.method} {endpoint_of(entry.path)}"] += 1
        self.by_system[entry.system] += 1
        self.by_status[str(entry.status)] += 1

    def clear(self) -> None:
        """Forgets everything and counts from zero again."""
        self.entries.clear()
        for counter in (self.by_endpoint, self.by_system, self.by_status):
            counter.clear()
        self.total = 0

    def summary(self, *, system: str = "", path: str = "", limit: int = 1000) -> dict[str, object]:
        """The counts, and the newest `limit` requests in order, those of one system or matching a path pattern if asked."""
        pattern = re.compile(path)
        chosen = [
            asdict(entry)
            for entry in self.entries
            if (not system or entry.system == system) and pattern.search(entry.path)
        ]
        return {
            "total": self.total,
            "by_system": dict(sorted(self.by_system.items())),
            "by_endpoint": dict(sorted(self.by_endpoint.items())),
            "by_status": dict(sorted(self.by_status.items())),
            "requests": chosen[-limit:] if limit > 0 else [],
        }


def system_of(path: str) -> str:
    """Which of the two systems a path belongs to: xero or salesforce."""
    return "salesforce" if path.startswith(("/services/", "/id/")) else "xero"


def endpoint_of(path: str) -> str:
    """The path with record ids replaced by {id}, so that calls count by endpoint."""
    if path.startswith(ACCOUNTING):
        return KEY.sub(r"\1/{id}", path)
    path = GUID.sub("{id}", path)
    return SALESFORCE_ID.sub("{id}", path) if path.startswith("/services/") else path
