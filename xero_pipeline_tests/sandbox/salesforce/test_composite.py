"""Several requests in one: references, all or none, batches, graphs."""

from __future__ import annotations

import pytest

from xero_pipeline.sandbox.salesforce import Org
from xero_pipeline_tests.sandbox.salesforce.client import DATA, START, Salesforce

Sub = dict[str, object]


def sub(reference: str, method: str, path: str, body: object = None) -> Sub:
    request: Sub = {"referenceId": reference, "method": method, "url": f"{DATA}/{path}"}
    return request if body is None else request | {"body": body}


def composite(salesforce: Salesforce, *requests: Sub, all_or_none: bool = False) -> list[dict[str, object]]:
    body = {"compositeRequest": list(requests), "allOrNone": all_or_none}
    response = salesforce.call("POST", "composite", json=body)
    assert response.status_code == 200, response.text
    answers: list[dict[str, object]] = response.json()["compositeResponse"]
    return answers


def statuses(answers: list[dict[str, object]]) -> list[object]:
    return [answer["httpStatusCode"] for answer in answers]


def codes(answers: list[dict[str, object]]) -> list[object]:
    bodies = [answer["body"] for answer in answers]
    return [body[0].get("errorCode") if isinstance(body, list) and body else None for body in bodies]


ACCOUNT = sub("acc", "POST", "sobjects/Account", {"Name": "Anchor", "Xero_Total_Due__c": 0.1})
BAD = sub("bad", "POST", "sobjects/Account", {"Phone": "1"})


def test_a_later_request_refers_to_an_earlier_answer(salesforce: Salesforce, org: Org) -> None:
    before = org.calls_made(START)
    answers = composite(
        salesforce,
        ACCOUNT,
        sub("con", "POST", "sobjects/Contact", {"LastName": "Reyes", "AccountId": "@{acc.id}"}),
        sub("read", "GET", "sobjects/Contact/@{con.id}?fields=LastName,AccountId"),
        sub("q", "GET", "query?q=SELECT+Id,Name+FROM+Account+WHERE+Id='@{acc.id}'"),
        sub(
            "rename",
            "PATCH",
            "sobjects/Account/@{q.records[0].Id}",
            {"Name": "@{q.records[0].Name} of @{read.LastName}"},
        ),
    )
    assert statuses(answers) == [201, 201, 200, 200, 204]
    assert [answer["referenceId"] for answer in answers] == ["acc", "con", "read", "q", "rename"]
    account = answers[0]["body"]["id"]  # type: ignore[index]
    assert answers[0]["httpHeaders"] == {"Location": f"{DATA}/sobjects/Account/{account}"}
    assert answers[4]["body"] is None
    row = salesforce.read("Account", account)
    assert (row["Name"], row["Xero_Total_Due__c"]) == ("Anchor of Reyes", 0.1)
    assert org.calls_made(START) - before == 2


def test_without_all_or_none_each_stands_alone_and_a_dependant_is_halted(salesforce: Salesforce) -> None:
    answers = composite(
        salesforce, BAD, sub("con", "POST", "sobjects/Contact", {"LastName": "L", "AccountId": "@{bad.id}"}), ACCOUNT
    )
    assert statuses(answers) == [400, 400, 201]
    assert codes(answers) == ["REQUIRED_FIELD_MISSING", "PROCESSING_HALTED", None]
    message = answers[1]["body"][0]["message"]  # type: ignore[index]
    assert message.startswith("Invalid reference specified. No value for bad.id found in bad.")
    assert salesforce.names("SELECT Name FROM Account") == ["Anchor"]


def test_with_all_or_none_one_failure_takes_everything_back(salesforce: Salesforce) -> None:
    answers = composite(salesforce, ACCOUNT, BAD, sub("never", "GET", "sobjects/Account"), all_or_none=True)
    assert statuses(answers) == [400, 400, 400]
    assert codes(answers) == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]
    assert salesforce.query("SELECT Id FROM Account") == []


def test_all_or_none_reaches_into_collections(salesforce: Salesforce) -> None:
    records = [{"attributes": {"type": "Account"}, **fields} for fields in ({"Name": "A"}, {"Phone": "1"})]
    many = sub("many", "POST", "composite/sobjects", {"records": records})
    assert composite(salesforce, ACCOUNT, many)[1]["body"][0]["success"] is True  # type: ignore[index]
    assert len(salesforce.query("SELECT Id FROM Account")) == 2
    answers = composite(salesforce, ACCOUNT, many, all_or_none=True)
    assert codes(answers)[0] == "PROCESSING_HALTED"
    assert len(salesforce.query("SELECT Id FROM Account")) == 2


def test_a_long_query_fits_into_a_composite(salesforce: Salesforce) -> None:
    salesforce.create("Account", Name="Anchor")
    names = ",".join(f"'{'x' * 20}{number}'" for number in range(1000))
    answers = composite(
        salesforce, sub("q", "GET", f"query?q=SELECT+Name+FROM+Account+WHERE+Name+IN+({names},'anchor')")
    )
    assert answers[0]["body"]["totalSize"] == 1  # type: ignore[index]


def test_an_upsert_by_external_id_works_inside(salesforce: Salesforce) -> None:
    path = "sobjects/Account/Xero_Contact_Id__c/a%20b"
    answers = composite(salesforce, sub("a", "PATCH", path, {"Name": "A"}), sub("b", "PATCH", path, {"Name": "B"}))
    assert statuses(answers) == [201, 200]
    assert salesforce.query("SELECT Xero_Contact_Id__c FROM Account")[0]["Xero_Contact_Id__c"] == "a b"


@pytest.mark.parametrize(
    ("requests", "code"),
    [
        ([], "INVALID_INPUT"),
        ([{"method": "GET", "url": f"{DATA}/sobjects"}], "INVALID_INPUT"),
        ([sub("a-b", "GET", "sobjects")], "INVALID_INPUT"),
        ([ACCOUNT, ACCOUNT], "INVALID_INPUT"),
        ([sub("a", "POST", "composite", {})], "INVALID_INPUT"),
        ([sub("a", "GET", "limits")], "INVALID_INPUT"),
        ([sub(f"a{number}", "GET", "sobjects") for number in range(26)], "LIMIT_EXCEEDED"),
        ([sub(f"a{number}", "GET", "query?q=x") for number in range(6)], "LIMIT_EXCEEDED"),
    ],
)
def test_a_composite_that_cannot_be_read_is_refused_whole(
    salesforce: Salesforce, requests: list[Sub], code: str
) -> None:
    response = salesforce.call("POST", "composite", json={"compositeRequest": requests})
    assert (response.status_code, response.json()[0]["errorCode"]) == (400, code)
    assert salesforce.query("SELECT Id FROM Account") == []


def test_a_batch_answers_each_for_itself(salesforce: Salesforce) -> None:
    requests = [
        {"method": "POST", "url": "v66.0/sobjects/Account", "richInput": {"Name": "A"}},
        {"method": "GET", "url": "v66.0/sobjects/Account/describe"},
        {"method": "GET", "url": "v66.0/sobjects/Nothing"},
        {"method": "GET", "url": "v66.0/limits"},
        {"method": "GET", "url": "v20.0/limits"},
    ]
    body = salesforce.call("POST", "composite/batch", json={"batchRequests": requests}).json()
    assert body["hasErrors"] is True
    assert [result["statusCode"] for result in body["results"]] == [201, 200, 404, 200, 410]
    assert body["results"][1]["result"]["name"] == "Account"
    halting = {"batchRequests": requests[1:4], "haltOnError": True}
    results = salesforce.call("POST", "composite/batch", json=halting).json()["results"]
    assert [result["statusCode"] for result in results] == [200, 404, 412]
    assert results[2]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"
    for bad in ([], requests * 6, [{"method": "GET"}], [{"method": "POST", "url": "v66.0/composite"}]):
        assert salesforce.call("POST", "composite/batch", json={"batchRequests": bad}).status_code == 400


def test_each_graph_is_all_or_nothing(salesforce: Salesforce) -> None:
    child = sub("con", "POST", "sobjects/Contact", {"LastName": "L", "AccountId": "@{acc.id}"})
    graphs = [
        {"graphId": "good", "compositeRequest": [ACCOUNT, child]},
        {"graphId": "bad", "compositeRequest": [ACCOUNT, BAD]},
    ]
    body = salesforce.call("POST", "composite/graph", json={"graphs": graphs}).json()
    assert [(graph["graphId"], graph["isSuccessful"]) for graph in body["graphs"]] == [("good", True), ("bad", False)]
    assert len(salesforce.query("SELECT Id FROM Account")) == 1
    assert len(salesforce.query("SELECT Id FROM Contact")) == 1
    for bad in ([], [{"compositeRequest": [ACCOUNT]}], graphs[:1] * 76):
        assert salesforce.call("POST", "composite/graph", json={"graphs": bad}).status_code == 400


def test_graphs_are_given_up_after_fourteen_failures(salesforce: Salesforce) -> None:
    graphs = [{"graphId": f"g{number}", "compositeRequest": [BAD]} for number in range(14)]
    graphs.append({"graphId": "late", "compositeRequest": [ACCOUNT]})
    body = salesforce.call("POST", "composite/graph", json={"graphs": graphs}).json()
    assert body["graphs"][14]["isSuccessful"] is False
    assert salesforce.query("SELECT Id FROM Account") == []
