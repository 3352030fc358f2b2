"""Note what is due without an index, and find opportunities of invoices by a smaller one."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    # By psycopg itself: SQLAlchemy would read the colons and percent signs of the comments as parameters.
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(Path(__file__).with_name("0011_lighter_indexes.sql").read_text())


def downgrade() -> None:
    raise NotImplementedError("a revision is not undone: restore the database from before it instead")
