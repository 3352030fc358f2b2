"""Reading the objects of `objects` as rows: everything, or what changed since a watermark, deleted records included."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from xero_pipeline.domain.errors import BadRecord, Permanent
from xero_pipeline.salesforce import bulk_query, prices, soql
from xero_pipeline.salesforce.client import SalesforceClient
from xero_pipeline.salesforce.columns import Column
from xero_pipeline.salesforce.faults import DEPLOY_PACKAGE, CursorExpired
from xero_pipeline.salesforce.objects import OBJECTS, PRODUCTS, SalesforceObject
from xero_pipeline.salesforce.values import Json, to_instant

Row = tuple[object, ...]

# A record may commit after a later-stamped one was read, and clocks differ (salesforce.md section 2, Delta: 5 to 10 minutes).
OVERLAP = timedelta(minutes=10)
_ORDER = ("SystemModstamp", "Id")
_MOST_RESTARTS = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """What of an object this org lets the user read: the columns that have a field, and the standard fields it hides."""

    object: SalesforceObject
    readable: frozenset[str]
    hidden: tuple[str, ...]

    @property
    def asked(self) -> list[Column]:
        """The columns whose fields are asked for."""
        return [c for c in self.object.columns if c.name in self.readable and c.presence != "computed"]

    @property
    def fields(self) -> list[str]:
        """The fields to ask for, in the order of the columns."""
        return [column.field for column in self.asked]


def plan(client: SalesforceClient, table: str) -> Plan | None:
    """Which columns of a table the org can fill. None when the org has not switched on an object that may be off.

    Fields of features that are off (multi-currency, person accounts) are left null. `hidden` names standard fields that the
    user has no access to: worth telling a person. Raises Permanent when a field of the package or an indispensable one is
    missing, KeyError for a table that is none of `objects.OBJECTS`.
    """
    read = OBJECTS[table]
    if read.optional and not client.offers(read.name):
        return None
    absent = [column for column in read.columns if not _offered(client, read.name, column)]
    undeployed = [column.field for column in absent if column.presence == "package"]
    if undeployed:
        raise Permanent(
            f"{read.name} in Salesforce has no {', '.join(undeployed)}, or the user may not see it.",
            next_step=DEPLOY_PACKAGE,
        )
    needed = [column.field for column in absent if column.presence == "required"]
    if needed:
        raise Permanent(
            f"The user the sync signs in as may not see {', '.join(needed)} of {read.name}.",
            next_step="Give it access to the object with the permission set Xero_Sync_Integration.",
        )
    hidden = tuple(column.field for column in absent if column.presence in ("standard", "computed"))
    return Plan(read, frozenset(column.name for column in read.columns if column not in absent), hidden)


def _offered(client: SalesforceClient, object_name: str, column: Column) -> bool:
    if column.presence == "computed":
        return prices.are_readable(client)
    *path, field = column.field.split(".")
    for relationship in path:
        parents = [f.refers_to for f in client.describe(object_name).values() if f.relationship == relationship]
        if not parents or not parents[0] or not client.offers(parents[0][0]):
            return False
        object_name = parents[0][0]
    return field in client.describe(object_name)


def rows(
    client: SalesforceClient,
    table: str,
    watermark: datetime | None,
    *,
    set_aside: Callable[[BadRecord], None] | None = None,
) -> Iterator[Row]:
    """The rows of a table, in the order of its columns without org_id, synced_at and vanished_at.

    `watermark` is how far the table is complete (aware UTC), None for everything; the overlap is taken off here. Soft-deleted
    and merged records come with `is_deleted`. No more than one page, or part of a job's answer, is held. A record that cannot
    be read goes to `set_aside` and its neighbours go on; without it, the BadRecord is raised.

    A record that changes while it is read may come twice, the newer version last.
    """
    planned = plan(client, table)
    if planned is None:
        return
    since = None if watermark is None else watermark - OVERLAP
    pages = _changed(client, planned, since)
    if planned.object is PRODUCTS and prices.are_readable(client):
        pages = prices.with_standard_prices(client, pages, since, partial(_by_ids, client, planned))
    for page in pages:
        for record in page:
            try:
                row = _row(planned, record)
            except BadRecord as error:
                if set_aside is None:
                    raise
                set_aside(error)
            else:
                yield row


def _changed(client: SalesforceClient, planned: Plan, since: datetime | None) -> Iterator[list[Json]]:
    """The records by pages or, where they are many, in any order by a job.

    Pages come by (SystemModstamp, Id); when the cursor dies between two, the query goes on from the last record.
    """
    start = since
    at_start: set[object] = set()
    restarts = 0
    while True:
        where = [soql.compare("SystemModstamp", ">=", start)] if start else []
        try:
            for page in client.query(soql.select(planned.fields, planned.object.name, where, _ORDER)):
                if (
                    page.number == 1
                    and page.total >= bulk_query.FROM
                    and (answered := _answered(client, planned, where))
                ):
                    yield from bulk_query.records(client, answered, planned.asked)
                    return
                fresh = [record for record in page.records if record.get("Id") not in at_start]
                yield fresh
                if fresh:
                    start, at_start = _resume_point(fresh, start, at_start)
                    restarts = 0
        except CursorExpired:
            restarts += 1
            if restarts > _MOST_RESTARTS:
                raise
        else:
            return


def _answered(client: SalesforceClient, planned: Plan, where: Sequence[str]) -> bulk_query.Answered | None:
    # In no order: with one Salesforce does not divide the work, which may then time out (Bulk API 2.0, "SOQL Considerations").
    query = soql.select(planned.fields, planned.object.name, where)
    return bulk_query.ask(client, query, doing=f"reading {planned.object.name} in bulk")


def _resume_point(
    page: Sequence[Json], start: datetime | None, at_start: set[object]
) -> tuple[datetime | None, set[object]]:
    """The stamp of the last record of a page, and the ids already read that carry it: many records share one stamp."""
    last = page[-1].get("SystemModstamp")
    if not isinstance(last, str):
        return start, at_start
    stamp = to_instant(last)
    ids = {record.get("Id") for record in page if record.get("SystemModstamp") == last}
    return stamp, ids | at_start if stamp == start else ids


def _by_ids(client: SalesforceClient, planned: Plan, ids: Sequence[str]) -> Iterator[Json]:
    return client.records(soql.select(planned.fields, planned.object.name, [soql.is_in("Id", ids)]))


def _row(planned: Plan, record: Json) -> Row:
    return tuple(
        _value(planned, record, column) if column.name in planned.readable else column.absent
        for column in planned.object.columns
    )


def _value(planned: Plan, record: Json, column: Column) -> object:
    value: object = record
    for part in column.field.split("."):
        # A parent that is not there is null as a whole.
        value = value.get(part) if isinstance(value, dict) else None
    if value is None and column.presence != "required":
        return None
    try:
        return column.convert(value)
    except ValueError as error:
        found = str(record.get("Id") or "")
        raise BadRecord(
            f"{planned.object.name} {found or 'without an id'} has a {column.field} that cannot be read ({error}).",
            record_id=found,
        ) from error
