"""Webhooks as a receiver meets them: proof of intent, signed events, and posts tried again (xero.md section 6)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from xero_pipeline.sandbox.server import Sandbox, running_sandbox
from xero_pipeline_tests.clocks import running_clock
from xero_pipeline_tests.loopback import NO_CERTIFICATES
from xero_pipeline_tests.sandbox.http.client import Client, connected
from xero_pipeline_tests.sandbox.webhooks.conftest import KEY, SECONDS, Receiver

A_QUARTER = 15 * 60


def subscribed(client: Client, receiver: Receiver, *categories: str) -> None:
    client.control("POST", "webhooks", {"url": receiver.url, "key": KEY, "categories": list(categories)})
    until(client, lambda shown: shown["status"] == "ok")


def until(client: Client, true: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The webhooks as the control API shows them, once `true` of them."""
    deadline = time.monotonic() + SECONDS
    while not true(shown := client.control("GET", "webhooks")):
        assert time.monotonic() < deadline, shown
        time.sleep(0.02)
    return dict(shown)


def open_sale(client: Client) -> dict[str, Any]:
    return client.rows("Invoices", where='Type=="ACCREC" AND Status=="AUTHORISED"', page=1)[0]


def test_a_receiver_proves_that_it_tells_right_signatures_from_wrong_ones(client: Client, receiver: Receiver) -> None:
    subscribed(client, receiver)

    assert sorted(receiver.signed) == [False, False, False, True]
    for content in receiver.received:
        assert content.keys() == {"events", "firstEventSequence", "lastEventSequence", "entropy"}
        assert (content["events"], content["firstEventSequence"], content["lastEventSequence"]) == ([], 0, 0)


def test_a_receiver_that_trusts_everyone_gets_nothing(client: Client, receiver: Receiver) -> None:
    receiver.trust_all = True
    client.control("POST", "webhooks", {"url": receiver.url, "key": KEY})
    shown = until(client, lambda shown: shown["status"] != "pending")
    client.pull("pay_invoice", invoice=open_sale(client)["InvoiceID"])

    assert shown["status"] == "intent to receive refused"
    assert "200 to a wrong signature" in shown["attempts"][-1]["outcome"]
    assert receiver.eventful() == []


def test_a_change_is_told_with_a_signature_over_the_raw_body(
    client: Client, sandbox: Sandbox, receiver: Receiver
) -> None:
    subscribed(client, receiver)
    sale = open_sale(client)
    client.pull("pay_invoice", invoice=sale["InvoiceID"])

    content = receiver.wait_for(1)[0]

    stamp = client.read(f"Invoices/{sale['InvoiceID']}")["Invoices"][0]["UpdatedDateUTCString"]
    assert receiver.signed[-1]
    (event,) = content["events"]
    assert event.pop("eventDateUtc").startswith(stamp.removesuffix("Z"))
    assert event == {
        "resourceUrl": f"{sandbox.url}/api.xro/2.0/Invoices/{sale['InvoiceID']}",
        "resourceId": sale["InvoiceID"],
        "tenantId": client.read("Organisation")["Organisations"][0]["OrganisationID"],
        "tenantType": "ORGANISATION",
        "eventCategory": "INVOICE",
        "eventType": "UPDATE",
    }
    assert (content["firstEventSequence"], content["lastEventSequence"]) == (1, 1)


def test_what_is_new_is_created_and_a_credit_note_says_its_type_and_status(client: Client, receiver: Receiver) -> None:
    subscribed(client, receiver)
    contact = client.pull("create_contact", Name="Kererū Cold Stores Ltd")
    line = {"Description": "Returned", "UnitAmount": 10, "AccountCode": "200"}
    note = client.pull(
        "create_credit_note", Type="ACCRECCREDIT", Contact={"ContactID": contact["ContactID"]}, LineItems=[line]
    )
    # Two changes within a millisecond would bear one stamp.
    client.control("POST", "clock", {"advance_seconds": 1})
    client.pull("approve_credit_note", credit=note["CreditNoteID"])

    events = [event for content in receiver.wait_for(3) for event in content["events"]]

    assert [(event["eventCategory"], event["eventType"]) for event in events] == [
        ("CONTACT", "CREATE"),
        ("CREDITNOTE", "CREATE"),
        ("CREDITNOTE", "UPDATE"),
    ]
    assert [event.get("data") for event in events] == [
        None,
        {"Type": "ACCRECCREDIT", "Status": "DRAFT"},
        {"Type": "ACCRECCREDIT", "Status": "AUTHORISED"},
    ]


def test_archiving_is_an_update_and_what_xero_does_not_stamp_is_not_told(client: Client, receiver: Receiver) -> None:
    subscribed(client, receiver)
    sale, contact = open_sale(client), client.rows("Contacts")[-1]
    client.pull("edit_line_account", invoice=sale["InvoiceID"], account="210")
    client.pull("archive_contact", contact=contact["ContactID"])

    (content,) = receiver.wait_for(1)

    assert [(event["resourceId"], event["eventType"]) for event in content["events"]] == [
        (contact["ContactID"], "UPDATE")
    ]


def test_only_the_categories_asked_for_are_told(client: Client, receiver: Receiver) -> None:
    subscribed(client, receiver, "contact")
    client.pull("pay_invoice", invoice=open_sale(client)["InvoiceID"])
    client.pull("create_contact", Name="Tūī Freight Ltd")

    assert [event["eventCategory"] for event in receiver.wait_for(1)[0]["events"]] == ["CONTACT"]


@pytest.mark.parametrize("fault", ["500", "a body", "a cookie"])
def test_an_answer_other_than_an_empty_200_is_tried_again_after_a_quarter(
    client: Client, receiver: Receiver, fault: str
) -> None:
    subscribed(client, receiver)
    receiver.answer_with = 500 if fault == "500" else 200
    receiver.body = b"thanks" if fault == "a body" else b""
    receiver.cookie = "seen=1" if fault == "a cookie" else ""
    client.pull("create_contact", Name="Tūī Freight Ltd")
    until(client, lambda shown: len(shown["attempts"]) == 2 and shown["waiting"] == 1)
    receiver.answer_with, receiver.body, receiver.cookie = None, b"", ""

    client.control("POST", "clock", {"advance_seconds": A_QUARTER - 60})
    client.pull("create_contact", Name="Kāhu Air Ltd")
    assert until(client, lambda shown: shown["waiting"] == 2)["attempts"][-1]["outcome"] != "200"
    client.control("POST", "clock", {"advance_seconds": 60})

    posts = receiver.wait_for(3)
    assert [post["firstEventSequence"] for post in posts] == [1, 1, 2]
    assert posts[0]["events"] == posts[1]["events"]
    assert until(client, lambda shown: shown["waiting"] == 0)


def test_after_a_day_of_failures_events_wait_until_the_address_is_given_again(
    client: Client, receiver: Receiver
) -> None:
    subscribed(client, receiver)
    receiver.answer_with = 503
    client.pull("create_contact", Name="Tūī Freight Ltd")
    until(client, lambda shown: len(shown["attempts"]) == 2)
    client.control("POST", "clock", {"advance_seconds": 24 * 3600})
    assert until(client, lambda shown: shown["status"] == "disabled")["waiting"] == 1

    receiver.answer_with = None
    before = len(receiver.eventful())
    subscribed(client, receiver)

    assert receiver.wait_for(before + 1)[-1]["firstEventSequence"] == 1


def test_a_receiver_that_is_not_there_is_a_failure_like_any_other(client: Client, receiver: Receiver) -> None:
    client.control("POST", "webhooks", {"url": "http://127.0.0.1:9/hooks"})

    assert "ConnectError" in until(client, lambda shown: shown["status"] != "pending")["attempts"][-1]["outcome"]


def test_nothing_is_sent_after_the_subscription_ends(client: Client, receiver: Receiver) -> None:
    subscribed(client, receiver)
    client.control("DELETE", "webhooks")
    client.pull("create_contact", Name="Tūī Freight Ltd")

    assert client.control("GET", "webhooks")["waiting"] == 0
    assert receiver.eventful() == []


def test_a_mistaken_subscription_is_refused_with_a_sentence(client: Client) -> None:
    for given in ({}, [], {"url": "ftp://there"}, {"url": "http://127.0.0.1:9", "categories": ["PAYMENT"]}):
        response = client.post("/sandbox/webhooks", json=given)
        assert response.status_code == 400
        assert response.json()["error"]


def test_a_subscription_and_what_waits_outlive_the_sandbox(tmp_path: Path, receiver: Receiver) -> None:
    with (
        running_sandbox(seed=5, invoices=6, state=tmp_path, clock=running_clock()) as first,
        connected(first) as client,
    ):
        subscribed(client, receiver)
        receiver.answer_with = 500
        client.pull("create_contact", Name="Tūī Freight Ltd")
        until(client, lambda shown: len(shown["attempts"]) == 2)
    receiver.answer_with = None
    with running_sandbox(state=tmp_path) as second, httpx.Client(verify=NO_CERTIFICATES, base_url=second.url) as plain:
        posts = receiver.wait_for(2)
        assert plain.get("/sandbox/webhooks").json()["url"] == receiver.url
    assert posts[1]["events"] == posts[0]["events"]
    assert posts[1]["firstEventSequence"] == 1
