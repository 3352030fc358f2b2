"""The words tables are declared with: one MetaData, and column and table helpers that carry the naming and key rules.

A table is either `records` (top-level: one row a record the other side knows by an id) or `children` (lines and
allocations: owned by the record that arrived with them). Both put `org_id` first in the key and add the bookkeeping
columns that only the loader writes (`synced_at`, and `vanished_at` on records); declare neither yourself. The loader
takes rows in the order of the columns as declared, without those three.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Index, Integer, MetaData, Numeric, Table, Text, Uuid
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)

AnyColumn: TypeAlias = (
    Column[str] | Column[Decimal] | Column[int] | Column[date] | Column[datetime] | Column[bool] | Column[object]
)

# What a change makes due: by consumer ("rollups" for sync.rollups_due), kinds of record and the columns that hold their ids.
Due: TypeAlias = Mapping[str, Mapping[str, str]]

# Columns the loader fills itself; the rows it is given hold every other column, in declared order.
BOOKKEEPING = ("org_id", "synced_at", "vanished_at")

# Ids are compared byte by byte on every server, whatever its locale: half the time of a locale-aware index.
_ID = Text(collation="C")


def org_id(
    comment: str = "The organisation of the row: Xero's OrganisationID, or the Salesforce org id",
) -> Column[str]:
    """The first column of every table and of every key."""
    return Column("org_id", _ID, primary_key=True, nullable=False, comment=comment)


def key(name: str, comment: str) -> Column[str]:
    """A natural id in the primary key: lower-case GUIDs as Xero sends them, 18-character Salesforce ids."""
    return Column(name, _ID, primary_key=True, nullable=False, comment=comment)


def ref(name: str, comment: str) -> Column[str]:
    """The id of a row elsewhere, or null. Not a foreign key: what it names may not have been staged yet."""
    return Column(name, _ID, nullable=True, comment=comment)


def is_id(column: Column[object]) -> bool:
    """Whether a column holds ids: of its own row, or of one elsewhere."""
    return isinstance(column.type, Text) and column.type.collation == _ID.collation


def text(name: str, comment: str, *, required: bool = False) -> Column[str]:
    """Text of any length, enums included: a value Xero adds tomorrow must be storable."""
    return Column(name, Text, nullable=not required, comment=comment)


def money(name: str, comment: str) -> Column[Decimal]:
    """An amount in the currency its row names, exact."""
    return Column(name, Numeric, nullable=True, comment=comment)


def number(name: str, comment: str) -> Column[Decimal]:
    """A rate, a percentage or a quantity, exact."""
    return Column(name, Numeric, nullable=True, comment=comment)


def integer(name: str, comment: str, *, required: bool = False, default: int | None = None) -> Column[int]:
    """A whole number that fits 32 bits: a position, a count."""
    return Column(
        name,
        Integer,
        nullable=not required,
        server_default=None if default is None else sql(str(default)),
        comment=comment,
    )


def big(name: str, comment: str, *, default: int | None = None) -> Column[int]:
    """A whole number that may pass 32 bits: bytes, event ids."""
    return Column(
        name,
        BigInteger,
        nullable=default is None,
        server_default=None if default is None else sql(str(default)),
        comment=comment,
    )


def day(name: str, comment: str) -> Column[date]:
    """A calendar date, in the organisation's own zone."""
    return Column(name, Date, nullable=True, comment=comment)


def instant(name: str, comment: str, *, required: bool = False) -> Column[datetime]:
    """A moment, stored in UTC."""
    return Column(name, DateTime(timezone=True), nullable=not required, comment=comment)


def flag(name: str, comment: str, *, default: bool | None = False) -> Column[bool]:
    """Yes or no. `default=None` allows unknown, for what the other side may leave out."""
    return Column(
        name,
        Boolean,
        nullable=default is None,
        server_default=None if default is None else sql("true" if default else "false"),
        comment=comment,
    )


def json(name: str, comment: str) -> Column[object]:
    """A JSON document, for detail that no query joins on. A row carries it as text of valid JSON."""
    return Column(name, JSONB, nullable=True, comment=comment)


def updated_utc(
    comment: str = "When the record was last modified in Xero; null where Xero does not say",
) -> Column[datetime]:
    """Xero's UpdatedDateUTC: what a newer version of a record is told by."""
    return instant("updated_utc", comment)


def is_archived(
    comment: str = "Archived in Xero: kept, but no longer used for matches or exports",
) -> Column[bool]:
    return flag("is_archived", comment)


def synced_at() -> Column[datetime]:
    return instant("synced_at", "When the content of this row last changed here", required=True)


def vanished_at() -> Column[datetime]:
    return instant("vanished_at", "When a full sync first no longer saw the record; null while it is seen")


def digest() -> Column[str]:
    return Column(
        "digest",
        Uuid(as_uuid=False),
        comment="Tells whether Xero still sends the record as it is here; null when other hands changed it here since",
    )


def records(
    schema: str,
    name: str,
    comment: str,
    *columns: AnyColumn,
    named_by: str | None = None,
    unstamped: Sequence[str] = (),
    due: Due | None = None,
    indexes: Sequence[Index] = (),
    digested: bool = True,
) -> Table:
    """A table of top-level records: `org_id`, the columns as given, `vanished_at`, `synced_at`, and of Xero's their `digest`.

    `named_by` is the column a person knows the record by (invoice_number, name): events carry it. A newer version of a
    record is told from an older one by `updated_utc` (Xero) or `system_modstamp` (Salesforce), whichever the table has.
    `unstamped` columns change without that stamp in the ordinary course of things, so a change of theirs is no drift.
    `due` says whom a change concerns: by table of what is due (sync.rollups_due), its kinds and the columns that hold their
    ids. A load notes both the old and the new ones of every record it changes. `digested` False has no digest, for records
    that come inside others.
    """
    version = next((c.name for c in columns if c.name in ("updated_utc", "system_modstamp")), None)
    info = {
        "named_by": named_by,
        "version": version,
        "parents": (),
        "unstamped": tuple(unstamped),
        "due": dict(due or {}),
    }
    digests = (digest(),) if schema == "xero" and digested else ()
    everything = (org_id(), *columns, vanished_at(), synced_at(), *digests, *indexes)
    return Table(name, metadata, *everything, schema=schema, comment=comment, info=info)


def children(
    schema: str,
    name: str,
    comment: str,
    *columns: AnyColumn,
    parents: Sequence[str],
    named_by: str | None = None,
    due: Due | None = None,
) -> Table:
    """A table owned by the tables in `parents` ("xero.invoices"): `org_id`, the columns as given, `synced_at`.

    The first column is the id of the parent, a `key`. A load that brings a parent brings all its children: those it
    does not bring are deleted. `due` is as for `records`.
    """
    info: dict[str, object] = {"named_by": named_by, "version": None, "parents": tuple(parents)}
    info |= {"unstamped": (), "due": dict(due or {})}
    return Table(name, metadata, org_id(), *columns, synced_at(), schema=schema, comment=comment, info=info)
