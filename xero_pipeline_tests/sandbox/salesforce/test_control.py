"""The sandbox's own levers on Salesforce."""

from __future__ import annotations

import pytest

from xero_pipeline.sandbox.salesforce import Org
from xero_pipeline_tests.sandbox.salesforce.client import COLLEAGUE, INTEGRATION, Salesforce, StandingClock

CONTROL = "/sandbox/salesforce"


def test_an_edit_is_made_as_somebody_else(salesforce: Salesforce, org: Org, clock: StandingClock) -> None:
    salesforce.create("Account", Name="A", Xero_Contact_Id__c="x1")
    clock.move(minutes=1)
    body = salesforce.http.patch(f"{CONTROL}/records/Account/x1", json={"Phone": "9"}).json()
    colleague = org.user(COLLEAGUE)
    assert colleague is not None
    assert (body["Phone"], body["LastModifiedById"]) == ("9", colleague["Id"])
    assert body["SystemModstamp"] == "2026-11-22T05:01:00.000+0000"
    own = salesforce.http.patch(f"{CONTROL}/records/Account/x1?as={INTEGRATION}", json={"Phone": "8"}).json()
    assert own["LastModifiedById"] == org.integration_user_id


def test_records_are_made_read_and_deleted(salesforce: Salesforce) -> None:
    record_id = salesforce.http.post(f"{CONTROL}/records/Product2", json={"Name": "Pump"}).json()["id"]
    assert salesforce.read("Product2", record_id)["Name"] == "Pump"
    salesforce.http.delete(f"{CONTROL}/records/Product2/{record_id}")
    assert salesforce.http.get(f"{CONTROL}/records/Product2/{record_id}").json()["IsDeleted"] is True


def test_totals_are_exact(salesforce: Salesforce) -> None:
    for amount in (0.1, 0.2, None):
        salesforce.create("Xero_Payment__c", Name="P", Amount__c=amount)
    salesforce.call("DELETE", f"sobjects/Xero_Payment__c/{salesforce.create('Xero_Payment__c', Amount__c=5)}")
    assert salesforce.http.get(f"{CONTROL}/totals").json()["Xero_Payment__c"] == {
        "records": 3,
        "deleted": 1,
        "sums": {"Amount__c": "0.30"},
    }


def test_the_org_describes_itself(salesforce: Salesforce, org: Org) -> None:
    salesforce.call("GET", "limits")
    body = salesforce.http.get(CONTROL).json()
    assert (body["org_id"], body["username"], body["api_requests"]) == (org.settings.org_id, INTEGRATION, 1)
    assert [user["Username"] for user in body["users"]] == [INTEGRATION, COLLEAGUE]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("POST", "/settings", {"speed": 1}, 400, "no switch speed"),
        ("POST", "/settings", {"page_size": "many"}, 400, "whole number"),
        ("POST", "/users/nobody@example.com", {"IsActive": False}, 404, "no user"),
        ("PATCH", "/records/Account/none", {"Phone": "1"}, 404, "no Account none"),
        ("POST", "/records/Nothing", {"Name": "x"}, 404, "no object Nothing"),
        ("POST", "/records/Account", {"Phone": "1"}, 400, "REQUIRED_FIELD_MISSING"),
        ("POST", "/records/Account?as=nobody", {"Name": "x"}, 404, "no active user"),
        ("POST", "/records/Account?visible_after=soon", {"Name": "x"}, 400, "whole number"),
    ],
)
def test_a_mistake_is_a_sentence(
    salesforce: Salesforce, method: str, path: str, body: dict[str, object], status: int, words: str
) -> None:
    response = salesforce.http.request(method, CONTROL + path, json=body)
    assert response.status_code == status
    assert words in response.json()["error"]
