"""Random changes on both sides, a delta after every two of them: for tests that hold deltas to a look at everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random

from xero_pipeline.stages.sync import SyncOutcome
from xero_pipeline_tests.e2e.pair import Pair

Change = Callable[[Pair, Random], None]


def one(pair: Pair, rng: Random, question: str) -> str:
    """The first column of a random row of those that answer the question."""
    value, *_ = rng.choice(pair.rows(question)).values()
    return str(value)


def deltas_after(changes: Sequence[Change], pair: Pair, seed: int) -> Iterator[SyncOutcome]:
    """Five deltas, each after two of the changes."""
    rng = Random(seed)
    for _ in range(5):
        for change in rng.sample(changes, 2):
            change(pair, rng)
        yield pair.sync("delta")


def binds_of_a_look(pair: Pair) -> dict[str, object]:
    """What a session would bind now, for a look at everything whose transaction is given up."""
    return {
        "org_id": pair.row("select org_id from xero.organisations")["org_id"],
        "salesforce_org_id": pair.row("select org_id from salesforce.accounts limit 1")["org_id"],
        "now": pair.now,
        "run_id": "look",
    }
