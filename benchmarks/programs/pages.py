"""The lists of a sandbox, served from memory: `pages.py URL TENANT TIMES SIZE …` reads the pages of each size once.

Xero's servers take nothing from whoever reads from them, and here they would take half the machine: so every page is there,
compressed, before anybody asks. Everybody gets the same ones, with archived records and four decimals. With TIMES the
organisation is that many times as large: each time every id of a contact, an invoice, a line and a payment is another one, and
what refers to it follows, and its pages are made and compressed when they are asked for. Everything else that is asked for, a
delta or a list of settings, is handed on to the sandbox.

The token that the sandbox is read with is in BENCH_TOKEN. The first line of output is JSON with the address. `GET /served` tells
the calls and the bytes of answers since it was asked last.
"""

from __future__ import annotations

import json
import os
import re
import socket
import sys
from dataclasses import dataclass

import httpx
import uvicorn
from isal import igzip
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ROOT = "/api.xro/2.0/"
LISTS = ("Contacts", "Invoices", "Payments")
ASKED = {"includeArchived": "true", "unitdp": "4"}
# What Xero gives to those who ask for no size.
USUAL_SIZE = 100
# A delta since before there was anything reads everything.
EARLIEST = "2001"
ID = re.compile(rb'("(?:ContactID|InvoiceID|LineItemID|PaymentID)": ")([0-9a-f]{8})')
COUNTS = re.compile(rb'("(pageCount|itemCount|page)": )(\d+)')
# Odd, so that multiples of it are all different in 32 bits.
STRIDE = 0x9E3779B1
HANDED_ON = ("authorization", "xero-tenant-id", "accept", "if-modified-since")
# Without these a careful reader takes the usual limits for granted, and waits.
LIMITS = ("x-daylimit-remaining", "x-minlimit-remaining", "x-appminlimit-remaining")


@dataclass(frozen=True)
class Page:
    """One page as the sandbox answered it, the same compressed, and the calls left then."""

    content: bytes
    compressed: bytes
    limits: dict[str, str]


class Pages:
    """The pages of a sandbox's lists, by list, size and number."""

    def __init__(self, url: str, tenant: str, times: int, sizes: tuple[int, ...]) -> None:
        headers = {"Authorization": f"Bearer {os.environ['BENCH_TOKEN']}", "xero-tenant-id": tenant}
        self._client = httpx.Client(base_url=url, trust_env=False, timeout=120)
        self._times = times
        self._calls = self._bytes = 0
        self._pages = {(plural, size): self._read(plural, size, headers) for plural in LISTS for size in sizes}

    def _read(self, plural: str, size: int, headers: dict[str, str]) -> list[Page]:
        """All pages of a list."""
        found: list[Page] = []
        count = 1
        while len(found) < count:
            asked = {**ASKED, "page": str(len(found) + 1), "pageSize": str(size)}
            given = self._client.get(f"{ROOT}{plural}", params=asked, headers={**headers, "Accept": "application/json"})
            content = given.raise_for_status().content
            count = json.loads(content)["pagination"]["pageCount"]
            found.append(Page(content, igzip.compress(content), _limits(given)))
        return found

    async def answer(self, request: Request) -> Response:
        """A page from memory, or what the sandbox answers."""
        response = self._kept(request)
        if response is None:
            response = await run_in_threadpool(self._hand_on, request)
        self._calls += 1
        self._bytes += len(response.body)
        return response

    async def served(self, request: Request) -> Response:
        """What was served since this was asked last."""
        told = {"calls": self._calls, "bytes": self._bytes}
        self._calls = self._bytes = 0
        return JSONResponse(told)

    def _kept(self, request: Request) -> Response | None:
        asked = request.query_params
        plural = request.url.path.rpartition("/")[2]
        pages = self._pages.get((plural, int(asked.get("pageSize", USUAL_SIZE))))
        # Of the forms of time that Xero takes, everybody here sends ISO 8601, which sorts as text.
        if pages is None or "page" not in asked or request.headers.get("if-modified-since", "") > EARLIEST:
            return None
        number = int(asked["page"])
        block, within = divmod(number - 1, len(pages))
        if block >= self._times:
            return None
        page = pages[within]
        packed = "gzip" in request.headers.get("accept-encoding", "")
        if self._times == 1:
            content = page.compressed if packed else page.content
        else:
            content = self._another(page.content, block, number)
            content = igzip.compress(content) if packed else content
        return _json(content, page.limits | ({"Content-Encoding": "gzip"} if packed else {}))

    def _hand_on(self, request: Request) -> Response:
        headers = {name: request.headers[name] for name in HANDED_ON if name in request.headers}
        given = self._client.get(request.url.path, params=dict(request.query_params), headers=headers)
        return _json(given.content, _limits(given), given.status_code)

    def _another(self, content: bytes, block: int, number: int) -> bytes:
        """The page as that of another block: with its own ids, and counted in the whole."""
        if block:
            mask = block * STRIDE & 0xFFFFFFFF
            content = ID.sub(lambda found: b"%b%08x" % (found[1], int(found[2], 16) ^ mask), content)
        times = {b"page": None, b"pageCount": self._times, b"itemCount": self._times}
        head, rest = content[:1000], content[1000:]
        numbered = COUNTS.sub(lambda found: found[1] + b"%d" % (int(found[3]) * (times[found[2]] or 0) or number), head)
        return numbered + rest


def _limits(given: httpx.Response) -> dict[str, str]:
    return {name: given.headers[name] for name in LIMITS if name in given.headers}


def _json(content: bytes, headers: dict[str, str], status: int = 200) -> Response:
    return Response(content, status, headers, media_type="application/json")


def main(url: str, tenant: str, times: str, *sizes: str) -> None:
    pages = Pages(url, tenant, int(times), tuple(map(int, sizes)))
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        routes = [Route("/served", pages.served), Route("/{path:path}", pages.answer)]
        config = uvicorn.Config(Starlette(routes=routes), log_level="warning", access_log=False, lifespan="off")
        print(json.dumps({"url": address}), flush=True)  # noqa: T201
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
