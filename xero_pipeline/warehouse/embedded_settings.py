"""The settings that the embedded PostgreSQL runs with here."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

_MIB = 1024**2
# Where Linux tells what a container may use, in its second version and in its first.
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))

_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    # Nothing replicates from this server, so WAL holds what crash recovery needs and no more.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # WAL goes out while a transaction still computes, not when a fifth of a second is over: its end then waits for little.
    "wal_writer_delay": "20ms",
    "random_page_cost": "1.1",
    # Compiling a plan takes longer than any statement of a sync.
    "jit": "off",
    # Containers give /dev/shm 64 MB, which a parallel hash join outgrows.
    "dynamic_shared_memory_type": "mmap",
}


def for_this_machine() -> dict[str, str]:
    """PostgreSQL's settings by name, as `postgres -c` takes them."""
    return {**_SETTINGS, "shared_buffers": shared_buffers(memory())}


def shared_buffers(usable: int) -> str:
    """How much of `usable` bytes of memory PostgreSQL keeps pages in: an eighth, 128 MB to 1 GB.

    That holds what the syncs of an organisation with a million invoices touch. It is taken only as pages are read.
    """
    return f"{min(max(usable // 8 // _MIB, 128), 1024)}MB"


def memory(limits: Iterable[Path] = _LIMITS) -> int:
    """Bytes of memory that this process may use: the machine's, or less where a container has a limit."""
    most = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in limits:
        # The second version says "max" where there is none.
        with suppress(OSError, ValueError):
            most = min(most, int(limit.read_text()))
    return most
