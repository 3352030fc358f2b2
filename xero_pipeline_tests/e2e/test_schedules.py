"""Random schedules of faults: whatever fails on the way, once it stops both sides are as if it never had (issue B, 4).

`make faults` runs five hundred; `XERO_PIPELINE_FAULT_SCHEDULES` says how many, `XERO_PIPELINE_FAULT_SEED` which is the first.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from xero_pipeline.domain.errors import Transient
from xero_pipeline.stages.sync import sync
from xero_pipeline_tests.e2e.other_clients import Crm, crm
from xero_pipeline_tests.e2e.pair import Pair
from xero_pipeline_tests.e2e.schedules_figures import FAULTS, Counts, as_property
from xero_pipeline_tests.e2e.schedules_ground import ground, made_cheap, make_state
from xero_pipeline_tests.e2e.schedules_run import with_faults, without_faults
from xero_pipeline_tests.e2e.schedules_state import differences

SCHEDULES = int(os.environ.get("XERO_PIPELINE_FAULT_SCHEDULES", "4"))
FIRST = int(os.environ.get("XERO_PIPELINE_FAULT_SEED", "0"))
# Schedules that share what people do, and with it the run without faults that they are held against.
BLOCK = 10
FILE = "xero_pipeline_tests/e2e/test_schedules.py"


def blocks() -> list[range]:
    """The seeds to run, those of a block together."""
    end, starts = FIRST + SCHEDULES, [FIRST]
    while (after := (starts[-1] // BLOCK + 1) * BLOCK) < end:
        starts.append(after)
    return [range(start, min(end, (start // BLOCK + 1) * BLOCK)) for start in starts]


@pytest.fixture
def cheap_warehouse(database_url: str) -> Iterator[str]:
    """A database to be used again and again, and what makes a schedule cheap."""
    with made_cheap():
        yield database_url


@pytest.mark.parametrize("seeds", blocks(), ids=lambda seeds: f"{seeds.start}-{seeds.stop - 1}")
def test_once_faults_stop_both_sides_are_as_if_there_had_been_none(
    seeds: range, cheap_warehouse: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    figures, block = Counts(), seeds.start // BLOCK
    state = make_state(tmp_path / "state", block)
    with ground(state, cheap_warehouse, tmp_path, block) as undisturbed:
        history, expected = without_faults(undisturbed, block)
    for seed in seeds:
        try:
            with ground(state, cheap_warehouse, tmp_path, block) as disturbed:
                found, met = with_faults(disturbed, history, seed)
            assert differences(expected, found) == []
        except Exception as error:
            replay = f"XERO_PIPELINE_FAULT_SCHEDULES=1 XERO_PIPELINE_FAULT_SEED={seed} pytest {FILE}"
            error.add_note(f"This is schedule {seed}. Replay it with: {replay}")
            raise
        figures += met
    record_property(FAULTS, as_property(figures))


def test_the_time_zone_is_kept_though_the_lists_after_the_organisation_could_not_be_read(
    cheap_warehouse: str, tmp_path: Path
) -> None:
    with ground(make_state(tmp_path / "state", 0), cheap_warehouse, tmp_path, 0) as here:
        here.world.faults.add({"what": "500", "match": {"path": "/Items$"}})
        with pytest.raises(Transient):
            sync(here.settings, here.org, clock=here.world.clock.now, sleep=lambda seconds: None)
        with here.warehouse.connect() as conn:
            kept = conn.execute("select value from sync.settings where key = 'time_zone'").fetchall()
    assert kept == [("Pacific/Auckland",)]


UNPAID = """
select invoice_number, account_id, target_id
from xero.invoices
join sync.contact_matches using (org_id, contact_id)
join sync.invoice_links as links using (org_id, invoice_id)
where type = 'ACCREC' and invoices.status = 'AUTHORISED' and amount_due = total and target_type = 'opportunity'
order by 1 limit 1
"""
FIGURES = ("Xero_Total_Invoiced__c", "Xero_Total_Paid__c", "Xero_Total_Due__c", "Xero_Total_Overdue__c")


def test_figures_that_could_not_be_sent_are_not_sent_once_they_no_longer_hold(pair: Pair) -> None:
    with crm(pair.sandbox) as sales:
        unpaid, before = pair.row(UNPAID), _figures(sales)
        payment = pair.pull("pay_invoice", invoice=unpaid["invoice_number"])
        pair.fault("503", "/composite/sobjects$")
        with pytest.raises(Transient):
            pair.sync("delta")
        pair.mend()
        pair.pull("reverse_payment", payment=payment["PaymentID"])

        pair.sync("delta")

        assert _figures(sales) == before
    assert pair.rows("select object, external_id from sync.deliveries where status <> 'succeeded'") == []


def _figures(sales: Crm) -> dict[str, list[object]]:
    return {
        key: [record[name] for name in FIGURES]
        for each in ("Account", "Opportunity")
        for key, record in sales.whole(each).items()
    }
