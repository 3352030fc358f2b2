"""SOQL as the sandbox answers it, and how it refuses what it does not know."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.sandbox.salesforce.failures import ApiError
from xero_pipeline.sandbox.salesforce.soql.lexer import unescape
from xero_pipeline.sandbox.salesforce.soql.parser import parse
from xero_pipeline_tests.sandbox.salesforce.client import COLLEAGUE, Salesforce, StandingClock


@pytest.fixture
def accounts(salesforce: Salesforce, clock: StandingClock) -> dict[str, str]:
    """Four accounts, a minute apart, by name."""
    made = {}
    for name, fields in {
        "Anchor Foods": {"AccountNumber": "C-1", "Xero_Total_Due__c": 100, "Phone": "1"},
        "anchor Marine": {"Xero_Total_Due__c": 25.5, "Xero_Do_Not_Sync__c": True},
        "Beacon 100% Pure": {"AccountNumber": "C-3"},
        "O'Brien_Ltd": {"AccountNumber": "c-4", "Xero_Total_Due__c": -3},
    }.items():
        made[name] = salesforce.create("Account", Name=name, **fields)
        clock.move(minutes=1)
    return made


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("Name = 'ANCHOR FOODS'", ["Anchor Foods"]),
        ("Name LIKE 'anchor%'", ["Anchor Foods", "anchor Marine"]),
        ("Name LIKE '%100\\% Pure'", ["Beacon 100% Pure"]),
        ("Name LIKE '_______Foods'", ["Anchor Foods"]),
        ("Name LIKE 'O\\'Brien\\_%'", ["O'Brien_Ltd"]),
        ("NOT Name LIKE 'anchor%'", ["Beacon 100% Pure", "O'Brien_Ltd"]),
        ("AccountNumber = null", ["anchor Marine"]),
        ("AccountNumber != null", ["Anchor Foods", "Beacon 100% Pure", "O'Brien_Ltd"]),
        ("AccountNumber != 'C-1'", ["anchor Marine", "Beacon 100% Pure", "O'Brien_Ltd"]),
        ("AccountNumber IN ('c-1', 'C-4')", ["Anchor Foods", "O'Brien_Ltd"]),
        ("AccountNumber NOT IN ('C-1')", ["anchor Marine", "Beacon 100% Pure", "O'Brien_Ltd"]),
        ("Xero_Total_Due__c > 25", ["Anchor Foods", "anchor Marine"]),
        ("Xero_Total_Due__c <= 25.50", ["anchor Marine", "O'Brien_Ltd"]),
        ("Xero_Total_Due__c = -3", ["O'Brien_Ltd"]),
        ("Xero_Do_Not_Sync__c = true", ["anchor Marine"]),
        ("Xero_Do_Not_Sync__c = FALSE AND Phone = '1'", ["Anchor Foods"]),
        ("(Phone = '1' OR Xero_Do_Not_Sync__c = true) AND Name LIKE '%marine'", ["anchor Marine"]),
        ("SystemModstamp >= 2026-11-22T05:02:00Z", ["Beacon 100% Pure", "O'Brien_Ltd"]),
        (
            "SystemModstamp > 2026-11-22T18:00:00+13:00 AND SystemModstamp < 2026-11-22T05:02:30.500Z",
            ["anchor Marine", "Beacon 100% Pure"],
        ),
        ("CreatedDate = TODAY", ["Anchor Foods", "anchor Marine", "Beacon 100% Pure", "O'Brien_Ltd"]),
        ("CreatedDate < TODAY", []),
        ("CreatedDate = LAST_N_DAYS:1", ["Anchor Foods", "anchor Marine", "Beacon 100% Pure", "O'Brien_Ltd"]),
        (f"Owner.Username = '{COLLEAGUE}'", []),
        ("Owner.LastName = 'sync' AND Parent.Name = null AND Name > 'b'", ["Beacon 100% Pure", "O'Brien_Ltd"]),
    ],
)
def test_where_selects(salesforce: Salesforce, accounts: dict[str, str], where: str, names: list[str]) -> None:
    assert salesforce.names(f"SELECT Name FROM Account WHERE {where} ORDER BY CreatedDate") == names


def test_ids_compare_in_both_lengths(salesforce: Salesforce, accounts: dict[str, str]) -> None:
    for given_id in (accounts["Anchor Foods"], accounts["Anchor Foods"][:15]):
        assert salesforce.names(f"SELECT Name FROM Account WHERE Id = '{given_id}'") == ["Anchor Foods"]


def test_names_come_back_in_their_own_spelling(salesforce: Salesforce, accounts: dict[str, str]) -> None:
    record = salesforce.query("select  id, NAME, owner.name from account a where a.name = 'Anchor Foods'")[0]
    assert record["Name"] == "Anchor Foods"
    assert record["Id"] == accounts["Anchor Foods"]
    assert record["attributes"] == {
        "type": "Account",
        "url": f"/services/data/v66.0/sobjects/Account/{accounts['Anchor Foods']}",
    }
    owner = record["Owner"]
    assert isinstance(owner, dict)
    assert (owner["Name"], owner["attributes"]["type"]) == ("Sync", "User")


def test_a_missing_parent_is_null(salesforce: Salesforce, accounts: dict[str, str]) -> None:
    assert salesforce.query("SELECT Parent.Owner.Name FROM Account LIMIT 1")[0]["Parent"] is None


def test_ascending_puts_nulls_first_and_descending_last(salesforce: Salesforce, accounts: dict[str, str]) -> None:
    ascending = salesforce.names("SELECT Name FROM Account ORDER BY Xero_Total_Due__c, Name")
    assert ascending == ["Beacon 100% Pure", "O'Brien_Ltd", "anchor Marine", "Anchor Foods"]
    assert salesforce.names("SELECT Name FROM Account ORDER BY Xero_Total_Due__c DESC") == ascending[::-1]
    last = salesforce.names("SELECT Name FROM Account ORDER BY Xero_Total_Due__c ASC NULLS LAST")
    assert last == [*ascending[1:], ascending[0]]


def test_limit_and_offset_cut_the_ordered_rows(salesforce: Salesforce, accounts: dict[str, str]) -> None:
    response = salesforce.call("GET", "query", params={"q": "SELECT Name FROM Account ORDER BY Name LIMIT 2 OFFSET 1"})
    assert [record["Name"] for record in response.json()["records"]] == ["anchor Marine", "Beacon 100% Pure"]
    assert response.json()["totalSize"] == 2


def test_count_answers_with_a_total_and_no_records(salesforce: Salesforce, accounts: dict[str, str]) -> None:
    body = salesforce.call("GET", "query", params={"q": "SELECT COUNT() FROM Account WHERE Phone = null"}).json()
    assert body == {"totalSize": 3, "done": True, "records": []}


def test_aggregates_group(salesforce: Salesforce, accounts: dict[str, str]) -> None:
    records = salesforce.query(
        "SELECT Xero_Do_Not_Sync__c, COUNT(Id), SUM(Xero_Total_Due__c) due, MAX(Name) FROM Account "
        "GROUP BY Xero_Do_Not_Sync__c ORDER BY COUNT(Id) DESC"
    )
    none = {"type": "AggregateResult"}
    assert records == [
        {"attributes": none, "Xero_Do_Not_Sync__c": False, "expr0": 3, "due": 97.0, "expr1": "O'Brien_Ltd"},
        {"attributes": none, "Xero_Do_Not_Sync__c": True, "expr0": 1, "due": 25.5, "expr1": "anchor Marine"},
    ]


def test_children_come_as_answers_inside_the_record(salesforce: Salesforce, accounts: dict[str, str]) -> None:
    account_id = accounts["Anchor Foods"]
    for last_name in ("Rook", "Ashby", "Crane"):
        salesforce.create("Contact", LastName=last_name, AccountId=account_id)
    salesforce.create("Xero_Contact__c", Name="Anchor", Account__c=account_id, Xero_Id__c="x")
    records = salesforce.query(
        "SELECT Name, (SELECT LastName FROM Contacts WHERE LastName < 'N' ORDER BY LastName), "
        "(SELECT Name FROM Xero_Contacts__r) FROM Account WHERE Name LIKE 'anchor%' ORDER BY CreatedDate"
    )
    contacts = records[0]["Contacts"]
    assert isinstance(contacts, dict)
    assert (contacts["totalSize"], contacts["done"]) == (2, True)
    assert [record["LastName"] for record in contacts["records"]] == ["Ashby", "Crane"]
    assert records[0]["Xero_Contacts__r"]["records"][0]["Name"] == "Anchor"  # type: ignore[index]
    assert (records[1]["Contacts"], records[1]["Xero_Contacts__r"]) == (None, None)


def test_a_semi_join_selects_by_another_object(salesforce: Salesforce, accounts: dict[str, str]) -> None:
    salesforce.create("Contact", LastName="Rook", AccountId=accounts["anchor Marine"])
    inner = "SELECT AccountId FROM Contact WHERE LastName = 'Rook'"
    assert salesforce.names(f"SELECT Name FROM Account WHERE Id IN ({inner})") == ["anchor Marine"]
    assert len(salesforce.names(f"SELECT Name FROM Account WHERE Id NOT IN ({inner})")) == 3


def test_all_fields_want_a_limit(salesforce: Salesforce, accounts: dict[str, str]) -> None:
    record = salesforce.query("SELECT FIELDS(ALL) FROM Account WHERE Phone = '1' LIMIT 200")[0]
    assert (record["Xero_Total_Due__c"], record["BillingAddress"], record["IsDeleted"]) == (100.0, None, False)
    assert salesforce.refusal("SELECT FIELDS(ALL) FROM Account")[0] == "MALFORMED_QUERY"


def test_dates_and_relative_dates_follow_the_users_calendar(salesforce: Salesforce, clock: StandingClock) -> None:
    # 05:00 UTC on the 22nd is 18:00 in Auckland; seven hours later it is the 23rd there and still the 22nd in UTC.
    for day in ("2026-11-21", "2026-11-22", "2026-11-23"):
        salesforce.create("Opportunity", Name=day, StageName="Prospecting", CloseDate=day)
    assert salesforce.names("SELECT Name FROM Opportunity WHERE CloseDate = TODAY") == ["2026-11-22"]
    clock.time = datetime(2026, 11, 22, 11, 30, tzinfo=UTC)
    salesforce.token = salesforce.sign_in().json()["access_token"]
    assert salesforce.names("SELECT Name FROM Opportunity WHERE CloseDate = TODAY") == ["2026-11-23"]
    assert salesforce.names("SELECT Name FROM Opportunity WHERE CloseDate < YESTERDAY") == ["2026-11-21"]
    assert len(salesforce.names("SELECT Name FROM Opportunity WHERE CloseDate >= 2026-11-22")) == 2
    assert len(salesforce.names("SELECT Name FROM Opportunity WHERE CloseDate = THIS_MONTH")) == 3


@pytest.mark.parametrize(
    ("soql", "code", "words"),
    [
        ("SELECT Id FROM Nothing", "INVALID_TYPE", "sObject type 'Nothing' is not supported"),
        ("SELECT Nope FROM Account", "INVALID_FIELD", "No such column 'Nope' on entity 'Account'"),
        ("SELECT Id FROM Account WHERE Nope = 1", "INVALID_FIELD", "No such column 'Nope'"),
        ("SELECT Boss.Name FROM Account", "INVALID_FIELD", "Didn't understand relationship 'Boss'"),
        ("SELECT Id, Id FROM Account", "INVALID_FIELD", "duplicate field selected: Id"),
        ("SELECT Id FROM Account WHERE Xero_Total_Due__c = '5'", "INVALID_FIELD", "should not be enclosed in quotes"),
        ("SELECT Id FROM Account WHERE SystemModstamp > 2026-11-22", "INVALID_FIELD", "must be of type dateTime"),
        ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD", "should be enclosed in quotes"),
        ("SELECT Id FROM Account WHERE Id = 'abc'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: abc"),
        ("SELECT Id FROM Account WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id FROM Account WHERE Name > null", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
        ("SELECT Id, (SELECT Id FROM Nobodies) FROM Account", "INVALID_TYPE", "Nobodies"),
        ("SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY", "Field must be grouped or aggregated: Name"),
        ("SELECT SUM(Name) FROM Account", "INVALID_FIELD", "does not support aggregate operator SUM"),
        ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
        ("SELECT Id FROM Account WHERE Name = 'a' AND Phone = 'b' OR Phone = 'c'", "MALFORMED_QUERY", "'OR'"),
        ("SELECT Id FROM Account ALL ROWS", "MALFORMED_QUERY", "'ALL'"),
        ("SELECT Id FROM Account FOR UPDATE", "MALFORMED_QUERY", "'FOR'"),
        ("SELECT Id FROM Account USING SCOPE mine", "MALFORMED_QUERY", "'USING'"),
        ("SELECT Id FROM Account WHERE CALENDAR_YEAR(CreatedDate) = 2026", "MALFORMED_QUERY", "'('"),
        ("SELECT Id FROM Account WHERE Type INCLUDES ('a')", "MALFORMED_QUERY", "'INCLUDES'"),
        ("SELECT TYPEOF Owner WHEN User THEN Id END FROM Account", "MALFORMED_QUERY", "'Owner'"),
        ("SELECT Id FROM Account WHERE Name = 'open", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Account LIMIT many", "MALFORMED_QUERY", "'many'"),
        ("SELECT Id FROM Account LIMIT -1", "MALFORMED_QUERY", "'-1'"),
        ("SELECT Id FROM Account;", "MALFORMED_QUERY", "';'"),
        ("SELECT Id FROM Account WHERE Name = 'a\\q'", "MALFORMED_QUERY", "Illegal character sequence"),
        ("SELECT Id FROM Account GROUP BY Name HAVING COUNT(Id) > 1", "MALFORMED_QUERY", "'HAVING'"),
        ("SELECT", "MALFORMED_QUERY", "<EOF>"),
        ("", "MALFORMED_QUERY", "cannot be empty"),
    ],
)
def test_what_is_not_understood_is_refused(salesforce: Salesforce, soql: str, code: str, words: str) -> None:
    refused, message = salesforce.refusal(soql)
    assert refused == code
    assert words in message


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_an_escaped_string_comes_out_as_it_was(text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    query = parse(f"SELECT Id FROM Account WHERE Name = '{escaped}' LIMIT 1")
    literal = query.where.values[0]  # type: ignore[union-attr]
    assert unescape(query.text, literal.position, literal.text) == text
    assert query.limit == 1


@given(st.text(alphabet="SELECTFROMWHERE idNameAccount,.()'=<>!:\\0123456789-+TZ%_\n", max_size=60))
def test_the_parser_understands_or_refuses_and_never_breaks(noise: str) -> None:
    with suppress(ApiError):
        parse(noise)
