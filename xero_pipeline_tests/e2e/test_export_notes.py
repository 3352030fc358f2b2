"""Notes from Salesforce in the history of an invoice: each once, word for word, and never taken back (SFX-24, SFX-X10)."""

from __future__ import annotations

from xero_pipeline_tests.e2e.export_desk import Desk, Line

PUMP = Line("PMP-120")


def _write(desk: Desk, sale_id: str, details: str) -> str:
    body = {"Name": "A note", "Opportunity__c": sale_id, "Details__c": details}
    return str(desk.pair.in_salesforce("POST", "Xero_Note__c", body)["id"])


def _history(desk: Desk, sale_id: str) -> list[str]:
    invoice_id = desk.invoice_of(sale_id)["InvoiceID"]
    answer = desk.xero.http.get(f"Invoices/{invoice_id}/History").json()
    return [str(record["Details"]) for record in answer["HistoryRecords"]]


def _noted(desk: Desk, note_id: str) -> tuple[str | None, str | None]:
    note = desk.crm.whole("Xero_Note__c")[note_id]
    return note["Xero_Export_Status__c"], note["Xero_Export_Message__c"]


def test_a_note_goes_with_its_invoice_and_one_that_follows_goes_by_itself(desk: Desk) -> None:
    sale_id = desk.sell(PUMP)
    first = _write(desk, sale_id, "Back gate,\nbefore ten — Māui's key.")
    desk.export()
    second = _write(desk, sale_id, "They rang again.")
    desk.pair.forget_requests()

    desk.export()

    invoice_id = desk.invoice_of(sale_id)["InvoiceID"]
    assert desk.calls()[:1] == [f"PUT Invoices/{invoice_id}/History"]
    said = _history(desk, sale_id)
    assert said.count("Back gate,\nbefore ten — Māui's key.") == 1
    assert said.count("They rang again.") == 1
    assert {_noted(desk, note_id) for note_id in (first, second)} == {("Succeeded", None)}


def test_a_note_waits_for_its_invoice(desk: Desk) -> None:
    sale_id = desk.sell(PUMP, Xero_Tax_Type__c="NOSUCH")
    note_id = _write(desk, sale_id, "Patience.")
    desk.export()
    assert _noted(desk, note_id) == (None, None)
    desk.edit(sale_id, Xero_Tax_Type__c=None)

    desk.export()

    assert _history(desk, sale_id).count("Patience.") == 1


def test_a_note_that_is_edited_is_added_anew_and_one_that_is_deleted_stays(desk: Desk) -> None:
    sale_id = desk.sell(PUMP)
    edited, deleted = _write(desk, sale_id, "Net 20."), _write(desk, sale_id, "Never mind.")
    desk.export()
    desk.pair.in_salesforce("PATCH", f"Xero_Note__c/{edited}", {"Details__c": "Net 30."})
    desk.pair.in_salesforce("DELETE", f"Xero_Note__c/{deleted}")

    desk.export()
    desk.export()

    said = _history(desk, sale_id)
    assert [said.count(each) for each in ("Net 20.", "Net 30.", "Never mind.")] == [1, 1, 1]


def test_a_note_that_xero_refuses_waits_with_its_words_and_holds_nobody_up(desk: Desk) -> None:
    sale_id = desk.sell(PUMP)
    desk.export()
    invoice = desk.invoice_of(sale_id)
    note_id = _write(desk, sale_id, "Too late.")
    later = desk.sell(PUMP)
    desk.pair.pull("remove", plural="Invoices", id=invoice["InvoiceID"])

    desk.export()

    status, message = _noted(desk, note_id)
    assert status == "Failed"
    assert message
    assert desk.entry(note_id).step == "note"
    assert desk.invoice_of(later)
