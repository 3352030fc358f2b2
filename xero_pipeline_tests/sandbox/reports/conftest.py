"""The sandboxes of the HTTP tests, for the reports read over HTTP."""

from __future__ import annotations

from xero_pipeline_tests.sandbox.http.conftest import _built, client, reader, sandbox, shared

__all__ = ["_built", "client", "reader", "sandbox", "shared"]
