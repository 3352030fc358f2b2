"""Serving a sandbox: in the foreground for a person, or in a thread of a test."""

from __future__ import annotations

import asyncio
import gc
import json
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Literal, TextIO

import uvicorn

from xero_pipeline.sandbox.app import announcement, build_app, warm_up
from xero_pipeline.sandbox.clock import Clock
from xero_pipeline.sandbox.collecting import without_garbage_collection
from xero_pipeline.sandbox.prompt import PromptServer
from xero_pipeline.sandbox.world import World, build_world
from xero_pipeline.sandbox.xero.limits import Allowance
from xero_pipeline.sandbox.xero.webhook_sender import WebhookSender

HOST = "127.0.0.1"
START_SECONDS = 30
YOUNG_OBJECTS = 200_000  # a page of a thousand invoices makes a tenth of it, and all of them die young
Pace = Literal["real", "off"]


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox: its address, the environment variables that lead a client to it, and its control API's address."""

    url: str
    environment: dict[str, str]
    control: str
    announcement: dict[str, object]


def serve(
    port: int = 0,
    *,
    seed: int = 1,
    invoices: int = 1500,
    organisations: int = 1,
    state: Path | None = None,
    pace: Pace = "off",
    minute_limit: int | None = None,
    out: TextIO | None = None,
) -> None:
    """Serves until SIGTERM, SIGINT or `POST /sandbox/shutdown`; once it listens, a line of JSON says where and how.

    The line is `app.announcement`. Port 0 takes a free one; OSError when the port is taken. `pace` real keeps Xero's call
    limits, off gives so many calls that nothing waits; the control API changes either.
    """
    with _listening(port) as listener:
        allowance = _allowance(pace, minute_limit)
        with without_garbage_collection():
            world = build_world(
                seed=seed, invoices=invoices, organisations=organisations, state=state, allowance=allowance
            )
            server, sandbox = _server(world, listener)
            # The book is built and stays: without this every full collection would walk its millions of objects while a page
            # waits, and the first of them now. Not in a thread of a test, whose process outlives the book.
            gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS)
        out = out or sys.stdout
        out.write(json.dumps(sandbox.announcement) + "\n")
        out.flush()

        # uvicorn catches both, ends in order, and then raises them again: this is who hears them then.
        def stop(number: int, frame: FrameType | None) -> None:
            server.should_exit = True

        before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
        sender = _sender(world, sandbox)
        try:
            server.run(sockets=[listener])
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            sender.stop()
            _close(world)


@contextmanager
def running_sandbox(
    *,
    seed: int = 1,
    invoices: int = 1500,
    organisations: int = 1,
    state: Path | None = None,
    pace: Pace = "off",
    minute_limit: int | None = None,
    clock: Clock | None = None,
) -> Iterator[Sandbox]:
    """A sandbox in a thread of this process, on a free port, for as long as the block runs."""
    allowance = _allowance(pace, minute_limit)
    world = build_world(
        seed=seed, invoices=invoices, organisations=organisations, state=state, allowance=allowance, clock=clock
    )
    with running_world(world) as sandbox:
        yield sandbox


@contextmanager
def running_world(world: World) -> Iterator[Sandbox]:
    """Serves a world that is already there, in a thread."""
    with _listening(0) as listener:
        server, sandbox = _server(world, listener)
        thread = threading.Thread(target=server.run, args=([listener],), name="sandbox", daemon=True)
        thread.start()
        sender = _sender(world, sandbox)
        try:
            yield sandbox
        finally:
            sender.stop()
            server.stop()
            thread.join(START_SECONDS)
            _close(world)


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    # Listening before anything is built: a taken port is told at once, and an early client waits instead of failing.
    with socket.create_server((HOST, port), backlog=256) as listener:
        yield listener


def _allowance(pace: Pace, minute_limit: int | None) -> Allowance:
    allowance = Allowance() if pace == "real" else Allowance.unhurried()
    if minute_limit is not None:
        allowance.minute = minute_limit
    return allowance


def _server(world: World, listener: socket.socket) -> tuple[PromptServer, Sandbox]:
    url = f"http://{HOST}:{listener.getsockname()[1]}"

    def shut_down() -> None:
        server.stop()

    config = uvicorn.Config(
        build_app(world, url, shut_down),
        log_level="warning",
        access_log=False,
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        ws="none",
        # A client that thinks for a while must not find its connection closed at the moment it goes on.
        timeout_keep_alive=300,
        timeout_graceful_shutdown=1,
    )
    # What these import is not for the first request to wait for.
    config.load()
    asyncio.run(warm_up())
    server = PromptServer(config)
    line = announcement(world, url)
    environment = line["environment"]
    if not isinstance(environment, dict):
        raise TypeError("The announcement carries the environment as a mapping.")
    return server, Sandbox(url, environment, f"{url}/sandbox", line)


def _sender(world: World, sandbox: Sandbox) -> WebhookSender:
    world.webhooks.base_url = sandbox.url
    sender = WebhookSender(world.webhooks, world.clock)
    sender.start()
    return sender


def _close(world: World) -> None:
    world.keep()
    if world.store is not None:
        world.store.close()
