"""Talking to PostgreSQL: the server, tables and migrations, the load path, and what a sync remembers."""
