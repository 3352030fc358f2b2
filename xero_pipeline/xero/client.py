"""The client of one Xero organisation: what reads it, what writes to it, and the one budget of calls that both share."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import TracebackType

import httpx

from xero_pipeline.domain.errors import Permanent
from xero_pipeline.xero import endpoints
from xero_pipeline.xero.budget import CallBudget, Left
from xero_pipeline.xero.calls import Calls
from xero_pipeline.xero.reading import Reader
from xero_pipeline.xero.setting_records import Organisation
from xero_pipeline.xero.writing import Writer


class XeroClient:
    """Reads one organisation by its `reader`, and writes to it by its `writer`. Close it, or use it as a context manager.

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
        self.reader = Reader(self._calls, clock)
        self.writer = Writer(self._calls, clock)

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
        return self._calls.bytes_received

    @property
    def left(self) -> Left:
        """What is left of the call limits, as Xero last said."""
        return self._budget.left

    def organisation(self) -> Organisation:
        """The organisation itself: one call, not billed. Raises as the reader does, and Permanent when there is none."""
        for page in self.reader.fetch(endpoints.ORGANISATIONS):
            for record in page.records:
                if isinstance(record, Organisation):
                    return record
        raise Permanent("Xero shows no organisation to this connection.", next_step="Connect it to an organisation.")
