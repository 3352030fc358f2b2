"""The control API: the clock, what a person could do, and what it all adds up to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from xero_pipeline.sandbox.server import Sandbox
from xero_pipeline_tests.sandbox.http.client import API, Client, instant


def open_invoice(client: Client) -> dict[str, object]:
    return next(
        invoice
        for invoice in client.every("Invoices")
        if (invoice["Type"], invoice["Status"], invoice["AmountPaid"], invoice["AmountCredited"])
        == ("ACCREC", "AUTHORISED", 0, 0)
    )


def single(client: Client, plural: str, record_id: object) -> dict[str, object]:
    return dict(client.read(f"{plural}/{record_id}")[plural][0])


def test_the_index_lists_requests_and_levers(reader: Client) -> None:
    index = reader.control("GET", "")

    assert {"`GET /sandbox/clock`", "`POST /sandbox/shutdown`"} <= {row["request"] for row in index["requests"]}
    assert any(row["lever"] == "`pay_invoice`" for row in index["levers"])


def test_the_announcement_names_everything_a_client_needs(shared: Sandbox, reader: Client) -> None:
    announced = reader.control("GET", "environment")

    assert announced == shared.announcement
    assert announced["control_url"] == f"{shared.url}/sandbox"
    assert len(announced["xero"]["organisations"]) == 2
    assert announced["environment"]["SALESFORCE_PRIVATE_KEY"].startswith("-----BEGIN PRIVATE KEY-----")
    assert shared.environment["XERO_API_URL"] == shared.url


def test_the_clock_can_be_set_moved_stopped_and_let_run(client: Client) -> None:
    noon = datetime(2027, 2, 3, 12, tzinfo=UTC)

    client.control("POST", "clock", {"stopped": True, "now": noon.isoformat()})
    client.control("POST", "clock", {"now": noon.isoformat()})
    client.control("POST", "clock", {"advance_seconds": 90})
    stopped = client.control("GET", "clock")
    running = client.control("POST", "clock", {"stopped": False})

    assert stopped["now"] == (noon + timedelta(seconds=90)).isoformat()
    assert (stopped["stopped"], running["stopped"]) == (True, False)
    assert datetime.fromisoformat(running["now"]) >= noon + timedelta(seconds=90)


def test_paying_an_invoice_stamps_both_alike(client: Client) -> None:
    invoice = open_invoice(client)

    payment = client.pull("pay_invoice", invoice=invoice["InvoiceNumber"], amount="1.00", reference="Part")
    after = single(client, "Invoices", invoice["InvoiceID"])
    shown = single(client, "Payments", payment["PaymentID"])

    assert after["AmountPaid"] == Decimal("1.00")
    assert after["UpdatedDateUTC"] == shown["UpdatedDateUTC"]
    assert shown["Invoice"]["InvoiceNumber"] == invoice["InvoiceNumber"]  # type: ignore[index]


def test_paying_all_that_is_due_and_reversing_it_opens_the_invoice_again(client: Client) -> None:
    invoice = open_invoice(client)

    payment = client.pull("pay_invoice", invoice=invoice["InvoiceID"])
    assert single(client, "Invoices", invoice["InvoiceID"])["Status"] == "PAID"
    client.pull("reverse_payment", payment=payment["PaymentID"])
    after = single(client, "Invoices", invoice["InvoiceID"])

    assert (after["Status"], after["AmountDue"]) == ("AUTHORISED", invoice["AmountDue"])
    assert "Payments" not in after
    assert "FullyPaidOnDate" in after
    assert payment["PaymentID"] in {one["PaymentID"] for one in client.every("Payments")}


def test_reconciling_moves_the_payment_alone(client: Client) -> None:
    invoice = open_invoice(client)
    payment = client.pull("pay_invoice", invoice=invoice["InvoiceID"])
    before = single(client, "Invoices", invoice["InvoiceID"])

    client.control("POST", "clock", {"advance_seconds": 600})
    client.pull("reconcile_payment", payment=payment["PaymentID"])

    assert single(client, "Payments", payment["PaymentID"])["IsReconciled"] is True
    assert single(client, "Invoices", invoice["InvoiceID"]) == before


def test_voiding_a_paid_invoice_is_refused_in_xeros_words(client: Client) -> None:
    invoice = open_invoice(client)
    client.pull("pay_invoice", invoice=invoice["InvoiceID"], amount=1)

    response = client.post("/sandbox/xero/first/actions/void_invoice", json={"invoice": invoice["InvoiceID"]})

    assert response.status_code == 400
    assert response.json()["error"] == (
        "This document cannot be edited as it has a payment or credit note allocated to it."
    )


def test_an_invoice_is_made_approved_and_credited(client: Client) -> None:
    contact = client.rows("Contacts")[0]
    fields = {
        "Contact": {"Name": contact["Name"]},
        "LineItems": [{"Description": "Pump", "Quantity": 3, "UnitAmount": 25.06, "AccountCode": "200"}],
        "DueDate": "2027-01-31",
        "Status": "AUTHORISED",
    }
    invoice = client.pull("create_invoice", Type="ACCREC", **fields)
    note = client.pull("create_credit_note", Type="ACCRECCREDIT", **fields)

    client.pull("allocate_credit", credit=note["CreditNoteID"], invoice=invoice["InvoiceID"], amount="20.00")
    after = single(client, "Invoices", invoice["InvoiceID"])

    assert (after["SubTotal"], after["TotalTax"], after["Total"]) == tuple(map(Decimal, ("75.18", "11.28", "86.46")))
    assert after["AmountCredited"] == 20
    assert after["CreditNotes"][0]["CreditNoteNumber"] == note["CreditNoteNumber"]  # type: ignore[index]
    shown = single(client, "CreditNotes", note["CreditNoteID"])
    assert shown["Allocations"][0]["Invoice"]["InvoiceNumber"] == invoice["InvoiceNumber"]  # type: ignore[index]


def test_moving_a_line_to_another_account_moves_no_stamp(client: Client) -> None:
    invoice = open_invoice(client)

    client.control("POST", "clock", {"advance_seconds": 60})
    client.pull("edit_line_account", invoice=invoice["InvoiceID"], account="260")
    after = single(client, "Invoices", invoice["InvoiceID"])

    assert after["LineItems"][0]["AccountCode"] == "260"  # type: ignore[index]
    assert after["UpdatedDateUTC"] == invoice["UpdatedDateUTC"]


def test_contacts_are_merged_and_archived(client: Client) -> None:
    kept, merged, archived = client.rows("Contacts")[:3]

    client.pull("merge_contacts", **{"from": merged["ContactID"], "into": kept["ContactID"]})
    client.pull("archive_contact", contact=archived["ContactID"])

    assert single(client, "Contacts", merged["ContactID"])["MergedToContactID"] == kept["ContactID"]
    assert single(client, "Contacts", archived["ContactID"])["ContactStatus"] == "ARCHIVED"
    assert len(client.rows("Contacts")) == len(client.every("Contacts"))


def test_any_record_can_be_edited_with_or_without_a_stamp(client: Client) -> None:
    item = client.rows("Items")[0]

    client.control("POST", "clock", {"advance_seconds": 60})
    client.pull("edit", plural="Items", id=item["ItemID"], fields={"Name": "Quiet"}, stamp=False)
    quiet = single(client, "Items", item["ItemID"])
    client.pull("edit", plural="Items", id=item["ItemID"], fields={"Name": "Loud", "Description": None})
    loud = single(client, "Items", item["ItemID"])

    assert (quiet["Name"], quiet["UpdatedDateUTC"]) == ("Quiet", item["UpdatedDateUTC"])
    assert instant(str(loud["UpdatedDateUTC"])) > instant(str(quiet["UpdatedDateUTC"]))
    assert "Description" not in loud


def test_an_unknown_lever_or_record_is_told(client: Client) -> None:
    unknown = client.post("/sandbox/xero/first/actions/dance", json={})
    missing = client.post("/sandbox/xero/first/actions/void_invoice", json={"invoice": "INV-none"})

    assert unknown.status_code == missing.status_code == 400
    assert "pay_invoice" in unknown.json()["error"]
    assert "INV-none" in missing.json()["error"]


def test_totals_agree_with_what_the_api_lists(reader: Client) -> None:
    totals = reader.control("GET", "xero/first/totals")
    invoices = reader.every("Invoices")
    lines = [line for invoice in invoices for line in invoice["LineItems"]]

    assert totals["Invoices"]["count"] == len(invoices)
    assert Decimal(totals["Invoices"]["sums"]["Total"]) == sum(invoice["Total"] for invoice in invoices)
    assert totals["Invoices"]["LineItems"]["count"] == len(lines)
    assert Decimal(totals["Invoices"]["LineItems"]["sums"]["TaxAmount"]) == sum(line["TaxAmount"] for line in lines)
    assert totals["Contacts"]["count"] == len(reader.every("Contacts", includeArchived="true"))


def test_a_raw_record_is_what_the_book_holds(reader: Client) -> None:
    invoice = reader.rows("Invoices", page=1)[0]

    raw = reader.control("GET", f"xero/first/records/Invoices/{invoice['InvoiceID']}")

    assert raw["Date"] == invoice["DateString"][:10]
    assert invoice["InvoiceID"] in reader.control("GET", "xero/first/records/Invoices")


def test_requests_are_counted_by_endpoint_and_can_be_cleared(client: Client) -> None:
    client.control("DELETE", "requests")
    client.get(f"{API}/Invoices", params={"page": 1, "where": 'Type=="ACCREC"'})
    client.get(f"{API}/Invoices/INV-0001")
    client.get(f"{API}/Invoices/INV-0002")
    client.control("GET", "clock")

    log = client.control("GET", "requests")

    assert log["total"] == 3
    assert log["by_endpoint"] == {f"GET {API}/Invoices": 1, f"GET {API}/Invoices/{{id}}": 2}
    assert log["requests"][0]["query"] == 'page=1&where=Type=="ACCREC"'.replace("==", "==")
    assert log["by_system"] == {"xero": 3}
