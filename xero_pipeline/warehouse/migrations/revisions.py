"""What every revision does: it executes the SQL that lies beside it, and is not undone."""

from __future__ import annotations

from pathlib import Path

from alembic import op


def execute(revision: str) -> None:
    """Execute 0002_export.sql for a revision's file rev_0002_export.py."""
    file = Path(revision)
    # By psycopg itself: SQLAlchemy would read the colons and percent signs of the comments as parameters.
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(file.with_name(f"{file.stem.removeprefix('rev_')}.sql").read_text())


def refuse() -> None:
    """Raises NotImplementedError."""
    raise NotImplementedError("a revision is not undone: restore the database from before it instead")
