"""A web server that stops when it is told to, and not a fifth of a second later.

uvicorn looks ten times a second whether it should stop, and then gives its connections a tenth of a second to close, though
they are idle or there are none.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from itertools import count

import uvicorn

TICK = 0.1  # seconds between two looks at the time of day, of which uvicorn makes the Date header


class PromptServer(uvicorn.Server):
    """uvicorn's server with `stop`, which any thread may call."""

    _loop: asyncio.AbstractEventLoop | None = None

    def stop(self) -> None:
        """Has the server end; it goes on with the requests under way for as long as uvicorn's would."""
        self.should_exit = True
        if self._loop is not None:
            # It may have ended by itself meanwhile.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._told.set)

    async def main_loop(self) -> None:
        """Ticks as uvicorn's does, and ends as soon as it is told to."""
        self._told = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        ticks = count()
        while not await self.on_tick(next(ticks)):
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK):
                    await self._told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Closes everything at once if nothing is under way, else as uvicorn does."""
        for connection in list(self.server_state.connections):
            connection.shutdown()
        # A connection that was idle is gone in the loop's next round.
        await asyncio.sleep(0)
        if self.server_state.connections or self.server_state.tasks:
            await super().shutdown(sockets)
            return
        for server in self.servers:
            server.close()
        for one in sockets or ():
            one.close()
        for server in self.servers:
            await server.wait_closed()
