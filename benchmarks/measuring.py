"""One measurement: the processes of a contender do their work and end; what it cost is read from them and around them."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from benchmarks.ground import ROOT, Book, Ground, ended
from xero_pipeline.definitions import RUN_ENVIRONMENT

PATIENCE_SECONDS = 3600


class Figures(TypedDict):
    """What a measurement found.

    `seconds` is the wall time of the work, imports left out, and `process_seconds` from the start of the processes to their
    end; `client_cpu`, `postgres_cpu` and `sandbox_cpu` are processor seconds; `peak_mb` is the highest resident memory of the
    client above what it held after its imports, MiB; `wal_mb` is what PostgreSQL wrote ahead, MiB;
    `calls` and `bytes` are those of Xero's Accounting API.
    """

    seconds: float
    process_seconds: float
    client_cpu: float
    postgres_cpu: float
    sandbox_cpu: float
    peak_mb: float
    wal_mb: float
    calls: int
    bytes: int


@dataclass(frozen=True)
class Program:
    """A command line of a contender. Several of one contender run at once, each reading what the one before it writes."""

    python: Path | str
    arguments: tuple[str, ...]

    @property
    def name(self) -> str:
        return next(Path(part).name for part in self.arguments if not part.startswith("-"))

    @property
    def command(self) -> list[str]:
        return [str(self.python), *self.arguments]


def ours(*arguments: str, module: str = "ours") -> Program:
    """A program of `benchmarks/programs`, run by this Python."""
    return Program(sys.executable, ("-m", f"benchmarks.programs.{module}", *arguments))


def measure(
    ground: Ground,
    book: Book,
    programs: Sequence[Program],
    database: str,
    *,
    since: str = "",
    state: Path | None = None,
    extra: Mapping[str, str] | None = None,
) -> tuple[Figures, dict[str, Any]]:
    """Run a contender against a book and a database. `since` is the If-Modified-Since of a delta, empty for everything.

    `state` is the directory it keeps for itself. The second value is what the programs said besides their figures. Raises
    RuntimeError, with the end of what they printed, when one of them fails.
    """
    url = ground.server.url(database)
    with tempfile.TemporaryDirectory(prefix="xero_pipeline_benchmark_") as place:
        environment = {
            **ground.environment(book, database),
            "BENCH_URL": book.api_url,
            "BENCH_TOKEN": book.token(),
            "BENCH_TENANT": book.tenant,
            "BENCH_DATABASE": url,
            "BENCH_SINCE": since,
            "BENCH_STATE": str(state or place),
            "BENCH_MEASURES": place,
            "BENCH_OFFSET": str(book.offset()),
            **RUN_ENVIRONMENT,
            **(extra or {}),
        }
        ground.settle()
        book.forget_requests()
        before = (ground.cpu(), book.cpu(), ground.wal())
        began = time.monotonic()
        _run(programs, environment, Path(place) / "output")
        lasted = time.monotonic() - began
        after = (ground.cpu(), book.cpu(), ground.wal())
        told = [json.loads(file.read_text()) for file in sorted(Path(place).glob("*.json"))]
    requests = book.requests()
    figures = Figures(
        seconds=max(one["ended"] for one in told) - min(one["began"] for one in told) if told else lasted,
        process_seconds=lasted,
        client_cpu=sum(one["cpu"] for one in told),
        postgres_cpu=after[0] - before[0],
        sandbox_cpu=after[1] - before[1],
        peak_mb=sum(one["peak_kib"] for one in told) / 1024,
        wal_mb=(after[2] - before[2]) / 1024**2,
        calls=requests["calls"],
        bytes=requests["bytes"],
    )
    return figures, {name: value for one in told for name, value in one.items()}


def _run(programs: Sequence[Program], environment: Mapping[str, str], output: Path) -> None:
    """All programs at once, as a pipe. Raises RuntimeError when one fails or none ends."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with output.open("wb") as log, ended([]) as running:
        handed_on: Any = subprocess.DEVNULL
        for number, program in enumerate(programs):
            last = number == len(programs) - 1
            process = subprocess.Popen(
                program.command,
                env=dict(environment),
                cwd=ROOT,
                stdin=handed_on,
                stdout=log if last else subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
            running.append(process)
            if handed_on is not subprocess.DEVNULL:
                # Ours to close, or the writer would never learn that its reader has gone.
                handed_on.close()
            handed_on = process.stdout
        codes = [process.wait(max(deadline - time.monotonic(), 1)) for process in running]
    if any(codes):
        said = output.read_text(errors="replace")[-4000:]
        raise RuntimeError(f"{' | '.join(program.name for program in programs)} ended with {codes}:\n{said}")
