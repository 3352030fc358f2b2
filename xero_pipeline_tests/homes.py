"""Homes of embedded servers, for as long as a block runs.

Not in pytest's own temporary directory: another pytest that starts shuts that to other accounts, and as root the server runs
as one. And in memory where there is room: a database is hundreds of files, and tests make and drop hundreds of databases.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MEMORY = Path("/dev/shm")
# Several times what the servers of a run hold at once. Containers give 64 MB unless told otherwise.
_ROOM = 4 * 1024**3


@contextmanager
def temporary_home() -> Iterator[Path]:
    """An empty directory, removed afterwards with all that is in it."""
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM
    with tempfile.TemporaryDirectory(prefix="xero_pipeline_", dir=_MEMORY if roomy else None) as directory:
        yield Path(directory)
