"""The peers' virtual environments, one each, because none of them agrees with another on versions; made on first use."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.ground import HERE, say

PEERS = HERE / "peers"
VENVS = HERE / ".venvs"


def make() -> None:
    """Make all of them."""
    for file in sorted(PEERS.glob("*.txt")):
        python_of(file.stem)


def python_of(name: str) -> Path:
    """The Python of a peer's environment, which holds what `peers/NAME.txt` pins and is made again when that changes.

    Raises RuntimeError when the packages cannot be had.
    """
    wanted = (PEERS / f"{name}.txt").read_text()
    venv = VENVS / name
    stamp, python = venv / "holds.txt", venv / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != wanted:
        say(f"Making the environment of {name}, once.")
        shutil.rmtree(venv, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--requirement", str(PEERS / f"{name}.txt")]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"The packages of {name} cannot be had:\n{done.stderr[-2000:]}")
        stamp.write_text(wanted)
    return python
