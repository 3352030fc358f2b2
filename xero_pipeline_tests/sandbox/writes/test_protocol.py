"""How writes are asked for and answered: bodies, batches, refusals, keys, scopes (xero.md section 3)."""

from __future__ import annotations

import json

import pytest

from xero_pipeline.sandbox.server import Sandbox
from xero_pipeline_tests.sandbox.http.client import connected
from xero_pipeline_tests.sandbox.writes.writer import Writer, line, records, sale

ZEROS = "00000000-0000-0000-0000-000000000000"
UNKNOWN_ACCOUNT = "Account code '9999' is not a valid code for this document."


def bad_sale() -> dict[str, object]:
    return sale(LineItems=[line(AccountCode="9999")])


def test_a_body_is_one_object_or_an_array_by_the_plural(writer: Writer) -> None:
    alone = writer.put("Contacts", {"Name": "Alone"})
    listed = writer.put("Contacts", {"Contacts": [{"Name": "First of two"}, {"Name": "Second of two"}]})

    assert [contact["Name"] for contact in alone + listed] == ["Alone", "First of two", "Second of two"]


def test_summarized_errors_are_a_400_with_the_refused_elements_and_nothing_is_written(writer: Writer) -> None:
    response = writer.send("PUT", "Invoices", {"Invoices": [sale(InvoiceNumber="P-1"), bad_sale()]})
    answer = response.json()

    assert (response.status_code, answer["Message"]) == (400, "A validation exception occurred")
    (element,) = answer["Elements"]
    assert element["InvoiceID"] == ZEROS
    assert element["ValidationErrors"] == [{"Message": UNKNOWN_ACCOUNT}]
    assert element["LineItems"][0]["AccountCode"] == "9999"
    assert writer.client.rows("Invoices", InvoiceNumbers="P-1") == []


def test_unsummarized_errors_are_a_200_with_the_status_of_every_element(writer: Writer) -> None:
    good, failed = writer.put("Invoices", {"Invoices": [sale(), bad_sale()]}, summarizeErrors="false")

    assert (good["StatusAttributeString"], good["HasErrors"]) == ("OK", False)
    assert (failed["StatusAttributeString"], failed["HasErrors"]) == ("ERROR", True)
    assert (failed["InvoiceID"], failed["ValidationErrors"]) == (ZEROS, [{"Message": UNKNOWN_ACCOUNT}])
    assert writer.one(f"Invoices/{good['InvoiceID']}")["Status"] == "AUTHORISED"


def test_a_status_is_shown_only_when_errors_are_not_summarized(writer: Writer) -> None:
    assert "StatusAttributeString" not in writer.invoice()


def test_a_refused_element_leaves_no_trace_not_even_the_contact_it_would_have_made(writer: Writer) -> None:
    writer.put(
        "Invoices",
        {"Invoices": [sale(Contact={"Name": "Never made"}, LineItems=[line(AccountCode="9999")])]},
        summarizeErrors="false",
    )

    assert writer.client.rows("Contacts", where='Name=="Never made"') == []


def test_a_refused_batch_burns_no_number(writer: Writer) -> None:
    before = int(writer.invoice()["InvoiceNumber"].removeprefix("INV-"))
    writer.send("PUT", "Invoices", {"Invoices": [sale(), sale(), bad_sale()]})

    assert int(writer.invoice()["InvoiceNumber"].removeprefix("INV-")) == before + 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"Date": "2017-12-14 00:00:00"}, "The string '2017-12-14 00:00:00' is not a valid AllXsd value."),
        ({"Date": "14/12/2017"}, "The string '14/12/2017' is not a valid AllXsd value."),
        ({"Date": "/Date(999999999999999)/"}, "The string '/Date(999999999999999)/' is not a valid AllXsd value."),
        (
            {"LineAmountTypes": "NO_TAX"},
            "Error converting value \"NO_TAX\" to type 'System.Enum'. Path 'Invoices[0].LineAmountTypes'.",
        ),
        (
            {"LineItems": [{"Quantity": "many"}]},
            "Error converting value \"many\" to type 'System.Decimal'. Path 'Invoices[0].LineItems[0].Quantity'.",
        ),
        (
            {"LineItems": [{"Quantity": 10**30}]},
            f"Error converting value \"{10**30}\" to type 'System.Decimal'. Path 'Invoices[0].LineItems[0].Quantity'.",
        ),
        (
            {"Contact": {"ContactID": "SOME-INVALID-DATA"}},
            "Error converting value \"SOME-INVALID-DATA\" to type 'System.Guid'. Path 'Invoices[0].Contact.ContactID'.",
        ),
    ],
)
def test_a_value_that_cannot_be_read_is_error_14(writer: Writer, fields: dict[str, object], message: str) -> None:
    response = writer.send("PUT", "Invoices", {"Invoices": [sale(**fields)]})

    assert response.status_code == 400
    assert response.json() == {"ErrorNumber": 14, "Type": "PostDataInvalidException", "Message": message}


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"7", b'{"Invoices": 3}', b'{"Invoices": [{"Total": NaN}]}'])
def test_a_body_that_cannot_be_read_is_error_14(writer: Writer, content: bytes) -> None:
    response = writer.client.put("/api.xro/2.0/Invoices", content=content)

    assert (response.status_code, response.json()["ErrorNumber"]) == (400, 14)


def test_half_a_surrogate_pair_is_no_text(writer: Writer) -> None:
    response = writer.client.put("/api.xro/2.0/Contacts", content=rb'{"Name": "\ud83d"}')

    assert (response.status_code, response.json()["ErrorNumber"]) == (400, 14)


def test_a_body_of_another_type_is_unsupported(writer: Writer) -> None:
    response = writer.client.put(
        "/api.xro/2.0/Contacts", content=b"<Contact/>", headers={"Content-Type": "application/xml"}
    )

    assert response.status_code == 415


@pytest.mark.parametrize(
    "given", ["2026-11-05", "2026-11-05T00:00:00", "/Date(1793836800000)/", "/Date(1793836800000+0000)/"]
)
def test_dates_are_read_in_every_form_xero_reads(writer: Writer, given: str) -> None:
    assert writer.invoice(Date=given)["DateString"] == "2026-11-05T00:00:00"


def test_read_only_and_unknown_fields_are_passed_over(writer: Writer) -> None:
    invoice = writer.invoice(HasErrors=True, AmountPaid=50, Total=1, Payments=[], Nonsense={"a": 1})

    assert (str(invoice["Total"]), str(invoice["AmountPaid"])) == ("115.00", "0.00")
    assert "Nonsense" not in invoice


def test_an_unknown_record_is_not_found_and_an_unknown_method_not_implemented(writer: Writer) -> None:
    assert writer.send("POST", f"Invoices/{ZEROS}", {}).status_code == 404
    assert writer.send("DELETE", f"Items/{ZEROS}").status_code == 404
    assert writer.send("POST", "Organisation", {}).status_code == 501
    assert writer.send("PUT", "Prepayments", {}).status_code == 501
    assert writer.send("DELETE", f"Invoices/{writer.invoice()['InvoiceID']}").status_code == 501


def test_a_write_needs_the_scope_without_read(sandbox: Sandbox) -> None:
    with connected(sandbox, "accounting.contacts.read") as client:
        reader = Writer(client)
        assert reader.client.rows("Contacts")
        refused = reader.send("PUT", "Contacts", {"Name": "Not allowed"})

    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "insufficient_scope")


def test_the_same_key_and_request_get_the_same_answer_for_six_minutes(writer: Writer) -> None:
    headers = {"Idempotency-Key": "key-1"}
    body = {"Name": "Once only"}

    first = records(writer.send("PUT", "Contacts", body, headers=headers))
    writer.client.control("POST", "clock", {"advance_seconds": 355})
    again = records(writer.send("PUT", "Contacts", body, headers=headers))
    writer.client.control("POST", "clock", {"advance_seconds": 10})
    later = writer.refused("PUT", "Contacts", body, headers=headers)

    assert again == first
    assert later == [
        (
            "The contact name Once only is already assigned to another contact. "
            "The contact name must be unique across all active contacts."
        )
    ]


def test_the_same_key_with_a_different_request_is_refused(writer: Writer) -> None:
    headers = {"idempotency-key": "key-2"}
    writer.send("PUT", "Contacts", {"Name": "Key two"}, headers=headers)
    message = "Idempotency Key: key-2 is used with a different request."

    for method, path, body in (
        ("PUT", "Contacts", {"Name": "Key 2"}),
        ("POST", "Contacts", {"Name": "Key two"}),
        ("PUT", "Items", {"Name": "Key two"}),
    ):
        response = writer.send(method, path, body, headers=headers)
        assert (response.status_code, response.json()["Message"]) == (400, message)


def test_a_key_of_more_than_128_characters_is_refused(writer: Writer) -> None:
    fits = writer.send("PUT", "Contacts", {"Name": "Long key"}, headers={"Idempotency-Key": "k" * 128})
    over = writer.send("PUT", "Contacts", {"Name": "Longer key"}, headers={"Idempotency-Key": "k" * 129})

    assert (fits.status_code, over.status_code) == (200, 400)


def test_a_refusal_is_remembered_by_its_key_too(writer: Writer) -> None:
    headers = {"Idempotency-Key": "key-3"}
    body = {"Code": "LATER", "Name": "Later", "SalesDetails": {"AccountCode": "299"}}
    first = writer.send("PUT", "Items", body, headers=headers)
    writer.put("Accounts", {"Code": "299", "Name": "Later sales", "Type": "REVENUE"})

    again = writer.send("PUT", "Items", body, headers=headers)

    assert (first.status_code, again.status_code) == (400, 400)
    assert again.content == first.content
    assert writer.send("PUT", "Items", body).status_code == 200


def test_a_repeat_costs_a_call_and_a_call_over_the_limit_is_not_remembered(writer: Writer) -> None:
    headers = {"Idempotency-Key": "key-4"}
    first = writer.send("PUT", "Contacts", {"Name": "Costly"}, headers=headers)
    second = writer.send("PUT", "Contacts", {"Name": "Costly"}, headers=headers)
    left = int(second.headers["X-DayLimit-Remaining"])
    used = writer.client.control("GET", "limits")["day"] - left
    writer.client.control("POST", "limits", {"day": used})
    third = writer.send("PUT", "Contacts", {"Name": "Costly"}, headers=headers)
    writer.client.control("POST", "limits", {"day": 10_000_000})

    assert left == int(first.headers["X-DayLimit-Remaining"]) - 1
    assert (third.status_code, third.headers["X-Rate-Limit-Problem"]) == (429, "day")


def test_an_empty_batch_changes_nothing(writer: Writer) -> None:
    assert writer.put("Invoices", {"Invoices": []}) == []


def test_numbers_come_back_as_they_are_written(writer: Writer) -> None:
    response = writer.send("PUT", "Invoices", sale())

    assert b'"Total": 115.00' in response.content
    assert json.loads(response.content)["Invoices"][0]["DateString"].endswith("T00:00:00")
