"""An org with two users behind the sandbox's own routes, on a loopback port."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from xero_pipeline.sandbox.salesforce import Org, routes
from xero_pipeline.sandbox.salesforce.incoming import read_record
from xero_pipeline.sandbox.salesforce.writes import Writer
from xero_pipeline_tests.loopback import NO_CERTIFICATES
from xero_pipeline_tests.sandbox.salesforce.client import COLLEAGUE, INTEGRATION, START, Salesforce, StandingClock


class Stage:
    """One server for all tests; each test puts its own application on it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.app = Starlette()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    listener = socket.create_server(("127.0.0.1", 0))
    stage = Stage(f"http://127.0.0.1:{listener.getsockname()[1]}")
    server = uvicorn.Server(uvicorn.Config(stage, lifespan="off", ws="none", log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield stage
    server.should_exit = True
    thread.join(timeout=5)
    listener.close()


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture(scope="session")
def blank_org() -> list[tuple[str, str, bytes]]:
    """The rows of an org with two users. Made once: a key pair takes a moment."""
    org = Org.create(username=INTEGRATION)
    users = org.schema.objects["User"]
    first = org.new_id(users)
    for record_id, username, last_name in ((first, INTEGRATION, "Sync"), (None, COLLEAGUE, "Reyes")):
        body = {"Username": username, "LastName": last_name, "Email": username, "TimeZoneSidKey": "Pacific/Auckland"}
        Writer(org, first, START).create(read_record(org, users, body), record_id=record_id)
    return list(org.dump())


@pytest.fixture
def org(blank_org: list[tuple[str, str, bytes]]) -> Org:
    return Org.load(blank_org)


@pytest.fixture
def http(stage: Stage, org: Org, clock: StandingClock) -> Iterator[httpx.Client]:
    stage.app = Starlette(routes=routes(org, clock))
    with httpx.Client(verify=NO_CERTIFICATES, base_url=stage.url, trust_env=False) as client:
        yield client


@pytest.fixture
def salesforce(http: httpx.Client, org: Org) -> Salesforce:
    return Salesforce(http, org)
