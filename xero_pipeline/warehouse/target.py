"""A declared table as something to load into: its columns, its key, its stage, and the statements that need no more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property

from psycopg import sql
from sqlalchemy import Column

from xero_pipeline.warehouse.csv_rows import OPTIONS
from xero_pipeline.warehouse.tables import BOOKKEEPING, metadata
from xero_pipeline.warehouse.tables.metadata import Due

Statement = sql.SQL | sql.Composed

DIGEST = "digest"

_CREATE = sql.SQL("""
DROP TABLE IF EXISTS pg_temp.{stage};
CREATE TEMP TABLE {stage} ON COMMIT DROP AS SELECT {columns}, {writes} FROM {table} WITH NO DATA
""")
_DROP = sql.SQL("DROP TABLE {stage}")
_CREATE_UNCHANGED = sql.SQL("""
DROP TABLE IF EXISTS pg_temp.{unchanged};
CREATE TEMP TABLE {unchanged} (record_id TEXT COLLATE "C") ON COMMIT DROP
""")
_COPY_UNCHANGED = sql.SQL("COPY {unchanged} FROM STDIN")
_COPY = sql.SQL("COPY {stage} FROM STDIN {options}")
_COPY_STRAIGHT = sql.SQL("COPY {table} ({columns}, org_id, synced_at) FROM STDIN {options}")
_ARRIVED = sql.SQL("""
WITH arrived (record_id) AS (
    SELECT unnest(%(others)s::text[])
    {more}
)

SELECT count(*)
FROM arrived
{where}
""")
_STAGED = sql.SQL("UNION SELECT {record} FROM {stage}")
_LISTED = sql.SQL("UNION SELECT record_id FROM {unchanged}")
_NOT_STRAIGHT = sql.SQL(
    "WHERE NOT EXISTS (SELECT FROM {table} WHERE {table}.org_id = %(org_id)s AND {table}.{record} = arrived.record_id)"
)
_ANALYZE_STAGE = sql.SQL("ANALYZE {stage} ({key})")
# Without statistics the planner takes a table just filled for an almost empty one: a delta of 1 % took 20 times as long.
_ANALYZE = sql.SQL("ANALYZE {table} (org_id, {key}, synced_at)")
# Of children that come twice with their record the last stands.
_PUT_STAGED = sql.SQL("""
WITH latest AS (
    SELECT DISTINCT ON ({key}) *
    FROM {stage}
    ORDER BY {key}, ctid DESC
),

put AS (
    INSERT INTO {table} (org_id, {columns}, synced_at)
    SELECT %(org_id)s, {columns}, %(now)s
    FROM latest
    ON CONFLICT (org_id, {key}) DO UPDATE SET {replaced}
    RETURNING (xmax = 0) AS is_new
)

SELECT count(*) FROM put WHERE is_new
""")
# What a load wrote, for as long as its transaction lasts: what it staged and stamped, or all that carries its stamp.
_WRITTEN = sql.SQL("""(
    SELECT stored.*
    FROM {stage} AS staged
    INNER JOIN {table} AS stored ON stored.org_id = %(org_id)s AND {same_key}
    WHERE stored.synced_at = %(now)s
)""")
_STAMPED = sql.SQL("(SELECT * FROM {table} WHERE org_id = %(org_id)s AND synced_at = %(now)s)")
_HAS_ROWS = sql.SQL("SELECT EXISTS (SELECT FROM {table} WHERE org_id = %(org_id)s)")
# Whether nobody needs to be told of rows that come into an empty table: for whom nothing was ever done, nothing is due.
_IS_NEW = sql.SQL("""
SELECT
    NOT EXISTS (SELECT FROM {table} WHERE org_id = %(org_id)s)
    AND NOT EXISTS (
        SELECT FROM sync.settings
        WHERE org_id = %(org_id)s AND scope = 'org' AND subject = '' AND key = ANY({consumers}::text[])
    )
""")
_HAS_DUPLICATES = sql.SQL(
    "SELECT (SELECT count(*) FROM {stage}) > (SELECT count(*) FROM (SELECT FROM {stage} GROUP BY {key}) AS record)"
)
# A temporary table keeps rows where they were copied, so a later ctid is a later write.
_DROP_DUPLICATES = sql.SQL("""
WITH ranked AS (
    SELECT ctid, row_number() OVER (PARTITION BY {key} ORDER BY {version} write_0 DESC, ctid DESC) AS place
    FROM {stage}
)

DELETE FROM {stage} AS staged
USING ranked
WHERE staged.ctid = ranked.ctid AND ranked.place > 1
RETURNING staged.{record}
""")


@dataclass(frozen=True)
class Target:
    """A table to load into, and the statements that need nothing but its declaration."""

    name: str
    schema: str
    table_name: str
    columns: tuple[Column[object], ...]
    key: tuple[str, ...]
    parents: tuple[str, ...]
    version: str | None
    named_by: str | None
    unstamped: tuple[str, ...]
    due: Due
    has_vanished_at: bool

    @classmethod
    @cache
    def of(cls, name: str) -> Target:
        """The declared table of a full name such as xero.invoices. Raises KeyError for another."""
        table = metadata.tables[name]
        columns = tuple(column for column in table.columns if column.name not in BOOKKEEPING)
        key = tuple(column.name for column in table.primary_key.columns if column.name != "org_id")
        info = table.info
        return cls(
            name=name,
            schema=str(table.schema),
            table_name=table.name,
            columns=columns,
            key=key,
            parents=info["parents"],
            version=info["version"],
            named_by=info["named_by"],
            unstamped=info["unstamped"],
            due=info["due"],
            has_vanished_at="vanished_at" in table.columns,
        )

    @property
    def record(self) -> str:
        """The id of the record a row is or, for children, belongs to."""
        return self.key[0]

    @property
    def content(self) -> tuple[str, ...]:
        """What a row says: a row is written when this differs."""
        return tuple(column.name for column in self.columns if column.name not in (*self.key, DIGEST))

    @property
    def written(self) -> tuple[str, ...]:
        """What a row that is written again holds anew."""
        return tuple(column.name for column in self.columns if column.name not in self.key)

    @property
    def has_digest(self) -> bool:
        """Whether rows carry the digest of the record as the other side sent it."""
        return any(column.name == DIGEST for column in self.columns)

    @property
    def stamped(self) -> tuple[str, ...]:
        """The content whose every change the other side stamps."""
        return tuple(name for name in self.content if name not in self.unstamped)

    @property
    def due_columns(self) -> tuple[str, ...]:
        """The columns that say whom a change of a row concerns."""
        return tuple(dict.fromkeys(column for kinds in self.due.values() for column in kinds.values()))

    @cached_property
    def names(self) -> dict[str, sql.Composable]:
        """What every statement may name."""
        stage = sql.Identifier(f"stage_{self.schema}_{self.table_name}")
        named = (self.named_by,) if self.named_by else ()
        return {
            "table": sql.Identifier(self.schema, self.table_name),
            "stage": stage,
            "options": sql.SQL(OPTIONS),
            "unchanged": sql.Identifier(f"unchanged_{self.schema}_{self.table_name}"),
            "columns": listed(column.name for column in self.columns),
            "key": listed(self.key),
            "record": sql.Identifier(self.record),
            "same_key": sql.SQL(" AND ").join(
                sql.SQL("stored.{name} = staged.{name}").format(name=sql.Identifier(name)) for name in self.key
            ),
            "system": sql.Literal(self.schema),
            "object": sql.Literal(self.table_name),
            "record_id": sql.Identifier(self.record),
            "record_name": sql.Identifier(self.named_by) if self.named_by else sql.NULL,
            "told_columns": listed(dict.fromkeys((*self.key, *named, *self.due_columns))),
        }

    @cached_property
    def create_stage(self) -> Statement:
        # For records the number of the write they came with; for children that of each table they may belong to.
        writes = (sql.SQL("0 AS {}").format(sql.Identifier(f"write_{n}")) for n in range(max(1, len(self.parents))))
        return _CREATE.format(**self.names, writes=sql.SQL(", ").join(writes))

    @cached_property
    def drop_stage(self) -> Statement:
        return _DROP.format(**self.names)

    @cached_property
    def create_unchanged(self) -> Statement:
        return _CREATE_UNCHANGED.format(**self.names)

    @cached_property
    def copy_unchanged(self) -> Statement:
        return _COPY_UNCHANGED.format(**self.names)

    @cached_property
    def copy(self) -> Statement:
        return _COPY.format(**self.names)

    @cached_property
    def copy_straight(self) -> Statement:
        return _COPY_STRAIGHT.format(**self.names)

    def arrived(self, *, staged: bool, listed: bool, straight: bool) -> Statement:
        """Counts the distinct records among `others`, the staged ones and those listed as unchanged; without those in the table
        itself where these went straight into it."""
        more = [part for part, there in ((_STAGED, staged), (_LISTED, listed)) if there]
        where = _NOT_STRAIGHT if straight else sql.SQL("")
        return _ARRIVED.format(
            more=sql.SQL(" ").join(part.format(**self.names) for part in more), where=where.format(**self.names)
        )

    @cached_property
    def put_staged(self) -> Statement:
        replaced = (sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in (*self.written, "synced_at"))
        return _PUT_STAGED.format(**self.names, replaced=sql.SQL(", ").join(replaced))

    @cached_property
    def is_new(self) -> Statement:
        return _IS_NEW.format(**self.names, consumers=sql.Literal(list(self.due)))

    @cached_property
    def analyze_stage(self) -> Statement:
        return _ANALYZE_STAGE.format(**self.names)

    @cached_property
    def analyze(self) -> Statement:
        return _ANALYZE.format(**self.names)

    @cached_property
    def written_rows(self) -> Statement:
        return _WRITTEN.format(**self.names)

    @cached_property
    def stamped_rows(self) -> Statement:
        return _STAMPED.format(**self.names)

    @cached_property
    def has_rows(self) -> Statement:
        return _HAS_ROWS.format(**self.names)

    @cached_property
    def has_duplicates(self) -> Statement:
        return _HAS_DUPLICATES.format(**self.names)

    @cached_property
    def drop_duplicates(self) -> Statement:
        newest = sql.SQL("{} DESC NULLS LAST,").format(sql.Identifier(self.version)) if self.version else sql.SQL("")
        return _DROP_DUPLICATES.format(**self.names, version=newest)


def listed(names: Iterable[str], table: str = "") -> sql.Composed:
    """Column names, of `table` if given, separated by commas."""
    return sql.SQL(", ").join(sql.Identifier(*((table, name) if table else (name,))) for name in names)
