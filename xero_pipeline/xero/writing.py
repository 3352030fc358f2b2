"""What writes to one Xero organisation, and the look-ups by which whoever writes learns what it holds already.

Nothing here sends a write again whose outcome is not known: that is decided by who keeps its key, and when it was called. Two
times follow from what Xero remembers (xero.md section 3, Idempotency-Key), both counted from just before the first call:

* until REPEATABLE the same request may go again under the same key, for Xero knows the key when it gets there;
* from SETTLED on, nothing under that key can be at work, and a look-up by natural key tells what was done.

In between there is nothing to do but wait. Only a first call that Xero itself answered, with a failure, is looked up at once.
What the look-up does not find goes again under a new key. All calls here may use the share of the budget kept for exports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx

from xero_pipeline.domain.errors import Permanent
from xero_pipeline.xero import answers, endpoints, faults
from xero_pipeline.xero.answers import Answer
from xero_pipeline.xero.bodies import body
from xero_pipeline.xero.calls import Calls
from xero_pipeline.xero.dates import instant
from xero_pipeline.xero.pages import Page, Unreadable
from xero_pipeline.xero.reading import IDS_PER_CALL, Reader
from xero_pipeline.xero.records import Contact, Invoice
from xero_pipeline.xero.setting_records import Item

# Xero recommends no more a request (xero.md section 3, Batch).
BATCH = 50
LONGEST_KEY = 128
# Without this Xero keeps two decimals of a unit amount, on writing as on reading (xero.md section 1).
_FOUR_DECIMALS = {"Invoices": {"unitdp": "4"}, "Items": {"unitdp": "4"}}

# A key is remembered for six minutes, from when Xero first sees it. A call may be under way for two before Xero looks at its key,
# twice as long as an answer is waited for.
REPEATABLE = timedelta(minutes=4)
# The last call under a key was sent by REPEATABLE; two minutes to get there, and two to be done.
SETTLED = timedelta(minutes=8)
_COLUMN = {"Name": "name", "AccountNumber": "account_number"}

T = TypeVar("T")
Element = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HistoryRecord:
    """One entry of a record's history: what it says, who wrote it, and when, aware UTC; a note is one."""

    details: str
    user: str
    at: datetime | None


class Writer:
    """Writes to one organisation. Safe to share between threads.

    `put`, `post` and `add_history` raise OutcomeUnknown when something may have been done; Permanent, Throttled, Transient
    and Reconnect when this request did nothing, which says nothing of an earlier one under the same key.
    """

    def __init__(self, calls: Calls, clock: Callable[[], datetime]) -> None:
        self._calls = calls
        self._reader = Reader(calls, clock, exporting=True)

    def put(
        self, plural: str, elements: Sequence[Element], *, key: str, within: timedelta | None = None
    ) -> list[Answer]:
        """Create `elements`, 50 at most, of `plural` (Invoices, Contacts, Items): an answer each, in the same order.

        One that Xero refuses does not fail its neighbours. PUT never changes a record that is there: a number, a contact
        number or a code in use is refused. `key` is the Idempotency-Key, 128 ASCII characters at most: the same key and
        elements within six minutes give the same answers and write nothing. No elements cost no call.

        A call may have to wait for its turn. `within` is the time that is left until REPEATABLE: past it nothing is sent, and
        Transient is raised.
        """
        return self._batch("PUT", plural, elements, key, within)

    def post(
        self, plural: str, elements: Sequence[Element], *, key: str, within: timedelta | None = None
    ) -> list[Answer]:
        """Create or update: an element with an id, or a natural key that is known, changes that record. Otherwise as `put`.

        Lines of an invoice that are not sent by their LineItemID are deleted; without LineItems they stay as they are.
        """
        return self._batch("POST", plural, elements, key, within)

    def add_history(
        self, plural: str, record_id: str, details: str, *, key: str, within: timedelta | None = None
    ) -> None:
        """Add a note of 2,500 characters at most to a record's history, where it can be neither changed nor deleted."""
        path = f"{plural}/{record_id}/History"

        def read(response: httpx.Response) -> None:
            if response.status_code == 400:
                raise faults.of_write(response, f"PUT {path}")
            said = answers.messages_of(answers.decoded(response.content))
            if said:
                raise Permanent(f"Xero refuses a note on {plural} {record_id}: {' '.join(said)}")

        content = body("HistoryRecords", [{"Details": details}])
        self._calls.write("PUT", "history", path, read, {}, content, key=_usable(key), within=_seconds(within))

    def history(self, plural: str, record_id: str) -> list[HistoryRecord]:
        """A record's history as Xero gives it, the newest first; empty when Xero knows no such record."""

        def read(response: httpx.Response) -> list[HistoryRecord]:
            if response.status_code == 404:
                return []
            return [
                _history_record(entry)
                for entry in answers.elements(answers.decoded(response.content), "HistoryRecords")
            ]

        return self._look("history", f"{plural}/{record_id}/History", read, (404,))

    def online_invoice_url(self, invoice_id: str) -> str | None:
        """Where the customer sees an invoice; None when there is no such page, as for a draft or a bill."""

        def read(response: httpx.Response) -> str | None:
            # A draft is refused; whether by 404 or 400 is not documented.
            if response.status_code != 200:
                return None
            pages = answers.elements(answers.decoded(response.content), "OnlineInvoices")
            return str(pages[0].get("OnlineInvoiceUrl") or "") or None if pages else None

        return self._look("online_invoices", f"Invoices/{invoice_id}/OnlineInvoice", read, (400, 404))

    def invoices_of(self, contact_ids: Sequence[str] | None, *, modified_since: datetime | None) -> Iterator[Invoice]:
        """Every sales invoice of these contacts that changed since, deleted and voided ones too, with its lines and its Url.

        It is how an invoice is found by its Url, which Xero cannot be asked for: none that was there when the reading began
        is left out, and one may come twice. None means every contact: the invoices of a contact that was merged into another
        since are the other one's, and would not be found under the first. `modified_since`, aware, should lie some minutes
        before the call that is in doubt, because Xero's clock is another; None reads all of them. Raises as `fetch` does, and
        Permanent when an invoice cannot be read, since it might be the one.
        """
        for params in _chosen(contact_ids):
            for page in self._reader.fetch(endpoints.INVOICES, modified_since, params=params):
                for bad in page.bad:
                    raise Permanent(f"What Xero has of these contacts is not certain: {bad.message}")
                yield from (record for record in page.records if isinstance(record, Invoice))

    def invoices(self, invoice_ids: Sequence[str]) -> Iterator[Page]:
        """These invoices as they are now, 40 a call: what an edit of them begins from. Raises as `fetch` does."""
        return self._reader.fetch(endpoints.INVOICES, ids=invoice_ids)

    def contact_by_number(self, contact_number: str) -> Contact | None:
        """The contact that carries this ContactNumber, archived or not; None when there is none."""
        found = self._reader.one(endpoints.CONTACTS, contact_number)
        # An id is looked for in the same place.
        return found if isinstance(found, Contact) and found.contact_number == contact_number else None

    def contacts_named(self, name: str) -> list[Contact]:
        """The contacts of this name, archived ones too; Xero compares without case and accents."""
        return self._contacts("Name", name)

    def contacts_numbered(self, account_number: str) -> list[Contact]:
        """The contacts of this AccountNumber, archived ones too; Xero compares without case and accents."""
        return self._contacts("AccountNumber", account_number)

    def item_by_code(self, code: str) -> Item | None:
        """The item of this code, exactly; None when there is none."""
        found = self._reader.one(endpoints.ITEMS, code)
        return found if isinstance(found, Item) and found.code == code else None

    def _batch(
        self, method: str, plural: str, elements: Sequence[Element], key: str, within: timedelta | None
    ) -> list[Answer]:
        if plural not in answers.IDENTITY:
            raise ValueError(f"{plural} are not written")
        if len(elements) > BATCH:
            raise ValueError(f"{len(elements)} {plural} are more than the {BATCH} of one request")
        usable = _usable(key)
        if not elements:
            return []
        params = {"summarizeErrors": "false", **_FOUR_DECIMALS.get(plural, {})}
        read = answers.reader(plural, elements, f"{method} {plural}")
        content = body(plural, elements)
        return self._calls.write(
            method, plural.lower(), plural, read, params, content, key=usable, within=_seconds(within)
        )

    def _contacts(self, field: str, value: str) -> list[Contact]:
        # A quotation mark would end the text of a filter, and how Xero has it escaped is not documented. A search needs none.
        plain = '"' not in value and "\\" not in value
        params = {"where": f'{field}=="{value}"'} if plain else {"searchTerm": value}
        found: dict[str, Contact] = {}
        for page in self._reader.fetch(endpoints.CONTACTS, params=params):
            for bad in page.bad:
                raise Permanent(f"Which contacts have the {field} {value!r} is not certain: {bad.message}")
            for record in page.records:
                if isinstance(record, Contact) and (plain or _same(getattr(record, _COLUMN[field]), value)):
                    found[record.contact_id] = record
        return list(found.values())

    def _look(self, endpoint: str, path: str, read: Callable[[httpx.Response], T], accepts: tuple[int, ...]) -> T:
        return self._calls.get(endpoint, path, read, {}, {}, accepts=accepts, exporting=True)


def _chosen(contact_ids: Sequence[str] | None) -> Iterator[dict[str, str]]:
    if contact_ids is None:
        yield dict(endpoints.SALES_INVOICES_ONLY)
        return
    for start in range(0, len(contact_ids), IDS_PER_CALL):
        batch = ",".join(contact_ids[start : start + IDS_PER_CALL])
        yield {**endpoints.SALES_INVOICES_ONLY, "ContactIDs": batch}


def _usable(key: str) -> str:
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise ValueError(f"{key!r} cannot be an idempotency key: 1 to {LONGEST_KEY} printable ASCII characters")
    return key


def _seconds(within: timedelta | None) -> float | None:
    return None if within is None else within.total_seconds()


def _same(one: str | None, other: str) -> bool:
    return (one or "").casefold() == other.casefold()


def _history_record(entry: Element) -> HistoryRecord:
    try:
        at = instant(entry.get("DateUTC") or entry.get("DateUTCString"))
    except ValueError as error:
        raise Unreadable(str(error)) from error
    return HistoryRecord(str(entry.get("Details") or ""), str(entry.get("User") or ""), at)
