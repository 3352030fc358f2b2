"""A plain HTTP client of the sandbox, sharing nothing with the pipeline's own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx

from xero_pipeline.sandbox.server import Sandbox
from xero_pipeline_tests.loopback import NO_CERTIFICATES

API = "/api.xro/2.0"


class Client(httpx.Client):
    """`get` and the rest against the sandbox; `rows` reads a list, `control` the control API."""

    def read(self, path: str, **parameters: str | int) -> dict[str, Any]:
        """The JSON of an accounting call that succeeds, numbers exact."""
        response = self.get(f"{API}/{path}", params=parameters)
        assert response.status_code == 200, response.text
        return json.loads(response.content, parse_float=Decimal)

    def rows(self, plural: str, **parameters: str | int) -> list[dict[str, Any]]:
        """The records of a list call."""
        return self.read(plural, **parameters)[plural]

    def every(self, plural: str, **parameters: str | int) -> list[dict[str, Any]]:
        """The records of all pages, 1000 a page."""
        found, page = [], 1
        while rows := self.rows(plural, page=page, pageSize=1000, **parameters):
            found += rows
            page += 1
        return found

    def control(self, method: str, path: str, given: object = None) -> Any:
        """The JSON of a control request that succeeds, numbers exact."""
        response = self.request(method, f"/sandbox/{path}".rstrip("/"), json=given)
        assert response.status_code == 200, response.text
        return json.loads(response.content, parse_float=Decimal)

    def pull(self, lever: str, **arguments: object) -> dict[str, Any]:
        """Pulls a lever of the first organisation."""
        return self.control("POST", f"xero/first/actions/{lever}", arguments)


@contextmanager
def connected(sandbox: Sandbox, scope: str = "") -> Iterator[Client]:
    """A client with a token of the custom connection."""
    with Client(verify=NO_CERTIFICATES, base_url=sandbox.url, headers={"Accept": "application/json"}) as client:
        client.headers["Authorization"] = f"Bearer {token(client, sandbox, scope)}"
        yield client


def token(client: httpx.Client, sandbox: Sandbox, scope: str = "") -> str:
    """An access token of the custom connection."""
    form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
    response = client.post("/connect/token", data=form, auth=credentials(sandbox))
    assert response.status_code == 200, response.text
    return str(response.json()["access_token"])


def credentials(sandbox: Sandbox) -> tuple[str, str]:
    """Client id and secret of the custom connection."""
    return sandbox.environment["XERO_CLIENT_ID"], sandbox.environment["XERO_CLIENT_SECRET"]


def instant(text: str) -> datetime:
    """The instant in `/Date(ms+0000)/`."""
    found = re.fullmatch(r"/Date\((-?\d+)(?:\+0000)?\)/", text)
    assert found is not None, text
    return datetime.fromtimestamp(int(found.group(1)) / 1000, UTC)
