"""What tests of the warehouse share."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from xero_pipeline.warehouse.connection import Warehouse


@pytest.fixture
def conn(warehouse: Warehouse) -> Iterator[psycopg.Connection]:
    """A connection to the test's own database; what was not rolled back is committed in the end."""
    with warehouse.connect() as connection:
        yield connection
