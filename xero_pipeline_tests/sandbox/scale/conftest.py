"""The shared sandbox of the HTTP tests, told that it is a large one."""

from __future__ import annotations

from xero_pipeline_tests.sandbox.http.conftest import reader, shared

__all__ = ["reader", "shared"]
