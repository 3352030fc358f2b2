"""Bulk API 2.0 ingest: CSV in, a job to poll, three result files out."""

from __future__ import annotations

import pytest

from xero_pipeline_tests.sandbox.salesforce.client import Load, Salesforce, StandingClock

INVOICE = "Xero_Invoice__c"


def code(response: object) -> tuple[int, str]:
    return response.status_code, response.json()[0]["errorCode"]  # type: ignore[attr-defined]


def test_a_job_goes_from_open_to_complete_and_says_how_far_it_is(salesforce: Salesforce) -> None:
    body = {"object": "account", "operation": "insert", "contentType": "CSV", "lineEnding": "LF"}
    job = salesforce.call("POST", "jobs/ingest", json=body).json()
    assert (job["state"], job["object"], job["apiVersion"]) == ("Open", "Account", 66.0)
    assert (job["concurrencyMode"], job["jobType"], job["columnDelimiter"]) == ("Parallel", "V2Ingest", "COMMA")
    assert job["id"].startswith("750")
    assert job["contentUrl"] == f"services/data/v66.0/jobs/ingest/{job['id']}/batches"
    uploaded = salesforce.call("PUT", f"/{job['contentUrl']}", content=b"Name\nAnchor\n")
    assert (uploaded.status_code, uploaded.content) == (201, b"")
    load = Load(salesforce, job["id"])
    load.change("UploadComplete")
    assert load.report["state"] == "UploadComplete"
    assert load.poll() == "InProgress"
    assert load.poll() == "JobComplete"
    assert (load.report["numberRecordsProcessed"], load.report["numberRecordsFailed"]) == (1, 0)
    assert salesforce.names("SELECT Name FROM Account") == ["Anchor"]


def test_results_name_every_row_and_a_complete_job_may_hold_failures(salesforce: Salesforce) -> None:
    salesforce.create(INVOICE, Name="old", Xero_Id__c="b")
    text = 'Xero_Id__c,Name,Currency__c,Total__c\na,A,NZD,1\nb,"B, ""twice""",NZD,2\nc,C,NZDX,3\nd,D,NZD,ten\n'
    load = salesforce.load(INVOICE, "upsert", text, "Xero_Id__c")
    assert (load.report["state"], load.report["numberRecordsProcessed"]) == ("JobComplete", 4)
    assert load.report["numberRecordsFailed"] == 2
    good = load.rows("successfulResults")
    assert [(row["Xero_Id__c"], row["sf__Created"], row["Name"]) for row in good] == [
        ("a", "true", "A"),
        ("b", "false", 'B, "twice"'),
    ]
    assert salesforce.read(INVOICE, good[0]["sf__Id"])["Total__c"] == 1.0
    assert load.file("successfulResults").startswith('"sf__Id","sf__Created","Xero_Id__c","Name",')
    assert [(row["sf__Id"], row["sf__Error"]) for row in load.rows("failedResults")] == [
        ("", "STRING_TOO_LONG:Currency: data value too large: NZDX (max length=3):Currency__c --"),
        ("", "INVALID_TYPE_ON_FIELD_IN_RECORD:Total: value not of required type: ten:Total__c --"),
    ]
    for name in ("unprocessedrecords", "unprocessedRecords"):
        assert load.file(name) == '"Xero_Id__c","Name","Currency__c","Total__c"\n'


def test_an_empty_cell_changes_nothing_and_na_clears(salesforce: Salesforce) -> None:
    record_id = salesforce.create("Account", Name="A", Phone="1", Website="w", Xero_Contact_Id__c="x")
    salesforce.load("Account", "upsert", "Xero_Contact_Id__c,Phone,Website\nx,,#N/A\n", "Xero_Contact_Id__c")
    row = salesforce.read("Account", record_id)
    assert (row["Name"], row["Phone"], row["Website"]) == ("A", "1", None)


def test_a_parent_is_named_by_its_external_id(salesforce: Salesforce) -> None:
    invoice = salesforce.create(INVOICE, Name="1", Xero_Id__c="inv")
    text = "Xero_Id__c,Name,Invoice__r.Xero_Id__c\ninv:1,1,INV\ninv:2,2,nowhere\n"
    load = salesforce.load("Xero_Invoice_Line__c", "upsert", text, "Xero_Id__c")
    assert salesforce.query("SELECT Invoice__c FROM Xero_Invoice_Line__c")[0]["Invoice__c"] == invoice
    assert [row["sf__Error"] for row in load.rows("failedResults")] == [
        "INVALID_FIELD:Foreign key external ID: nowhere not found for field Xero_Id__c in entity Xero_Invoice__c: --"
    ]
    payment = salesforce.create("Xero_Payment__c", Name="p", Xero_Id__c="pay", Invoice__c=invoice)
    text = "Xero_Id__c,Invoice__r.Xero_Id__c\npay,\n"
    salesforce.load("Xero_Payment__c", "upsert", text, "Xero_Id__c")
    assert salesforce.read("Xero_Payment__c", payment)["Invoice__c"] == invoice
    salesforce.load("Xero_Payment__c", "upsert", text.replace(",\n", ",#N/A\n"), "Xero_Id__c")
    assert salesforce.read("Xero_Payment__c", payment)["Invoice__c"] is None


def test_rows_are_updated_and_deleted_by_id(salesforce: Salesforce) -> None:
    first, second = (salesforce.create("Account", Name=name) for name in ("A", "B"))
    load = salesforce.load("Account", "update", f"Id,Name\n{first[:15]},A2\nnone,C\n")
    assert [(row["sf__Id"], row["sf__Created"]) for row in load.rows("successfulResults")] == [(first, "false")]
    assert load.rows("failedResults")[0]["sf__Error"] == "MALFORMED_ID:malformed id none:Id --"
    gone = salesforce.load("Account", "delete", f"Id\n{second}\n{second}\n")
    assert gone.rows("failedResults")[0]["sf__Error"].startswith("ENTITY_IS_DELETED:entity is deleted:")
    assert salesforce.names("SELECT Name FROM Account") == ["A2"]


def test_an_upsert_by_id_inserts_where_there_is_none(salesforce: Salesforce) -> None:
    record_id = salesforce.create("Account", Name="A")
    load = salesforce.load("Account", "upsert", f"Id,Name\n{record_id},A2\n,B\n", "Id")
    assert [row["sf__Created"] for row in load.rows("successfulResults")] == ["false", "true"]
    assert salesforce.names("SELECT Name FROM Account ORDER BY Name") == ["A2", "B"]


def test_an_empty_id_column_in_an_upsert_by_external_id_is_let_pass(salesforce: Salesforce) -> None:
    load = salesforce.load(INVOICE, "upsert", "Id,Xero_Id__c,Name\n,a,A\n", "Xero_Id__c")
    assert load.rows("successfulResults")[0]["sf__Created"] == "true"


def test_the_same_external_id_twice_in_a_transaction_fails_both(salesforce: Salesforce) -> None:
    load = salesforce.load(INVOICE, "upsert", "Xero_Id__c,Name\na,1\nA,2\nb,3\n", "Xero_Id__c")
    assert [row["sf__Error"].split(":")[0] for row in load.rows("failedResults")] == ["DUPLICATE_VALUE"] * 2


@pytest.mark.parametrize(
    ("operation", "key", "text", "message"),
    [
        ("insert", None, "Name,Nope__c\nA,1\n", "InvalidBatch : Field name not found : Nope__c"),
        ("insert", None, "Name,Account__r.Phone\nA,1\n", "InvalidBatch : Field name not found : Account__r.Phone"),
        ("insert", None, "\ufeffName\nA\n", "InvalidBatch : Field name not found : \ufeffName"),
        ("update", None, "Name\nA\n", "InvalidBatch : Field name not found : Id"),
        ("upsert", "Xero_Id__c", "Name\nA\n", "InvalidBatch : Field name not found : Xero_Id__c"),
        ("delete", None, "Id,Name\n1,A\n", "InvalidBatch : The 'delete' batch must contain only ids"),
        ("insert", None, 'Name\n"A\n', "InvalidBatch : Failed to parse CSV. unexpected end of data"),
        (
            "insert",
            None,
            "Name\r\nA\r\n",
            "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF",
        ),
    ],
)
def test_a_fault_of_the_file_fails_the_job(
    salesforce: Salesforce, operation: str, key: str | None, text: str, message: str
) -> None:
    load = salesforce.load(INVOICE, operation, text, key)
    assert (load.report["state"], load.report["errorMessage"]) == ("Failed", message)
    assert load.report["numberRecordsProcessed"] == 0
    assert salesforce.query("SELECT Id FROM Xero_Invoice__c") == []


def test_the_rows_of_a_failed_job_are_unprocessed(salesforce: Salesforce) -> None:
    load = salesforce.load(INVOICE, "insert", "Name,Nope__c\nA,1\n")
    assert load.rows("unprocessedRecords") == [{"Name": "A", "Nope__c": "1"}]
    assert load.rows("failedResults") == []


def test_delimiters_and_line_endings_are_those_of_the_job(salesforce: Salesforce) -> None:
    text = 'Name|Description\r\nA|"1, Mill\nLane"\r\n'
    load = salesforce.load("Account", "insert", text, lineEnding="CRLF", columnDelimiter="PIPE")
    assert load.report["state"] == "JobComplete"
    assert load.file("successfulResults").startswith('"sf__Id"|"sf__Created"|"Name"|"Description"\r\n')
    assert salesforce.query("SELECT Description FROM Account")[0]["Description"] == "1, Mill\nLane"


def test_checkboxes_take_what_csv_files_say(salesforce: Salesforce) -> None:
    text = "Name,Xero_Do_Not_Sync__c\nA,TRUE\nB,no\nC,maybe\n"
    load = salesforce.load("Account", "insert", text)
    rows = salesforce.query("SELECT Xero_Do_Not_Sync__c FROM Account ORDER BY Name")
    assert [row["Xero_Do_Not_Sync__c"] for row in rows] == [True, False]
    assert load.report["numberRecordsFailed"] == 1


def test_an_aborted_job_keeps_its_rows_unprocessed(salesforce: Salesforce) -> None:
    body = {"object": "Account", "operation": "insert"}
    job = salesforce.call("POST", "jobs/ingest", json=body).json()
    load = Load(salesforce, job["id"])
    salesforce.call("PUT", f"{load.path}/batches", content=b"Name\nA\n")
    load.change("Aborted")
    assert load.poll() == "Aborted"
    assert load.rows("unprocessedrecords") == [{"Name": "A"}]
    assert load.file("successfulResults").strip() == '"sf__Id","sf__Created","Name"'


def test_a_job_refuses_what_its_state_does_not_allow(salesforce: Salesforce) -> None:
    job = salesforce.call("POST", "jobs/ingest", json={"object": "Account", "operation": "insert"}).json()
    path = f"jobs/ingest/{job['id']}"
    refused = (400, "INVALIDJOBSTATE")
    assert code(salesforce.call("PATCH", path, json={"state": "UploadComplete"})) == refused
    assert code(salesforce.call("GET", f"{path}/successfulResults")) == refused
    assert code(salesforce.call("DELETE", path)) == refused
    assert code(salesforce.call("PUT", f"{path}/batches", content=b"Name\n\xe9\n")) == (400, "INVALIDBATCH")
    salesforce.call("PUT", f"{path}/batches", content=b"Name\nA\n")
    assert code(salesforce.call("PUT", f"{path}/batches", content=b"Name\nB\n")) == refused
    salesforce.call("PATCH", path, json={"state": "Aborted"})
    assert code(salesforce.call("PATCH", path, json={"state": "UploadComplete"})) == refused
    assert salesforce.call("DELETE", path).status_code == 204
    assert code(salesforce.call("GET", path)) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"object": "Nothing", "operation": "insert"}, "INVALIDENTITY"),
        ({"object": "Account", "operation": "merge"}, "INVALIDJOB"),
        ({"object": "Account", "operation": "hardDelete"}, "FEATURENOTENABLED"),
        ({"object": "Account", "operation": "upsert"}, "INVALIDJOB"),
        ({"object": "Account", "operation": "upsert", "externalIdFieldName": "Phone"}, "INVALIDJOB"),
        ({"object": "Account", "operation": "insert", "contentType": "JSON"}, "INVALIDJOB"),
        ({"object": "Account", "operation": "insert", "columnDelimiter": "SLASH"}, "INVALIDJOB"),
    ],
)
def test_a_job_that_makes_no_sense_is_refused(salesforce: Salesforce, body: dict[str, str], expected: str) -> None:
    assert code(salesforce.call("POST", "jobs/ingest", json=body)) == (400, expected)


def test_a_job_is_gone_seven_days_after_its_end(salesforce: Salesforce, clock: StandingClock) -> None:
    load = salesforce.load("Account", "insert", "Name\nA\n")
    clock.move(days=6)
    salesforce.token = salesforce.sign_in().json()["access_token"]
    assert load.poll() == "JobComplete"
    assert len(salesforce.call("GET", "jobs/ingest").json()["records"]) == 1
    clock.move(days=1, seconds=1)
    salesforce.token = salesforce.sign_in().json()["access_token"]
    assert salesforce.call("GET", load.path).status_code == 404


def test_a_large_job_moves_on_by_itself_and_by_polls(salesforce: Salesforce) -> None:
    text = "Xero_Id__c,Name\n" + "".join(f"x{number},N{number}\n" for number in range(2_500))
    load = salesforce.load(INVOICE, "insert", text)
    assert (load.report["state"], load.report["numberRecordsProcessed"]) == ("JobComplete", 2_500)
    assert len(load.rows("successfulResults")) == 2_500
