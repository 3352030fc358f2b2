"""What a client that keeps Xero in step from elsewhere leans on: batches, lookups, lost answers (xero.md section 3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from xero_pipeline.sandbox.xero.book import guid
from xero_pipeline_tests.sandbox.http.client import API
from xero_pipeline_tests.sandbox.writes.writer import Writer, line, money, records, sale

STATUS = "Invoice not of valid status for modification"
ALLOCATED = "This document cannot be edited as it has a payment or credit note allocated to it."
BATCH: dict[str, Any] = {"summarizeErrors": "false", "unitdp": 4}


def numbered(prefix: str, count: int) -> list[dict[str, Any]]:
    """Sales that name what they were made of, with unit amounts of four places."""
    lines = [line(UnitAmount="1.2345", Quantity=100)]
    return [
        sale(InvoiceNumber=f"{prefix}-{n:02d}", Url=f"https://crm.example/{n}", LineItems=lines) for n in range(count)
    ]


def test_fifty_invoices_go_in_one_call_and_each_says_what_became_of_it(writer: Writer) -> None:
    batch = numbered("FIFTY", 50)
    archived = writer.contact()
    writer.post("Contacts", {"ContactID": archived["ContactID"], "ContactStatus": "ARCHIVED"})
    batch[3]["LineItems"] = [line(AccountCode="9999")]
    batch[7]["Date"] = "2020-01-01"
    batch[11]["Contact"] = {"ContactID": archived["ContactID"]}
    batch[13]["LineItems"] = [line(TaxType="INPUT2")]
    batch[17]["InvoiceNumber"] = "FIFTY-00"

    answered = writer.put("Invoices", {"Invoices": batch}, **BATCH)

    refused = {n: each["ValidationErrors"][0]["Message"] for n, each in enumerate(answered) if each["HasErrors"]}
    assert [each["InvoiceNumber"] for each in answered] == [each["InvoiceNumber"] for each in batch]
    assert refused.keys() == {3, 7, 11, 13, 17}
    assert refused[3] == "Account code '9999' is not a valid code for this document."
    assert refused[7].startswith("The document date cannot be before the period lock date")
    assert refused[11].endswith("must be un-archived before creating new invoices or credit notes.")
    assert refused[13] == "The TaxType code 'INPUT2' cannot be used with account code '200'."
    assert refused[17] == "Invoice # must be unique."
    numbers = ",".join(str(each["InvoiceNumber"]) for each in batch)
    assert len(writer.client.rows("Invoices", InvoiceNumbers=numbers, page=1)) == 45


def test_url_line_ids_and_four_places_are_read_back_as_they_were_answered(writer: Writer) -> None:
    (made,) = writer.put("Invoices", {"Invoices": numbered("BACK", 1)}, **BATCH)
    (paged,) = writer.client.rows("Invoices", InvoiceNumbers="BACK-00", page=1, unitdp=4)
    (alone,) = writer.client.read(f"Invoices/{made['InvoiceID']}", unitdp=4)["Invoices"]

    for read in (paged, alone):
        assert (read["Url"], str(read["LineItems"][0]["UnitAmount"])) == ("https://crm.example/0", "1.2345")
        assert read["LineItems"][0]["LineItemID"] == made["LineItems"][0]["LineItemID"]
    assert money(alone) == ("141.97", "141.97", "0.00", "0.00")


def test_a_line_sent_with_its_id_is_kept_one_without_is_new_and_one_left_out_goes(writer: Writer) -> None:
    (made,) = writer.put("Invoices", {"Invoices": [sale(LineItems=[line(), line(Description="Goes")])]}, **BATCH)
    first, second = (each["LineItemID"] for each in made["LineItems"])
    lines = [{"LineItemID": first, "UnitAmount": "50.00"}, line(Description="New")]

    (edited,) = writer.post("Invoices", {"Invoices": [{"InvoiceID": made["InvoiceID"], "LineItems": lines}]}, **BATCH)

    kept, new = edited["LineItems"]
    assert (kept["LineItemID"], kept["Description"], str(kept["LineAmount"])) == (first, "Work", "50.00")
    assert (new["Description"], new["LineItemID"] in (first, second)) == ("New", False)
    assert str(edited["SubTotal"]) == "150.00"


def test_a_url_may_not_lead_to_xero(writer: Writer) -> None:
    (refused,) = writer.put("Invoices", {"Invoices": [sale(Url="https://go.Xero.com/1")]}, **BATCH)

    assert refused["ValidationErrors"] == [{"Message": "Url must not contain xero"}]


def test_lines_neither_come_nor_go_once_a_payment_is_on_the_invoice(writer: Writer) -> None:
    invoice = writer.invoice(LineItems=[line(), line()])
    writer.pay(invoice, "15.00")
    first, second = ({"LineItemID": each["LineItemID"]} for each in invoice["LineItems"])

    for lines in ([first, second, line()], [first], [second, first, line()], [line(), line()]):
        assert writer.refused("POST", f"Invoices/{invoice['InvoiceID']}", {"LineItems": lines}) == [ALLOCATED]


def test_of_a_paid_invoice_its_status_is_wrong_too(writer: Writer) -> None:
    invoice = writer.invoice()
    writer.pay(invoice, "115.00")
    path = f"Invoices/{invoice['InvoiceID']}"

    for change in ({"LineItems": [line()]}, {"Date": "2026-11-01"}, {"Status": "VOIDED"}):
        assert writer.refused("POST", path, change) == [STATUS, ALLOCATED]
    payment = {"Invoice": {"InvoiceID": invoice["InvoiceID"]}, "Account": {"Code": "090"}, "Amount": 1}
    assert writer.refused("PUT", "Payments", payment) == [
        "Payments can only be made against Authorised documents",
        "Payment amount exceeds the amount outstanding on this document",
    ]


def test_what_an_app_made_itself_it_can_ask_for(writer: Writer) -> None:
    made = writer.invoice()

    def mine() -> set[str]:
        return {each["InvoiceID"] for each in writer.client.every("Invoices", createdByMyApp="true")}

    assert made["InvoiceID"] in mine()
    by_hand = next(each for each in writer.client.every("Invoices") if each["InvoiceID"] not in mine())
    writer.put(f"Invoices/{by_hand['InvoiceID']}/History", {"HistoryRecords": [{"Details": "Seen"}]})
    later = writer.invoice()
    assert later["InvoiceID"] in mine()
    assert by_hand["InvoiceID"] not in mine()


@pytest.mark.parametrize("code", ["50% OFF", "A%2FB", "A&B+C #1"])
def test_a_code_is_found_whatever_its_characters(writer: Writer, code: str) -> None:
    (made,) = writer.put("Items", {"Code": code, "Name": "Odd"})

    assert writer.one(f"Items/{quote(code, safe='')}")["ItemID"] == made["ItemID"]


def test_a_contact_is_found_by_its_number_its_account_number_and_its_name(writer: Writer) -> None:
    made = writer.contact(Name="Pōkeno Freight & Co", ContactNumber="001A", AccountNumber="ACC-001")

    assert writer.one("Contacts/001A")["ContactID"] == made["ContactID"]
    assert writer.send("GET", "Contacts/001B").status_code == 404
    for where in ('AccountNumber=="acc-001"', 'Name=="Pōkeno Freight & Co"', 'Name=="pokeno freight & co"'):
        assert [each["ContactID"] for each in writer.client.rows("Contacts", where=where)] == [made["ContactID"]]
    taken = {"Name": "Somebody else", "ContactNumber": "001A"}
    assert writer.refused("PUT", "Contacts", taken) == [
        "Another contact has this contact number. Please enter a different contact number."
    ]


def test_the_invoices_of_some_contacts_changed_since_come_page_by_page(writer: Writer) -> None:
    contacts = [writer.contact()["ContactID"] for _ in range(3)]
    for contact_id in contacts * 2:
        writer.invoice(Contact={"ContactID": contact_id})
    since = datetime.fromisoformat(writer.client.control("GET", "clock")["now"]).astimezone(UTC)
    query = {"ContactIDs": ",".join(contacts[:2]), "page": 2, "pageSize": 3}

    def asked(at: datetime) -> dict[str, Any]:
        headers = {"If-Modified-Since": at.strftime("%Y-%m-%dT%H:%M:%S")}
        found: dict[str, Any] = writer.client.get(f"{API}/Invoices", params=query, headers=headers).json()
        return found

    before, after = asked(since - timedelta(minutes=5)), asked(since + timedelta(minutes=5))
    assert before["pagination"] == {"page": 2, "pageSize": 3, "pageCount": 2, "itemCount": 4}
    assert [each["Contact"]["ContactID"] in contacts[:2] for each in before["Invoices"]] == [True]
    assert (after["pagination"]["itemCount"], after["Invoices"]) == (0, [])


@pytest.mark.parametrize(("what", "there"), [("timeout before", 0), ("timeout after", 2)])
def test_a_batch_whose_answer_is_lost_is_looked_up_by_its_numbers(writer: Writer, what: str, there: int) -> None:
    prefix = guid()[:8]
    batch, headers = {"Invoices": numbered(prefix, 2)}, {"Idempotency-Key": prefix}
    rule = {"what": what, "count": 1, "seconds": 0.01, "match": {"path": "Invoices$", "method": "PUT"}}
    writer.client.control("POST", "faults", rule)

    with pytest.raises(httpx.TransportError):
        writer.send("PUT", "Invoices", batch, headers=headers, **BATCH)

    numbers = ",".join(str(each["InvoiceNumber"]) for each in batch["Invoices"])
    assert len(writer.client.rows("Invoices", InvoiceNumbers=numbers)) == there
    again = writer.put("Invoices", batch, headers=headers, **BATCH)
    assert [each["StatusAttributeString"] for each in again] == ["OK", "OK"]
    assert len(writer.client.rows("Invoices", InvoiceNumbers=numbers)) == 2


def test_an_error_inside_xero_is_answered_to_its_key_for_six_minutes(writer: Writer) -> None:
    body, headers = {"Name": f"Late {guid()}"}, {"Idempotency-Key": guid()}
    rule = {"what": "500 remembered", "count": 1, "match": {"path": "Contacts$", "method": "PUT"}}
    writer.client.control("POST", "faults", rule)

    first, again = (writer.send("PUT", "Contacts", body, headers=headers) for _ in range(2))
    writer.client.control("POST", "clock", {"advance_seconds": 361})
    later = records(writer.send("PUT", "Contacts", body, headers=headers))

    assert (first.status_code, again.status_code, again.content) == (500, 500, first.content)
    assert [each["Name"] for each in later] == [body["Name"]]


def test_what_no_key_could_remember_fails_once(writer: Writer) -> None:
    for path in ("^/api.xro/2.0/Currencies$", "^/services/data$"):
        writer.client.control("POST", "faults", {"what": "500 remembered", "count": 1, "match": {"path": path}})
        path = path.strip("^$")
        assert [writer.client.get(path).status_code for _ in range(2)] == [500, 200]
