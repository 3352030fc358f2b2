"""The statements of a load, composed from a table's declaration: names are identifiers of our own, values are bound.

Every statement is set-based and returns the counts of `loader.Changes` as one row.
"""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import sql

from xero_pipeline.warehouse.noting import columns_before, note
from xero_pipeline.warehouse.target import Statement, Target, listed

_DROP_LOST_CHILDREN = sql.SQL("""
DELETE FROM {stage} AS staged
USING {parent_stage} AS parent
WHERE
    parent.{parent_id} = staged.{record}
    AND parent.{parent_id} = ANY(%(repeated)s)
    AND parent.write_0 <> staged.{write}
""")
_INSERT_ALL = sql.SQL("""
WITH inserted AS (
    INSERT INTO {table} (org_id, {columns}, synced_at)
    SELECT %(org_id)s, {columns}, %(now)s
    FROM {stage}
    RETURNING {told_columns}
){log}{note}

SELECT count(*) AS inserted FROM inserted
""")
_LOG_INSERTED = sql.SQL(""",

logged AS (
    INSERT INTO sync.events (at, org_id, run_id, system, object, record_id, record_name, action)
    SELECT %(now)s, %(org_id)s, %(run_id)s, {system}, {object}, {record_id}, {record_name}, 'inserted'
    FROM inserted
)""")
# Every row is looked up once, and written where it was found. Where somebody else writes it meanwhile it is not there any more,
# and `written` tells.
_MERGE = sql.SQL("""
WITH steady_record AS (
    {steady}
),

met AS MATERIALIZED (
    SELECT *
    FROM (
        SELECT
            staged.*,
            stored.ctid AS place,
            CASE
                WHEN stored.org_id IS NULL THEN 'inserted'
                WHEN {has_vanished} THEN 'returned'
                WHEN ({staged_content}) IS DISTINCT FROM ({stored_content}) THEN 'updated'
            END AS action,
            {is_resent} AS is_resent,
            {is_stale} AS is_stale,
            {same_version} AS same_version{before}
        FROM {stage} AS staged
        LEFT JOIN {table} AS stored ON stored.org_id = %(org_id)s AND {same_key}
    ) AS everything
    WHERE action IS NOT NULL OR is_resent
),

stale_record AS (
    {stale}
),

compared AS NOT MATERIALIZED (
    SELECT *
    FROM met
    WHERE
        action IS NOT NULL
        AND NOT EXISTS (SELECT FROM stale_record WHERE stale_record.record_id = met.{record})
),

inserted AS (
    INSERT INTO {table} (org_id, {columns}, synced_at)
    SELECT %(org_id)s, {columns}, %(now)s
    FROM compared
    WHERE action = 'inserted'
),

updated AS (
    UPDATE {table} AS stored
    SET ({written}, {stamps}) = ROW({staged_written}, {stamp_values})
    FROM compared AS staged
    WHERE stored.ctid = staged.place AND staged.action <> 'inserted'
    RETURNING 1
){confirmed},

removed AS (
    {remove}
),

logged AS (
    INSERT INTO sync.events (at, org_id, run_id, system, object, record_id, record_name, action)
    {events}
){note}

SELECT
    count(*) FILTER (WHERE action = 'inserted') AS inserted,
    count(*) FILTER (WHERE action = 'updated') AS updated,
    count(*) FILTER (WHERE action = 'returned') AS returned,
    count(*) FILTER (WHERE action = 'updated' AND same_version) AS drifted,
    (SELECT count(*) FROM {stage}) - count(*) AS unchanged,
    (SELECT count(*) FROM removed) AS removed,
    (SELECT count(*) FROM stale_record) AS stale,
    (SELECT count(*) FROM updated) AS written
FROM compared
""")
# Sent otherwise than before and meaning the same, such as with a field that is not staged.
_CONFIRMED = sql.SQL(""",

confirmed AS (
    UPDATE {table} AS stored
    SET digest = staged.digest
    FROM met AS staged
    WHERE stored.ctid = staged.place AND staged.action IS NULL
)""")
_RECORD_EVENTS = sql.SQL("""
    SELECT
        %(now)s, %(org_id)s, %(run_id)s, {system}, {object}, {record_id}, {record_name},
        CASE WHEN action = 'updated' AND same_version THEN 'drifted' ELSE action END
    FROM compared
    WHERE action <> 'inserted' OR %(log_inserts)s""")
_RECORD_SAME_VERSION = sql.SQL("""stored.{version} IS NOT DISTINCT FROM staged.{version}
            AND ({staged}) IS DISTINCT FROM ({stored})""")
# Children have no stamp. Theirs is their record's, and its change is logged; only a change beside it is news.
_CHILD_EVENTS = sql.SQL("""
    SELECT
        %(now)s, %(org_id)s, %(run_id)s, {system}, {object}, steady_record.record_id, steady_record.record_name, 'drifted'
    FROM steady_record
    WHERE
        -- Asked once and first: mostly no child has changed, and no record need be looked at.
        (EXISTS (SELECT FROM compared) OR EXISTS (SELECT FROM removed))
        AND (
            EXISTS (SELECT FROM compared WHERE compared.{record} = steady_record.record_id)
            OR EXISTS (SELECT FROM removed WHERE removed.{record} = steady_record.record_id)
        )""")
_CHILD_SAME_VERSION = sql.SQL("EXISTS (SELECT FROM steady_record WHERE steady_record.record_id = staged.{record})")
_STEADY = sql.SQL("""
    SELECT stored.{record} AS record_id, {record_name} AS record_name
    FROM {table} AS stored
    INNER JOIN {stage} AS staged ON stored.org_id = %(org_id)s AND {same_key}
    WHERE stored.synced_at <> %(now)s""")
_NOTHING_STEADY = sql.SQL("SELECT NULL::text AS record_id, NULL::text AS record_name WHERE false")
# One version of a record may be older than what is stored: pages of one reading, or two readings, can cross.
_STALE = sql.SQL("SELECT {record} AS record_id FROM met WHERE is_stale")
_STALE_PARENTS = sql.SQL("""
    SELECT staged.{record} AS record_id
    FROM {stage} AS staged
    INNER JOIN {table} AS stored ON stored.org_id = %(org_id)s AND {same_key}
    WHERE staged.{version} < stored.{version}""")
_NOTHING_STALE = sql.SQL("SELECT NULL::text AS record_id WHERE false")
_OLDER = sql.SQL("staged.{0} < stored.{0}")
_FALSE = sql.SQL("false")
_NOTHING_REMOVED = sql.SQL("SELECT * FROM compared WHERE false")
_REMOVE = sql.SQL("""
    DELETE FROM {table} AS stored
    USING (
        {parents}
    ) AS parent
    WHERE
        stored.org_id = %(org_id)s
        AND stored.{record} = parent.record_id
        AND NOT EXISTS (SELECT FROM stale_record WHERE stale_record.record_id = parent.record_id)
        AND NOT EXISTS (SELECT FROM {stage} AS staged WHERE {same_key})
    RETURNING stored.*""")
_PARENTS = sql.SQL("SELECT {parent_id} AS record_id FROM {parent_stage}")
_OWN_PARENTS = sql.SQL("SELECT DISTINCT {record} AS record_id FROM {stage}")
_MARK_VANISHED = sql.SQL("""
WITH vanished AS (
    UPDATE {table} AS stored
    SET vanished_at = %(now)s, synced_at = %(now)s
    WHERE
        stored.org_id = %(org_id)s
        AND stored.vanished_at IS NULL
        AND stored.synced_at < %(seen_before)s
        {not_newer}
        {in_scope}
        AND NOT EXISTS (SELECT FROM {stage} AS staged WHERE {same_key})
        AND NOT EXISTS (SELECT FROM {unchanged} AS unchanged WHERE unchanged.record_id = stored.{record})
    RETURNING {told_columns}
),

logged AS (
    INSERT INTO sync.events (at, org_id, run_id, system, object, record_id, record_name, action)
    SELECT %(now)s, %(org_id)s, %(run_id)s, {system}, {object}, {record_id}, {record_name}, 'vanished'
    FROM vanished
){note}

SELECT count(*) AS vanished FROM vanished
""")


def drop_lost_children(target: Target, parent: Target) -> Statement:
    """Children that came with a version of their record that lost to a newer one, for records in `repeated`."""
    return _DROP_LOST_CHILDREN.format(
        **target.names,
        parent_stage=parent.names["stage"],
        parent_id=sql.Identifier(parent.record),
        write=sql.Identifier(f"write_{target.parents.index(parent.name)}"),
    )


def insert_all(target: Target, log: bool) -> Statement:
    """For an organisation without a row in the table: everything staged is new."""
    logged = _LOG_INSERTED.format(**target.names) if log and not target.parents else sql.SQL("")
    return _INSERT_ALL.format(**target.names, log=logged, note=note(target, "inserted"))


def _same_version(target: Target) -> Statement:
    """Whether a row that differs has the stamp it had: content that is always stamped has drifted then."""
    if target.parents:
        return _CHILD_SAME_VERSION.format(**target.names)
    if not target.version:
        return _FALSE
    return _RECORD_SAME_VERSION.format(
        version=sql.Identifier(target.version),
        staged=listed(target.stamped, "staged"),
        stored=listed(target.stamped, "stored"),
    )


def merge(target: Target, parents: Sequence[Target], outdated: Sequence[Target]) -> Statement:
    """Insert what is new, rewrite what differs, delete children that their record no longer has.

    `outdated` are those of the parents that were staged with records older than what is stored. Beside the changes it tells
    how many records of the table itself were, `stale`, and how many rows that were there are `written`.
    """
    vanishing = target.has_vanished_at
    stamps = ("synced_at", "vanished_at") if vanishing else ("synced_at",)
    events = (_CHILD_EVENTS if target.parents else _RECORD_EVENTS).format(**target.names)
    return _MERGE.format(
        **target.names,
        is_resent=sql.SQL("stored.digest IS DISTINCT FROM staged.digest") if target.has_digest else _FALSE,
        is_stale=_OLDER.format(sql.Identifier(target.version)) if target.version else _FALSE,
        stale=_stale(outdated) if target.parents else _STALE.format(**target.names),
        steady=_steady(parents),
        events=events,
        same_version=_same_version(target),
        has_vanished=sql.SQL("stored.vanished_at IS NOT NULL" if vanishing else "false"),
        staged_content=listed(target.content, "staged"),
        stored_content=listed(target.content, "stored"),
        written=listed(target.written),
        staged_written=listed(target.written, "staged"),
        confirmed=_CONFIRMED.format(**target.names) if target.has_digest else sql.SQL(""),
        stamps=listed(stamps),
        stamp_values=sql.SQL("%(now)s, NULL" if vanishing else "%(now)s"),
        remove=_remove(target, parents) if target.parents else _NOTHING_REMOVED,
        before=columns_before(target),
        note=note(target, "compared", before=True),
    )


def mark_vanished(target: Target, scope: Sequence[str]) -> Statement:
    """Mark what a full load did not see, and nothing that may have been written while it was read."""
    newer = sql.SQL("AND (stored.{0} IS NULL OR stored.{0} < %(seen_before)s)")
    return _MARK_VANISHED.format(
        **target.names,
        not_newer=newer.format(sql.Identifier(target.version)) if target.version else sql.SQL(""),
        in_scope=sql.SQL(" ").join(
            sql.SQL("AND stored.{} = {}").format(sql.Identifier(name), sql.Placeholder(f"scope_{name}"))
            for name in scope
        ),
        note=note(target, "vanished"),
    )


def _stale(parents: Sequence[Target]) -> Statement:
    versioned = [each for each in parents if each.version]
    stale = (_STALE_PARENTS.format(**each.names, version=sql.Identifier(str(each.version))) for each in versioned)
    return sql.SQL("\n    UNION ALL").join(stale) if versioned else _NOTHING_STALE


def _steady(parents: Sequence[Target]) -> Statement:
    """The staged records that this load left as they were; records are merged before their children."""
    steady = (_STEADY.format(**{**each.names, "record_name": _stored_name(each)}) for each in parents)
    return sql.SQL("\n    UNION ALL").join(steady) if parents else _NOTHING_STEADY


def _stored_name(target: Target) -> sql.Composable:
    return sql.Identifier("stored", target.named_by) if target.named_by else sql.NULL


def _remove(target: Target, parents: Sequence[Target]) -> Statement:
    staged = (
        _PARENTS.format(parent_id=sql.Identifier(each.record), parent_stage=each.names["stage"]) for each in parents
    )
    # Without their records in the load, the children themselves say which records were brought.
    everything = [*staged] or [_OWN_PARENTS.format(**target.names)]
    return _REMOVE.format(**target.names, parents=sql.SQL("\n        UNION ALL ").join(everything))
