"""Every table of the warehouse, declared once with SQLAlchemy Core, a comment on each table and column.

`metadata` holds them under their full names ("xero.invoices"). `columns_of(name)` gives what a row for the loader holds.
"""
