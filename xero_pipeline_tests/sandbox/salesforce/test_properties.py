"""What holds after any sequence of writes, and that two ways to write have one effect."""

from __future__ import annotations

import csv
import io
import json
import uuid

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from xero_pipeline.sandbox.salesforce import Org
from xero_pipeline.sandbox.salesforce.failures import ApiError, RowError
from xero_pipeline.sandbox.salesforce.incoming import read_record
from xero_pipeline.sandbox.salesforce.values import encode, fold
from xero_pipeline.sandbox.salesforce.writes import Writer
from xero_pipeline_tests.sandbox.salesforce.client import START, Salesforce

INVOICE, LINE, PAYMENT = "Xero_Invoice__c", "Xero_Invoice_Line__c", "Xero_Payment__c"
KEYS = st.sampled_from(["a", "A", "b", "ß", "SS", "", None])
NUMBERS = st.integers(0, 6)
STEPS = st.one_of(
    st.tuples(st.just("create"), st.sampled_from([INVOICE, LINE, PAYMENT]), KEYS, NUMBERS),
    st.tuples(st.just("upsert"), st.sampled_from([INVOICE, LINE, PAYMENT]), KEYS, NUMBERS),
    st.tuples(st.just("rekey"), st.sampled_from([INVOICE, LINE, PAYMENT]), KEYS, NUMBERS),
    st.tuples(st.just("delete"), st.sampled_from([INVOICE, LINE, PAYMENT]), KEYS, NUMBERS),
)


def nth(org: Org, name: str, number: int) -> str:
    """The id of one of the object's records, deleted ones too, or an id that nothing has."""
    rows = list(org.tables[name].rows)
    return rows[number] if number < len(rows) else "a005g0000000zzzAAA"


def take(org: Org, step: tuple[str, str, str | None, int]) -> None:
    action, name, key, number = step
    writer, sobject = Writer(org, org.integration_user_id, START), org.schema.objects[name]
    body: dict[str, object] = {"Name": f"{key}{number}", "Xero_Id__c": key}
    if name != INVOICE:
        body["Invoice__c"] = nth(org, INVOICE, number)
    incoming = read_record(org, sobject, body)  # type: ignore[arg-type]
    if action == "create":
        writer.create(incoming)
    elif action == "upsert" and key:
        writer.upsert(sobject.fields["Xero_Id__c"], key, incoming)
    elif action == "rekey":
        writer.update(nth(org, name, number), incoming.without("Invoice__c"))
    elif action == "delete":
        writer.delete(sobject, nth(org, name, number))


@given(steps=st.lists(STEPS, max_size=30))
@settings(max_examples=150)
def test_any_sequence_of_writes_keeps_keys_unique_and_lines_with_their_invoice(
    blank_org: list[tuple[str, str, bytes]], steps: list[tuple[str, str, str | None, int]]
) -> None:
    org = Org.load(blank_org)
    for step in steps:
        try:
            take(org, step)
        except (RowError, ApiError):
            continue
    for name in (INVOICE, LINE, PAYMENT):
        table, key = org.tables[name], org.schema.objects[name].fields["Xero_Id__c"]
        live = [row for row in table.rows.values() if not row["IsDeleted"]]
        keys = [fold(key, str(row["Xero_Id__c"])) for row in live if row.get("Xero_Id__c")]
        assert len(keys) == len(set(keys))
        assert all(table.find(key, each) for each in keys)
        assert table.deleted == len(table.rows) - len(live)
    invoices = org.tables[INVOICE].rows
    lines = org.tables[LINE]
    for row in lines.rows.values():
        assert row["IsDeleted"] or not invoices[str(row["Invoice__c"])]["IsDeleted"]
        assert row["IsDeleted"] or row in lines.children(lines.sobject.fields["Invoice__c"], str(row["Invoice__c"]))
    for row in org.tables[PAYMENT].rows.values():
        target = row.get("Invoice__c")
        assert row["IsDeleted"] or target is None or not invoices[str(target)]["IsDeleted"]


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00", exclude_categories=["Cs"]), max_size=8)
ROW = st.fixed_dictionaries(
    {"Xero_Id__c": st.sampled_from(["k1", "K1", "k2", "k3", "k4"]), "Name": st.none() | TEXT},
    optional={
        "Reference__c": st.none() | TEXT,
        "Currency__c": st.sampled_from(["NZD", "nzd", "NZDX", None]),
        "Total__c": st.none() | st.decimals(-(10**17), 10**17, places=3).map(str) | st.just("1e3"),
        "Date__c": st.none() | st.dates().map(str),
        "Updated_In_Xero__c": st.none() | st.just("2026-11-20T03:04:05Z"),
    },
)


def state(org: Org) -> list[tuple[object, ...]]:
    """Every invoice as the API prints it, without what tells records apart rather than says anything."""
    table = org.tables[INVOICE]
    own = [field for field in table.sobject.fields.values() if field.custom or field.name == "Name"]
    rows = [
        tuple(None if field.name == "Name" and row["Name"] == row["Id"] else encode(field, row) for field in own)
        for row in table.rows.values()
    ]
    return sorted(rows, key=repr)


@given(batches=st.lists(st.lists(ROW, min_size=1, max_size=6), min_size=1, max_size=3))
@example(
    # Two faults, and a sheet whose columns come in another order than the record's fields.
    batches=[
        [{"Xero_Id__c": "k1", "Name": None, "Currency__c": "NZD"}],
        [{"Xero_Id__c": "k1", "Name": None, "Total__c": "10000000000000000.000", "Currency__c": "NZDX"}],
    ]
)
@settings(max_examples=40)
def test_a_bulk_upsert_has_the_effect_of_an_upsert_by_collection(
    salesforce: Salesforce, batches: list[list[dict[str, str | None]]]
) -> None:
    org = salesforce.org
    prefixes = [f"{uuid.uuid4()}:" for _ in range(2)]
    outcomes: list[list[object]] = [[], []]
    names = list(dict.fromkeys(name for batch in batches for row in batch for name in row))
    for batch in batches:
        keyed = [[{**row, "Xero_Id__c": prefix + str(row["Xero_Id__c"])} for row in batch] for prefix in prefixes]
        records = [{"attributes": {"type": INVOICE}, **row} for row in keyed[0]]
        body = json.dumps({"records": records})
        answer = salesforce.call("PATCH", f"composite/sobjects/{INVOICE}/Xero_Id__c", content=body.encode()).json()
        outcomes[0] += [
            one["errors"][0]["statusCode"] if one["errors"] else str(one["created"]).lower() for one in answer
        ]
        sheet = io.StringIO(newline="")
        writer = csv.writer(sheet, lineterminator="\n")
        writer.writerow(names)
        for row in keyed[1]:
            # What JSON leaves out is an empty cell, what JSON says is null or empty is #N/A.
            writer.writerow([(row[name] or "#N/A") if name in row else "" for name in names])
        load = salesforce.load(INVOICE, "upsert", sheet.getvalue(), "Xero_Id__c")
        assert load.report["state"] == "JobComplete", load.report
        good = {row["Xero_Id__c"]: row["sf__Created"] for row in load.rows("successfulResults")}
        bad = {row["Xero_Id__c"]: row["sf__Error"].split(":")[0] for row in load.rows("failedResults")}
        outcomes[1] += [good.get(str(row["Xero_Id__c"])) or bad[str(row["Xero_Id__c"])] for row in keyed[1]]
    assert outcomes[0] == outcomes[1]
    effects = [[row for row in state(org) if prefix in repr(row)] for prefix in prefixes]
    assert [repr(row).replace(prefixes[0], "") for row in effects[0]] == [
        repr(row).replace(prefixes[1], "") for row in effects[1]
    ]


@pytest.mark.parametrize("operation", ["insert", "upsert"])
def test_a_bulk_load_may_be_repeated_without_a_second_record(salesforce: Salesforce, operation: str) -> None:
    text = "Xero_Id__c,Name\na,A\nb,B\n"
    key = "Xero_Id__c" if operation == "upsert" else None
    salesforce.load(INVOICE, operation, text, key)
    again = salesforce.load(INVOICE, operation, text, key)
    assert again.report["numberRecordsFailed"] == (0 if operation == "upsert" else 2)
    assert salesforce.names("SELECT Name FROM Xero_Invoice__c ORDER BY Name") == ["A", "B"]
