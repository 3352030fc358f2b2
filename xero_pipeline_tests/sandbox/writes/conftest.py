"""A sandbox to write to over real HTTP, shared by a module, and a writer that shares nothing with the pipeline's clients."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from xero_pipeline.sandbox.server import Sandbox, running_sandbox
from xero_pipeline_tests.sandbox.http.client import connected
from xero_pipeline_tests.sandbox.writes.writer import Writer


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One organisation; the tests of a module write to it one after the other, each to records of its own."""
    with running_sandbox(seed=21, invoices=30) as running:
        yield running


@pytest.fixture
def writer(sandbox: Sandbox) -> Iterator[Writer]:
    """A custom connection that may write everything."""
    with connected(sandbox) as client:
        yield Writer(client)
