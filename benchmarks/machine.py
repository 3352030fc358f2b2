"""Where a result was measured and with which versions: no path, no host, nothing that only this machine would know."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version

from benchmarks.ground import ROOT, Ground
from benchmarks.venvs import PEERS

PACKAGES = ("dagster", "dagster-postgres", "httpx", "msgspec", "psycopg", "sqlalchemy", "uvicorn")
PEERS_PACKAGES = (
    "dlt",
    "pandas",
    "sqlalchemy",
    "psycopg2-binary",
    "tap-xero",
    "meltanolabs-target-postgres",
    "psycopg",
)


def facts(ground: Ground) -> dict[str, object]:
    """Cores, memory, kernel, Python, PostgreSQL, how busy the machine was when the session began, and the commit."""
    ((postgresql,),) = ground.rows("postgres", "show server_version")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(memory / 1024**3, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "postgresql": str(postgresql),
        "load": round(os.getloadavg()[0], 1),
        "commit": _commit(),
    }


def versions() -> dict[str, str]:
    """Our packages by name, and the peers' as `peer: package`."""
    found = {name: version(name) for name in PACKAGES}
    for file in sorted(PEERS.glob("*.txt")):
        for line in file.read_text().splitlines():
            name, _, pinned = line.partition("==")
            if name.lower() in PEERS_PACKAGES:
                found[f"{file.stem}: {name.lower()}"] = pinned
    return found


def _commit() -> str:
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=10"]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip() or "unknown"
