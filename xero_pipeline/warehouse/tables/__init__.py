"""Every table of the warehouse, declared once with SQLAlchemy Core, a comment on each table and column.

Importing this package registers them all on `metadata`, under their full names ("xero.invoices").
"""

from __future__ import annotations

from xero_pipeline.warehouse.tables import analytics, salesforce, sync, xero
from xero_pipeline.warehouse.tables.metadata import BOOKKEEPING, metadata

__all__ = ["BOOKKEEPING", "analytics", "metadata", "salesforce", "sync", "xero"]
