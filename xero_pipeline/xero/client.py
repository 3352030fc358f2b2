"""The client of one Xero organisation: reads any endpoint, whole or what changed, as pages of typed records."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType

import httpx

from xero_pipeline.domain.errors import Permanent
from xero_pipeline.xero import endpoints
from xero_pipeline.xero.budget import CallBudget, Left
from xero_pipeline.xero.calls import Calls
from xero_pipeline.xero.endpoints import Endpoint
from xero_pipeline.xero.listing import Listing
from xero_pipeline.xero.pages import Page, read
from xero_pipeline.xero.setting_records import Organisation

# The length of an address allows about 52 ids; Xero advises 40 (xero.md section 1).
IDS_PER_CALL = 40


class XeroClient:
    """Reads one organisation. Close it, or use it as a context manager.

    `api_url` is the base of the API without a path, `auth` signs the calls (`oauth.XeroAuth`), `tenant_id` names the
    organisation and is left out for a custom connection, which has only one. `tries`, `sleep`, `transport` and `timeout`
    are those of `Calls`. Use one client for a whole run, so that its budget knows of every call.
    """

    def __init__(
        self,
        api_url: str,
        auth: httpx.Auth,
        *,
        tenant_id: str | None = None,
        budget: CallBudget | None = None,
        tries: int = 5,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        timeout: float = 60.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._url = api_url
        self._tenant_id = tenant_id
        self._clock = clock
        self._budget = budget or CallBudget()
        self._calls = Calls(
            api_url,
            auth,
            self._budget,
            tenant_id=tenant_id,
            tries=tries,
            transport=transport,
            sleep=sleep,
            timeout=timeout,
        )

    def __enter__(self) -> XeroClient:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"XeroClient({self._url!r}, tenant_id={self._tenant_id!r})"

    def close(self) -> None:
        self._calls.close()

    @property
    def calls(self) -> int:
        """Calls sent so far, repeated ones included."""
        return sum(self._calls.by_endpoint.values())

    @property
    def calls_by_endpoint(self) -> Mapping[str, int]:
        """Calls sent so far, by name of the endpoint."""
        return dict(self._calls.by_endpoint)

    @property
    def bytes(self) -> int:
        """Bytes of answers received so far, compressed as they came."""
        return self._calls.bytes

    @property
    def left(self) -> Left:
        """What is left of the call limits, as Xero last said."""
        return self._budget.left

    def organisation(self) -> Organisation:
        """The organisation itself: one call, not billed. Raises as `fetch` does, and Permanent when there is none."""
        for page in self.fetch(endpoints.ORGANISATIONS):
            for record in page.records:
                if isinstance(record, Organisation):
                    return record
        raise Permanent("Xero shows no organisation to this connection.", next_step="Connect it to an organisation.")

    def fetch(
        self,
        endpoint: Endpoint,
        modified_since: datetime | None = None,
        ids: Sequence[str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Iterator[Page]:
        """The pages of an endpoint, as they arrive and in no particular order.

        `modified_since`, aware, reads what was created or changed since then, to the second and inclusive; endpoints that do
        not know it are read whole. `ids` reads those records instead, where the endpoint can. `params` are added to the
        endpoint's own. A record may arrive twice when it is edited during the reading; what comes later is never older.

        Nothing is sent before the first page is asked for. Closing the iterator stops the reading. Raises Transient,
        Throttled, Reconnect or Permanent; pages that were given before are good and can be kept.
        """
        if ids is not None:
            return self._by_ids(endpoint, ids, params or {})
        since = modified_since if endpoint.modified_since else None

        def ask(number: int, changed_since: datetime | None) -> Page:
            return self._ask(endpoint, number, changed_since, params or {})

        return Listing(endpoint, ask, since, clock=self._clock).pages()

    def _by_ids(self, endpoint: Endpoint, ids: Sequence[str], params: Mapping[str, str]) -> Iterator[Page]:
        if not endpoint.by_ids:
            raise ValueError(f"{endpoint.name} cannot be read by id")
        # Some may be gone, and none can move to another page: a batch is always a single page.
        for start in range(0, len(ids), IDS_PER_CALL):
            batch = ",".join(ids[start : start + IDS_PER_CALL])
            yield self._ask(endpoint, 1, None, {**params, "IDs": batch})

    def _ask(self, endpoint: Endpoint, number: int, since: datetime | None, params: Mapping[str, str]) -> Page:
        query = {**endpoint.params, **params}
        if endpoint.paging != "none":
            # Asking for a page is also what makes Xero send the lines (xero.md section 2, Invoices).
            query["page"] = str(number)
        if endpoint.paging == "numbered":
            query["pageSize"] = str(endpoint.page_size)
        headers = {"If-Modified-Since": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")} if since else {}

        def to_page(response: httpx.Response) -> Page:
            # Xero answers an unchanged list with 200 and an empty array; 304 is accepted too (xero.md section 10).
            if response.status_code == 304:
                return Page(endpoint, (), (), number)
            return read(endpoint, response.content, number, response.num_bytes_downloaded)

        return self._calls.get(endpoint.name, endpoint.path, to_page, query, headers)
