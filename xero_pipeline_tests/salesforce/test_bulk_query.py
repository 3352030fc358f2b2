"""Many records are read by a bulk job, which brings what pages would bring or says that something is missing (issue D)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.domain.errors import BadRecord, Transient
from xero_pipeline.salesforce import bulk_query
from xero_pipeline.salesforce.objects import OBJECTS
from xero_pipeline.salesforce.reader import rows
from xero_pipeline_tests.salesforce.fake_org import FakeOrg, error, fields_of, page

STAMP = "2026-11-22T05:00:00.000+0000"
FIELDS = [column.field for column in OBJECTS["accounts"].columns]
JOB = "7505g00000AbCdEAAV"

Record = dict[str, object]


def _account(number: int, **fields: object) -> Record:
    return {
        **dict.fromkeys(fields_of("accounts")),
        "Id": f"001{number:015}",
        "IsDeleted": False,
        "SystemModstamp": STAMP,
        **fields,
    }


def _many(*records: Record) -> httpx.Response:
    """The first page of more records than pages are asked for."""
    return page(list(records), bulk_query.FROM)


def _made() -> httpx.Response:
    return httpx.Response(200, json={"id": JOB, "state": "UploadComplete"})


def _is(state: str, records: int = 0) -> httpx.Response:
    return httpx.Response(200, json={"id": JOB, "state": state, "numberRecordsProcessed": records})


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _part(*records: Record, following: str = "null", says: int | None = None) -> httpx.Response:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([FIELDS, *([_cell(record[field]) for field in FIELDS] for record in records)])
    told = {"Sforce-NumberOfRecords": str(len(records) if says is None else says), "Sforce-Locator": following}
    return httpx.Response(200, content=text.getvalue().encode(), headers=told)


def _ids(org: FakeOrg) -> list[object]:
    return [row[0] for row in rows(org.client(), "accounts", None)]


def _asked(org: FakeOrg) -> list[str]:
    return [request.url.path.removeprefix("/services/data/v66.0/") for request in org.asked]


def test_many_records_are_read_by_a_job_whose_parts_follow_each_other(org: FakeOrg) -> None:
    org.will(_many(_account(1)), _made(), _is("InProgress"), _is("JobComplete", 3))
    org.will(_part(_account(3), _account(1), following="MTAw"), _part(_account(2)))
    assert _ids(org) == [_account(number)["Id"] for number in (3, 1, 2)]
    results = f"jobs/query/{JOB}/results"
    assert _asked(org) == ["queryAll", "jobs/query", *[f"jobs/query/{JOB}"] * 2, results, results]
    assert [dict(request.url.params).get("locator") for request in org.asked[-2:]] == [None, "MTAw"]


def test_a_job_is_asked_for_deleted_records_too_and_for_no_order(org: FakeOrg) -> None:
    org.will(_many(), _made(), _is("JobComplete"), _part())
    watermark = datetime(2026, 11, 22, 5, tzinfo=UTC)
    assert list(rows(org.client(), "accounts", watermark)) == []
    (body,) = org.bodies
    assert (body["operation"], body["contentType"], body["lineEnding"]) == ("queryAll", "CSV", "LF")
    assert str(body["query"]).endswith("FROM Account WHERE SystemModstamp >= 2026-11-22T04:50:00.000Z")


def test_a_few_records_are_read_by_pages(org: FakeOrg) -> None:
    org.will(page([_account(1)], bulk_query.FROM - 1))
    assert _ids(org) == [_account(1)["Id"]]


@pytest.mark.parametrize(
    "answers",
    [
        [error(400, "FEATURENOTENABLED")],
        [error(403, "API_DISABLED_FOR_ORG")],
        [_made(), _is("Failed")],
        [_made(), _is("InProgress"), _is("Aborted")],
    ],
    ids=["not_switched_on", "not_allowed", "failed", "aborted"],
)
def test_where_a_job_does_not_answer_the_pages_do(org: FakeOrg, answers: list[httpx.Response]) -> None:
    org.will(_many(_account(1), _account(2)), *answers)
    assert _ids(org) == [_account(number)["Id"] for number in (1, 2)]


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ([_part(_account(1), says=2)], "1 of the 2 records of a part"),
        ([_part(_account(1))], "1 of the 2 records of a job"),
        ([_part(_account(1), following="MQ"), _part(_account(2), following="MQ")], "the same part again and again"),
        ([httpx.Response(200, content=b'"Id","Name"\n"1","A"\n', headers=dict(_part().headers))], "other columns"),
        ([httpx.Response(200, content=_part().content + b'"1","A"\n', headers=dict(_part().headers))], "breaks off"),
        ([httpx.Response(200, content=_part().content + b'"1","A', headers=dict(_part().headers))], "cannot be read"),
        ([httpx.Response(200, content=_part().content + b'"\xff', headers=dict(_part().headers))], "cannot be read"),
        ([httpx.Response(204)], "sent nothing"),
    ],
    ids=["part", "job", "locator", "columns", "record", "quote", "utf_8", "nothing"],
)
def test_a_record_that_is_missing_is_never_passed_over(
    org: FakeOrg, parts: list[httpx.Response], sentence: str
) -> None:
    org.will(_many(), _made(), _is("JobComplete", 2), *parts)
    with pytest.raises(Transient, match=sentence):
        _ids(org)


def test_a_part_that_does_not_say_how_it_goes_on_is_asked_for_again(org: FakeOrg) -> None:
    silent = httpx.Response(200, content=_part(_account(1)).content)
    org.will(_many(), _made(), _is("JobComplete", 1), silent, _part(_account(1)))
    assert _ids(org) == [_account(1)["Id"]]


def test_a_cell_that_cannot_be_read_sets_its_record_aside(org: FakeOrg) -> None:
    bad = [_account(1, Xero_Total_Due__c="NaN"), _account(2, Xero_Total_Due__c="many"), _account(3, IsDeleted="maybe")]
    org.will(_many(), _made(), _is("JobComplete", 4), _part(*bad, _account(4)))
    aside: list[BadRecord] = []
    assert [row[0] for row in rows(org.client(), "accounts", None, set_aside=aside.append)] == [_account(4)["Id"]]
    assert [each.record_id for each in aside] == [record["Id"] for record in bad]


def test_a_number_may_come_with_an_exponent(org: FakeOrg) -> None:
    org.will(_many(), _made(), _is("JobComplete", 1), _part(_account(1, Xero_Total_Due__c="1.2345678E7")))
    (row,) = rows(org.client(), "accounts", None)
    assert row[[column.name for column in OBJECTS["accounts"].columns].index("xero_total_due")] == Decimal(12345678)


# Salesforce stores no empty text, and no text that CSV or JSON could not tell.
_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\r\t\",'"), min_size=1)
_ACCOUNTS = st.lists(
    st.fixed_dictionaries(
        {
            "Name": _TEXT,
            "BillingStreet": st.none() | _TEXT,
            "Xero_Do_Not_Sync__c": st.booleans(),
            "IsDeleted": st.booleans(),
            "Xero_Total_Due__c": st.none() | st.decimals(-(10**14), 10**14, places=2),
            "SystemModstamp": st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1)).map(
                lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"
            ),
        }
    ),
    max_size=8,
)


@given(_ACCOUNTS, st.lists(st.integers(0, 8), max_size=3))
def test_a_job_brings_what_pages_bring(accounts: Sequence[Record], cuts: Sequence[int]) -> None:
    records = [_account(number, **fields) for number, fields in enumerate(accounts)]
    bounds = sorted({0, *(min(cut, len(records)) for cut in cuts), len(records)})
    parts = [records[start:end] for start, end in pairwise(bounds)] or [[]]
    by_job, by_pages = FakeOrg(), FakeOrg()
    by_job.will(_many(), _made(), _is("JobComplete", len(records)))
    by_job.will(*(_part(*part, following=str(number)) for number, part in enumerate(parts[:-1])), _part(*parts[-1]))
    by_pages.will(_many(*records), error(400, "FEATURENOTENABLED"))
    brought = [list(rows(org.client(), "accounts", None)) for org in (by_job, by_pages)]
    assert brought[0] == brought[1]
    assert len(brought[0]) == len(records)
