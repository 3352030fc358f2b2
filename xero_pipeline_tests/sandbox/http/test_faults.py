"""Faults on demand, as a client meets them."""

from __future__ import annotations

import json

import httpx
import pytest

from xero_pipeline.sandbox.faults import BadRule, Faults
from xero_pipeline.sandbox.server import Sandbox
from xero_pipeline_tests.sandbox.http.client import API, Client

LOST = 0.2


def fault(client: Client, what: str, **rule: object) -> None:
    client.control("POST", "faults", {"what": what, "match": {"path": "^/api.xro"}, **rule})


def statuses(client: Client, calls: int) -> list[int]:
    return [client.get(f"{API}/Currencies").status_code for _ in range(calls)]


def test_the_nth_request_alone_goes_wrong(client: Client) -> None:
    fault(client, "500", when={"nth": 2})

    assert statuses(client, 4) == [200, 500, 200, 200]


def test_every_third_request_goes_wrong_until_the_count_is_reached(client: Client) -> None:
    fault(client, "503", when={"every": 3}, count=2)

    assert statuses(client, 10) == [200, 200, 503, 200, 200, 503, 200, 200, 200, 200]


def test_a_probability_hits_the_same_requests_for_the_same_seed(client: Client) -> None:
    def run() -> list[int]:
        client.control("DELETE", "faults")
        fault(client, "500", when={"probability": 0.4, "seed": 5})
        return statuses(client, 20)

    first = run()

    assert set(first) == {200, 500}
    assert run() == first


def test_a_rule_leaves_other_paths_alone(client: Client) -> None:
    client.control("POST", "faults", {"what": "500", "match": {"path": "/Invoices$", "method": "get"}})

    assert client.get(f"{API}/Currencies").status_code == 200
    assert client.get(f"{API}/Invoices").status_code == 500


def test_rules_are_listed_with_what_they_hit_and_can_be_taken_back(client: Client) -> None:
    fault(client, "500", count=1)
    statuses(client, 3)
    (rule,) = client.control("GET", "faults")

    assert (rule["matched"], rule["hits"]) == (1, 1)
    client.control("DELETE", f"faults/{rule['id']}")
    assert client.control("GET", "faults") == []


@pytest.mark.parametrize("problem", ["minute", "day", "appminute"])
def test_429_says_which_limit_and_when_to_come_back(client: Client, problem: str) -> None:
    fault(client, f"429 {problem}", retry_after=7)

    response = client.get(f"{API}/Currencies")

    assert (response.status_code, response.content) == (429, b"")
    assert (response.headers["X-Rate-Limit-Problem"], response.headers["Retry-After"]) == (problem, "7")


def test_refusals_speak_as_their_system_does(client: Client) -> None:
    client.control("POST", "faults", {"what": "401", "when": {"nth": 1}, "match": {"path": "^/api.xro"}})
    client.control("POST", "faults", {"what": "401", "when": {"nth": 1}, "match": {"path": "^/services"}})
    client.control("POST", "faults", {"what": "503", "when": {"nth": 1}, "match": {"path": "^/api.xro"}})

    assert client.get(f"{API}/Currencies").json()["Title"] == "Unauthorized"
    assert client.get("/services/data/v66.0/limits").json()[0]["errorCode"] == "INVALID_SESSION_ID"
    assert client.get(f"{API}/Currencies").text == "The Xero API is temporarily unavailable"


@pytest.mark.parametrize("what", ["timeout before", "timeout after"])
def test_a_timeout_is_a_lost_connection_and_is_logged_without_a_status(client: Client, what: str) -> None:
    fault(client, what, seconds=0.01, count=1)

    with pytest.raises(httpx.RemoteProtocolError):
        client.get(f"{API}/Currencies")

    assert statuses(client, 1) == [200]
    entries = client.control("GET", "requests?path=Currencies")["requests"]
    assert [(entry["status"], entry["fault"]) for entry in entries] == [(0, what), (200, "")]


def test_a_timeout_after_has_done_the_work_and_one_before_has_not(sandbox: Sandbox, client: Client) -> None:
    announced = sandbox.announcement["xero"]
    assert isinstance(announced, dict)
    basic = (announced["web_app"]["client_id"], announced["web_app"]["client_secret"])
    asked = {
        "response_type": "code",
        "client_id": basic[0],
        "redirect_uri": "http://localhost/callback",
        "scope": "offline_access accounting.contacts",
        "decision": "allow",
        "tenant_id": announced["organisations"][0]["tenant_id"],
    }

    def lost(what: str) -> httpx.Response:
        location = client.post("/identity/connect/authorize", data=asked).headers["Location"]
        form = {
            "grant_type": "authorization_code",
            "code": httpx.URL(location).params["code"],
            "redirect_uri": asked["redirect_uri"],
        }
        rule = {"what": what, "seconds": 0, "count": 1, "match": {"path": "^/connect/token"}}
        client.control("POST", "faults", rule)
        with pytest.raises(httpx.RemoteProtocolError):
            client.post("/connect/token", data=form, auth=basic)
        return client.post("/connect/token", data=form, auth=basic)

    assert lost("timeout before").status_code == 200
    assert lost("timeout after").json() == {"error": "invalid_grant"}


def test_a_truncated_page_is_a_whole_answer_of_half_a_document(client: Client) -> None:
    fault(client, "truncated")

    response = client.get(f"{API}/Contacts")

    assert response.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        response.json()


def test_a_cut_body_breaks_off(client: Client) -> None:
    fault(client, "cut")

    with pytest.raises(httpx.RemoteProtocolError):
        client.get(f"{API}/Contacts")


def test_html_comes_with_200(client: Client) -> None:
    fault(client, "html")

    response = client.get(f"{API}/Contacts")

    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/html")
    assert response.text.startswith("<!DOCTYPE html>")


def test_a_drip_arrives_whole_and_late(client: Client) -> None:
    expected = client.rows("Contacts")
    fault(client, "drip", seconds=LOST)

    response = client.get(f"{API}/Contacts")

    assert response.json()["Contacts"] == json.loads(json.dumps(expected, default=float))
    assert client.control("GET", "requests?path=Contacts")["requests"][-1]["milliseconds"] >= LOST * 900


def test_a_page_that_repeats_shows_the_first_page_for_ever(client: Client) -> None:
    first = client.rows("Invoices", page=1, pageSize=5)
    fault(client, "repeat page")

    for page in (2, 77):
        answer = client.read("Invoices", page=page, pageSize=5)
        assert [row["InvoiceID"] for row in answer["Invoices"]] == [row["InvoiceID"] for row in first]
        assert (answer["pagination"]["page"], answer["pagination"]["pageCount"]) == (page, page + 1)


def test_an_unknown_enum_value_is_put_into_a_field(client: Client) -> None:
    fault(client, "unknown enum", field="Status", value="PONDERING")

    invoices = client.rows("Invoices", page=1)

    assert invoices[0]["Status"] == "PONDERING"
    assert invoices[1]["Status"] != "PONDERING"


def test_a_field_is_taken_out_of_every_record(client: Client) -> None:
    fault(client, "missing field", field="Contact.Name", records="all")

    invoices = client.rows("Invoices", page=1)

    assert not any("Name" in invoice["Contact"] for invoice in invoices)
    assert all(str(invoice["Total"])[-3] == "." for invoice in invoices)


@pytest.mark.parametrize(
    "rule",
    [
        {"what": "sulk"},
        {"what": "500", "when": "sometimes"},
        {"what": "500", "when": {"nth": 1, "every": 2}},
        {"what": "500", "when": {"nth": 0}},
        {"what": "500", "match": {"path": "("}},
        {"what": "500", "match": {"host": "x"}},
        {"what": "500", "count": 0},
        {"what": "500", "colour": "red"},
        {"what": "500 remembered", "done": -1},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: dict[str, object]) -> None:
    with pytest.raises(BadRule):
        Faults().add(rule)


def test_a_client_that_hangs_up_ends_the_timeout(client: Client) -> None:
    fault(client, "timeout before", seconds=30, count=1)

    with pytest.raises(httpx.ReadTimeout):
        client.get(f"{API}/Currencies", timeout=0.1)

    assert statuses(client, 1) == [200]
    assert [entry["fault"] for entry in client.control("GET", "requests?path=Currencies")["requests"]] == [
        "timeout before",
        "",
    ]
