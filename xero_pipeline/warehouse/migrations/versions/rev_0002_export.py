"""From reading to writing: what Salesforce says of a sale to be invoiced, the plan, and the ledger of what goes to Xero."""

from __future__ import annotations

from xero_pipeline.warehouse.migrations.revisions import execute, refuse

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    execute(__file__)


downgrade = refuse
