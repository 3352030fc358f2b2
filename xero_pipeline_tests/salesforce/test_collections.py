from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xero_pipeline.domain.errors import Permanent, Reconnect, Throttled, Transient
from xero_pipeline.salesforce.collections import Outcome, delete, update, upsert
from xero_pipeline.salesforce.values import Record
from xero_pipeline_tests.salesforce.fake_org import FakeOrg, error

INVOICE = "Xero_Invoice__c"
LOCKED = ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")


@pytest.fixture
def org() -> FakeOrg:
    return _org()


def _org() -> FakeOrg:
    org = FakeOrg()
    org.objects[INVOICE] = [
        {"name": "Id", "createable": False, "updateable": False},
        {"name": "Xero_Id__c", "externalId": True},
        {"name": "Total__c"},
        {"name": "Age__c", "createable": False, "updateable": False},
        {"name": "Account__c", "relationshipName": "Account__r", "referenceTo": ["Account"]},
    ]
    return org


def _records(request: httpx.Request) -> list[dict[str, object]]:
    return json.loads(request.content)["records"]


def _key(record: dict[str, object]) -> str:
    return str(record.get("Xero_Id__c") or record.get("id"))


def _good(record: dict[str, object]) -> dict[str, object]:
    return {"id": f"a00{_key(record)}", "success": True, "errors": [], "created": True}


def _bad(code: str, message: str = "said so", *fields: str) -> dict[str, object]:
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": list(fields)}]}


def _answer(
    judge: Callable[[dict[str, object]], dict[str, object]] = _good,
) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: httpx.Response(200, json=[judge(record) for record in _records(request)])


def _refuse(*keys: str, code: str, message: str = "said so") -> Callable[[httpx.Request], httpx.Response]:
    return _answer(lambda record: _bad(code, message) if _key(record) in keys else _good(record))


def _invoices(*keys: str) -> list[Record]:
    return [{"Xero_Id__c": key, "Total__c": Decimal("1.10")} for key in keys]


def _upsert(org: FakeOrg, records: list[Record], **options: object) -> list[Outcome]:
    return list(upsert(org.client(), INVOICE, "Xero_Id__c", records, **options))  # type: ignore[arg-type]


def _sent(org: FakeOrg) -> list[list[str]]:
    return [[_key(record) for record in _records(request)] for request in org.asked]


def test_records_are_upserted_by_external_id_without_all_or_none(org: FakeOrg) -> None:
    org.will(_answer())
    assert _upsert(org, _invoices("x")) == [Outcome(0, "x", "a00x", created=True)]
    (request,) = org.asked
    assert (request.method, request.url.path) == (
        "PATCH",
        f"/services/data/v66.0/composite/sobjects/{INVOICE}/Xero_Id__c",
    )
    expected = (
        b'{"allOrNone":false,"records":[{"attributes":{"type":"Xero_Invoice__c"},"Xero_Id__c":"x","Total__c":1.10}]}'
    )
    assert request.content == expected


def test_at_most_200_records_go_in_a_call(org: FakeOrg) -> None:
    org.will(_answer(), _answer(), _answer())
    outcomes = _upsert(org, _invoices(*map(str, range(450))))
    assert [len(chunk) for chunk in _sent(org)] == [200, 200, 50]
    assert [(outcome.index, outcome.external_id) for outcome in outcomes] == [(n, str(n)) for n in range(450)]


def test_records_of_one_parent_go_in_one_call(org: FakeOrg) -> None:
    records: list[Record] = [{"Xero_Id__c": str(n), "Account__c": f"001{n % 3}"} for n in range(300)]
    org.will(_answer(), _answer())
    outcomes = _upsert(org, records, group_by=lambda record: str(record["Account__c"]))
    first, second = ({record["Account__c"] for record in body["records"]} for body in org.bodies)
    assert (first, second) == ({"0010", "0011"}, {"0012"})
    assert all(outcome.external_id == str(outcome.index) for outcome in outcomes)


def test_a_refused_record_never_takes_its_neighbours_with_it(org: FakeOrg) -> None:
    org.will(_answer(lambda r: _bad("STRING_TOO_LONG", "data value too large", "Name") if _key(r) == "b" else _good(r)))
    assert _upsert(org, _invoices("a", "b", "c")) == [
        Outcome(0, "a", "a00a", created=True),
        Outcome(1, "b", None, False, "STRING_TOO_LONG", "data value too large (Name)"),
        Outcome(2, "c", "a00c", created=True),
    ]


def test_outcomes_come_as_each_chunk_is_answered(org: FakeOrg) -> None:
    org.will(_answer(), error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
    outcomes = upsert(org.client(), INVOICE, "Xero_Id__c", _invoices(*map(str, range(201))))
    assert all(next(outcomes).ok for _ in range(200))
    with pytest.raises(Throttled):
        next(outcomes)


def test_a_dead_connection_fails_the_chunk_as_a_whole(org: FakeOrg) -> None:
    org.will(error(401, "INVALID_SESSION_ID"), error(401, "INVALID_SESSION_ID"))
    with pytest.raises(Reconnect):
        _upsert(org, _invoices("a"))


def test_an_unknown_fate_is_settled_by_sending_the_same_again(org: FakeOrg) -> None:
    org.will(httpx.ReadTimeout("slow"), _answer())
    assert _upsert(org, _invoices("a"))[0].ok
    assert org.asked[0].content == org.asked[1].content


def test_locked_rows_alone_are_sent_again_in_smaller_chunks(org: FakeOrg) -> None:
    keys = [str(n) for n in range(120)]
    locked = _refuse(*keys[:60], code=LOCKED[0])
    org.will(locked, locked, locked, *[_answer()] * 6)
    outcomes = _upsert(org, _invoices(*keys))
    assert [len(chunk) for chunk in _sent(org)] == [120, 50, 10, 10, 10, 10, 10, 10, 10]
    assert all(outcome.ok for outcome in outcomes)
    assert sorted(outcome.index for outcome in outcomes) == list(range(120))
    assert len(org.waits) == 2


def test_a_row_that_stays_locked_is_told_so_in_the_end(org: FakeOrg) -> None:
    org.will(*[_refuse("a", code=LOCKED[0], message=LOCKED[1]) for _ in range(4)])
    outcomes = {outcome.external_id: outcome for outcome in _upsert(org, _invoices("a", "b"))}
    assert (outcomes["a"].error_code, outcomes["a"].error, outcomes["b"].ok) == (*LOCKED, True)
    assert _sent(org) == [["a", "b"], ["a"], ["a"], ["a"]]


def test_a_race_to_insert_is_settled_by_one_more_upsert(org: FakeOrg) -> None:
    org.will(_refuse("a", code="DUPLICATE_VALUE"), _answer())
    assert all(outcome.ok for outcome in _upsert(org, _invoices("a", "b")))


def test_a_value_that_is_taken_is_not_asked_for_again_and_again(org: FakeOrg) -> None:
    org.will(*[_refuse("a", code="DUPLICATE_VALUE")] * 2)
    assert _upsert(org, _invoices("a"))[0].error_code == "DUPLICATE_VALUE"
    assert len(org.asked) == 2


def test_of_two_records_with_one_external_id_the_later_is_sent_later(org: FakeOrg) -> None:
    org.will(_answer(), _answer())
    _upsert(org, _invoices("a", "b", "A"))
    assert _sent(org) == [["a", "b"], ["A"]]


def _choke_on(*keys: str) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        if any(_key(record) in keys for record in _records(request)):
            return error(400, "JSON_PARSER_ERROR", "Cannot deserialize instance of date")
        return _answer()(request)

    return answer


@settings(max_examples=30)
@given(st.integers(1, 200), st.data())
def test_a_record_that_makes_salesforce_refuse_the_whole_call_is_found(count: int, data: st.DataObject) -> None:
    culprit = data.draw(st.integers(0, count - 1))
    org = _org()
    org.will(*[_choke_on(str(culprit))] * 40)
    outcomes = _upsert(org, _invoices(*map(str, range(count))))
    assert [outcome.index for outcome in outcomes if not outcome.ok] == [culprit]
    assert len(outcomes) == count
    assert len(org.asked) <= 17


def test_finding_culprits_is_given_up_before_it_costs_a_call_a_record(org: FakeOrg) -> None:
    keys = [str(n) for n in range(200)]
    org.will(*[_choke_on(*keys)] * 200)
    outcomes = _upsert(org, _invoices(*keys))
    assert {outcome.error_code for outcome in outcomes} == {"JSON_PARSER_ERROR"}
    assert len(org.asked) <= 33


def test_a_missing_object_or_field_is_said_before_anything_is_sent(org: FakeOrg) -> None:
    with pytest.raises(Permanent, match=r"no Nope__c, Nope__r.*Deploy"):
        _upsert(org, [{"Xero_Id__c": "a", "Nope__c": 1, "Nope__r": {"Xero_Id__c": "b"}}])
    del org.objects[INVOICE]
    with pytest.raises(Permanent, match="no object Xero_Invoice__c"):
        _upsert(org, _invoices("a"))
    assert org.asked == []


def test_a_field_that_the_user_may_only_read_is_said_before_anything_is_sent(org: FakeOrg) -> None:
    with pytest.raises(Permanent, match="may not write Age__c"):
        _upsert(org, [{"Xero_Id__c": "a", "Age__c": 3}])


def test_a_request_that_no_record_is_to_blame_for_is_not_searched(org: FakeOrg) -> None:
    org.will(error(403, "INSUFFICIENT_ACCESS"))
    with pytest.raises(Permanent):
        _upsert(org, _invoices("a", "b"))
    assert len(org.asked) == 1


def test_a_record_without_external_id_or_with_a_value_that_is_none_is_not_sent(org: FakeOrg) -> None:
    org.will(_answer())
    records: list[Record] = [{"Xero_Id__c": None}, {"Xero_Id__c": "a", "Total__c": Decimal("NaN")}, *_invoices("b")]
    outcomes = sorted(_upsert(org, records), key=lambda outcome: outcome.index)
    assert [outcome.error_code for outcome in outcomes] == ["MISSING_ARGUMENT", "NOT_SENDABLE", None]
    assert _sent(org) == [["b"]]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"Account__r": {"Xero_Contact_Id__c": "c"}}, {"Account__r": {"Xero_Contact_Id__c": "c"}}),
        ({"Account__r": {"Xero_Contact_Id__c": None}}, {"Account__c": None}),
        ({"Account__r": None}, {"Account__c": None}),
    ],
)
def test_a_parent_is_named_by_external_id_or_cleared(org: FakeOrg, given: Record, sent: dict[str, object]) -> None:
    org.will(_answer())
    _upsert(org, [{"Xero_Id__c": "a", **given}])
    assert org.bodies[0]["records"] == [{"attributes": {"type": INVOICE}, "Xero_Id__c": "a", **sent}]


@pytest.mark.parametrize("body", [[], {}, [{}, {}], ["x"]])
def test_an_answer_that_does_not_fit_the_records_is_not_believed(org: FakeOrg, body: object) -> None:
    org.will(httpx.Response(200, json=body))
    with pytest.raises(Transient):
        _upsert(org, _invoices("a"))


def test_nothing_to_send_sends_nothing(org: FakeOrg) -> None:
    assert _upsert(org, []) == []
    assert org.asked == []


def test_alerts_about_duplicates_do_not_stop_a_write(org: FakeOrg) -> None:
    org.will(_answer())
    _upsert(org, _invoices("a"))
    assert org.asked[0].headers["Sforce-Duplicate-Rule-Header"] == "allowSave=true"


def test_records_are_updated_by_id(org: FakeOrg) -> None:
    org.will(_answer())
    outcomes = list(update(org.client(), INVOICE, [{"Id": "a01", "Total__c": Decimal(2)}]))
    assert [(outcome.external_id, outcome.ok) for outcome in outcomes] == [("a01", True)]
    assert org.asked[0].url.path == "/services/data/v66.0/composite/sobjects"
    assert org.bodies[0]["records"] == [{"attributes": {"type": INVOICE}, "Total__c": 2, "id": "a01"}]


def test_records_are_deleted_by_id_and_one_that_is_gone_counts(org: FakeOrg) -> None:
    org.will(
        httpx.Response(
            200, json=[{"id": "a01", "success": True, "errors": []}, _bad("ENTITY_IS_DELETED"), _bad("DELETE_FAILED")]
        )
    )
    outcomes = list(delete(org.client(), INVOICE, ["a01", "a02", "a03"]))
    assert [(outcome.external_id, outcome.error_code) for outcome in outcomes] == [
        ("a01", None),
        ("a02", None),
        ("a03", "DELETE_FAILED"),
    ]
    assert dict(org.asked[0].url.params) == {"ids": "a01,a02,a03", "allOrNone": "false"}
