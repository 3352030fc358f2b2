"""The accounting API without a socket: the same requests through the same handlers, fast enough for thousands of them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.types import Message

from xero_pipeline.sandbox.clock import Clock
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.http import AccountingApi
from xero_pipeline.sandbox.xero.identity import Identity
from xero_pipeline.sandbox.xero.limits import Allowance, Limits
from xero_pipeline.sandbox.xero.tenants import Tenants
from xero_pipeline.sandbox.xero.tokens import Signer


@dataclass
class InProcess:
    """`send` answers (status, JSON with exact numbers, None where there is none) for one book and a clock of its own."""

    book: Book
    clock: Clock
    signer: Signer
    api: AccountingApi = field(init=False)
    token: str = field(init=False)

    def __post_init__(self) -> None:
        identity = Identity(self.clock, self.signer)
        app = identity.register("Any app", str(self.book.organisation["OrganisationID"]))
        self.token = str(identity.client_credentials(app, "")["access_token"])
        self.api = AccountingApi(identity, Tenants([self.book]), Limits(self.clock, Allowance.unhurried()), self.clock)

    def send(self, method: str, path: str, content: object = None, key: str = "", **options: str) -> tuple[int, Any]:
        """One request; `key` is its Idempotency-Key, `options` are its query parameters."""
        resource, _, record = path.partition("/")
        headers = {"authorization": f"Bearer {self.token}", "accept": "application/json"}
        headers |= {"idempotency-key": key} if key else {}
        scope = {
            "type": "http",
            "method": method,
            "path": f"/api.xro/2.0/{path}",
            "query_string": urlencode(options).encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "server": ("127.0.0.1", 80),
            "scheme": "http",
            "path_params": {"resource": resource} | ({"key": record} if record else {}),
            "state": {},
        }
        body = b"" if content is None else json.dumps(content, default=str).encode()

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        response = asyncio.run(self.api.answer(Request(scope, receive)))
        # The caller of the handlers counts a call out again; here that is nobody.
        self.api.limits.leave(*scope["state"]["xero_lease"])  # type: ignore[index]
        if "json" not in response.headers.get("content-type", ""):
            return response.status_code, None
        return response.status_code, json.loads(response.body, parse_float=Decimal)
