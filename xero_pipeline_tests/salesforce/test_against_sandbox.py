"""The client against the sandbox's Salesforce over HTTP: two readings of one API that share no code."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from operator import itemgetter

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from xero_pipeline.domain.errors import Permanent, Reconnect
from xero_pipeline.salesforce import bulk_query
from xero_pipeline.salesforce.client import SalesforceClient
from xero_pipeline.salesforce.collections import delete, update, upsert
from xero_pipeline.salesforce.composite import first_pages
from xero_pipeline.salesforce.faults import Refused
from xero_pipeline.salesforce.objects import OBJECTS
from xero_pipeline.salesforce.reader import plan, rows
from xero_pipeline.sandbox.clock import Clock
from xero_pipeline.sandbox.prompt import PromptServer
from xero_pipeline.sandbox.salesforce import Org, routes
from xero_pipeline.sandbox.salesforce.incoming import read_record
from xero_pipeline.sandbox.salesforce.writes import Writer
from xero_pipeline_tests import loopback
from xero_pipeline_tests.loopback import NO_CERTIFICATES

USERNAME = "sync@example.com"
START = datetime(2026, 11, 22, 5, tzinfo=UTC)


@dataclass
class Sandbox:
    """A running org, and the means to change it as a person would."""

    url: str
    org: Org
    clock: Clock
    http: httpx.Client

    def create(self, sobject: str, **fields: object) -> str:
        """A record made by someone else, with a plain client."""
        token = self.org.new_token(self.org.integration_user_id, self.clock.now())
        response = loopback.post(
            f"{self.url}/services/data/v66.0/sobjects/{sobject}",
            json=fields,
            headers={"Authorization": f"Bearer {token}"},
        )
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    def control(self, method: str, path: str, **body: object) -> None:
        response = self.http.request(method, f"/sandbox/salesforce{path}", json=body)
        assert response.is_success, response.text

    def client(self, **options: str) -> SalesforceClient:
        settings = self.org.settings
        return SalesforceClient(self.url, settings.client_id, **{"client_secret": settings.client_secret, **options})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def blank() -> list[tuple[str, str, bytes]]:
    org = Org.create(username=USERNAME)
    users = org.schema.objects["User"]
    first = org.new_id(users)
    body = {"Username": USERNAME, "LastName": "Sync", "Email": USERNAME, "TimeZoneSidKey": "Pacific/Auckland"}
    Writer(org, first, START).create(read_record(org, users, body), record_id=first)
    books = org.schema.objects["Pricebook2"]
    book = Writer(org, first, START).create(read_record(org, books, {"Name": "Standard", "IsActive": True}))
    org.put(books, {**org.tables["Pricebook2"].rows[book], "IsStandard": True})
    return list(org.dump())


@pytest.fixture
def sandbox(blank: list[tuple[str, str, bytes]]) -> Iterator[Sandbox]:
    org, clock = Org.load(blank), Clock(stopped_at=START)
    listener = socket.create_server(("127.0.0.1", 0))
    app = Starlette(routes=routes(org, clock))
    server = PromptServer(uvicorn.Config(app, lifespan="off", ws="none", log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with httpx.Client(verify=NO_CERTIFICATES, base_url=url) as http:
        yield Sandbox(url, org, clock, http)
    server.stop()
    thread.join()
    listener.close()


def _read(client: SalesforceClient, table: str, watermark: datetime | None = None) -> list[dict[str, object]]:
    names = [column.name for column in OBJECTS[table].columns]
    return [dict(zip(names, row, strict=True)) for row in rows(client, table, watermark)]


def _standard_book(client: SalesforceClient) -> str:
    (book,) = client.records("SELECT Id FROM Pricebook2 WHERE IsStandard = true")
    return str(book["Id"])


def test_both_ways_to_log_in_reach_the_same_org_and_user(sandbox: Sandbox) -> None:
    with (
        sandbox.client() as plain,
        sandbox.client(private_key=sandbox.org.settings.private_key, username=USERNAME) as signed,
    ):
        assert plain.org_id == signed.org_id == sandbox.org.settings.org_id
        assert plain.user_id == signed.user_id == sandbox.org.integration_user_id


@pytest.mark.parametrize("table", OBJECTS)
def test_the_sandbox_offers_every_field_that_is_read(sandbox: Sandbox, table: str) -> None:
    with sandbox.client() as client:
        planned = plan(client, table)
        assert planned is not None
        assert planned.hidden == ()
        assert len(_read(client, table)) == (1 if table == "users" else 0)


def test_a_wrong_secret_and_a_deactivated_user_are_for_a_person(sandbox: Sandbox) -> None:
    with (
        sandbox.client(client_secret="guess") as client,
        pytest.raises(Reconnect, match="client id or secret is wrong"),
    ):
        client.connect()
    key = sandbox.org.settings.private_key
    with (
        sandbox.client(private_key=key, username="else@example.com") as client,
        pytest.raises(Reconnect, match="not approved"),
    ):
        client.connect()
    sandbox.control("POST", f"/users/{USERNAME}", IsActive=False)
    with sandbox.client() as client, pytest.raises(Reconnect, match="deactivated"):
        client.connect()


def test_a_session_that_ended_is_renewed_without_a_word(sandbox: Sandbox) -> None:
    with sandbox.client() as client:
        client.connect()
        sandbox.org.drop_tokens(list(sandbox.org.tokens))
        assert client.limits()["DailyApiRequests"][1] == 100_000
        assert client.logins == 2


@pytest.fixture(params=["pages", "job"])
def read_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to read: by pages, and from the first record on by a bulk job, in parts of one."""
    if request.param == "job":
        monkeypatch.setattr(bulk_query, "FROM", 1)
        monkeypatch.setattr(bulk_query, "_PART", 1)
    return str(request.param)


def test_a_deal_with_its_lines_and_prices_becomes_rows(sandbox: Sandbox, read_by: str) -> None:
    with sandbox.client() as client:
        book_id = _standard_book(client)
        account = sandbox.create("Account", Name="O'Brien \\ Sons", AccountNumber="C-1", BillingCity="Wellington")
        product = sandbox.create("Product2", Name="Widget", ProductCode="GC1040", IsActive=True)
        entry = sandbox.create(
            "PricebookEntry", Pricebook2Id=book_id, Product2Id=product, UnitPrice=12.35, IsActive=True
        )
        deal = sandbox.create(
            "Opportunity",
            Name="Deal",
            AccountId=account,
            StageName="Closed Won",
            CloseDate="2026-12-01",
            Pricebook2Id=book_id,
            Xero_Reference__c="Q-77",
        )
        sandbox.create("OpportunityLineItem", OpportunityId=deal, PricebookEntryId=entry, Quantity=3, UnitPrice=12.35)
        order = sandbox.create(
            "Order", AccountId=account, EffectiveDate="2026-12-02", Status="Draft", Pricebook2Id=book_id
        )
        sandbox.create("OrderItem", OrderId=order, PricebookEntryId=entry, Quantity=2, UnitPrice=12)
        (account_row,), (product_row,) = _read(client, "accounts"), _read(client, "products")
        (deal_row,), (line,) = _read(client, "opportunities"), _read(client, "opportunity_lines")
        (order_row,), (order_line,) = _read(client, "orders"), _read(client, "order_lines")
    assert (account_row["account_id"], account_row["name"], account_row["is_deleted"]) == (
        account,
        "O'Brien \\ Sons",
        False,
    )
    assert (product_row["standard_price"], product_row["product_code"]) == (Decimal("12.35"), "GC1040")
    assert (deal_row["close_date"], deal_row["is_won"], deal_row["xero_reference"]) == (date(2026, 12, 1), True, "Q-77")
    assert (deal_row["amount"], line["total_price"], line["product_id"]) == (
        Decimal("37.05"),
        Decimal("37.05"),
        product,
    )
    assert (order_row["status_code"], order_row["total_amount"]) == ("Draft", Decimal(24))
    assert (order_line["order_id"], order_line["product_code"]) == (order, "GC1040")


def test_a_delta_holds_what_changed_and_what_was_deleted(sandbox: Sandbox, read_by: str) -> None:
    with sandbox.client() as client:
        kept, changed, gone = (sandbox.create("Account", Name=name) for name in ("Kept", "Changed", "Gone"))
        sandbox.clock.advance(3600)
        watermark = sandbox.clock.now()
        sandbox.clock.advance(60)
        list(update(client, "Account", [{"Id": changed, "Xero_Total_Due__c": Decimal("1234567890.10")}]))
        list(delete(client, "Account", [gone]))
        delta = {row["account_id"]: row for row in _read(client, "accounts", watermark)}
    assert set(delta) == {changed, gone}
    assert kept not in delta
    assert (delta[changed]["xero_total_due"], delta[gone]["is_deleted"]) == (Decimal("1234567890.10"), True)
    assert delta[changed]["system_modstamp"] == START + timedelta(seconds=3660)


def test_a_changed_price_brings_its_product(sandbox: Sandbox, read_by: str) -> None:
    with sandbox.client() as client:
        book_id = _standard_book(client)
        product = sandbox.create("Product2", Name="Widget", IsActive=True)
        entry = sandbox.create("PricebookEntry", Pricebook2Id=book_id, Product2Id=product, UnitPrice=10, IsActive=True)
        sandbox.clock.advance(3600)
        watermark = sandbox.clock.now()
        assert _read(client, "products", watermark) == []
        assert [
            outcome.ok for outcome in update(client, "PricebookEntry", [{"Id": entry, "UnitPrice": Decimal("10.5")}])
        ] == [True]
        assert [row["standard_price"] for row in _read(client, "products", watermark)] == [Decimal("10.5")]


def test_many_pages_are_read_by_cursor(sandbox: Sandbox) -> None:
    with sandbox.client() as client:
        names = [f"Account {number}" for number in range(450)]
        assert all(outcome.ok for outcome in upsert(client, "Account", "Xero_Contact_Id__c", [
            {"Xero_Contact_Id__c": f"id-{number}", "Name": name} for number, name in enumerate(names)
        ]))  # fmt: skip
        sandbox.org.settings.page_size = 100
        calls = client.calls
        assert sorted(str(row["name"]) for row in _read(client, "accounts")) == sorted(names)
        assert client.calls - calls == 5


def test_many_records_are_read_by_a_job(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    with sandbox.client() as client:
        new = [{"Xero_Contact_Id__c": f"id-{number}", "Name": f"Account {number}"} for number in range(450)]
        assert all(outcome.ok for outcome in upsert(client, "Account", "Xero_Contact_Id__c", new))
        by_pages = _read(client, "accounts")
        monkeypatch.setattr(bulk_query, "FROM", 450)
        monkeypatch.setattr(bulk_query, "_PART", 200)
        calls = client.calls
        by_id = itemgetter("account_id")
        assert sorted(_read(client, "accounts"), key=by_id) == sorted(by_pages, key=by_id)
        # The page that told how many there are, the job, two questions after it, and three parts.
        assert client.calls - calls == 7


def test_an_upsert_creates_then_updates_and_a_refused_record_stands_alone(sandbox: Sandbox) -> None:
    with sandbox.client() as client:
        account = sandbox.create("Account", Name="Acme")
        contact = {"Xero_Id__c": "c-1", "Name": "Acme", "Account__c": account}
        (first,) = upsert(client, "Xero_Contact__c", "Xero_Id__c", [contact])
        invoices = [
            {
                "Xero_Id__c": f"i-{number}",
                "Name": "INV-1" if number else "x" * 300,
                "Type__c": "ACCREC",
                "Total__c": Decimal("115.10"),
                "Date__c": date(2026, 11, 1),
                "Updated_In_Xero__c": START,
                "Xero_Contact__r": {"Xero_Id__c": "c-1"},
                "Account__c": account,
            }
            for number in range(3)
        ]
        outcomes = {outcome.index: outcome for outcome in upsert(client, "Xero_Invoice__c", "Xero_Id__c", invoices)}
        again = list(upsert(client, "Xero_Invoice__c", "Xero_Id__c", invoices[1:]))
        lines = [
            {
                "Xero_Id__c": "l-1",
                "Name": "Line",
                "Line_Amount__c": Decimal("100.09"),
                "Invoice__r": {"Xero_Id__c": "i-1"},
            }
        ]
        (line,) = upsert(client, "Xero_Invoice_Line__c", "Xero_Id__c", lines)
        stored = {
            r["Xero_Id__c"]: r
            for r in client.records("SELECT Xero_Id__c, Total__c, Xero_Contact__c FROM Xero_Invoice__c")
        }
        (cleared,) = upsert(
            client, "Xero_Invoice__c", "Xero_Id__c", [{"Xero_Id__c": "i-1", "Xero_Contact__r": {"Xero_Id__c": None}}]
        )
        (left,) = client.records("SELECT Xero_Contact__c FROM Xero_Invoice__c WHERE Xero_Id__c = 'i-1'")
    assert (first.created, first.ok) == (True, True)
    assert (outcomes[0].error_code, outcomes[1].created, outcomes[2].created) == ("STRING_TOO_LONG", True, True)
    assert [(outcome.ok, outcome.created) for outcome in again] == [(True, False), (True, False)]
    assert [outcome.remote_id for outcome in again] == [outcomes[1].remote_id, outcomes[2].remote_id]
    assert (line.created, line.ok) == (True, True)
    assert stored["i-1"]["Total__c"] == Decimal("115.1")
    assert stored["i-1"]["Xero_Contact__c"] == first.remote_id
    assert (cleared.ok, left["Xero_Contact__c"]) == (True, None)


def test_a_field_that_is_none_is_said_before_anything_is_sent(sandbox: Sandbox) -> None:
    with sandbox.client() as client, pytest.raises(Permanent, match="no Nope__c"):
        list(upsert(client, "Xero_Invoice__c", "Xero_Id__c", [{"Xero_Id__c": "i", "Nope__c": 1}]))


def test_deleting_twice_is_deleting_once(sandbox: Sandbox) -> None:
    with sandbox.client() as client:
        account = sandbox.create("Account", Name="Gone")
        assert [outcome.ok for outcome in delete(client, "Account", [account])] == [True]
        assert [outcome.ok for outcome in delete(client, "Account", [account])] == [True]


def test_the_org_s_budget_is_told_by_every_answer(sandbox: Sandbox) -> None:
    with sandbox.client() as client:
        client.limits()
        assert client.budget is not None
        assert (client.budget.limit, client.budget.used > 0) == (100_000, True)


def test_several_queries_are_one_call_and_an_object_that_is_switched_off_has_no_records(sandbox: Sandbox) -> None:
    account = sandbox.create("Account", Name="Böhm & Söhne 50%?")
    with sandbox.client() as client:
        client.connect()
        before = client.calls
        pages = first_pages(
            client,
            {
                "accounts": "SELECT Id FROM Account WHERE Name = 'Böhm & Söhne 50%?'",
                "users": "SELECT Id FROM User LIMIT 1",
                "quotes": "SELECT Id FROM SBQQ__Quote__c",
            },
            doing="looking around",
        )
        assert client.calls == before + 1
    assert [each["Id"] for each in pages["accounts"]] == [account]
    assert len(pages["users"]) == 1
    assert pages["quotes"] == []


def test_a_query_that_cannot_be_answered_is_refused_and_too_many_are_not_sent(sandbox: Sandbox) -> None:
    with sandbox.client() as client:
        with pytest.raises(Refused, match=r"Salesforce refused looking around \(HTTP 400, INVALID_FIELD"):
            first_pages(client, {"accounts": "SELECT Nothing__c FROM Account"}, doing="looking around")
        with pytest.raises(ValueError, match="1 to 5 queries, not 6"):
            first_pages(client, {str(n): "SELECT Id FROM User" for n in range(6)}, doing="looking around")
