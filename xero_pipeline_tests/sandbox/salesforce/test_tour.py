"""simple-salesforce, which shares no code with this project, takes the sandbox for Salesforce."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce as SimpleSalesforce
from simple_salesforce import SalesforceMalformedRequest, SalesforceResourceNotFound
from simple_salesforce.exceptions import SalesforceOperationError

from xero_pipeline.sandbox.salesforce import Org
from xero_pipeline_tests.sandbox.salesforce.client import INTEGRATION, StandingClock

Login = Callable[[], SimpleSalesforce]


class LoopbackAdapter(HTTPAdapter):
    """The client insists on https and on Salesforce's hosts; this sends every request to the sandbox all the same."""

    def __init__(self, base: str) -> None:
        self._base = urlsplit(base)
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        url = urlsplit(str(request.url))
        request.url = urlunsplit((self._base.scheme, self._base.netloc, url.path, url.query, ""))
        return super().send(request, *args, **kwargs)


@pytest.fixture
def session(http: httpx.Client) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", LoopbackAdapter(str(http.base_url)))
    return session


@pytest.fixture
def sf(session: requests.Session, org: Org) -> SimpleSalesforce:
    return SimpleSalesforce(
        consumer_key=org.settings.client_id,
        consumer_secret=org.settings.client_secret,
        domain="tieke.my",
        session=session,
        version="66.0",
    )


def test_both_logins_work(session: requests.Session, org: Org, sf: SimpleSalesforce) -> None:
    assert sf.query("SELECT Username FROM User WHERE IsActive = true")["totalSize"] == 2
    with_key = SimpleSalesforce(
        username=INTEGRATION,
        consumer_key=org.settings.client_id,
        privatekey=org.settings.private_key,
        domain="test",
        session=session,
        version="66.0",
    )
    assert with_key.limits()["DailyApiRequests"]["Max"] == 100_000
    assert with_key.api_usage["api-usage"].total == 100_000


def test_records_go_in_and_come_out(sf: SimpleSalesforce) -> None:
    created = sf.Account.create({"Name": "Anchor"})
    sf.Account.update(created["id"], {"AccountNumber": "C-1"})
    assert sf.Account.get(created["id"])["AccountNumber"] == "C-1"
    assert sf.Account.upsert("Xero_Contact_Id__c/a b", {"Name": "Beacon"}) == 201
    assert sf.Account.upsert("Xero_Contact_Id__c/a b", {"Name": "Beacon Ltd"}) == 200
    assert sf.Account.get_by_custom_id("Xero_Contact_Id__c", "a b")["Name"] == "Beacon Ltd"
    sf.Account.delete(created["id"])
    with pytest.raises(SalesforceResourceNotFound):
        sf.Account.get(created["id"])
    assert [row["Name"] for row in sf.query_all("SELECT Name FROM Account")["records"]] == ["Beacon Ltd"]
    assert sf.query_all("SELECT Name FROM Account", include_deleted=True)["totalSize"] == 2


def test_an_answer_of_two_pages_is_read_whole(sf: SimpleSalesforce) -> None:
    for start in range(0, 2200, 200):
        records = [
            {"attributes": {"type": "Xero_Metadata__c"}, "Xero_Id__c": f"org:Item:{number}"}
            for number in range(start, start + 200)
        ]
        results = sf.restful(
            "composite/sobjects/Xero_Metadata__c/Xero_Id__c", method="PATCH", json={"records": records}
        )
        assert all(result["created"] for result in results)
    found = [row["Xero_Id__c"] for row in sf.query_all_iter("SELECT Xero_Id__c FROM Xero_Metadata__c ORDER BY Id")]
    assert found == [f"org:Item:{number}" for number in range(2200)]


def test_bulk_jobs_take_records_in_and_say_what_became_of_each(sf: SimpleSalesforce) -> None:
    sf.Xero_Invoice__c.upsert("Xero_Id__c/inv-0", {"Name": "old"})
    records = [{"Xero_Id__c": f"inv-{number}", "Name": f"INV-{number}", "Currency__c": "NZD"} for number in range(300)]
    records[7]["Currency__c"] = "NZDX"
    bulk = sf.bulk2.Xero_Invoice__c
    (done,) = bulk.upsert(records=records, external_id_field="Xero_Id__c", wait=0)
    counts = {"numberRecordsProcessed": 300, "numberRecordsFailed": 1, "numberRecordsTotal": 300}
    assert {name: done[name] for name in counts} == counts
    results = bulk.get_all_ingest_records(done["job_id"])
    assert len(results["successfulRecords"]) == 299
    assert {row["sf__Created"] for row in results["successfulRecords"]} == {"true", "false"}
    assert [row["Xero_Id__c"] for row in results["failedRecords"]] == ["inv-7"]
    assert results["failedRecords"][0]["sf__Error"].startswith("STRING_TOO_LONG:")
    assert results["unprocessedRecords"] == []
    ids = [{"Id": row["sf__Id"]} for row in results["successfulRecords"]]
    (gone,) = bulk.delete(records=ids[:99], wait=0)
    assert (gone["numberRecordsProcessed"], gone["numberRecordsFailed"]) == (99, 0)
    assert sf.query("SELECT COUNT() FROM Xero_Invoice__c")["totalSize"] == 200


def test_bulk_queries_come_in_pages(sf: SimpleSalesforce) -> None:
    text = [{"Xero_Id__c": f"org:Item:{number:03d}", "Name": f"I{number}"} for number in range(250)]
    sf.bulk2.Xero_Metadata__c.insert(records=text, wait=0)
    sf.query_all("SELECT Id FROM Xero_Metadata__c")
    soql = "SELECT Xero_Id__c, Name FROM Xero_Metadata__c ORDER BY Xero_Id__c"
    pages = list(sf.bulk2.Xero_Metadata__c.query(soql, max_records=100, wait=0))
    rows = [row for page in pages for row in csv.DictReader(io.StringIO(page))]
    assert [len(page.splitlines()) for page in pages] == [101, 101, 51]
    assert [row["Xero_Id__c"] for row in rows] == [record["Xero_Id__c"] for record in text]
    sf.Xero_Metadata__c.delete(sf.query("SELECT Id FROM Xero_Metadata__c LIMIT 1")["records"][0]["Id"])
    everything = list(sf.bulk2.Xero_Metadata__c.query_all("SELECT Id FROM Xero_Metadata__c", wait=0))
    assert len(everything[0].splitlines()) == 251


def test_a_bulk_job_with_an_unknown_column_fails_as_a_whole(sf: SimpleSalesforce) -> None:
    with pytest.raises(SalesforceOperationError, match="Field name not found : Nope__c"):
        sf.bulk2.Xero_Invoice__c.insert(records=[{"Name": "A", "Nope__c": "1"}], wait=0)


def test_a_composite_is_understood(sf: SimpleSalesforce) -> None:
    base = "/services/data/v66.0/sobjects"
    requests_in_one = [
        {"method": "POST", "url": f"{base}/Account", "referenceId": "acc", "body": {"Name": "Anchor"}},
        {"method": "GET", "url": f"{base}/Account/@{{acc.id}}", "referenceId": "read"},
    ]
    answer = sf.restful("composite", method="POST", json={"compositeRequest": requests_in_one})
    assert [each["httpStatusCode"] for each in answer["compositeResponse"]] == [201, 200]


def test_describe_and_replication_are_understood(sf: SimpleSalesforce, clock: StandingClock) -> None:
    assert any(each["name"] == "Xero_Invoice__c" for each in sf.describe()["sobjects"])
    assert sf.Xero_Invoice__c.describe()["label"] == "Xero Invoice"
    account_id = sf.Account.create({"Name": "Anchor"})["id"]
    start = clock.now()
    clock.move(minutes=1)
    assert sf.Account.updated(start, clock.now())["ids"] == [account_id]
    sf.Account.delete(account_id)
    clock.move(minutes=1)
    assert [row["id"] for row in sf.Account.deleted(start, clock.now())["deletedRecords"]] == [account_id]


def test_an_expired_session_is_renewed_by_the_client(sf: SimpleSalesforce, org: Org) -> None:
    org.drop_tokens(list(org.tokens))
    assert sf.query("SELECT Id FROM User")["totalSize"] == 2


def test_a_refused_query_raises_what_salesforce_raises(sf: SimpleSalesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest, match="MALFORMED_QUERY"):
        sf.query("SELECT Id FROM Account ALL ROWS")
