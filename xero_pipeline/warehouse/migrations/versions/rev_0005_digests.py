"""Keep the digest of every record of Xero's, so that a full load reads only what differs."""

from __future__ import annotations

from xero_pipeline.warehouse.migrations.revisions import execute, refuse

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    execute(__file__)


downgrade = refuse
