"""simple-salesforce, which shares no code with this project, takes the sandbox for Salesforce."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce as SimpleSalesforce
from simple_salesforce import SalesforceMalformedRequest, SalesforceResourceNotFound

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
