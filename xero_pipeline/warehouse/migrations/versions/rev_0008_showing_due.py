"""Compare with Salesforce the figures alone that changed on either side."""

from __future__ import annotations

from xero_pipeline.warehouse.migrations.revisions import execute, refuse

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    execute(__file__)


downgrade = refuse
