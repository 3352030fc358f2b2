"""Makes the sandbox that the benchmarks read from, thirty days in the past: `state.py DIRECTORY INVOICES ORGANISATIONS`.

The past leaves room: between two measurements an hour passes at the sandbox, so that no delta reads what the one before it
read already, and none of that may come to lie in the future of Dagster's partitions.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from xero_pipeline.sandbox.clock import Clock
from xero_pipeline.sandbox.world import build_world

DAYS_BACK = 30


def main(directory: str, invoices: str, organisations: str) -> None:
    world = build_world(
        seed=1,
        invoices=int(invoices),
        organisations=int(organisations),
        state=Path(directory),
        clock=Clock(-timedelta(days=DAYS_BACK)),
    )
    assert world.store is not None
    world.store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
