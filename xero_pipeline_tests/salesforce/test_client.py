from __future__ import annotations

import httpx
import pytest

from xero_pipeline.domain.errors import Permanent, Transient
from xero_pipeline.salesforce.faults import CursorExpired
from xero_pipeline_tests.salesforce.fake_org import INSTANCE_URL, ORG_ID, USER_ID, FakeOrg, error, page


def test_nothing_is_sent_before_the_first_call(org: FakeOrg) -> None:
    org.client().close()
    assert org.logins == 0


def test_the_login_tells_the_org_the_user_and_the_instance(org: FakeOrg) -> None:
    with org.client() as client:
        assert (client.org_id, client.user_id, client.instance_url) == (ORG_ID, USER_ID, INSTANCE_URL)
    assert org.logins == 1


def test_a_version_that_the_org_no_longer_offers_is_named(org: FakeOrg) -> None:
    org.versions = ["70.0", "71.0"]
    with pytest.raises(Permanent, match=r"does not offer API version 66\.0, only 70\.0, 71\.0"):
        org.client().connect()


def test_a_login_that_names_no_org_is_refused(org: FakeOrg) -> None:
    org.login_answers = [httpx.Response(200, json={"access_token": "t", "instance_url": INSTANCE_URL, "id": "x"})]
    with pytest.raises(Permanent, match="which org"):
        _ = org.client().org_id


def test_an_object_is_described_once_a_run(org: FakeOrg) -> None:
    org.objects["Account"] = [
        {
            "name": "OwnerId",
            "type": "reference",
            "relationshipName": "Owner",
            "referenceTo": ["User"],
            "updateable": False,
        }
    ]
    client = org.client()
    calls = client.calls
    client.connect()
    owner = client.describe("Account")["OwnerId"]
    client.describe("Account")
    assert (owner.relationship, owner.refers_to, owner.updateable, owner.createable) == (
        "Owner",
        ("User",),
        False,
        True,
    )
    assert client.calls - calls == 2


def test_an_object_that_is_not_there_is_asked_for_once_and_named_with_the_way_out(org: FakeOrg) -> None:
    client = org.client()
    assert not client.offers("Xero_Invoice__c")
    calls = client.calls
    with pytest.raises(Permanent, match=r"no object Xero_Invoice__c.*Deploy"):
        client.describe("Xero_Invoice__c")
    assert client.calls == calls


def test_limits_are_read_by_name(org: FakeOrg) -> None:
    org.will(
        httpx.Response(200, json={"DailyApiRequests": {"Max": 15000, "Remaining": 14998, "App": {"Max": 0}}, "Odd": 1})
    )
    assert org.client().limits() == {"DailyApiRequests": (14998, 15000)}


def test_a_query_follows_its_pages_to_the_end(org: FakeOrg) -> None:
    org.will(page([{"Id": "a"}, {"Id": "b"}], 3, "01g1-2000"), page([{"Id": "c"}], 3))
    pages = list(org.client().query("SELECT Id FROM Account"))
    assert [record["Id"] for each in pages for record in each.records] == ["a", "b", "c"]
    assert [(each.number, each.total, each.done) for each in pages] == [(1, 3, False), (2, 3, True)]
    assert [request.url.path for request in org.asked] == [
        "/services/data/v66.0/queryAll",
        "/services/data/v66.0/query/01g1-2000",
    ]
    assert {request.headers["Sforce-Query-Options"] for request in org.asked} == {"batchSize=2000"}


def test_deleted_records_are_left_out_when_asked(org: FakeOrg) -> None:
    org.will(page([]))
    list(org.client().query("SELECT Id FROM Account", include_deleted=False))
    assert org.asked[0].url.path == "/services/data/v66.0/query"


def test_a_query_reaches_salesforce_letter_for_letter(org: FakeOrg) -> None:
    org.will(page([]))
    query = "SELECT Id FROM Account WHERE Name = 'A+B & C%20\\'ö' AND SystemModstamp >= 2026-11-22T05:00:00.000Z"
    list(org.client().query(query))
    assert org.queries == [query]


def test_a_page_that_leads_back_to_itself_is_not_followed_for_ever(org: FakeOrg) -> None:
    org.will(page([{"Id": "a"}], 9, "01g1-1"), page([{"Id": "b"}], 9, "01g1-1"))
    with pytest.raises(Transient, match="same page"):
        list(org.client().query("SELECT Id FROM Account"))


def test_more_rows_than_announced_are_not_read_for_ever(org: FakeOrg) -> None:
    org.will(*[page([{"Id": "a"}], 3, f"01g1-{number}") for number in range(9)])
    with pytest.raises(Transient, match="more rows than the 3"):
        list(org.client().query("SELECT Id FROM Account"))
    assert len(org.asked) == 4


def test_empty_pages_are_not_followed_for_ever(org: FakeOrg) -> None:
    org.will(page([], 9, "01g1-1"))
    with pytest.raises(Transient, match="same page"):
        list(org.client().query("SELECT Id FROM Account"))


@pytest.mark.parametrize(
    "body",
    [
        {"totalSize": 1, "done": True},
        {"totalSize": 2, "done": False, "records": [{}]},
        {"records": [], "done": True},
        [],
        None,
    ],
)
def test_a_page_that_breaks_off_is_no_end_of_the_data(org: FakeOrg, body: object) -> None:
    org.will(httpx.Response(200, json=body))
    with pytest.raises(Transient):
        list(org.client().query("SELECT Id FROM Account"))


def test_a_page_elsewhere_is_fetched_from_the_org_all_the_same(org: FakeOrg) -> None:
    away = {
        "totalSize": 2,
        "done": False,
        "records": [{}],
        "nextRecordsUrl": "http://evil.test/services/data/v66.0/query/x",
    }
    org.will(httpx.Response(200, json=away), page([{}], 2))
    list(org.client().query("SELECT Id FROM Account"))
    assert str(org.asked[1].url) == f"{INSTANCE_URL}/services/data/v66.0/query/x"


def test_a_cursor_that_expired_says_so_at_once(org: FakeOrg) -> None:
    org.will(page([{"Id": "a"}], 2, "01g1-1"), error(400, "INVALID_QUERY_LOCATOR", "invalid query locator"))
    with pytest.raises(CursorExpired):
        list(org.client().query("SELECT Id FROM Account"))
    assert org.waits == []
