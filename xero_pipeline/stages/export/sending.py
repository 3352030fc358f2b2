"""Send what waits in the outbox, in batches: each call is written down before it is made, and settled before the next.

A call whose answer was lost is made again with the same key while Xero remembers it, which is six minutes (xero.md section 3);
after that, or once Xero has answered with an internal error, its records are looked up by their natural keys, and only those that
Xero does not have are sent anew. Nothing is ever sent on a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from xero_pipeline.domain.errors import OutcomeUnknown, Permanent, PipelineError, Transient
from xero_pipeline.stages.export.kinds import Kind
from xero_pipeline.stages.reading import encoding, merge, write
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session
from xero_pipeline.warehouse.connection import WarehouseConnection
from xero_pipeline.warehouse.exact_json import encoded
from xero_pipeline.warehouse.loader import Load
from xero_pipeline.warehouse.outbox import Delivery, Lines, Outbox
from xero_pipeline.xero import pages
from xero_pipeline.xero.answers import Answer
from xero_pipeline.xero.endpoints import ENDPOINTS
from xero_pipeline.xero.pages import Page
from xero_pipeline.xero.records import Invoice
from xero_pipeline.xero.wire import Record
from xero_pipeline.xero.writing import BATCH, REPEATABLE, SETTLED

# How often a call is made in one run, and how often what came to nothing is sent anew, before it is left to the next run.
_TRIES = 3
_PAUSE = 2.0


class Sender:
    """Sends one kind of record of one run. `conn` is its own: it commits before and after every call."""

    def __init__(self, session: Session, conn: WarehouseConnection, kind: Kind, report: StageReport) -> None:
        self._session = session
        self._conn = conn
        self._kind = kind
        self._report = report
        self._outbox = Outbox(conn, session.org_id, kind.object_name, session.run_id, session.clock)

    def settle_doubts(self) -> int:
        """Find out what became of every call that was begun and not settled, by this run or one that died; how many there were.

        Raises what the client raises when Xero cannot be asked; what is in doubt then stays so.
        """
        doubts = self._outbox.in_doubt()
        for deliveries in doubts:
            age = self._session.clock() - (deliveries[0].called_at or self._session.started_at)
            if age < REPEATABLE:
                self._make(deliveries, first=False)
            elif age >= SETTLED:
                self._look_up(deliveries)
            else:
                self._report.problems.append(
                    f"What became of {len(deliveries)} {self._kind.plural} can be looked up {SETTLED - age} from now."
                )
        return len(doubts)

    def send(self) -> None:
        """Send everything that waits. Raises Transient when some of it could not be sent in this run and waits for the next."""
        self.settle_doubts()
        for _ in range(_TRIES):
            ready = self._outbox.ready()
            self._conn.commit()
            if not ready:
                return
            for deliveries in _batches(ready, self._kind):
                self._call(deliveries)
        waiting = len(self._outbox.ready())
        self._conn.commit()
        if waiting:
            raise Transient(f"Xero failed {_TRIES} times to take {waiting} {self._kind.plural}, and has none of them.")

    def _call(self, deliveries: Sequence[Delivery]) -> None:
        if self._session.lock is not None:
            # Another run may have begun where the lock was lost, and two must never send the same.
            self._session.lock.check()
        called = self._outbox.call(deliveries)
        self._conn.commit()
        self._make(called, first=True)

    def _make(self, deliveries: Sequence[Delivery], *, first: bool) -> None:
        """Make the call until it is answered, and settle it. `first`: nothing was sent under its key before.

        What an answer says, it says of its own request. So only where there was no other under the key does an internal error,
        or a refusal, tell that nothing is at work any more; otherwise the call stays in doubt until Xero has forgotten its key,
        by when every request has long ended. Raises what the client raises.
        """
        payloads = [each.payload or {} for each in deliveries]
        writer = self._session.xero.writer
        request = writer.post if self._kind.is_edit(deliveries[0]) else writer.put
        key = str(deliveries[0].call_key)
        begun = deliveries[0].called_at or self._session.clock()
        for attempt in range(1, _TRIES + 1):
            only = first and attempt == 1
            try:
                answers = request(
                    self._kind.plural, payloads, key=key, within=begun + REPEATABLE - self._session.clock()
                )
            except OutcomeUnknown as error:
                if error.answered and only:
                    self._settle_refused(deliveries, error)
                    return
                if error.answered or attempt == _TRIES:
                    raise
                self._session.sleep(_PAUSE * attempt)
            except PipelineError as error:
                if not only:
                    raise
                self._outbox.not_done(deliveries)
                self._conn.commit()
                if not isinstance(error, Permanent):
                    raise
                self._halve(deliveries, error)
                return
            else:
                self._settle(deliveries, answers)
                return

    def _settle(self, deliveries: Sequence[Delivery], answers: Sequence[Answer]) -> None:
        adopted: list[Record] = []
        for delivery, answer in zip(deliveries, answers, strict=True):
            if answer.ok:
                record_id = str(answer.record[self._kind.id_field])
                self._outbox.succeeded(delivery, record_id, dict(answer.record), _lines_of(delivery, answer))
                self._report.sent += 1
                continue
            found = self._kind.adopt(self._session, delivery, answer)
            if found is not None:
                self._outbox.succeeded(delivery, self._kind.id_of(found))
                adopted.append(found)
            else:
                self._fail(delivery, answer.messages, dict(answer.record))
        good = [dict(answer.record) for answer in answers if answer.ok]
        endpoint = ENDPOINTS[self._kind.endpoint]
        if good:
            self._stage(pages.read(endpoint, encoded({endpoint.plural: good})))
        if adopted:
            self._stage(Page(endpoint, adopted, ()))
        self._conn.commit()

    def _settle_refused(self, deliveries: Sequence[Delivery], error: OutcomeUnknown) -> None:
        """Xero answered with a failure: what it refused by name is settled, what became of the rest is looked up."""
        for place, messages in error.refused.items():
            self._fail(deliveries[place], messages, None)
        self._conn.commit()
        open_ones = [each for place, each in enumerate(deliveries) if place not in error.refused]
        if open_ones:
            self._look_up(open_ones)

    def _look_up(self, deliveries: Sequence[Delivery]) -> None:
        endpoint = ENDPOINTS[self._kind.endpoint]
        edits = [each for each in deliveries if self._kind.is_edit(each)]
        created = [each for each in deliveries if not self._kind.is_edit(each)]
        found = self._kind.look_up(self._session, created) if created else {}
        if edits and not self._kind.repeatable:
            # What the edit has left decides what there is still to do, and the next plan sees it.
            for page in self._session.xero.writer.invoices([str(each.remote_id) for each in edits if each.remote_id]):
                self._stage(page)
            self._outbox.plan_anew(edits)
        elif edits:
            self._outbox.not_done(edits)
        for delivery in created:
            if delivery.id in found:
                record = found[delivery.id]
                self._outbox.succeeded(delivery, self._kind.id_of(record), None, _lines_found(delivery, record))
                self._report.sent += 1
        if found:
            self._stage(Page(endpoint, list(found.values()), ()))
        missing = [each for each in created if each.id not in found]
        if missing:
            self._outbox.not_done(missing)
        self._conn.commit()

    def _halve(self, deliveries: Sequence[Delivery], error: Permanent) -> None:
        """Xero refused the request as a whole: find the record that is to blame, so that it fails none of its neighbours."""
        if len(deliveries) == 1:
            self._fail(deliveries[0], (error.message,), None)
            self._conn.commit()
            return
        middle = len(deliveries) // 2
        self._call(deliveries[:middle])
        self._call(deliveries[middle:])

    def _fail(self, delivery: Delivery, messages: Sequence[str], response: object) -> None:
        said = " ".join(messages) or "Xero refused it without saying why."
        self._outbox.failed(
            delivery, step=self._kind.step, cause=cause_of(said), code="refused_by_xero", error=said, response=response
        )
        self._report.failed += 1

    def _stage(self, page: Page) -> None:
        """Put what Xero answered into the tables at once: the next plan must see what this one has done."""
        load = Load(self._conn, self._session.org_id, self._session.started_at, self._session.run_id)
        write(self._session, self._conn, load, encoding(self._session)(page), self._report)
        merge(self._session, load, page.endpoint, self._report, seen_before=None, first=False)
        self._conn.commit()


def cause_of(message: str) -> str:
    """What refusals with one root have in common: Xero's words without the numbers, ids and names that differ."""
    plain = re.sub(r"'[^']*'|\"[^\"]*\"|[0-9a-f]{8}-[0-9a-f-]{27}|\d[\d.,:/-]*", "…", message, flags=re.IGNORECASE)
    return f"xero:{' '.join(plain.split())}"[:250]


def _batches(ready: Sequence[Delivery], kind: Kind) -> Iterator[Sequence[Delivery]]:
    for edit in (False, True):
        alike = [delivery for delivery in ready if kind.is_edit(delivery) is edit]
        for start in range(0, len(alike), BATCH):
            yield alike[start : start + BATCH]


def _lines_of(delivery: Delivery, answer: Answer) -> Lines | None:
    """The lines with the ids that Xero gave to new ones: it answers with the lines in the order they were sent in."""
    return _paired(delivery, [str(line.get("LineItemID") or "") for line in answer.record.get("LineItems") or ()])


def _lines_found(delivery: Delivery, record: Record) -> Lines | None:
    if not isinstance(record, Invoice):
        return None
    return _paired(delivery, [line.line_item_id or "" for line in record.line_items or ()])


def _paired(delivery: Delivery, answered: Sequence[str]) -> Lines | None:
    if delivery.lines is None or delivery.payload is None:
        return None
    named = {line.get("LineItemID") for line in delivery.payload["LineItems"]}
    new = iter([item_id for item_id in answered if item_id and item_id not in named])
    return [(line_id, item_id or next(new, None)) for line_id, item_id in delivery.lines]
