"""The org's own rules: what a validation rule refuses, and what counts as a duplicate."""

from __future__ import annotations

import httpx
import pytest

from xero_pipeline.sandbox.salesforce import Org
from xero_pipeline.sandbox.salesforce.web import Api
from xero_pipeline_tests.sandbox.salesforce.client import Salesforce, StandingClock

CONTROL = "/sandbox/salesforce"
DUPLICATE_HEADER = "Sforce-Duplicate-Rule-Header"


def declare(salesforce: Salesforce, kind: str, **rule: object) -> None:
    response = salesforce.http.post(f"{CONTROL}/rules/{kind}", json=rule)
    assert response.status_code == 200, response.text


def create(salesforce: Salesforce, header: str = "", **fields: object) -> httpx.Response:
    headers = {DUPLICATE_HEADER: header} if header else None
    return salesforce.call("POST", "sobjects/Account", headers, json=fields)


def test_a_record_that_satisfies_the_condition_is_refused_with_the_rules_words(salesforce: Salesforce) -> None:
    declare(
        salesforce,
        "validation",
        object="Opportunity",
        where="StageName = 'Closed Won' AND (Amount = null OR Amount <= 0)",
        message="A won deal has an amount.",
        field="Amount",
    )
    deal = {"Name": "D", "StageName": "Closed Won", "CloseDate": "2026-12-01"}
    response = salesforce.call("POST", "sobjects/Opportunity", json=deal)
    assert response.status_code == 400
    assert response.json() == [
        {
            "message": "A won deal has an amount.",
            "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "fields": ["Amount"],
        }
    ]
    good = salesforce.create("Opportunity", **deal, Amount=5)
    assert salesforce.call("PATCH", f"sobjects/Opportunity/{good}", json={"Amount": 0}).status_code == 400
    assert salesforce.read("Opportunity", good)["Amount"] == 5.0


def test_a_condition_sees_parents_and_today(salesforce: Salesforce, clock: StandingClock) -> None:
    declare(salesforce, "validation", object="Contact", where="Account.Name LIKE 'Closed%'", message="No.")
    declare(salesforce, "validation", object="Opportunity", where="CloseDate < TODAY", message="Too late.")
    account = salesforce.create("Account", Name="Closed Ltd")
    assert salesforce.call("POST", "sobjects/Contact", json={"LastName": "L", "AccountId": account}).status_code == 400
    assert salesforce.create("Contact", LastName="L")
    deal = {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-11-23"}
    assert salesforce.create("Opportunity", **deal)
    clock.move(days=2)
    salesforce.token = salesforce.sign_in().json()["access_token"]
    assert salesforce.call("POST", "sobjects/Opportunity", json=deal).status_code == 400


def test_a_field_that_has_to_match_may_still_be_empty(salesforce: Salesforce) -> None:
    declare(
        salesforce, "validation", object="Account", field="phone", regex=r"\+?[0-9 ]+", message="Digits only.", name="P"
    )
    assert create(salesforce, Name="A").status_code == 201
    assert create(salesforce, Name="A", Phone="+64 4 1").status_code == 201
    refused = create(salesforce, Name="A", Phone="call me").json()[0]
    assert (refused["message"], refused["fields"]) == ("Digits only.", ["Phone"])


def test_rules_hold_in_collections_and_in_bulk_for_their_row_alone(salesforce: Salesforce) -> None:
    declare(salesforce, "validation", object="Account", where="Name = 'bad'", message="Bad: worse.", field="Name")
    records = [{"attributes": {"type": "Account"}, "Name": name} for name in ("good", "bad")]
    results = salesforce.call("POST", "composite/sobjects", json={"records": records}).json()
    assert [result["success"] for result in results] == [True, False]
    assert results[1]["errors"][0]["statusCode"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    load = salesforce.load("Account", "insert", "Name\nbad\nfine\n")
    assert load.rows("failedResults")[0]["sf__Error"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION:Bad: worse.:Name --"
    assert salesforce.names("SELECT Name FROM Account ORDER BY Name") == ["fine", "good"]


def test_a_blocked_duplicate_says_what_it_is_a_duplicate_of(salesforce: Salesforce) -> None:
    declare(salesforce, "duplicate", object="Account", fields=["Name", "Phone"], action="Block", name="Same_Account")
    first = create(salesforce, Name="Anchor", Phone="1").json()["id"]
    response = create(salesforce, "allowSave=true", Name="ANCHOR", Phone="1")
    assert response.status_code == 400
    (error,) = response.json()
    assert error["errorCode"] == "DUPLICATES_DETECTED"
    assert error["message"] == "Use one of these records?"
    assert "fields" not in error
    found = error["duplicateResut"]
    assert (found["allowSave"], found["duplicateRule"], found["duplicateRuleEntityType"]) == (
        False,
        "Same_Account",
        "Account",
    )
    (match,) = found["matchResults"]
    assert (match["entityType"], match["size"], match["matchEngine"]) == ("Account", 1, "ExactMatchEngine")
    assert match["matchRecords"][0]["record"] == {
        "attributes": {"type": "Account", "url": f"/services/data/v66.0/sobjects/Account/{first}"},
        "Id": first,
    }


def test_an_alert_lets_pass_who_asks_for_it(salesforce: Salesforce) -> None:
    declare(salesforce, "duplicate", object="Account", fields=["Name"], action="Alert", message="Again?")
    create(salesforce, Name="Anchor")
    refused = create(salesforce, "allowSave=false", Name="Anchor").json()[0]
    assert (refused["message"], refused["duplicateResut"]["allowSave"]) == ("Again?", True)
    assert create(salesforce, "includeRecordDetails=true; allowSave=true", Name="Anchor").status_code == 201


def test_only_live_records_with_all_fields_filled_are_duplicates(salesforce: Salesforce) -> None:
    declare(salesforce, "duplicate", object="Account", fields=["Name", "Phone"])
    first = create(salesforce, Name="A", Phone="1").json()["id"]
    for _ in range(2):
        assert create(salesforce, Name="A").status_code == 201
    salesforce.call("DELETE", f"sobjects/Account/{first}")
    second = create(salesforce, Name="A", Phone="1").json()["id"]
    third = create(salesforce, Name="A", Phone="2").json()["id"]
    assert salesforce.call("PATCH", f"sobjects/Account/{second}", json={"Website": "w"}).status_code == 204
    assert salesforce.call("PATCH", f"sobjects/Account/{third}", json={"Phone": "1"}).status_code == 400


def test_an_indexed_field_finds_duplicates_too(salesforce: Salesforce) -> None:
    declare(salesforce, "duplicate", object="Xero_Payment__c", fields=["Xero_Id__c"], action="Block")
    salesforce.create("Xero_Payment__c", Name="1", Xero_Id__c="p")
    payment = salesforce.create("Xero_Payment__c", Name="2", Xero_Id__c="q")
    body = {"records": [{"attributes": {"type": "Xero_Payment__c"}, "Id": payment, "Name": "3"}]}
    assert salesforce.call("PATCH", "composite/sobjects", json=body).json()[0]["success"] is True


def test_rules_are_listed_kept_and_taken_away(salesforce: Salesforce, org: Org, clock: StandingClock) -> None:
    declare(salesforce, "validation", object="Account", where="Name = 'bad'", message="Bad.")
    declare(salesforce, "duplicate", object="Account", fields=["Name"])
    again = Api(Org.load(org.dump()), clock).rules
    assert [rule.message for rule in again.validation["Account"]] == ["Bad."]
    assert [rule.fields for rule in again.duplicate["Account"]] == [("Name",)]
    listed = salesforce.http.get(f"{CONTROL}/rules").json()
    assert [len(listed[kind]) for kind in ("validation", "duplicate")] == [1, 1]
    assert salesforce.http.delete(f"{CONTROL}/rules").json() == {"validation": [], "duplicate": []}
    assert create(salesforce, Name="bad").status_code == 201


def test_the_control_api_goes_round_the_rules(salesforce: Salesforce) -> None:
    declare(salesforce, "validation", object="Account", where="Name != null", message="Never.")
    assert salesforce.http.post(f"{CONTROL}/records/Account", json={"Name": "A"}).status_code == 200


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("validation", {"object": "Nothing", "where": "Id = null", "message": "m"}),
        ("validation", {"object": "Account", "message": "m"}),
        ("validation", {"object": "Account", "where": "Name = 'x'"}),
        ("validation", {"object": "Account", "where": "Name = 'x' LIMIT 1", "message": "m"}),
        ("validation", {"object": "Account", "where": "Nope = 'x'", "message": "m"}),
        ("validation", {"object": "Account", "where": "Name =", "message": "m"}),
        ("validation", {"object": "Contact", "where": "AccountId IN (SELECT Id FROM Account)", "message": "m"}),
        ("validation", {"object": "Account", "regex": "x", "message": "m"}),
        ("validation", {"object": "Account", "regex": "(", "field": "Name", "message": "m"}),
        ("validation", {"object": "Account", "regex": "x", "field": "Nope", "message": "m"}),
        ("validation", {"object": "Account", "where": "Name = 'x'", "message": "m", "colour": "red"}),
        ("duplicate", {"object": "Account", "fields": []}),
        ("duplicate", {"object": "Account", "fields": ["Nope"]}),
        ("duplicate", {"object": "Account", "fields": ["Name"], "action": "Shout"}),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(salesforce: Salesforce, kind: str, rule: dict[str, object]) -> None:
    response = salesforce.http.post(f"{CONTROL}/rules/{kind}", json=rule)
    assert (response.status_code, list(response.json())) == (400, ["error"])
    assert salesforce.http.get(f"{CONTROL}/rules").json()[kind] == []
