"""Find the opportunities of changed invoices without reading their links."""

from __future__ import annotations

from xero_pipeline.warehouse.migrations.revisions import execute, refuse

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    execute(__file__)


downgrade = refuse
