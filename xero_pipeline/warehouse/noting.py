"""What a load has to tell those who do again only what became due: part of the statements of `merge`."""

from __future__ import annotations

from psycopg import sql

from xero_pipeline.warehouse.target import Target

# Whom a change concerns: those the record has to do with now, and had before. For whom nothing was ever done, nothing is due.
_NOTE = sql.SQL(""",

{noted} AS (
    INSERT INTO {due} (org_id, kind, record_id)
    SELECT %(org_id)s, touched.kind, touched.record_id
    FROM ({touched}) AS touched (kind, record_id)
    WHERE
        touched.record_id IS NOT NULL
        AND EXISTS (
            SELECT FROM sync.settings
            WHERE org_id = %(org_id)s AND scope = 'org' AND subject = '' AND key = {consumer}
        )
        AND NOT EXISTS (
            SELECT FROM {due} AS due
            WHERE due.org_id = %(org_id)s AND due.kind = touched.kind AND due.record_id = touched.record_id
        )
)""")
_TOUCHED = sql.SQL("SELECT {kind}, {column} FROM {changed}")


def _movable(target: Target) -> list[str]:
    return [column for column in target.due_columns if column not in target.key]


def columns_before(target: Target) -> sql.Composable:
    """What the rows of a comparison have to carry for `note` to know whom they concerned before."""
    old = (
        sql.SQL(",\n        stored.{} AS {}").format(sql.Identifier(column), sql.Identifier(f"{column}_before"))
        for column in _movable(target)
    )
    return sql.SQL("").join(old)


def note(target: Target, changed: str, *, before: bool = False) -> sql.Composable:
    """The CTEs that note for each consumer whom the rows of the CTE `changed` concern.

    With `before` the CTE is a comparison: whom its rows concerned until now is noted too, and which records lost children, which
    the CTE `removed` has.
    """
    notes = []
    for consumer, kinds in target.due.items():
        touched = [(kind, column, changed) for kind, column in kinds.items()]
        if before:
            moved = {kind: column for kind, column in kinds.items() if column in _movable(target)}
            touched += [(kind, f"{column}_before", changed) for kind, column in moved.items()]
        if before and target.parents:
            touched.append(("removal", target.record, "removed"))
        selects = (
            _TOUCHED.format(kind=sql.Literal(kind), column=sql.Identifier(column), changed=sql.Identifier(table))
            for kind, column, table in touched
        )
        notes.append(
            _NOTE.format(
                noted=sql.Identifier(f"noted_{consumer}"),
                due=sql.Identifier("sync", f"{consumer}_due"),
                touched=sql.SQL(" UNION ").join(selects),
                consumer=sql.Literal(consumer),
            )
        )
    return sql.SQL("").join(notes)
