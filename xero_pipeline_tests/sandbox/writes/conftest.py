"""A sandbox to write to over real HTTP, shared by a module, and a writer whose every answer the published OpenAPI judges."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from xero_pipeline.sandbox.server import Sandbox, running_sandbox
from xero_pipeline_tests.clocks import running_clock
from xero_pipeline_tests.sandbox.http.client import API, connected
from xero_pipeline_tests.sandbox.openapi.published import published
from xero_pipeline_tests.sandbox.writes.writer import Writer


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One organisation; the tests of a module write to it one after the other, each to records of its own."""
    with running_sandbox(seed=21, invoices=30, clock=running_clock()) as running:
        yield running


@pytest.fixture
def writer(sandbox: Sandbox) -> Iterator[Writer]:
    """A custom connection that may write everything."""
    faults: list[str] = []

    def judge(response: httpx.Response) -> None:
        path, kind = response.request.url.path, response.headers.get("content-type", "")
        if path.startswith(API) and kind.startswith("application/json"):
            response.read()
            faults.extend(f"{response.request.method} {path}: {fault}" for fault in published().faults(response))

    with connected(sandbox) as client:
        client.event_hooks["response"].append(judge)
        yield Writer(client)
    assert faults == []
