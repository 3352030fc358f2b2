"""Two hundred records in one request: each for itself, or all or none."""

from __future__ import annotations

from xero_pipeline_tests.sandbox.salesforce.client import Salesforce

UPSERT = "composite/sobjects/Xero_Invoice__c/Xero_Id__c"


def invoice(xero_id: str | None, **fields: object) -> dict[str, object]:
    return {"attributes": {"type": "Xero_Invoice__c"}, "Xero_Id__c": xero_id, **fields}


def upsert(salesforce: Salesforce, *records: dict[str, object], all_or_none: bool = False) -> list[dict[str, object]]:
    response = salesforce.call("PATCH", UPSERT, json={"records": list(records), "allOrNone": all_or_none})
    assert response.status_code == 200, response.text
    results: list[dict[str, object]] = response.json()
    return results


def codes(results: list[dict[str, object]]) -> list[object]:
    return [result["errors"][0]["statusCode"] if result["errors"] else None for result in results]  # type: ignore[index]


def test_upsert_answers_every_record_in_order(salesforce: Salesforce) -> None:
    salesforce.create("Xero_Invoice__c", Name="old", Xero_Id__c="b")
    results = upsert(salesforce, invoice("a", Name="A"), invoice("B", Name="B"), invoice("c", Currency__c="NZDX"))
    assert [result.get("created") for result in results] == [True, False, None]
    assert [result["success"] for result in results] == [True, True, False]
    assert results[2] == {
        "success": False,
        "errors": [
            {
                "statusCode": "STRING_TOO_LONG",
                "message": "Currency: data value too large: NZDX (max length=3)",
                "fields": ["Currency__c"],
            }
        ],
    }
    assert salesforce.names("SELECT Name FROM Xero_Invoice__c ORDER BY Name") == ["A", "B"]


def test_all_or_none_takes_the_good_ones_back(salesforce: Salesforce) -> None:
    salesforce.create("Xero_Invoice__c", Name="old", Xero_Id__c="b")
    results = upsert(
        salesforce,
        invoice("a", Name="A"),
        invoice("b", Name="B"),
        invoice("c", Currency__c="NZDX"),
        all_or_none=True,
    )
    rolled_back = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert codes(results) == [rolled_back, rolled_back, "STRING_TOO_LONG"]
    assert salesforce.names("SELECT Name FROM Xero_Invoice__c") == ["old"]
    assert upsert(salesforce, invoice("a", Name="A"))[0]["created"] is True


def test_the_same_external_id_twice_fails_every_time(salesforce: Salesforce) -> None:
    results = upsert(salesforce, invoice("a", Name="1"), invoice("A", Name="2"), invoice("b", Name="3"))
    assert codes(results) == ["DUPLICATE_VALUE", "DUPLICATE_VALUE", None]
    assert "Duplicate external id specified: a" in str(results[0]["errors"])


def test_a_record_without_its_key_or_with_an_id_fails_alone(salesforce: Salesforce) -> None:
    other = salesforce.create("Xero_Invoice__c", Name="x")
    results = upsert(salesforce, invoice(None, Name="1"), invoice("b", Id=other), invoice("c", Name="3"))
    assert codes(results) == ["MISSING_ARGUMENT", "INVALID_FIELD", None]


def test_lines_find_their_invoice_by_external_id(salesforce: Salesforce) -> None:
    upsert(salesforce, invoice("a", Name="A"))
    records = [
        {
            "attributes": {"type": "Xero_Invoice_Line__c"},
            "Xero_Id__c": f"{parent}:1",
            "Name": "1",
            "Invoice__r": {"Xero_Id__c": parent},
        }
        for parent in ("a", "z")
    ]
    path = "composite/sobjects/Xero_Invoice_Line__c/Xero_Id__c"
    results = salesforce.call("PATCH", path, json={"records": records}).json()
    assert codes(results) == [None, "INVALID_FIELD"]
    again = salesforce.call("PATCH", path, json={"records": records[:1]}).json()
    assert (codes(again), again[0]["created"]) == ([None], False)


def test_a_request_that_cannot_be_read_is_refused_whole(salesforce: Salesforce) -> None:
    good = invoice("a", Name="A")
    for bad, code in (
        (invoice("b", Nope__c=1), "INVALID_FIELD"),
        (invoice("b", Total__c="ten"), "JSON_PARSER_ERROR"),
        ({"Xero_Id__c": "b"}, "INVALID_INPUT"),
        ({"attributes": {"type": "Account"}, "Xero_Id__c": "b"}, "INVALID_INPUT"),
    ):
        response = salesforce.call("PATCH", UPSERT, json={"records": [good, bad]})
        assert (response.status_code, response.json()[0]["errorCode"]) == (400, code)
    too_many = [invoice(str(number)) for number in range(201)]
    assert salesforce.call("PATCH", UPSERT, json={"records": too_many}).status_code == 400
    assert salesforce.call("PATCH", f"{UPSERT}X", json={"records": [good]}).status_code == 404
    assert salesforce.query("SELECT Id FROM Xero_Invoice__c") == []


def test_create_update_delete_and_retrieve_take_many(salesforce: Salesforce) -> None:
    kinds = [{"attributes": {"type": kind}, "Name": f"A {kind}"} for kind in ("Account", "Product2")]
    created = salesforce.call("POST", "composite/sobjects", json={"records": kinds}).json()
    assert [set(result) for result in created] == [{"id", "success", "errors"}] * 2
    account_id, product_id = (result["id"] for result in created)
    changes = [
        {"attributes": {"type": "Account"}, "Id": account_id, "Phone": "7"},
        {"attributes": {"type": "Account"}, "Phone": "7"},
        {"attributes": {"type": "Account"}, "Id": "nonsense", "Phone": "7"},
    ]
    updated = salesforce.call("PATCH", "composite/sobjects", json={"records": changes}).json()
    assert codes(updated) == [None, "MISSING_ARGUMENT", "MALFORMED_ID"]
    read = salesforce.call(
        "POST", "composite/sobjects/Account", json={"ids": [account_id, product_id], "fields": ["Phone"]}
    )
    assert [record and record["Phone"] for record in read.json()] == ["7", None]
    deleted = salesforce.call("DELETE", "composite/sobjects", params={"ids": f"{account_id},{product_id},x"}).json()
    assert codes(deleted) == [None, None, "MALFORMED_ID"]
