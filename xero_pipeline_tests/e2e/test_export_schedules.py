"""Whatever fails between an export and Xero, every sale becomes one invoice: never two, and none that says something else.

`make faults` runs two hundred; `XERO_PIPELINE_EXPORT_SCHEDULES` says how many, `XERO_PIPELINE_FAULT_SEED` which is the first.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from xero_pipeline.warehouse.embedded import EmbeddedServer
from xero_pipeline_tests.e2e.export_sales import EXPORTING
from xero_pipeline_tests.e2e.export_schedules import Schedule
from xero_pipeline_tests.e2e.pair import Snapshot, copied, take_snapshot
from xero_pipeline_tests.e2e.schedules_figures import EXPORT_FAULTS, as_property
from xero_pipeline_tests.e2e.schedules_ground import made_cheap

SCHEDULES = int(os.environ.get("XERO_PIPELINE_EXPORT_SCHEDULES", "2"))
FIRST = int(os.environ.get("XERO_PIPELINE_FAULT_SEED", "0"))
FILE = "xero_pipeline_tests/e2e/test_export_schedules.py"


@pytest.fixture(scope="module")
def cheap(postgres: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    """A small organisation after its first sync, and what makes a schedule cheap."""
    home = tmp_path_factory.mktemp("exports")
    with made_cheap(), pytest.MonkeyPatch.context() as patch:
        # A handful of sales still takes several calls.
        patch.setattr("xero_pipeline.stages.export.sending.BATCH", 3)
        yield take_snapshot(postgres, home, invoices=60, org=EXPORTING)


@pytest.mark.parametrize("seed", range(FIRST, FIRST + SCHEDULES))
def test_once_faults_stop_every_sale_is_one_invoice_as_it_stands(
    seed: int, cheap: Snapshot, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with copied(cheap, tmp_path) as pair:
        schedule = Schedule(pair, Random(f"{seed} exports"))
        try:
            schedule.run()
            schedule.assert_one_invoice_a_sale()
            schedule.assert_nothing_more_to_do()
        except Exception as error:
            error.add_note(
                f"Replay it with: XERO_PIPELINE_EXPORT_SCHEDULES=1 XERO_PIPELINE_FAULT_SEED={seed} pytest {FILE}"
            )
            raise
        record_property(EXPORT_FAULTS, as_property(schedule.figures))
