"""What a write is on the wire, and what each answer to it is taken for."""

from __future__ import annotations

import json
from decimal import Decimal

import httpx
import pytest

from xero_pipeline.domain.errors import OutcomeUnknown, Permanent
from xero_pipeline_tests.xero.fake import client_of, envelope
from xero_pipeline_tests.xero.writes import GOOD, NO_ID, SALES, Json, Script, element, exception, refused_element


@pytest.mark.parametrize(
    ("plural", "query"),
    [
        ("Invoices", {"summarizeErrors": "false", "unitdp": "4"}),
        ("Items", {"summarizeErrors": "false", "unitdp": "4"}),
        ("Contacts", {"summarizeErrors": "false"}),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_batch_is_asked_as_xero_wants_it(method: str, plural: str, query: dict[str, str]) -> None:
    asked: list[httpx.Request] = []
    id_field = f"{plural[:-1]}ID"

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return envelope(plural, [{id_field: "a", "StatusAttributeString": "OK"}])

    with client_of(handle, tenant_id="t1") as client:
        send = client.writer.put if method == "PUT" else client.writer.post
        send(plural, [{"Amount": Decimal("0.10"), "Name": "Ōtaki"}], key="a-key")
        assert client.calls_by_endpoint == {plural.lower(): 1}
    (request,) = asked
    assert (request.method, request.url.path, dict(request.url.params)) == (method, f"/api.xro/2.0/{plural}", query)
    assert request.content == f'{{"{plural}":[{{"Amount":0.1,"Name":"Ōtaki"}}]}}'.encode()
    wanted = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Idempotency-Key": "a-key",
        "xero-tenant-id": "t1",
    }
    assert {name: request.headers[name] for name in wanted} == wanted


def test_every_element_has_its_own_answer_in_the_order_sent() -> None:
    warned = element(1, StatusAttributeString="WARNING", Warnings=[{"Message": "Rate looks odd"}], Total=Decimal("1.5"))
    warned["Total"] = 1.5
    script = Script(envelope("Invoices", [warned, refused_element(2, "Too long", "Too long", "Too late")]))
    good, bad = script.put()
    assert (good.ok, good.messages, good.warnings) == (True, (), ("Rate looks odd",))
    assert (good.record["InvoiceID"], repr(good.record["Total"])) == ("id-1", "Decimal('1.5')")
    assert (bad.ok, bad.messages) == (False, ("Too long", "Too late"))


def test_reasons_are_found_wherever_xero_puts_them() -> None:
    nested = refused_element(2, "Own") | {
        "Contact": {"ValidationErrors": [{"Message": "Email address must be valid."}]},
        "LineItems": [
            {"ValidationErrors": [{"Description": "Account code '999' is not a valid code"}]},
            {
                "ValidationErrors": [{"Message": "Own"}],
                "Tracking": [{"ValidationErrors": [{"Message": "No such option"}]}],
            },
        ],
    }
    _, bad = Script(envelope("Invoices", [element(1), nested])).put()
    assert bad.messages == (
        "Own",
        "Email address must be valid.",
        "Account code '999' is not a valid code",
        "No such option",
    )


def test_a_refusal_may_come_without_a_reason() -> None:
    _, bad = Script(envelope("Invoices", [element(1), refused_element(2)])).put()
    assert (bad.ok, bad.messages) == (False, ())


def test_an_update_that_is_refused_keeps_its_id_and_is_refused_all_the_same() -> None:
    (answer,) = Script(envelope("Invoices", [refused_element(1, "Locked", InvoiceID="id-1")])).put(
        [{"InvoiceID": "id-1"}]
    )
    assert not answer.ok


@pytest.mark.parametrize(
    "elements",
    [
        [element(1)],
        [element(1), element(2), element(3)],
        [element(2), element(1)],
        [element(1), element(2, InvoiceID=NO_ID)],
        [element(1), element(2, InvoiceID=None)],
        [element(1), element(2, HasErrors=True)],
        ["text", element(2)],
    ],
    ids=["too few", "too many", "another order", "good without an id", "good with no id", "good and bad", "no objects"],
)
def test_an_answer_that_does_not_line_up_is_never_guessed_at(elements: list[Json]) -> None:
    script = Script(envelope("Invoices", elements))
    assert script.fails(OutcomeUnknown).answered
    assert len(script.requests) == 1


def test_an_answer_that_holds_the_ids_sent_in_another_order_is_not_taken() -> None:
    sent = [{"InvoiceID": "id-1"}, {"InvoiceID": "id-2"}]
    script = Script(envelope("Invoices", [element(2, Url=None), element(1, Url=None)]))
    with pytest.raises(OutcomeUnknown, match="another order"):
        script.put(sent)


def test_a_batch_is_50_elements_at_most_and_none_cost_no_call() -> None:
    script = Script(GOOD)
    with pytest.raises(ValueError, match="51 Invoices are more than the 50"):
        script.put([{}] * 51)
    assert script.put([]) == []
    assert script.requests == []


@pytest.mark.parametrize("key", ["", "k" * 129, "clé", "line\nbreak"])
def test_a_key_that_xero_would_refuse_is_never_sent(key: str) -> None:
    script = Script(GOOD)
    with client_of(script.handle) as client, pytest.raises(ValueError, match="idempotency key"):
        client.writer.put("Invoices", SALES, key=key)
    assert script.requests == []


def test_only_what_has_a_key_of_ours_is_written() -> None:
    with client_of(Script(GOOD).handle) as client, pytest.raises(ValueError, match="Payments are not written"):
        client.writer.put("Payments", [{}], key="k")


def test_what_postgresql_cannot_store_is_taken_out_of_an_answer() -> None:
    content = json.dumps({"Invoices": [element(1, Reference="a\u0000b\ud83d")]}).encode()
    (answer,) = Script(httpx.Response(200, content=content)).put(SALES[:1])
    assert answer.record["Reference"] == "ab"


def test_a_note_that_is_refused_says_why() -> None:
    refused = envelope("HistoryRecords", [{"ValidationErrors": [{"Message": "Details is too long"}]}])
    for answer in (refused, exception({"ValidationErrors": [{"Message": "Details is too long"}]})):
        with client_of(Script(answer).handle) as client, pytest.raises(Permanent, match="Details is too long"):
            client.writer.add_history("Invoices", "i1", "x", key="k")
