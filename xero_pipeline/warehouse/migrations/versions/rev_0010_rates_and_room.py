"""Find invoices without a currency rate by an index, and leave room for the next version of a record."""

from __future__ import annotations

from xero_pipeline.warehouse.migrations.revisions import execute, refuse

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    execute(__file__)


downgrade = refuse
