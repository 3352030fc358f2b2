"""An organisation many times as large as the sandbox's: `multiplied.py URL TIMES` serves the lists of a sandbox over and over.

Each time every id of a contact, an invoice, a line and a payment is another one, and what refers to it follows. Settings are
handed on as they are. A page is read from the sandbox once and kept. The first line of output is JSON with the address.
"""

from __future__ import annotations

import json
import re
import socket
import sys

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

LISTS = ("Contacts", "Invoices", "Payments")
ID = re.compile(rb'("(?:ContactID|InvoiceID|LineItemID|PaymentID)": ")([0-9a-f]{8})')
COUNTS = re.compile(rb'("(pageCount|itemCount|page)": )(\d+)')
# Odd, so that multiples of it are all different in 32 bits.
STRIDE = 0x9E3779B1
HANDED_ON = ("authorization", "xero-tenant-id", "accept", "if-modified-since")


class Multiplied:
    """The pages of a sandbox, `times` times."""

    def __init__(self, url: str, times: int) -> None:
        self._client = httpx.Client(base_url=url, trust_env=False, timeout=120)
        self._times = times
        self._pages: dict[str, tuple[bytes, int]] = {}

    async def answer(self, request: Request) -> Response:
        return await run_in_threadpool(self._answer, request)

    def _answer(self, request: Request) -> Response:
        headers = {name: request.headers[name] for name in HANDED_ON if name in request.headers}
        asked = dict(request.query_params)
        plural = request.url.path.rpartition("/")[2]
        if plural not in LISTS or "page" not in asked or "if-modified-since" in headers:
            given = self._client.get(request.url.path, params=asked, headers=headers)
            return Response(given.content, given.status_code, media_type="application/json")
        _, pages = self._page(request.url.path, asked | {"page": "1"}, headers)
        page = int(asked["page"])
        block, within = divmod(page - 1, pages)
        content, _ = self._page(request.url.path, asked | {"page": str(within + 1)}, headers)
        return Response(self._another(content, block, page), media_type="application/json")

    def _page(self, path: str, asked: dict[str, str], headers: dict[str, str]) -> tuple[bytes, int]:
        """A page of the sandbox's, and how many there are."""
        key = f"{path}?{sorted(asked.items())}"
        if key not in self._pages:
            content = self._client.get(path, params=asked, headers=headers).raise_for_status().content
            self._pages[key] = (content, json.loads(content)["pagination"]["pageCount"])
        return self._pages[key]

    def _another(self, content: bytes, block: int, page: int) -> bytes:
        """The page as that of another block: with its own ids, and counted in the whole."""
        if block:
            mask = block * STRIDE & 0xFFFFFFFF
            content = ID.sub(lambda found: b"%b%08x" % (found[1], int(found[2], 16) ^ mask), content)
        times = {b"page": None, b"pageCount": self._times, b"itemCount": self._times}
        head, rest = content[:1000], content[1000:]
        numbered = COUNTS.sub(lambda found: found[1] + b"%d" % (int(found[3]) * (times[found[2]] or 0) or page), head)
        return numbered + rest


def main(url: str, times: str) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        application = Starlette(routes=[Route("/{path:path}", Multiplied(url, int(times)).answer)])
        server = uvicorn.Server(uvicorn.Config(application, log_level="warning", access_log=False, lifespan="off"))
        print(json.dumps({"url": address}), flush=True)  # noqa: T201
        server.run(sockets=[listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
