"""A sandbox as Xero is to those who read from it: its lists lie ready, and making them takes nothing from the machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks import processes
from benchmarks.ground import ROOT, Book, ended

# The largest pages that Xero gives, and those of whoever asks for no size.
LARGEST, USUAL = 1_000, 100


@dataclass
class Front(Book):
    """The book behind it in all but the Accounting API, which `programs/pages.py` answers."""

    pages_url: str = ""
    pages_process: int = 0

    @property
    def api_url(self) -> str:
        return self.pages_url

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "XERO_API_URL": self.pages_url}

    def cpu(self) -> float:
        return super().cpu() + processes.cpu(self.pages_process)

    def requests(self) -> dict[str, int]:
        return dict(self.http.get(f"{self.pages_url}/served").json())

    def forget_requests(self) -> None:
        self.requests()


@contextmanager
def in_front_of(book: Book, *sizes: int, times: int = 1) -> Iterator[Front]:
    """The book with its pages of these sizes in memory, for the block; `times` as large an organisation as it is.

    What changes in the book meanwhile is seen in deltas alone.
    """
    command = [sys.executable, "-m", "benchmarks.programs.pages", book.url, book.tenant, str(times), *map(str, sizes)]
    environment: Mapping[str, str] = {**os.environ, "BENCH_TOKEN": book.token()}
    started = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, start_new_session=True)
    with ended([started]) as (process,):
        assert process.stdout is not None
        with process.stdout:
            line = process.stdout.readline()
            if not line:
                raise RuntimeError("The pages could not be read; what went wrong stands above.")
            url = str(json.loads(line)["url"])
            yield Front(book.supervisor, book.child, book.announced, book.http, url, process.pid)
