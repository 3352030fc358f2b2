"""The end state of both sides: what is in the warehouse and in Salesforce, without what differs from run to run.

Nothing else is left out. What is staged of Salesforce is compared with a warehouse, and what is in Salesforce with
another Salesforce; there the records we create are known by Xero's ids, because Salesforce counts its own in the order of
their making.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from psycopg import Connection, sql

from xero_pipeline.sandbox.salesforce.org import Org
from xero_pipeline_tests.e2e.schedules_ground import Ground

# By table or object, by key: the row as JSON.
State = dict[str, dict[str, str]]

_TABLES = """
select n.nspname, t.relname, array_agg(a.attname::text order by k.position) as key
from pg_class as t
join pg_namespace as n on n.oid = t.relnamespace
join pg_index as i on i.indrelid = t.oid and i.indisprimary
cross join lateral unnest(i.indkey) with ordinality as k (number, position)
join pg_attribute as a on a.attrelid = t.oid and a.attnum = k.number
where t.relkind = 'r' and n.nspname in ('xero', 'salesforce', 'sync', 'analytics')
group by 1, 2
order by 1, 2
"""
# What every run writes anew, to say that it ran.
_DIARY = {"runs", "windows", "events", "alembic_version"}
# What a run decided is looked at once more by the next, which so learns what people decided; how much that is tells what the last
# run changed, and not what is there.
_LOOKED_AT_AGAIN = {"matching_due", "linking_due"}
# When and by which run, how often it was tried, under which number it is kept, and how Xero put it when it was last read: with a
# field more, perhaps, that nobody knows.
_OF_THE_RUN = [
    "synced_at", "computed_at", "decided_at", "run_id", "first_at", "last_at", "attempts", "id", "connected_at",
    "updated_at", "version", "system_modstamp", "digest",
]  # fmt: skip
_AUDIT = {"CreatedDate", "LastModifiedDate", "SystemModstamp", "LastModifiedById", "CreatedById"}
_OURS = "Xero_Id__c"
# Whether a contact without an account was seen before it was archived or only afterwards: it is no decision either way.
_NO_DECISION = """
select contact_id
from sync.contact_matches join xero.contacts using (org_id, contact_id)
where status = 'unmatched' and is_archived
"""


def end_state(ground: Ground) -> State:
    """Everything both sides hold now."""
    names = _names(ground.world.org)
    with ground.warehouse.connect() as conn:
        state = _warehouse(conn, names)
    return state | _salesforce(ground.world.org, names)


def differences(expected: State, found: State) -> list[str]:
    """Where two states differ, a line each."""
    told = []
    for name in sorted(expected.keys() | found.keys()):
        wanted, there = expected.get(name, {}), found.get(name, {})
        different = [key for key in sorted(wanted.keys() | there.keys()) if wanted.get(key) != there.get(key)]
        told += [f"{name} {key}: {_difference(wanted.get(key), there.get(key))}" for key in different]
    return told


def _difference(wanted: str | None, there: str | None) -> str:
    if wanted is None or there is None:
        return f"only with faults: {there}" if wanted is None else f"only without faults: {wanted}"
    was, now = json.loads(wanted), json.loads(there)
    return ", ".join(
        f"{name} is {now.get(name)!r} and not {was.get(name)!r}"
        for name in sorted(was.keys() | now.keys())
        if was.get(name) != now.get(name)
    )


def _warehouse(conn: Connection, names: Mapping[str, str]) -> State:
    state: State = {}
    undecided = {row[0] for row in conn.execute(_NO_DECISION)}
    for schema, table, key in conn.execute(_TABLES).fetchall():
        if table in _DIARY | _LOOKED_AT_AGAIN:
            continue
        columns = ["object", "external_id"] if table == "deliveries" else key
        query = sql.SQL("select to_jsonb(each) from {} as each").format(sql.Identifier(schema, table))
        rows = {" ".join(str(row[name]) for name in columns): row for (row,) in conn.execute(query)}
        if table == "contact_matches":
            rows = {at: row for at, row in rows.items() if row["contact_id"] not in undecided}
        if table == "settings":
            rows = {at: row for at, row in rows.items() if row["key"] not in ("xero_calls_left", "known")}
        for row in rows.values():
            for name in _OF_THE_RUN:
                row.pop(name, None)
            if table == "deliveries":
                row["remote_id"] = names.get(row["remote_id"], row["remote_id"])
            # A row that a full sync no longer saw, and not in which second.
            if row.get("vanished_at"):
                row["vanished_at"] = "vanished"
        state[f"{schema}.{table}"] = {at: json.dumps(row, sort_keys=True) for at, row in rows.items()}
    return state


def _names(org: Org) -> dict[str, str]:
    """The records we made in Salesforce: Xero's id by Salesforce's."""
    return {
        record_id: f"{name} {row[_OURS]}"
        for name, table in org.tables.items()
        for record_id, row in table.rows.items()
        if row.get(_OURS)
    }


def _salesforce(org: Org, names: Mapping[str, str]) -> State:
    """Every live record. One of ours that was deleted may as well never have been sent; that two hold one id cannot be."""
    state: State = {}
    for name, table in org.tables.items():
        records: dict[str, str] = {}
        for record_id, row in table.rows.items():
            ours = bool(row.get(_OURS))
            if ours and row["IsDeleted"]:
                continue
            key = str(row[_OURS]) if ours else record_id
            assert key not in records, f"{name} {key} is in Salesforce twice"
            shown = {
                field: names.get(str(value), str(value))
                for field, value in row.items()
                if field not in _AUDIT and not (ours and field == "Id") and value is not None
            }
            records[key] = json.dumps(shown, sort_keys=True)
        state[f"in Salesforce: {name}"] = records
    return state
