"""Note what is due without an index, and find opportunities of invoices by a smaller one."""

from __future__ import annotations

from xero_pipeline.warehouse.migrations.revisions import execute, refuse

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    execute(__file__)


downgrade = refuse
