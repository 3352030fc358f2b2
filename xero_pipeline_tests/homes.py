"""Homes of embedded servers, for as long as a block runs.

Not in pytest's own temporary directory: another pytest that starts shuts that to other accounts, and as root the server runs
as one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def temporary_home() -> Iterator[Path]:
    """An empty directory, removed afterwards with all that is in it."""
    with tempfile.TemporaryDirectory(prefix="xero_pipeline_") as directory:
        yield Path(directory)
