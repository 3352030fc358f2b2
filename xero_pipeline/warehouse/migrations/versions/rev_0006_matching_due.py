"""Match anew what may match differently alone, and leave room beside rollups for what they change to."""

from __future__ import annotations

from xero_pipeline.warehouse.migrations.revisions import execute, refuse

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    execute(__file__)


downgrade = refuse
