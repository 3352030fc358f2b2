"""Whether people in Salesforce have asked for something that is not staged yet: what a sensor asks every half minute (SFX-18).

One call, and cheap for the org: only what is ticked, and has moved since shortly before the newest record that is staged, and of
that only ids and stamps. What an export itself writes to Salesforce is read back by it, and so is no news here.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from xero_pipeline.domain.export_settings import Export
from xero_pipeline.domain.org import Org
from xero_pipeline.salesforce import soql
from xero_pipeline.salesforce.composite import first_pages
from xero_pipeline.salesforce.objects import OBJECTS
from xero_pipeline.salesforce.reader import OVERLAP
from xero_pipeline.salesforce.values import Json, to_instant
from xero_pipeline.settings import Settings
from xero_pipeline.stages import connections
from xero_pipeline.warehouse.connection import Warehouse

# A sensor's answer is awaited for a minute, and there is another one soon.
_TIMEOUT = 10.0
_LONGEST_WAIT = 1.0
# The newest of what is ticked. Where so many have just changed, the older ones were staged with them.
_MOST = 200

_NEWEST = """
select
    (select max(system_modstamp) from salesforce.opportunities where org_id = %(org_id)s) as opportunities,
    (select max(system_modstamp) from salesforce.orders where org_id = %(org_id)s) as orders,
    (select max(system_modstamp) from salesforce.products where org_id = %(org_id)s) as products,
    (select max(system_modstamp) from salesforce.notes where org_id = %(org_id)s) as notes
"""

_STAGED = """
select opportunity_id, system_modstamp from salesforce.opportunities
where org_id = %(org_id)s and opportunity_id = any(%(ids)s)
union all
select order_id, system_modstamp from salesforce.orders where org_id = %(org_id)s and order_id = any(%(ids)s)
union all
select product_id, system_modstamp from salesforce.products where org_id = %(org_id)s and product_id = any(%(ids)s)
union all
select note_id, system_modstamp from salesforce.notes where org_id = %(org_id)s and note_id = any(%(ids)s)
"""

_TABLES = ("opportunities", "orders", "products", "notes")


@dataclass(frozen=True, slots=True)
class Flags:
    """What is ticked in Salesforce and not staged as it stands there: (table, record id, instant in UTC)."""

    records: tuple[tuple[str, str, datetime], ...]

    @property
    def key(self) -> str:
        """The same for the same records in the same state, and for no others."""
        told = "\n".join(f"{record_id} {stamp.isoformat()}" for _, record_id, stamp in sorted(self.records))
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    def __bool__(self) -> bool:
        return bool(self.records)

    def __str__(self) -> str:
        counts = {table: sum(1 for each in self.records if each[0] == table) for table in _TABLES}
        told = ", ".join(f"{count} {table}" for table, count in counts.items() if count)
        return f"{told or 'nothing'} to be exported changed in Salesforce since it was last read"


def pending_flags(settings: Settings, org: Org) -> Flags:
    """What people have asked for since Salesforce was last read.

    Raises Permanent when the organisation was never synced, and what the client raises, within a minute.
    """
    warehouse = Warehouse(settings.warehouse_url)
    with warehouse.connect(autocommit=True, purpose="export flags") as conn:
        connections.known_org_id(conn, org)
        with connections.salesforce_client(settings, sleep=_briefly, timeout=_TIMEOUT) as client:
            newest = _newest(conn, client.org_id)
            queries = _queries(org.export, newest)
            pages = first_pages(client, queries, doing="asking what is to be exported") if queries else {}
            return _not_staged(conn, client.org_id, pages)


def _queries(export: Export, newest: Mapping[str, datetime | None]) -> dict[str, str]:
    """A query for each object that is exported: what is ticked and sold, newest first."""
    ticked = [soql.compare("Xero_Export__c", "=", True)] if export.require_checkbox else []
    stages = tuple(dict.fromkeys((*export.opportunities.stages, *export.opportunities.deposit_stages)))
    where: dict[str, list[str]] = {}
    if stages:
        where["opportunities"] = [soql.is_in("StageName", stages), *ticked]
    if export.orders.statuses:
        where["orders"] = [soql.is_in("Status", export.orders.statuses), *ticked]
    if export.products:
        where["products"] = [soql.compare("Xero_Sync__c", "=", True)]
    if export.notes:
        where["notes"] = []
    return {table: _query(table, conditions, newest[table]) for table, conditions in where.items()}


def _query(table: str, conditions: Sequence[str], newest: datetime | None) -> str:
    since = [soql.compare("SystemModstamp", ">=", newest - OVERLAP)] if newest else []
    selected = soql.select(["Id", "SystemModstamp"], OBJECTS[table].name, [*since, *conditions])
    return f"{selected} ORDER BY SystemModstamp DESC LIMIT {_MOST}"


def _newest(conn: Connection, salesforce_org_id: str) -> dict[str, datetime | None]:
    row = conn.execute(_NEWEST, {"org_id": salesforce_org_id}).fetchone()
    return dict(zip(_TABLES, row or (), strict=True))


def _not_staged(conn: Connection, salesforce_org_id: str, pages: Mapping[str, Sequence[Json]]) -> Flags:
    found = [
        (table, str(record["Id"]), to_instant(record["SystemModstamp"]))
        for table, page in pages.items()
        for record in page
    ]
    binds = {"org_id": salesforce_org_id, "ids": [record_id for _, record_id, _ in found]}
    staged: dict[str, datetime] = dict(conn.execute(_STAGED, binds).fetchall())
    return Flags(tuple(each for each in found if staged.get(each[1]) != each[2]))


def _briefly(seconds: float) -> None:
    time.sleep(min(seconds, _LONGEST_WAIT))
