"""Find invoices without a currency rate by an index, and leave room for the next version of a record."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    # By psycopg itself: SQLAlchemy would read the colons and percent signs of the comments as parameters.
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(Path(__file__).with_name("0010_rates_and_room.sql").read_text())


def downgrade() -> None:
    raise NotImplementedError("a revision is not undone: restore the database from before it instead")
