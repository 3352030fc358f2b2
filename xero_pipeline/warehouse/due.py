"""What was done for an organisation and on what terms, by those who do again only what became due since (sync.*_due).

A consumer has a setting of its name that holds the terms. As long as it has none, nothing is noted for it, and what it does first
is everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from psycopg import Connection, sql

from xero_pipeline.warehouse import settings

# While a person's change to these, or what another organisation's sync reads of Salesforce, is not committed, neither it nor what
# it makes due is seen: whoever is first waits for it.
_SETTLED = """
lock table
    sync.contact_matches, sync.invoice_links, salesforce.accounts, salesforce.opportunities, salesforce.orders
in share mode
"""
_TAKE = "delete from {table} where org_id = %(org_id)s returning kind, record_id"


def terms(conn: Connection, org_id: str, consumer: str) -> Mapping[str, str]:
    """The terms of the last time; empty when there was none, and then nobody changes matches, links or what
    they are found by until this commits."""
    known = settings.get(conn, org_id, consumer)
    if isinstance(known, dict) and known:
        return known
    conn.execute(_SETTLED)
    return {}


def keep(
    conn: Connection, org_id: str, consumer: str, known: Mapping[str, str], now_on: Mapping[str, str], *, at: datetime
) -> None:
    """Remember the terms of this time, in the transaction that did it; nothing is written where they are the known ones."""
    if known != now_on:
        settings.put(conn, org_id, consumer, dict(now_on), now=at)


def take(conn: Connection, org_id: str, consumer: str) -> Mapping[str, list[str]]:
    """What is due, by kind and each record once, and due no more once this commits."""
    statement = sql.SQL(_TAKE).format(table=sql.Identifier("sync", f"{consumer}_due"))
    found: defaultdict[str, set[str]] = defaultdict(set)
    for kind, record_id in conn.execute(statement, {"org_id": org_id}):
        found[kind].add(record_id)
    return {kind: sorted(ids) for kind, ids in found.items()}
