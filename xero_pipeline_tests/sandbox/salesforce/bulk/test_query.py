"""Bulk API 2.0 query: SOQL in, pages of CSV out."""

from __future__ import annotations

import csv
import io

import httpx
import pytest

from xero_pipeline_tests.sandbox.salesforce.client import Salesforce


@pytest.fixture
def accounts(salesforce: Salesforce) -> list[str]:
    return [salesforce.create("Account", Name=f"A{number}", AccountNumber=f"{number}") for number in range(5)]


def job(salesforce: Salesforce, soql: str, operation: str = "query", **body: str) -> str:
    created = salesforce.call("POST", "jobs/query", json={"operation": operation, "query": soql, **body})
    assert created.status_code == 200, created.text
    assert created.json()["state"] == "UploadComplete"
    path = f"jobs/query/{created.json()['id']}"
    states = [salesforce.call("GET", path).json()["state"] for _ in range(2)]
    assert states == ["InProgress", "JobComplete"]
    return path


def results(salesforce: Salesforce, path: str, **params: str | int) -> httpx.Response:
    response = salesforce.call("GET", f"{path}/results", params=params)
    assert response.status_code == 200, response.text
    return response


def test_pages_follow_the_locator_until_it_is_null(salesforce: Salesforce, accounts: list[str]) -> None:
    path = job(salesforce, "SELECT Id, Name FROM Account ORDER BY Name")
    first = results(salesforce, path, maxRecords=2)
    assert first.headers["Sforce-NumberOfRecords"] == "2"
    assert first.headers["Sforce-Locator"] == "Mg"
    found, locator = list(csv.DictReader(io.StringIO(first.text))), first.headers["Sforce-Locator"]
    while locator != "null":
        page = results(salesforce, path, maxRecords=2, locator=locator)
        found += csv.DictReader(io.StringIO(page.text))
        locator = page.headers["Sforce-Locator"]
    assert [row["Id"] for row in found] == accounts


def test_every_value_is_quoted_in_the_order_asked_for_and_null_is_empty(salesforce: Salesforce) -> None:
    account = salesforce.create("Account", Name='The "A", Ltd', Xero_Total_Due__c=100, Xero_Do_Not_Sync__c=True)
    salesforce.create("Contact", LastName="L", AccountId=account)
    salesforce.create("Contact", LastName="M")
    path = job(salesforce, "select Name, xero_total_due__c, Xero_Do_Not_Sync__c, Phone, CreatedDate from account")
    assert results(salesforce, path).text.splitlines() == [
        '"Name","Xero_Total_Due__c","Xero_Do_Not_Sync__c","Phone","CreatedDate"',
        '"The ""A"", Ltd","100.0","true","","2026-11-22T05:00:00.000Z"',
    ]
    path = job(salesforce, "SELECT LastName, Account.Name FROM Contact ORDER BY LastName", columnDelimiter="TAB")
    assert results(salesforce, path).text.splitlines() == [
        '"LastName"\t"Account.Name"',
        '"L"\t"The ""A"", Ltd"',
        '"M"\t""',
    ]


def test_query_all_shows_the_deleted(salesforce: Salesforce, accounts: list[str]) -> None:
    salesforce.call("DELETE", f"sobjects/Account/{accounts[0]}")
    soql = "SELECT Id, IsDeleted FROM Account"
    assert results(salesforce, job(salesforce, soql)).headers["Sforce-NumberOfRecords"] == "4"
    answer = results(salesforce, job(salesforce, soql, "queryAll"))
    assert f'"{accounts[0]}","true"' in answer.text.splitlines()


def test_an_empty_answer_is_a_header(salesforce: Salesforce) -> None:
    response = results(salesforce, job(salesforce, "SELECT Id FROM Account"))
    assert (response.text, response.headers["Sforce-NumberOfRecords"]) == ('"Id"\n', "0")
    assert response.headers["Sforce-Locator"] == "null"


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT COUNT() FROM Account", "API_ERROR"),
        ("SELECT COUNT(Id) FROM Account GROUP BY Name", "API_ERROR"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "API_ERROR"),
        ("SELECT Id FROM Account LIMIT 1 OFFSET 1", "API_ERROR"),
        ("SELECT FIELDS(ALL) FROM Account LIMIT 1", "API_ERROR"),
        ("SELECT BillingAddress FROM Account", "FUNCTIONALITY_NOT_ENABLED"),
        ("SELECT Nope FROM Account", "INVALID_FIELD"),
        ("SELECT FROM Account", "MALFORMED_QUERY"),
    ],
)
def test_what_bulk_cannot_answer_is_refused(salesforce: Salesforce, soql: str, code: str) -> None:
    response = salesforce.call("POST", "jobs/query", json={"operation": "query", "query": soql})
    assert (response.status_code, response.json()[0]["errorCode"]) == (400, code)


def test_results_wait_for_the_job_and_for_its_version(salesforce: Salesforce) -> None:
    body = {"operation": "query", "query": "SELECT Id FROM Account"}
    path = f"jobs/query/{salesforce.call('POST', 'jobs/query', json=body).json()['id']}"
    assert salesforce.call("GET", f"{path}/results").status_code == 412
    assert salesforce.call("GET", f"/services/data/v65.0/{path}/results").status_code == 409
    assert salesforce.call("DELETE", path).status_code == 400
    assert salesforce.call("PATCH", path, json={"state": "Aborted"}).json()["state"] == "Aborted"
    assert salesforce.call("PATCH", path, json={"state": "Aborted"}).status_code == 400
    assert len(salesforce.call("GET", "jobs/query").json()["records"]) == 1
    assert salesforce.call("DELETE", path).status_code == 204
    done = job(salesforce, "SELECT Id FROM Account")
    for params in ({"locator": "!"}, {"maxRecords": 0}):
        assert salesforce.call("GET", f"{done}/results", params=params).status_code == 400
