"""Every table of the first release, from an empty database (0001_tables.sql)."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    # By psycopg itself: SQLAlchemy would read the colons and percent signs of the comments as parameters.
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(Path(__file__).with_name("0001_tables.sql").read_text())


def downgrade() -> None:
    raise NotImplementedError("the first revision is not undone: drop the database instead")
