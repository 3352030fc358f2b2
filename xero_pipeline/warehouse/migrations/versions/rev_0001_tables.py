"""Every table of the first release, from an empty database (0001_tables.sql)."""

from __future__ import annotations

from xero_pipeline.warehouse.migrations.revisions import execute, refuse

revision = "0001"
down_revision = None


def upgrade() -> None:
    execute(__file__)


downgrade = refuse
