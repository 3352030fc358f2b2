"""Temporary files of the tests are kept in memory, where there is room.

PostgreSQL, Dagster and the sandboxes make and drop files by the hundred thousand, and Dagster's SQLite waits for the disk with
each event; no test asks whether a machine that lost its power would still have them.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
# Several times what a run holds at once. Containers give 64 MB unless they are told otherwise, and then the disk has to do.
_ROOM = 4 * 1024**3


def keep_temporary_files() -> None:
    """Let this process and those that it starts have their temporary files in memory, unless TMPDIR says where."""
    if "TMPDIR" not in os.environ and _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)
