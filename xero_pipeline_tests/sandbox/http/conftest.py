"""A sandbox over real HTTP: `shared` for tests that only read, `sandbox` for those that change something."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from xero_pipeline.sandbox.clock import Clock
from xero_pipeline.sandbox.server import Sandbox, running_sandbox
from xero_pipeline_tests.sandbox.http.client import Client, connected


@pytest.fixture(scope="session")
def shared() -> Iterator[Sandbox]:
    """Two organisations, never changed."""
    with running_sandbox(seed=11, invoices=600, organisations=2) as running:
        yield running


@pytest.fixture
def reader(shared: Sandbox) -> Iterator[Client]:
    """A custom connection to the first organisation of the shared sandbox."""
    with connected(shared) as client:
        yield client


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox of the test's own, whose clock runs."""
    with running_sandbox(seed=12, invoices=30, clock=Clock()) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    """A custom connection to the test's own sandbox."""
    with connected(sandbox) as connected_client:
        yield connected_client
