"""What the kernel says of processes that are not ours to instrument: the processor time of a sandbox and of a PostgreSQL."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def _times(pid: int) -> list[float]:
    """utime, stime, cutime and cstime of a process in seconds (proc(5), stat, fields 14 to 17)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [int(field) / _TICKS for field in fields[11:15]]


def cpu(pid: int) -> float:
    """Processor seconds of a process, its ended children left out."""
    return sum(_times(pid)[:2])


def cpu_with_children(pid: int) -> float:
    """Processor seconds of a process, of its children that live and of those that have ended: all of a PostgreSQL server."""
    total = sum(_times(pid))
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        try:
            total += cpu(int(child))
        except (FileNotFoundError, ProcessLookupError):
            # It ended since, and is in its parent's figures at the next look.
            continue
    return total
