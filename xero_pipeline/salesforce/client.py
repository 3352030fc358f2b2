"""Talking to one Salesforce org: who it is, what it offers, queries page by page, and record calls for `collections`."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TypeVar, cast

import httpx

from xero_pipeline.domain.errors import Permanent, Transient
from xero_pipeline.salesforce.calls import Budget, Calls
from xero_pipeline.salesforce.describe import Field, field_of
from xero_pipeline.salesforce.faults import DEPLOY_PACKAGE, Refused
from xero_pipeline.salesforce.oauth import SalesforceAuth
from xero_pipeline.salesforce.values import Json, encode

T = TypeVar("T")

API_VERSION = "66.0"
_IDENTITY = re.compile(r"/id/(00D[0-9A-Za-z]{12,15})/(005[0-9A-Za-z]{12,15})/?$")
_PAGE_PATH = re.compile(r"/services/data/v\d+\.\d/[A-Za-z]+/[\w.-]+")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a query. `total` is the size of the whole result, as Salesforce counted it when the query began."""

    records: tuple[Json, ...]
    total: int
    number: int
    done: bool


class SalesforceClient:
    """One connection to one org for one run, used by one thread at a time. Close it, or use it as a context manager.

    Nothing is sent before the first call; then it logs in (JWT bearer with `private_key`, else client credentials) and makes
    sure that the org still offers `api_version`. `transport` and `sleep` are for tests.

    Every method raises only the kinds of `domain.errors`: Reconnect for a dead connection, Throttled for a spent limit,
    Transient for what passes, Permanent for what does not.
    """

    def __init__(
        self,
        login_url: str,
        client_id: str,
        *,
        client_secret: str = "",
        private_key: str = "",
        username: str = "",
        audience: str = "",
        api_version: str = API_VERSION,
        budget_share: float = 0.8,
        timeout: float = 120.0,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._auth = SalesforceAuth(
            login_url,
            client_id,
            client_secret=client_secret,
            private_key=private_key,
            username=username,
            audience=audience,
        )
        self._calls = Calls(
            self._auth, login_url, budget_share=budget_share, timeout=timeout, transport=transport, sleep=sleep
        )
        self.api_version = api_version
        self._connected = False
        self._described: dict[str, dict[str, Field] | None] = {}

    def __enter__(self) -> SalesforceClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._calls.close()

    @property
    def calls(self) -> int:
        """Requests made to the data API, repeats included, logins not."""
        return self._calls.calls

    @property
    def bytes(self) -> int:
        """Bytes received, compressed as they came."""
        return self._calls.bytes_received

    @property
    def bytes_sent(self) -> int:
        return self._calls.bytes_sent

    @property
    def logins(self) -> int:
        return self._auth.logins

    @property
    def budget(self) -> Budget | None:
        """The org's API requests of the last 24 hours, as the newest answer told; None before the first."""
        return self._calls.budget

    @property
    def instance_url(self) -> str:
        self.connect()
        return self._auth.instance_url

    @property
    def org_id(self) -> str:
        """The id of the org, 18 characters, starting with 00D."""
        return self._identity()[0]

    @property
    def user_id(self) -> str:
        """The id of the user the sync runs as, 18 characters, starting with 005."""
        return self._identity()[1]

    def connect(self) -> None:
        """Log in and make sure that the org offers the API version. Does nothing the second time."""
        if self._connected:
            return
        offered = self._calls.send("GET", "/services/data", doing="reading the API versions")
        versions = (
            [str(v.get("version")) for v in offered if isinstance(v, Mapping)] if isinstance(offered, list) else []
        )
        if self.api_version not in versions:
            raise Permanent(
                f"The Salesforce org does not offer API version {self.api_version}, only "
                f"{', '.join(versions[-3:]) or 'none that can be read'}.",
                next_step="Use a version of xero_pipeline that was built for one of these.",
            )
        self._connected = True

    def _identity(self) -> tuple[str, str]:
        self.connect()
        found = _IDENTITY.search(httpx.URL(self._auth.identity_url).path)
        if not found:
            raise Permanent("Salesforce did not say which org and user the login belongs to.")
        return found[1], found[2]

    def call(
        self,
        method: str,
        path: str,
        *,
        doing: str,
        params: Mapping[str, str] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> object:
        """One call below /services/data/vXX.X that is safe to repeat; the decoded JSON of the answer."""
        self.connect()
        content = None if body is None else encode(body)
        return self._calls.send(
            method,
            f"/services/data/v{self.api_version}/{path}",
            doing=doing,
            params=params,
            content=content,
            headers=headers,
        )

    def upload(self, path: str, text: str, *, doing: str) -> None:
        """Hand over CSV below /services/data/vXX.X."""
        self.connect()
        headers = {"Content-Type": "text/csv; charset=UTF-8"}
        self._calls.send(
            "PUT", f"/services/data/v{self.api_version}/{path}", doing=doing, content=text.encode(), headers=headers
        )

    def download(
        self,
        path: str,
        read: Callable[[httpx.Response], T],
        *,
        doing: str,
        params: Mapping[str, str] | None = None,
    ) -> T | None:
        """What `read` makes of CSV from below /services/data/vXX.X; None of an empty answer.

        `read` raises ValueError for an answer that is not whole, which is then asked for again.
        """
        self.connect()
        path = f"/services/data/v{self.api_version}/{path}"
        headers = {"Accept": "text/csv"}
        return cast(T | None, self._calls.send("GET", path, doing=doing, params=params, headers=headers, read=read))

    def pause(self, seconds: float) -> None:
        """Wait about that long before trying again what another user of the org stands in the way of."""
        self._calls.pause(seconds)

    def limits(self) -> dict[str, tuple[int, int]]:
        """Every limit of the org by Salesforce's name (DailyApiRequests, …): remaining, and the most there can be."""
        answer = self.call("GET", "limits", doing="reading the org's limits")
        entries = answer.items() if isinstance(answer, Mapping) else ()
        return {
            str(name): (int(entry["Remaining"]), int(entry["Max"]))
            for name, entry in entries
            if isinstance(entry, Mapping) and "Remaining" in entry and "Max" in entry
        }

    def offers(self, object_name: str) -> bool:
        """Whether the org has the object and the user may see it (orders, for one, can be switched off)."""
        return self._described_fields(object_name) is not None

    def describe(self, object_name: str) -> Mapping[str, Field]:
        """The fields of an object that the user can see, by name; asked once a run.

        Raises Permanent when the object is not there. A field that nobody gave the user access to is not there either
        (salesforce.md 6.12).
        """
        fields = self._described_fields(object_name)
        if fields is None:
            raise Permanent(
                f"The Salesforce org has no object {object_name}, or the user may not see it.", next_step=DEPLOY_PACKAGE
            )
        return fields

    def _described_fields(self, object_name: str) -> dict[str, Field] | None:
        if object_name not in self._described:
            try:
                answer = self.call("GET", f"sobjects/{object_name}/describe", doing=f"describing {object_name}")
            except Refused as error:
                if error.code not in ("NOT_FOUND", "INVALID_TYPE"):
                    raise
                self._described[object_name] = None
            else:
                fields = answer.get("fields") if isinstance(answer, Mapping) else None
                if not isinstance(fields, list):
                    raise Transient(f"Salesforce described {object_name} without its fields.")
                self._described[object_name] = {str(field["name"]): field_of(field) for field in fields}
        return self._described[object_name]

    def query(self, soql: str, *, include_deleted: bool = True) -> Iterator[Page]:
        """The pages of a query, soft-deleted, merged and archived records included unless told otherwise.

        Raises CursorExpired (a Transient) when the cursor died between two pages: ask again from the last row read. Refuses
        pages without end: one that leads back to an earlier page, or more rows than the result has, is Transient.
        """
        doing = f"reading {_subject(soql)}"
        answer = self.call(
            "GET",
            "queryAll" if include_deleted else "query",
            doing=doing,
            params={"q": soql},
            headers={"Sforce-Query-Options": "batchSize=2000"},
        )
        seen: set[str] = set()
        rows = number = 0
        while True:
            number += 1
            page, following = _page(answer, number, doing)
            rows += len(page.records)
            if rows > page.total:
                raise Transient(f"Salesforce sent more rows than the {page.total} it announced while {doing}.")
            yield page
            if page.done:
                return
            if following in seen or not page.records:
                raise Transient(f"Salesforce sent the same page again and again while {doing}.")
            seen.add(following)
            answer = self._calls.send("GET", following, doing=doing, headers={"Sforce-Query-Options": "batchSize=2000"})

    def records(self, soql: str, *, include_deleted: bool = True) -> Iterator[Json]:
        """The records of a query, one by one, holding no more than one page."""
        for page in self.query(soql, include_deleted=include_deleted):
            yield from page.records


def _subject(soql: str) -> str:
    found = re.search(r"\bFROM (\w+)", soql)
    return found[1] if found else "a query"


def _page(answer: object, number: int, doing: str) -> tuple[Page, str]:
    """The page in an answer, and the path of the next one ("" after the last). Raises Transient when it is not whole."""
    if not isinstance(answer, dict):
        raise Transient(f"Salesforce sent an answer that is no page while {doing}.")
    records, total, done = answer.get("records"), answer.get("totalSize"), answer.get("done")
    if not isinstance(records, list) or not isinstance(total, int) or not isinstance(done, bool):
        raise Transient(f"Salesforce sent a page that breaks off while {doing}.")
    page = Page(tuple(record for record in records if isinstance(record, dict)), total, number, done)
    if done:
        return page, ""
    path = httpx.URL(str(answer.get("nextRecordsUrl") or "")).path
    if not _PAGE_PATH.fullmatch(path):
        raise Transient(f"Salesforce announced more pages without saying where while {doing}.")
    return page, path
