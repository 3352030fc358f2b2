"""How the database gets from empty to today's tables and views, one revision after another."""

from __future__ import annotations

# The newest revision in versions/. Here, so that checking a database does not import Alembic.
HEAD = "0011"
