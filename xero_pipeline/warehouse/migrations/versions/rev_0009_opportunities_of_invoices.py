"""Find the opportunities of changed invoices without reading their links."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    # By psycopg itself: SQLAlchemy would read the colons and percent signs of the comments as parameters.
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(Path(__file__).with_name("0009_opportunities_of_invoices.sql").read_text())


def downgrade() -> None:
    raise NotImplementedError("a revision is not undone: restore the database from before it instead")
