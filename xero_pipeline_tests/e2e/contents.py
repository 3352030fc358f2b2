"""Everything both sides hold, row by row, and what differs between two moments: nothing is left out of the comparison."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xero_pipeline_tests.e2e.other_clients import Crm
from xero_pipeline_tests.e2e.pair import Pair

Row = Mapping[str, Any]
# By table or object, by key.
Contents = dict[str, dict[Any, Row]]
# By table or object, by key: the columns that changed, or "new" or "gone".
Changes = dict[str, dict[Any, set[str] | str]]

# What is written anew by every run, to say that it ran.
DIARY = ("sync.runs", "sync.windows", "sync.events", "sync.alembic_version")
# Told apart by what is sent rather than by a number.
KEYS = {"sync.deliveries": ["object", "external_id"]}
OBJECTS = (
    "Account",
    "Contact",
    "Opportunity",
    "OpportunityLineItem",
    "Order",
    "OrderItem",
    "Product2",
    "User",
    "Xero_Contact__c",
    "Xero_Invoice__c",
    "Xero_Invoice_Line__c",
    "Xero_Metadata__c",
    "Xero_Note__c",
    "Xero_Payment__c",
)
# Salesforce sets these itself with every write.
AUDIT = {"LastModifiedDate", "LastModifiedById", "SystemModstamp"}

_KEYS = """
select n.nspname || '.' || t.relname as name, array_agg(a.attname::text order by k.position) as columns
from pg_class as t
join pg_namespace as n on n.oid = t.relnamespace
join pg_index as i on i.indrelid = t.oid and i.indisprimary
cross join lateral unnest(i.indkey) with ordinality as k (number, position)
join pg_attribute as a on a.attrelid = t.oid and a.attnum = k.number
where t.relkind = 'r' and n.nspname in ('xero', 'salesforce', 'sync', 'analytics')
group by 1
"""


def of_warehouse(pair: Pair) -> Contents:
    """Every row of every table but the diary, by its key without the organisation, which is one."""
    found: Contents = {}
    for table in pair.rows(_KEYS):
        if table["name"] not in DIARY:
            key = KEYS.get(table["name"], table["columns"])
            columns = [name for name in key if name != "org_id"] or ["org_id"]
            rows = pair.rows(f"select * from {table['name']}")
            found[table["name"]] = {tuple(row[name] for name in columns): row for row in rows}
    return found


def of_salesforce(crm: Crm) -> Contents:
    """Every record of every object, deleted ones too, by what Xero knows it by or else by its Id."""
    return {name: {_key(each): each for each in crm.whole(name).values()} for name in OBJECTS}


def _key(record: Row) -> Any:
    return record.get("Xero_Id__c") or record["Id"]


def keys(found: Changes) -> dict[str, set[Any]]:
    """Which rows changed, by table."""
    return {name: set(rows) for name, rows in found.items()}


def changes(before: Contents, after: Contents) -> Changes:
    """What differs; tables without a difference are left out."""
    found: Changes = {}
    for name in before.keys() | after.keys():
        was, is_now = before.get(name, {}), after.get(name, {})
        differing = {
            (key[0] if isinstance(key, tuple) and len(key) == 1 else key): _change(was.get(key), is_now.get(key))
            for key in was.keys() | is_now.keys()
            if was.get(key) != is_now.get(key)
        }
        if differing:
            found[name] = differing
    return found


def columns(found: Changes, name: str) -> set[str]:
    """The columns that changed in a table, over all its rows."""
    return set().union(*(change for change in found.get(name, {}).values() if not isinstance(change, str)))


def _change(was: Row | None, is_now: Row | None) -> set[str] | str:
    if was is None:
        return "new"
    if is_now is None:
        return "gone"
    return {name for name in was if was[name] != is_now[name]}
