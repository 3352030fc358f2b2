"""Write back what changed alone: what Salesforce may show differently is noted where something changes."""

from __future__ import annotations

from xero_pipeline.warehouse.migrations.revisions import execute, refuse

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    execute(__file__)


downgrade = refuse
