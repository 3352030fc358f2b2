"""`python -m benchmarks` lists the benchmarks; `python -m benchmarks NAME` measures one, `all` all of them within a budget."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import click

from benchmarks import charts, results, venvs
from benchmarks.contenders import Loaded
from benchmarks.ground import Ground, say
from benchmarks.session import Outcome, Session

# Sales invoices; with their bills they are 100,000, where Xero begins to refuse what is slow.
USUAL = 72_000


@dataclass(frozen=True)
class Benchmark:
    """A module of this package with a function `run`; its share of the time when all are run, its usual size, what its chart
    shows, and what it needs: a sandbox of one size always, several organisations, the peers.
    """

    name: str
    says: str
    share: float
    invoices: int = USUAL
    figure: str = "seconds"
    sandbox: int | None = None
    organisations: int = 1
    peers: bool = False

    @property
    def run(self) -> Callable[[Session], Outcome]:
        found: Callable[[Session], Outcome] = import_module(f"benchmarks.{self.name}").run
        return found


# The most important first: what the time does not suffice for is left out from the end.
BENCHMARKS = (
    Benchmark(
        "first_load", "everything into an empty database: ours, dlt, tap-xero, pandas, and the floor", 0.4, peers=True
    ),
    Benchmark("second_load", "the same data again: read and compared whole, nothing written", 0.08),
    Benchmark("delta", "0 %, 1 % and 10 % of the records changed", 0.15),
    Benchmark("idle_window", "a scheduled run in which nothing changed, beside runs of empty assets", 0.08, 1500),
    Benchmark(
        "memory", "what a first load holds at most, of one, three and ten times the organisation", 0.2, figure="peak_mb"
    ),
    Benchmark(
        "rollups", "adding up a million invoices: all, and what a change of 1 % touched", 0.08, 1_000_000, sandbox=1000
    ),
    Benchmark(
        "calls", "what a day of windows costs of Xero's allowance, beside the peers", 0.05, figure="calls", peers=True
    ),
    Benchmark("orgs", "ten organisations in one location, a tick each", 0.06, 300, organisations=10),
)
BY_NAME = {benchmark.name: benchmark for benchmark in BENCHMARKS}


def listing() -> str:
    """The benchmarks and what each measures."""
    lines = [f"  {one.name:12} {one.says}" for one in BENCHMARKS]
    usage = (
        "make bench NAME=first_load, or python -m benchmarks first_load [--rounds N] [--invoices N]; all: --budget 35m"
    )
    return "\n".join(["Benchmarks:", *lines, "", usage])


def seconds(text: str) -> float:
    """`35m`, `90s` or `1h` in seconds. Raises click.BadParameter for anything else."""
    found = re.fullmatch(r"(\d+)([smh]?)", text)
    if not found:
        raise click.BadParameter(f"{text!r} is not a time such as 35m or 90s.")
    return int(found[1]) * {"s": 1, "m": 60, "h": 3600, "": 1}[found[2]]


@click.command()
@click.argument("names", nargs=-1)
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1), help="How often each is measured.")
@click.option("--invoices", type=click.IntRange(100), help="Sales invoices in Xero.  [default: what each is meant for]")
@click.option(
    "--budget", default="35m", show_default=True, help="How long it may take, such as 35m; slow peers yield first."
)
@click.option(
    "--keep/--no-keep", default=True, show_default=True, help="Append to benchmarks/results and draw the charts."
)
def main(names: tuple[str, ...], rounds: int, invoices: int | None, budget: str, keep: bool) -> None:
    """Measure the benchmarks NAMES, or `all` of them."""
    unknown = sorted(set(names) - BY_NAME.keys() - {"all"})
    if unknown or not names:
        say(listing())
        if unknown:
            raise click.BadParameter(f"there is no {', '.join(unknown)}.")
        return
    chosen = BENCHMARKS if "all" in names else tuple(BY_NAME[name] for name in names)
    failed = []
    with Ground() as ground:
        for benchmark in chosen:
            ground.make(benchmark.sandbox or invoices or benchmark.invoices, benchmark.organisations)
            if benchmark.peers:
                venvs.make()
        # What is made once does not count.
        until = time.monotonic() + seconds(budget)
        loaded: dict[tuple[int, str], Loaded] = {}
        remaining = list(chosen)
        while remaining:
            benchmark, *remaining = remaining
            left = until - time.monotonic()
            if left <= 0:
                say(
                    f"No time is left for {benchmark.name}, {', '.join(one.name for one in remaining)}.".replace(
                        ", .", "."
                    )
                )
                break
            # What one does not use is the others'.
            share = benchmark.share / (benchmark.share + sum(one.share for one in remaining))
            session = Session(ground, invoices or benchmark.invoices, rounds, time.monotonic() + left * share, loaded)
            try:
                _measure(benchmark, session, keep=keep)
            except RuntimeError as error:
                # The others are worth their time all the same.
                say(f"{benchmark.name} failed: {error}")
                failed.append(benchmark.name)
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}.")


def _measure(benchmark: Benchmark, session: Session, *, keep: bool) -> None:
    say(f"\n{benchmark.name}: {benchmark.says}")
    began = time.monotonic()
    entry = results.entry(session)
    outcome = benchmark.run(session)
    results.complete(entry, outcome, time.monotonic() - began)
    for one in outcome.ratios:
        say(f"  {one}")
    for note in outcome.notes:
        say(f"  {note}")
    if keep:
        charts.draw(benchmark.name, benchmark.figure, results.append(benchmark.name, entry))


if __name__ == "__main__":
    main()
