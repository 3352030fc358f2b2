"""Every table of the warehouse, declared once with SQLAlchemy Core, a comment on each table and column."""
