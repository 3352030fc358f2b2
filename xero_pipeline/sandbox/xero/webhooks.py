"""Webhooks: which changes become events, in which deliveries they leave, how these are signed, and when they are tried again.

Source: xero.md section 6 and the published xero-webhooks.yaml. Deliveries leave one at a time in the order of their events, and
one that fails is tried again every 15 minutes of the sandbox's clock for a day; then the subscription is disabled and the
events wait. It does no I/O: `webhook_sender` posts what `due` gives. Every method may be called from any thread.

A payment moves its invoice's stamp, so it makes an INVOICE event; whether it does at Xero is in no source (xero.md section 10).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import string
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.index import ID_FIELDS
from xero_pipeline.sandbox.xero.record import Record, instant_of, text_of

Json = dict[str, object]

CATEGORIES = {
    "Contacts": "CONTACT",
    "Invoices": "INVOICE",
    "CreditNotes": "CREDITNOTE",
    "Prepayments": "PREPAYMENT",
    "Overpayments": "OVERPAYMENT",
}
RETRY_EVERY = timedelta(minutes=15)
RETRY_FOR = timedelta(hours=24)
ENTROPY_LENGTH = 20
MOST_EVENTS = 1000
KEPT_ATTEMPTS = 200


class Status(Enum):
    """Of a subscription: intent to receive not yet proven, proven, or refused; given up after a day of failures."""

    PENDING = "pending"
    OK = "ok"
    REFUSED = "intent to receive refused"
    DISABLED = "disabled"


@dataclass(slots=True)
class Delivery:
    """One POST: its events with their first and last sequence numbers, tried `attempts` times, next at `due` (aware)."""

    events: list[Json]
    first: int
    last: int
    due: datetime
    attempts: int = 0
    began: datetime | None = None


@dataclass(slots=True)
class Subscription:
    """Where events go, the key they are signed with, and which categories are wanted."""

    url: str
    key: str
    categories: frozenset[str]
    status: Status = Status.PENDING


@dataclass(frozen=True, slots=True)
class Attempt:
    """One POST that was made: when (aware), for which sequences, and the outcome in a word or two."""

    at: datetime
    first: int
    last: int
    outcome: str

    def shown(self) -> Json:
        """As the control API tells it."""
        return {"at": self.at.isoformat(), "first": self.first, "last": self.last, "outcome": self.outcome}


@dataclass(slots=True)
class Webhooks:
    """The one subscription of a sandbox, for all of its organisations. `base_url` is where their API is."""

    base_url: str = ""
    subscription: Subscription | None = None
    sequence: int = 0
    deliveries: deque[Delivery] = field(default_factory=deque)
    attempts: deque[Attempt] = field(default_factory=lambda: deque(maxlen=KEPT_ATTEMPTS))
    changed: bool = False
    _stamps: dict[str, dict[str, datetime | None]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def subscribe(self, books: Iterable[Book], url: str, key: str, categories: Iterable[str]) -> Subscription:
        """Sends events to `url` from now on, once it has shown its intent to receive; a key of "" is given one.

        Events that an earlier subscription could not deliver wait for this one. ValueError for a category there is none of.
        """
        wanted = frozenset(category.upper() for category in categories) or frozenset(CATEGORIES.values())
        if unknown := wanted - set(CATEGORIES.values()):
            raise ValueError(f"There is no category {', '.join(sorted(unknown))}.")
        with self._lock:
            self.subscription = Subscription(url, key or secrets.token_urlsafe(32), wanted)
            self.changed = True
            self.watch(books)
            return self.subscription

    def unsubscribe(self) -> None:
        """Sends nothing any more, and forgets what was not delivered."""
        with self._lock:
            self.subscription = None
            self.deliveries.clear()
            self._stamps.clear()
            self.changed = True

    def watch(self, books: Iterable[Book]) -> None:
        """Takes the stamps of every record as they are, so that what changes from now on can be told from what does not."""
        if self.subscription is None:
            return
        categories = self.subscription.categories
        self._stamps = {plural: {} for plural, category in CATEGORIES.items() if category in categories}
        for book in books:
            for plural, stamps in self._stamps.items():
                for record_id, record in book.collections[plural].items():
                    stamps[record_id] = instant_of(record, "UpdatedDateUTC")

    def note(self, book: Book, changes: Iterable[tuple[str, str]], now: datetime) -> None:
        """Makes events of the changed (plural, id) pairs whose stamp moved; a change Xero does not stamp makes none."""
        if self.subscription is None:
            return
        with self._lock:
            events: list[tuple[datetime, str, Json]] = []
            for plural, record_id in changes:
                stamps = self._stamps.get(plural)
                record = book.collections[plural].get(record_id) if stamps is not None else None
                if stamps is None or record is None:
                    continue
                stamp, known = instant_of(record, "UpdatedDateUTC"), record_id in stamps
                if stamp is not None and stamps.get(record_id) != stamp:
                    stamps[record_id] = stamp
                    kind = "UPDATE" if known else "CREATE"
                    events.append((stamp, record_id, self._event(book, plural, record, stamp, kind)))
            events.sort(key=lambda event: event[:2])
            self._queue([event for _, _, event in events], now)

    def due(self, now: datetime) -> Delivery | None:
        """The delivery to post now, if any: the oldest, once its time has come and the receiver's intent is proven."""
        with self._lock:
            if self.subscription is None or self.subscription.status is not Status.OK or not self.deliveries:
                return None
            return self.deliveries[0] if self.deliveries[0].due <= now else None

    def delivered(self, delivery: Delivery, outcome: str, now: datetime, *, accepted: bool) -> None:
        """Takes note of a post: an accepted one is done with, another is due again in 15 minutes or, after a day, given up."""
        with self._lock:
            self.attempts.append(Attempt(now, delivery.first, delivery.last, outcome))
            if self.subscription is None or not self.deliveries or self.deliveries[0] is not delivery:
                return
            self.changed = True
            if accepted:
                self.deliveries.popleft()
                return
            delivery.attempts += 1
            delivery.began = delivery.began or now
            delivery.due = now + RETRY_EVERY
            if now - delivery.began >= RETRY_FOR:
                self.subscription.status = Status.DISABLED
                delivery.began, delivery.due = None, now

    def proven(self, subscription: Subscription, outcome: str, now: datetime, *, accepted: bool) -> None:
        """Takes note of how the receiver answered the intent to receive."""
        with self._lock:
            self.attempts.append(Attempt(now, 0, 0, outcome))
            subscription.status = Status.OK if accepted else Status.REFUSED
            self.changed = True

    def shown(self) -> Json:
        """The subscription, what waits and what was tried, for the control API."""
        with self._lock:
            subscription = self.subscription
            return {
                "url": None if subscription is None else subscription.url,
                "key": None if subscription is None else subscription.key,
                "categories": [] if subscription is None else sorted(subscription.categories),
                "status": None if subscription is None else subscription.status.value,
                "waiting": sum(len(delivery.events) for delivery in self.deliveries),
                "attempts": [attempt.shown() for attempt in self.attempts],
            }

    def dump(self) -> Json:
        """What `load` needs to go on after a restart."""
        with self._lock:
            return {
                "subscription": None
                if self.subscription is None
                else {
                    "url": self.subscription.url,
                    "key": self.subscription.key,
                    "categories": sorted(self.subscription.categories),
                    "status": self.subscription.status.value,
                },
                "sequence": self.sequence,
                "events": [event for delivery in self.deliveries for event in delivery.events],
            }

    @classmethod
    def load(cls, kept: Json, books: Iterable[Book], now: datetime) -> Webhooks:
        """The webhooks that `dump` described; what had not been delivered is due at once."""
        loaded = cls()
        subscription, events, sequence = kept["subscription"], kept["events"], int(str(kept["sequence"]))
        if isinstance(subscription, dict) and isinstance(events, list):
            status = Status(subscription.pop("status"))
            categories = frozenset(subscription.pop("categories"))
            loaded.subscription = Subscription(**subscription, categories=categories, status=status)
            loaded.sequence = sequence - len(events)
            loaded._queue(events, now)
            loaded.watch(books)
        loaded.sequence = sequence
        return loaded

    def _queue(self, events: list[Json], now: datetime) -> None:
        for start in range(0, len(events), MOST_EVENTS):
            some = events[start : start + MOST_EVENTS]
            self.deliveries.append(Delivery(some, self.sequence + 1, self.sequence + len(some), now))
            self.sequence += len(some)
            self.changed = True

    def _event(self, book: Book, plural: str, record: Record, stamp: datetime, kind: str) -> Json:
        record_id = text_of(record, ID_FIELDS[plural])
        event: Json = {
            "resourceUrl": f"{self.base_url}/api.xro/2.0/{plural}/{record_id}",
            "resourceId": record_id,
            "tenantId": text_of(book.organisation, "OrganisationID"),
            "tenantType": "ORGANISATION",
            "eventCategory": CATEGORIES[plural],
            "eventType": kind,
            "eventDateUtc": stamp.isoformat(timespec="milliseconds")[:23],
        }
        if plural == "CreditNotes":
            event["data"] = {"Type": record["Type"], "Status": record["Status"]}
        return event


def payload(events: list[Json], first: int, last: int) -> bytes:
    """The body of a delivery; the intent to receive is one of no events, numbered 0."""
    entropy = "".join(secrets.choice(string.ascii_uppercase) for _ in range(ENTROPY_LENGTH))
    content = {"events": events, "firstEventSequence": first, "lastEventSequence": last, "entropy": entropy}
    return json.dumps(content, separators=(",", ":")).encode()


def signature(body: bytes, key: str) -> str:
    """`x-xero-signature`: the base64 of the HMAC-SHA256 of the raw body, with the key's own UTF-8 bytes."""
    return base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()
