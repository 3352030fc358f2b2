"""What happens around every request: it is counted, spoilt if a fault has it, kept on disk, and logged.

The control API's own requests are kept on disk too, but neither counted nor spoilt.
"""

from __future__ import annotations

import time
from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from xero_pipeline.sandbox.requests_log import Entry, system_of
from xero_pipeline.sandbox.spoiling import dropper, spoil, until_gone
from xero_pipeline.sandbox.world import World
from xero_pipeline.sandbox.xero.http import LEASE

CONTROL = "/sandbox"
DISCONNECT_GRACE = 1.0


class Exchange:
    """The outermost ASGI application of the sandbox."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self.app = app
        self.world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"] == CONTROL or scope["path"].startswith(f"{CONTROL}/"):
            await self._kept(scope, receive, send)
        else:
            await self._logged(scope, receive, send)

    async def _kept(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def keep_first(message: Message) -> None:
            # What the answer tells has to be on disk before it is told, or a kill in between would lose it.
            if message["type"] == "http.response.start":
                self.world.keep()
            await send(message)

        await self.app(scope, receive, keep_first)

    async def _logged(self, scope: Scope, receive: Receive, send: Send) -> None:
        world, began = self.world, time.perf_counter()
        number, at = world.log.next_number(), world.clock.now().isoformat()
        rule = world.faults.choose(scope["method"], scope["path"])
        status, sent = 0, 0

        async def count(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
            sent += len(message.get("body", b""))
            await send(message)

        leased: Scope = {**scope, "state": {}}
        lost = False

        def drop() -> None:
            nonlocal lost
            lost = True
            dropper(send)()

        try:
            if rule is None:
                await self._kept(leased, receive, count)
            else:
                await spoil(rule, self._kept, leased, receive, count, drop)
        finally:
            lease = leased["state"].get(LEASE)
            if lease is not None:
                world.limits.leave(*lease)
            entry = Entry(
                number,
                at,
                system_of(scope["path"]),
                scope["method"],
                scope["path"],
                unquote_to_bytes(scope["query_string"]).decode("utf-8", "replace"),
                0 if lost else status,
                round((time.perf_counter() - began) * 1000, 2),
                sent,
                "" if rule is None else rule.what,
            )
            world.log.add(entry)
        if lost:
            # uvicorn must see that the connection is gone, or it would answer 500 to nobody and complain.
            await until_gone(receive, DISCONNECT_GRACE)
