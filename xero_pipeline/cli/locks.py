"""Lock files that say which process is alive: held through an inherited descriptor, freed by the kernel however it ends.

The file's text is the number of the holder. While the lock is held that number's process group is alive, so the number
belongs to nobody else and a signal to it reaches no stranger.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

POLL_SECONDS = 0.05


def opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def take(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_for(lock: int) -> None:
    """Take the lock as soon as its holder, or somebody who looks whether it is held, lets go of it."""
    fcntl.flock(lock, fcntl.LOCK_EX)


def sign(lock: int, owner: int) -> None:
    os.truncate(lock, 0)
    os.pwrite(lock, str(owner).encode(), 0)


def owner(lock: int) -> int:
    return int(os.pread(lock, 32, 0) or b"0")


def held(path: Path) -> bool:
    """Whether a process of this lock is alive."""
    lock = opened(path)
    free = take(lock)
    os.close(lock)
    return not free


def end_leftovers(paths: Iterable[Path], grace: float) -> None:
    """End the process groups that still hold these locks: SIGTERM, and SIGKILL after `grace` seconds."""
    kill_at = time.monotonic() + grace
    alive = [path for path in paths if held(path)]
    for path in alive:
        _signal_owner(path, signal.SIGTERM)
    while alive := [path for path in alive if held(path)]:
        if time.monotonic() > kill_at:
            for path in alive:
                _signal_owner(path, signal.SIGKILL)
            return
        time.sleep(POLL_SECONDS)


def _signal_owner(path: Path, number: signal.Signals) -> None:
    group = int(path.read_text() or "0")
    if group:
        with suppress(ProcessLookupError):
            os.killpg(group, number)
