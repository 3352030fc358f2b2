"""What a process of a benchmark says about itself: when its work began and ended, its processor time, its peak of memory.

It imports the standard library alone, because it runs in the virtual environments of the peers too. Whoever starts the
process names a directory in BENCH_MEASURES, and finds one JSON file of each process there.
"""

from __future__ import annotations

import gc
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def job() -> dict[str, str]:
    """What to read and where to put it: BENCH_URL, _TOKEN, _TENANT, _DATABASE, _SINCE, _STATE by their last word."""
    return {name[6:].lower(): value for name, value in os.environ.items() if name.startswith("BENCH_")}


def memory(field: str) -> int:
    """VmRSS (resident now) or VmHWM (its highest) of this process, in KiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))


@contextmanager
def measured(name: str) -> Iterator[dict[str, object]]:
    """Measures the block, which comes after the imports: they are the same for any amount of data and count for nobody.

    Whatever the block puts into the dictionary it gets is written beside the figures.
    """
    said: dict[str, object] = {}
    gc.collect()
    # The kernel then counts the highest use from here on (proc(5), clear_refs).
    Path("/proc/self/clear_refs").write_text("5")
    before = memory("VmRSS")
    began, processor = time.monotonic(), sum(os.times()[:4])
    try:
        yield said
    finally:
        ended, used = time.monotonic(), sum(os.times()[:4]) - processor
        figures = {
            "began": began,
            "ended": ended,
            "cpu": used,
            "imports_kib": before,
            "peak_kib": memory("VmHWM") - before,
            **said,
        }
        Path(os.environ["BENCH_MEASURES"], f"{name}-{os.getpid()}.json").write_text(json.dumps(figures))
