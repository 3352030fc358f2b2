"""UNABLE_TO_LOCK_ROW: on demand, by chance, and where requests really clash."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from xero_pipeline_tests.loopback import NO_CERTIFICATES
from xero_pipeline_tests.sandbox.salesforce.client import DATA, Load, Salesforce

LOCKS = "/sandbox/salesforce/locks"
# Far longer than a test: locks are held until the test takes them away.
HOLD = 60


def line(salesforce: Salesforce, invoice: str, name: str) -> httpx.Response:
    return salesforce.call("POST", "sobjects/Xero_Invoice_Line__c", json={"Name": name, "Invoice__c": invoice})


def together(
    salesforce: Salesforce, *requests: tuple[str, dict[str, object]], refused: int, held: int
) -> list[httpx.Response]:
    """Several POSTs under way at the same time, each on a connection of its own.

    Those that got their locks are answered once `refused` others were turned away and `held` records are locked.
    """
    salesforce.http.post(LOCKS, json={"hold_seconds": HOLD})

    def send(path: str, body: dict[str, object]) -> httpx.Response:
        with httpx.Client(
            verify=NO_CERTIFICATES, base_url=salesforce.http.base_url, trust_env=False, timeout=HOLD
        ) as client:
            return client.post(f"{DATA}/{path}", json=body, headers={"Authorization": f"Bearer {salesforce.token}"})

    with ThreadPoolExecutor(len(requests)) as pool:
        sent = [pool.submit(send, *each) for each in requests]
        try:
            deadline = time.monotonic() + HOLD
            while (sum(each.done() for each in sent), salesforce.http.get(LOCKS).json()["held"]) != (refused, held):
                assert time.monotonic() < deadline
                time.sleep(0.01)
        finally:
            salesforce.http.delete(LOCKS)
        return [each.result() for each in sent]


def test_the_next_writes_that_touch_a_parent_fail(salesforce: Salesforce) -> None:
    first, second = (salesforce.create("Xero_Invoice__c", Name=name) for name in ("1", "2"))
    salesforce.http.post(LOCKS, json={"next": 2, "parent": first})
    refused = line(salesforce, first, "a")
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "UNABLE_TO_LOCK_ROW")
    message = f"unable to obtain exclusive access to this record or 1 records: {first}"
    assert refused.json()[0]["message"] == message
    assert line(salesforce, second, "b").status_code == 201
    assert salesforce.call("PATCH", f"sobjects/Xero_Invoice__c/{first}", json={"Name": "x"}).status_code == 400
    assert line(salesforce, first, "c").status_code == 201
    assert salesforce.http.get(LOCKS).json()["rules"][0]["hits"] == 2


def test_in_a_collection_only_the_locked_rows_fail(salesforce: Salesforce) -> None:
    salesforce.http.post(LOCKS, json={"next": 1})
    records = [{"attributes": {"type": "Account"}, "Name": name} for name in ("a", "b")]
    results = salesforce.call("POST", "composite/sobjects", json={"records": records}).json()
    assert [result["success"] for result in results] == [False, True]
    assert results[0]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"


def test_chance_strikes_the_same_writes_for_the_same_seed(salesforce: Salesforce) -> None:
    struck = []
    for _ in range(2):
        salesforce.http.delete(LOCKS)
        salesforce.http.post(LOCKS, json={"probability": 0.4, "seed": 7})
        load = salesforce.load("Account", "insert", "Name\n" + "".join(f"A{number}\n" for number in range(50)))
        struck.append([row["Name"] for row in load.rows("failedResults")])
    assert struck[0] == struck[1]
    assert 5 < len(struck[0]) < 40


def test_a_deletion_needs_its_lock_too(salesforce: Salesforce) -> None:
    account = salesforce.create("Account", Name="A")
    salesforce.http.post(LOCKS, json={"next": 1, "parent": account[:15]})
    assert salesforce.call("DELETE", f"sobjects/Account/{account}").status_code == 400
    assert salesforce.call("DELETE", f"sobjects/Account/{account}").status_code == 204


def test_requests_under_way_together_clash_on_one_parent(salesforce: Salesforce) -> None:
    first, second = (salesforce.create("Xero_Invoice__c", Name=name) for name in ("1", "2"))
    path = "sobjects/Xero_Invoice_Line__c"
    responses = together(
        salesforce,
        (path, {"Name": "a", "Invoice__c": first}),
        (path, {"Name": "b", "Invoice__c": first}),
        (path, {"Name": "c", "Invoice__c": second}),
        refused=1,
        held=4,
    )
    assert sorted(response.status_code for response in responses[:2]) == [201, 400]
    assert responses[2].status_code == 201
    refused = next(response for response in responses if response.status_code == 400)
    assert refused.json()[0]["message"].endswith(f"or 1 records: {first}")


def test_one_after_the_other_never_clashes(salesforce: Salesforce) -> None:
    invoice = salesforce.create("Xero_Invoice__c", Name="1")
    salesforce.http.post(LOCKS, json={"hold_seconds": 0.01})
    assert [line(salesforce, invoice, name).status_code for name in "abc"] == [201] * 3
    records = [{"attributes": {"type": "Xero_Invoice_Line__c"}, "Name": "d", "Invoice__c": invoice}] * 5
    results = salesforce.call("POST", "composite/sobjects", json={"records": records}).json()
    assert all(result["success"] for result in results)


def test_a_lookup_that_clears_on_delete_locks_nothing(salesforce: Salesforce) -> None:
    account = salesforce.create("Account", Name="A")
    invoices = [("sobjects/Xero_Invoice__c", {"Name": name, "Account__c": account}) for name in "ab"]
    responses = together(salesforce, *invoices, refused=0, held=2)  # type: ignore[arg-type]
    assert [response.status_code for response in responses] == [201, 201]


def test_a_bulk_job_holds_its_locks_against_others_and_not_against_itself(salesforce: Salesforce) -> None:
    invoice = salesforce.create("Xero_Invoice__c", Name="1", Xero_Id__c="inv")
    salesforce.http.post(LOCKS, json={"hold_seconds": HOLD})
    body = {"object": "Xero_Invoice_Line__c", "operation": "insert"}
    job = salesforce.call("POST", "jobs/ingest", json=body).json()
    load = Load(salesforce, job["id"])
    rows = "".join(f"{number},inv\n" for number in range(450))
    salesforce.call("PUT", f"{load.path}/batches", content=f"Name,Invoice__r.Xero_Id__c\n{rows}".encode())
    load.change("UploadComplete")
    assert line(salesforce, invoice, "clash").json()[0]["errorCode"] == "UNABLE_TO_LOCK_ROW"
    assert [load.poll() for _ in range(2)] == ["InProgress", "JobComplete"]
    assert load.report["numberRecordsFailed"] == 0
    salesforce.http.delete(LOCKS)
    assert line(salesforce, invoice, "after").status_code == 201


def test_locks_are_taken_away(salesforce: Salesforce) -> None:
    salesforce.http.post(LOCKS, json={"next": 5})
    salesforce.http.post(LOCKS, json={"hold_seconds": 5})
    assert salesforce.http.delete(LOCKS).json() == {"hold_seconds": 0.0, "held": 0, "rules": []}
    assert salesforce.create("Account", Name="A")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"next": 1, "probability": 0.5},
        {"next": "many"},
        {"next": -1},
        {"next": True},
        {"hold_seconds": None},
        {"next": 1, "parent": "Anchor"},
        {"next": 1, "colour": "red"},
    ],
)
def test_a_mistake_is_a_sentence(salesforce: Salesforce, body: dict[str, object]) -> None:
    response = salesforce.http.post(LOCKS, json=body)
    assert (response.status_code, list(response.json())) == (400, ["error"])
