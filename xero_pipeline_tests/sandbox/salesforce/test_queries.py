"""Pages, locators and deleted rows of the query resources."""

from __future__ import annotations

import pytest

from xero_pipeline_tests.sandbox.salesforce.client import DATA, Salesforce, StandingClock

QUERY = {"q": "SELECT Name FROM Product2 ORDER BY Name"}


@pytest.fixture
def products(salesforce: Salesforce) -> list[str]:
    names = [f"Product {number:04d}" for number in range(450)]
    for start in range(0, len(names), 150):
        records = [{"attributes": {"type": "Product2"}, "Name": name} for name in names[start : start + 150]]
        assert salesforce.call("POST", "composite/sobjects", json={"records": records}).status_code == 200
    return names


def pages(salesforce: Salesforce, **headers: str) -> list[list[str]]:
    found = []
    body = salesforce.call("GET", "query", params=QUERY, headers=headers).json()
    while True:
        assert body["totalSize"] == 450
        found.append([record["Name"] for record in body["records"]])
        if body["done"]:
            assert "nextRecordsUrl" not in body
            return found
        body = salesforce.call("GET", body["nextRecordsUrl"]).json()


def test_a_small_answer_is_one_page(salesforce: Salesforce, products: list[str]) -> None:
    assert pages(salesforce) == [products]


def test_the_batch_size_asked_for_is_honoured(salesforce: Salesforce, products: list[str]) -> None:
    found = pages(salesforce, **{"Sforce-Query-Options": "batchSize=200"})
    assert [len(page) for page in found] == [200, 200, 50]
    assert [name for page in found for name in page] == products


def test_a_batch_size_below_the_least_is_the_least(salesforce: Salesforce, products: list[str]) -> None:
    assert [len(page) for page in pages(salesforce, **{"Sforce-Query-Options": "batchSize=5"})] == [200, 200, 50]


def test_the_control_api_can_make_pages_tiny(salesforce: Salesforce, products: list[str]) -> None:
    salesforce.http.post("/sandbox/salesforce/settings", json={"page_size": 100})
    assert [len(page) for page in pages(salesforce)] == [100, 100, 100, 100, 50]


def test_a_locator_works_under_query_and_query_all_with_or_without_a_query(
    salesforce: Salesforce, products: list[str]
) -> None:
    salesforce.http.post("/sandbox/salesforce/settings", json={"page_size": 400})
    first = salesforce.call("GET", "queryAll/", params=QUERY).json()
    locator = first["nextRecordsUrl"].rsplit("/", 1)[1]
    for resource in ("query", "queryAll"):
        body = salesforce.call("GET", f"{DATA}/{resource}/{locator}", params=QUERY).json()
        assert [record["Name"] for record in body["records"]] == products[400:]


def test_a_forgotten_locator_is_invalid(salesforce: Salesforce, products: list[str]) -> None:
    salesforce.http.post("/sandbox/salesforce/settings", json={"page_size": 400})
    url = salesforce.call("GET", "query", params=QUERY).json()["nextRecordsUrl"]
    salesforce.http.post("/sandbox/salesforce/expire", json={"cursors": True})
    response = salesforce.call("GET", url)
    assert (response.status_code, response.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")
    assert salesforce.call("GET", "query/nonsense").json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_deleted_rows_show_in_query_all_alone(salesforce: Salesforce, clock: StandingClock) -> None:
    kept, gone = (salesforce.create("Account", Name=name) for name in ("Kept", "Gone"))
    clock.move(minutes=5)
    assert salesforce.call("DELETE", f"sobjects/Account/{gone}").status_code == 204
    everything = (
        "SELECT Name, IsDeleted FROM Account WHERE SystemModstamp >= 2026-11-22T05:00:00Z ORDER BY SystemModstamp"
    )
    assert salesforce.names(everything) == ["Kept"]
    assert salesforce.names(everything, "queryAll") == ["Kept", "Gone"]
    assert salesforce.names("SELECT Name FROM Account WHERE IsDeleted = true", "queryAll") == ["Gone"]
    later = "SELECT Name FROM Account WHERE SystemModstamp > 2026-11-22T05:04:59Z"
    assert salesforce.names(later, "queryAll") == ["Gone"]
    assert salesforce.read("Account", kept)["IsDeleted"] is False


def test_a_window_holds_exactly_what_changed_in_it(salesforce: Salesforce, clock: StandingClock) -> None:
    first, second = (salesforce.create("Account", Name=name) for name in ("First", "Second"))
    clock.move(minutes=10)
    salesforce.call("PATCH", f"sobjects/Account/{first}", json={"Phone": "1"})
    salesforce.call("PATCH", f"sobjects/Account/{first}", json={"Phone": "2"})
    window = "SELECT Name FROM Account WHERE SystemModstamp >= {} AND SystemModstamp < {} ORDER BY SystemModstamp, Id"
    assert salesforce.names(window.format("2026-11-22T05:00:00Z", "2026-11-22T05:10:00Z")) == ["Second"]
    assert salesforce.names(window.format("2026-11-22T05:10:00Z", "2026-11-22T05:10:01Z")) == ["First"]
    assert salesforce.read("Account", second)["SystemModstamp"] == "2026-11-22T05:00:00.000+0000"


def test_updated_and_deleted_name_the_ids_of_a_window(salesforce: Salesforce, clock: StandingClock) -> None:
    kept, gone = (salesforce.create("Account", Name=name) for name in ("Kept", "Gone"))
    clock.move(minutes=5)
    salesforce.call("DELETE", f"sobjects/Account/{gone}")
    clock.move(minutes=5)
    window = {"start": "2026-11-22T05:00:00+00:00", "end": "2026-11-22T05:09:00+00:00"}
    updated = salesforce.call("GET", "sobjects/Account/updated/", params=window).json()
    assert updated == {"ids": [kept], "latestDateCovered": "2026-11-22T05:09:00.000+0000"}
    deleted = salesforce.call("GET", "sobjects/Account/deleted/", params=window).json()
    assert deleted["deletedRecords"] == [{"id": gone, "deletedDate": "2026-11-22T05:05:00.000+0000"}]
    for wrong in ({"start": window["end"], "end": window["start"]}, {**window, "start": "2026-10-01T00:00:00Z"}):
        response = salesforce.call("GET", "sobjects/Account/updated", params=wrong)
        assert response.json()[0]["errorCode"] == "INVALID_REPLICATION_DATE"


def test_a_delayed_write_shows_later_with_its_earlier_stamp(salesforce: Salesforce, clock: StandingClock) -> None:
    control = "/sandbox/salesforce/records/Account"
    late = salesforce.http.post(f"{control}?visible_after=60", json={"Name": "Late"}).json()["id"]
    clock.move(seconds=30)
    salesforce.create("Account", Name="Prompt")
    assert salesforce.names("SELECT Name FROM Account") == ["Prompt"]
    assert salesforce.call("GET", f"sobjects/Account/{late}").status_code == 404
    clock.move(seconds=30)
    assert salesforce.names("SELECT Name FROM Account ORDER BY SystemModstamp") == ["Late", "Prompt"]
    assert salesforce.read("Account", late)["SystemModstamp"] == "2026-11-22T05:00:00.000+0000"


def test_a_delayed_edit_of_a_record_that_is_gone_is_lost_quietly(salesforce: Salesforce, clock: StandingClock) -> None:
    account_id = salesforce.create("Account", Name="Brief")
    control = f"/sandbox/salesforce/records/Account/{account_id}"
    salesforce.http.patch(f"{control}?visible_after=60", json={"Phone": "1"})
    assert salesforce.read("Account", account_id)["Phone"] is None
    salesforce.call("DELETE", f"sobjects/Account/{account_id}")
    clock.move(seconds=60)
    assert salesforce.names("SELECT Name FROM Account") == []
