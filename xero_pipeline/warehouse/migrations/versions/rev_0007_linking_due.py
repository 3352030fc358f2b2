"""Link anew what may be linked differently alone."""

from __future__ import annotations

from xero_pipeline.warehouse.migrations.revisions import execute, refuse

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    execute(__file__)


downgrade = refuse
