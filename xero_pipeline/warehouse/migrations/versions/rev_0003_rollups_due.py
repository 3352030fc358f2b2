"""Rollups of what changed alone: whose they are is noted where something changes."""

from __future__ import annotations

from xero_pipeline.warehouse.migrations.revisions import execute, refuse

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    execute(__file__)


downgrade = refuse
