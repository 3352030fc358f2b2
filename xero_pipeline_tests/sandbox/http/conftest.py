"""A sandbox over real HTTP: `shared` for tests that only read, `sandbox` for those that change something."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from xero_pipeline.sandbox.server import Sandbox, running_sandbox
from xero_pipeline_tests.clocks import running_clock
from xero_pipeline_tests.sandbox.http.client import Client, connected


@pytest.fixture(scope="session")
def shared() -> Iterator[Sandbox]:
    """Two organisations, never changed."""
    with running_sandbox(seed=11, invoices=600, organisations=2, clock=running_clock()) as running:
        yield running


@pytest.fixture
def reader(shared: Sandbox) -> Iterator[Client]:
    """A custom connection to the first organisation of the shared sandbox."""
    with connected(shared) as client:
        yield client


@pytest.fixture(scope="session")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = tmp_path_factory.mktemp("sandbox")
    with running_sandbox(seed=12, invoices=30, state=state, clock=running_clock()):
        return state


@pytest.fixture
def sandbox(_built: Path, tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox of the test's own: a copy of one built once, which spares every test the making of its keys."""
    state = tmp_path / "state"
    shutil.copytree(_built, state)
    with running_sandbox(state=state) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    """A custom connection to the test's own sandbox."""
    with connected(sandbox) as connected_client:
        yield connected_client
