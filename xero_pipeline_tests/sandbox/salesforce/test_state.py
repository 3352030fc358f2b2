"""What survives a restart, and what a transaction leaves behind."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.sandbox.salesforce import Org
from xero_pipeline.sandbox.salesforce.package import load_schema
from xero_pipeline.sandbox.salesforce.store import Table
from xero_pipeline.sandbox.salesforce.values import Row
from xero_pipeline_tests.sandbox.salesforce.client import START, Salesforce, StandingClock

HELD_BACK = "/sandbox/salesforce/records/Account?visible_after=60"


def test_an_org_comes_back_as_it_was_kept(salesforce: Salesforce, org: Org) -> None:
    account = salesforce.create("Account", Name="Kept", Xero_Total_Due__c=0.1, BillingStreet="1 Mill\nLane")
    salesforce.create("Opportunity", Name="Deal", StageName="Prospecting", CloseDate="2026-12-01", AccountId=account)
    salesforce.call("DELETE", f"sobjects/Account/{salesforce.create('Account', Name='Gone')}")
    salesforce.http.post(HELD_BACK, json={"Name": "Late", "Xero_Total_Due__c": 1.5})
    again = Org.load(org.dump())
    assert sorted(again.dump()) == sorted(org.dump())
    assert again.row(account) == org.row(account)
    assert again.session_user(salesforce.token, START) == org.integration_user_id
    assert again.new_id(again.schema.objects["Account"]) == org.new_id(org.schema.objects["Account"])


def test_a_held_back_write_survives_a_restart(salesforce: Salesforce, org: Org, clock: StandingClock) -> None:
    salesforce.http.post(HELD_BACK, json={"Name": "Late", "Xero_Total_Due__c": 1.5})
    again = Org.load(org.dump())
    clock.move(seconds=60)
    assert [write.body for write in again.due(clock.now())] == [{"Name": "Late", "Xero_Total_Due__c": "1.5"}]


def test_changes_since_the_last_look_rebuild_the_org(salesforce: Salesforce, org: Org) -> None:
    kept = {(table, key): content for table, key, content in org.dump()}
    org.drain_changes()
    account = salesforce.create("Account", Name="New")
    salesforce.call("PATCH", f"sobjects/Account/{account}", json={"Phone": "1"})
    salesforce.http.post("/services/oauth2/revoke", data={"token": salesforce.token})
    for table, key in org.drain_changes():
        content = org.read(table, key)
        if content is None:
            kept.pop((table, key), None)
        else:
            kept[table, key] = content
    assert kept == {(table, key): content for table, key, content in org.dump()}
    assert org.drain_changes() == set()


def test_an_empty_state_is_refused() -> None:
    with pytest.raises(ValueError, match="no Salesforce organisation"):
        Org.load([])


def test_a_failed_transaction_leaves_nothing(org: Org) -> None:
    before = sorted(org.dump())
    users = org.schema.objects["User"]
    row = org.tables["User"].rows[org.integration_user_id]
    with suppress(RuntimeError), org.transaction():
        org.put(users, {**row, "Username": "other@example.com"})
        org.put(users, {**row, "Id": "0055g00000000zzAAA", "Username": "new@example.com"})
        raise RuntimeError
    assert sorted(org.dump()) == before
    assert org.user("new@example.com") is None
    assert org.user("sync@example.com") is not None


def test_an_inner_transaction_fails_alone(org: Org) -> None:
    users = org.schema.objects["User"]
    row = org.tables["User"].rows[org.integration_user_id]
    with org.transaction():
        org.put(users, {**row, "Alias": "outer"})
        with suppress(RuntimeError), org.transaction():
            org.put(users, {**row, "Alias": "inner"})
            raise RuntimeError
    assert org.tables["User"].rows[org.integration_user_id]["Alias"] == "outer"


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 8), st.booleans()), max_size=60), st.integers(0, 8))
def test_rows_come_by_their_latest_stamp_whatever_the_order_of_writes(
    writes: list[tuple[int, int, bool]], start: int
) -> None:
    table = Table(load_schema().objects["Account"])
    latest: dict[str, Row] = {}
    for number, minute, deleted in writes:
        row: Row = {"Id": f"{number}", "SystemModstamp": START + timedelta(minutes=minute), "IsDeleted": deleted}
        table.put(row)
        latest[f"{number}"] = row
    since = START + timedelta(minutes=start)
    expected = sorted((row["SystemModstamp"], row["Id"]) for row in latest.values() if row["SystemModstamp"] >= since)  # type: ignore[operator, type-var]
    assert [(row["SystemModstamp"], row["Id"]) for row in table.changed_between(since, None)] == expected
    assert table.deleted == sum(row["IsDeleted"] is True for row in latest.values())
