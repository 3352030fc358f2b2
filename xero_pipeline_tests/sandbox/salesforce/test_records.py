"""Creating, reading, changing and deleting single records, and the rules that stop it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

import pytest

from xero_pipeline.sandbox.salesforce import Org
from xero_pipeline_tests.sandbox.salesforce.client import COLLEAGUE, START, Salesforce, StandingClock

INVOICE = "11111111-2222-3333-4444-555555555555"


def refused(salesforce: Salesforce, method: str, path: str, body: dict[str, object]) -> tuple[int, str, str, object]:
    response = salesforce.call(method, path, json=body)
    error = response.json()[0]
    return response.status_code, error["errorCode"], error["message"], error.get("fields")


def test_a_record_is_read_as_it_was_written(salesforce: Salesforce, org: Org) -> None:
    invoice_id = salesforce.create(
        "Xero_Invoice__c",
        Name="INV-0001",
        Xero_Id__c=INVOICE,
        Type__c="ACCREC",
        Status__c="SOMETHING NEW",
        Date__c="2026-11-22",
        Total__c=1149.425,
        Currency_Rate__c="1.0839245",
        Updated_In_Xero__c="2026-11-22T18:00:00.123+13:00",
        Reference__c="  padded  ",
    )
    record = salesforce.read("Xero_Invoice__c", invoice_id)
    assert record["Total__c"] == 1149.43
    assert record["Currency_Rate__c"] == 1.0839245
    assert record["Date__c"] == "2026-11-22"
    assert record["Updated_In_Xero__c"] == "2026-11-22T05:00:00.000+0000"
    assert record["Reference__c"] == "padded"
    assert record["Status__c"] == "SOMETHING NEW"
    assert record["Account__c"] is None
    assert record["CreatedById"] == record["LastModifiedById"] == org.integration_user_id
    assert record["SystemModstamp"] == record["CreatedDate"] == "2026-11-22T05:00:00.000+0000"


def test_a_custom_record_without_a_name_is_called_by_its_id(salesforce: Salesforce) -> None:
    record_id = salesforce.create("Xero_Metadata__c", Xero_Id__c="org:Currency:NZD")
    assert salesforce.read("Xero_Metadata__c", record_id)["Name"] == record_id


def test_a_custom_record_whose_name_is_cleared_is_called_by_its_id_again(salesforce: Salesforce) -> None:
    record_id = salesforce.create("Xero_Metadata__c", Xero_Id__c="org:Currency:AUD", Name="Dollar")
    salesforce.call("PATCH", f"sobjects/Xero_Metadata__c/{record_id}", json={"Name": ""})
    assert salesforce.read("Xero_Metadata__c", record_id)["Name"] == record_id


def test_an_update_changes_what_it_names_and_moves_the_stamps(salesforce: Salesforce, clock: StandingClock) -> None:
    account_id = salesforce.create("Account", Name="Anchor", Phone="1", AccountNumber="C-1")
    clock.move(seconds=90)
    assert salesforce.call("PATCH", f"sobjects/Account/{account_id[:15]}", json={"phone": None}).status_code == 204
    record = salesforce.read("Account", account_id)
    assert (record["Phone"], record["AccountNumber"]) == (None, "C-1")
    assert record["CreatedDate"] == "2026-11-22T05:00:00.000+0000"
    assert record["SystemModstamp"] == record["LastModifiedDate"] == "2026-11-22T05:01:30.000+0000"


def test_fields_can_be_picked(salesforce: Salesforce) -> None:
    account_id = salesforce.create("Account", Name="Anchor", BillingStreet="1 Mill Lane", BillingCity="Timaru")
    body = salesforce.call("GET", f"sobjects/Account/{account_id}", params={"fields": "Name,BillingAddress"}).json()
    assert set(body) == {"attributes", "Name", "BillingAddress"}
    assert (body["BillingAddress"]["street"], body["BillingAddress"]["city"]) == ("1 Mill Lane", "Timaru")


@pytest.mark.parametrize(
    ("sobject", "body", "code", "words", "fields"),
    [
        ("Account", {}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ["Name"]),
        ("Account", {"Name": "  "}, "REQUIRED_FIELD_MISSING", "[Name]", ["Name"]),
        (
            "Account",
            {"Name": "A", "Nope__c": 1},
            "INVALID_FIELD",
            "No such column 'Nope__c' on sobject of type Account",
            None,
        ),
        ("Account", {"Name": "A", "AccountNumber": "9" * 41}, "STRING_TOO_LONG", "(max length=40)", ["AccountNumber"]),
        ("Account", {"Name": "A", "ParentId": "001"}, "MALFORMED_ID", "id value of incorrect type", ["ParentId"]),
        (
            "Account",
            {"Name": "A", "ParentId": "0035g0000000001AAA"},
            "MALFORMED_ID",
            "id value of incorrect type",
            ["ParentId"],
        ),
        (
            "Account",
            {"Name": "A", "ParentId": "0015g0000000009AAA"},
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross",
            ["ParentId"],
        ),
        (
            "Account",
            {"Name": "A", "SystemModstamp": "2026-01-01T00:00:00Z"},
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "SystemModstamp",
            ["SystemModstamp"],
        ),
        ("Account", {"Name": "A", "Xero_Total_Due__c": "ten"}, "JSON_PARSER_ERROR", "double", None),
        ("Account", {"Name": "A", "Xero_Do_Not_Sync__c": "maybe"}, "JSON_PARSER_ERROR", "boolean", None),
        (
            "Account",
            {"Name": "A", "Xero_Total_Due__c": 10**16},
            "NUMBER_OUTSIDE_VALID_RANGE",
            "valid range",
            ["Xero_Total_Due__c"],
        ),
        (
            "Account",
            {"Name": "A", "PersonEmail": "a@b.example"},
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "PersonEmail",
            ["PersonEmail"],
        ),
        (
            "Contact",
            {"LastName": "Rook", "Email": "not an address"},
            "INVALID_EMAIL_ADDRESS",
            "not an address",
            ["Email"],
        ),
        ("Contact", {"FirstName": "Ann"}, "REQUIRED_FIELD_MISSING", "[LastName]", ["LastName"]),
        (
            "Opportunity",
            {"Name": "O", "StageName": "Prospecting", "CloseDate": "soon"},
            "JSON_PARSER_ERROR",
            "date",
            None,
        ),
        (
            "Order",
            {"EffectiveDate": "2026-11-22", "Status": "Lost"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Lost",
            ["Status"],
        ),
        ("Order", {"EffectiveDate": "2026-11-22", "Status": "Activated"}, "FAILED_ACTIVATION", "draft", ["Status"]),
        ("Xero_Invoice_Line__c", {"Name": "1"}, "REQUIRED_FIELD_MISSING", "[Invoice__c]", ["Invoice__c"]),
        ("Xero_Invoice__c", {"Updated_In_Xero__c": "2026-11-22"}, "JSON_PARSER_ERROR", "datetime", None),
    ],
)
def test_a_bad_record_is_refused_by_name(
    salesforce: Salesforce, sobject: str, body: dict[str, object], code: str, words: str, fields: object
) -> None:
    status, error, message, named = refused(salesforce, "POST", f"sobjects/{sobject}", body)
    assert (status, error, named) == (400, code, fields)
    assert words in message
    assert salesforce.query(f"SELECT Id FROM {sobject}") == []


@pytest.mark.parametrize(
    "faults",
    [
        {"Total__c": 10**16, "Currency__c": "NZDX", "Name": "x" * 81},
        {"Account__r": {"Xero_Contact_Id__c": "x1"}, "Xero_Contact__r": {"Xero_Id__c": "x2"}},
    ],
    ids=["values", "parents"],
)
def test_of_several_faults_the_same_is_told_in_whatever_order_the_fields_come(
    salesforce: Salesforce, faults: dict[str, object]
) -> None:
    told = [
        refused(salesforce, "POST", "sobjects/Xero_Invoice__c", dict(fields)) for fields in permutations(faults.items())
    ]
    assert all(refusal == told[0] for refusal in told)


def test_a_body_that_is_not_json_is_refused(salesforce: Salesforce) -> None:
    response = salesforce.call("POST", "sobjects/Account", content=b'{"Name": ')
    assert (response.status_code, response.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


def test_a_unique_value_belongs_to_one_record(salesforce: Salesforce) -> None:
    holder = salesforce.create("Account", Name="First", Xero_Contact_Id__c="abc")
    status, code, message, fields = refused(
        salesforce, "POST", "sobjects/Account", {"Name": "Second", "Xero_Contact_Id__c": "ABC"}
    )
    assert (status, code, fields) == (400, "DUPLICATE_VALUE", ["Xero_Contact_Id__c"])
    assert message == (f"duplicate value found: Xero_Contact_Id__c duplicates value on record with id: {holder[:15]}")
    salesforce.call("DELETE", f"sobjects/Account/{holder}")
    salesforce.create("Account", Name="Second", Xero_Contact_Id__c="ABC")


def test_an_inactive_user_cannot_be_made_an_owner(salesforce: Salesforce, org: Org) -> None:
    salesforce.http.post(f"/sandbox/salesforce/users/{COLLEAGUE}", json={"IsActive": False})
    colleague = org.user(COLLEAGUE)
    assert colleague is not None
    body = {"Name": "A", "OwnerId": colleague["Id"]}
    assert refused(salesforce, "POST", "sobjects/Account", body)[1] == "INACTIVE_OWNER_OR_USER"


def test_what_is_not_there_is_not_found(salesforce: Salesforce) -> None:
    missing = "0015g000000000zAAA"
    assert salesforce.call("GET", f"sobjects/Account/{missing}").status_code == 404
    assert refused(salesforce, "PATCH", f"sobjects/Account/{missing}", {})[:2] == (404, "INVALID_CROSS_REFERENCE_KEY")
    assert salesforce.call("GET", "sobjects/Nothing/describe").json()[0]["errorCode"] == "NOT_FOUND"
    assert salesforce.call("GET", "nowhere").json()[0]["errorCode"] == "NOT_FOUND"
    assert salesforce.call("PUT", "sobjects/Account").status_code == 405


def test_a_deleted_record_says_so(salesforce: Salesforce) -> None:
    account_id = salesforce.create("Account", Name="Gone")
    for method in ("DELETE", "DELETE"):
        response = salesforce.call(method, f"sobjects/Account/{account_id}")
    assert (response.status_code, response.json()[0]["errorCode"]) == (404, "ENTITY_IS_DELETED")
    assert salesforce.call("GET", f"sobjects/Account/{account_id}").json()[0]["errorCode"] == "ENTITY_IS_DELETED"


def test_upsert_inserts_then_updates(salesforce: Salesforce) -> None:
    path = f"sobjects/Xero_Invoice__c/Xero_Id__c/{INVOICE}"
    first = salesforce.call("PATCH", path, json={"Name": "INV-1"})
    second = salesforce.call("PATCH", path, json={"Name": "INV-2"})
    assert (first.status_code, first.json()["created"]) == (201, True)
    assert (second.status_code, second.json()["created"]) == (200, False)
    assert first.json()["id"] == second.json()["id"]
    assert salesforce.call("GET", path).json()["Name"] == "INV-2"
    assert salesforce.call("PATCH", f"/services/data/v45.0/{path}", json={"Name": "INV-3"}).status_code == 204


@pytest.fixture
def with_ids_that_repeat(org: Org) -> Iterator[None]:
    """An object whose external id several records may share. Every org of a process has the one schema."""
    metadata = org.schema.objects["Xero_Metadata__c"]
    declared = metadata.fields["Xero_Id__c"]
    metadata.fields["Xero_Id__c"] = replace(declared, unique=False)
    metadata.reindex()
    yield
    metadata.fields["Xero_Id__c"] = declared
    metadata.reindex()


@pytest.mark.usefixtures("with_ids_that_repeat")
def test_an_external_id_of_several_records_names_them_and_changes_none(salesforce: Salesforce) -> None:
    ids = [salesforce.create("Xero_Metadata__c", Xero_Id__c="twice", Name="Twin") for _ in range(2)]

    alone = salesforce.call("PATCH", "sobjects/Xero_Metadata__c/Xero_Id__c/twice", json={"Name": "Changed"})
    record = {"attributes": {"type": "Xero_Metadata__c"}, "Xero_Id__c": "twice", "Name": "Changed"}
    together = salesforce.call("PATCH", "composite/sobjects/Xero_Metadata__c/Xero_Id__c", json={"records": [record]})

    assert alone.status_code == 300
    assert [url.rpartition("/")[2] for url in alone.json()] == ids
    assert [error["statusCode"] for each in together.json() for error in each["errors"]] == ["DUPLICATE_EXTERNAL_ID"]
    assert [salesforce.read("Xero_Metadata__c", record_id)["Name"] for record_id in ids] == ["Twin", "Twin"]


def test_update_only_creates_nothing(salesforce: Salesforce) -> None:
    path = f"sobjects/Xero_Invoice__c/Xero_Id__c/{INVOICE}?updateOnly=true"
    assert salesforce.call("PATCH", path, json={"Name": "INV-1"}).status_code == 404
    assert salesforce.query("SELECT Id FROM Xero_Invoice__c") == []


def test_an_external_id_may_hold_a_slash_and_a_space(salesforce: Salesforce) -> None:
    path = "sobjects/Xero_Metadata__c/Xero_Id__c/org%3AItem%3AA%2FB%20C"
    assert salesforce.call("PATCH", path, json={"Code__c": "A/B C"}).status_code == 201
    assert salesforce.call("GET", "sobjects/Xero_Metadata__c/Xero_Id__c/org:Item:A/B+C").json()["Code__c"] == "A/B C"
    assert salesforce.call("DELETE", path).status_code == 204


def test_the_key_of_an_upsert_is_not_in_its_body(salesforce: Salesforce) -> None:
    path = f"sobjects/Xero_Invoice__c/Xero_Id__c/{INVOICE}"
    assert refused(salesforce, "PATCH", path, {"Xero_Id__c": INVOICE})[1] == "INVALID_FIELD"
    assert salesforce.call("PATCH", f"sobjects/Xero_Invoice__c/Name/{INVOICE}", json={}).status_code == 404


def test_a_parent_may_be_named_by_its_external_id(salesforce: Salesforce) -> None:
    account_id = salesforce.create("Account", Name="A", Xero_Contact_Id__c="x1")
    contact_id = salesforce.create("Xero_Contact__c", Name="A", Account__r={"Xero_Contact_Id__c": "X1"})
    assert salesforce.read("Xero_Contact__c", contact_id)["Account__c"] == account_id
    salesforce.call("PATCH", f"sobjects/Xero_Contact__c/{contact_id}", json={"Account__r": None})
    assert salesforce.read("Xero_Contact__c", contact_id)["Account__c"] is None
    body = {"Name": "B", "Account__r": {"Xero_Contact_Id__c": "x2"}}
    status, code, message, _ = refused(salesforce, "POST", "sobjects/Xero_Contact__c", body)
    assert (status, code) == (400, "INVALID_FIELD")
    assert "Foreign key external ID: x2 not found for field Xero_Contact_Id__c in entity Account" in message


def test_deleting_an_invoice_takes_its_lines_and_lets_its_payments_go(
    salesforce: Salesforce, clock: StandingClock
) -> None:
    invoice = salesforce.create("Xero_Invoice__c", Name="INV-1")
    line = salesforce.create("Xero_Invoice_Line__c", Name="1", Invoice__c=invoice)
    payment = salesforce.create("Xero_Payment__c", Name="P", Invoice__c=invoice)
    clock.move(minutes=1)
    salesforce.call("DELETE", f"sobjects/Xero_Invoice__c/{invoice}")
    assert salesforce.call("GET", f"sobjects/Xero_Invoice_Line__c/{line}").json()[0]["errorCode"] == "ENTITY_IS_DELETED"
    record = salesforce.read("Xero_Payment__c", payment)
    assert record["Invoice__c"] is None
    assert record["LastModifiedDate"] == START.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def test_a_line_may_name_its_invoice_again_and_may_move_to_another(salesforce: Salesforce) -> None:
    invoices = [salesforce.create("Xero_Invoice__c", Name=name) for name in ("INV-1", "INV-2")]
    line = salesforce.create("Xero_Invoice_Line__c", Name="1", Invoice__c=invoices[0])
    for invoice in invoices:
        path = f"sobjects/Xero_Invoice_Line__c/{line}"
        assert salesforce.call("PATCH", path, json={"Invoice__c": invoice}).status_code == 204
    salesforce.call("DELETE", f"sobjects/Xero_Invoice__c/{invoices[0]}")
    assert salesforce.read("Xero_Invoice_Line__c", line)["Invoice__c"] == invoices[1]


def test_a_field_that_is_written_once_refuses_a_second_time(salesforce: Salesforce) -> None:
    book = salesforce.create("Pricebook2", Name="Book")
    order = salesforce.create("Order", EffectiveDate="2026-11-22", Status="Draft", Pricebook2Id=book)
    path = f"sobjects/Order/{order}"
    assert refused(salesforce, "PATCH", path, {"OrderNumber": "7"})[1] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_users_cannot_be_deleted(salesforce: Salesforce, org: Org) -> None:
    response = salesforce.call("DELETE", f"sobjects/User/{org.integration_user_id}")
    assert response.json()[0]["errorCode"] == "INSUFFICIENT_ACCESS_OR_READONLY"
