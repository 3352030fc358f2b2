"""Customers that change under an export, and ledgers that are lost under it: nothing is created twice, and no neighbour fails."""

from __future__ import annotations

from decimal import Decimal

from xero_pipeline_tests.e2e.export_desk import CREATING, Desk, Line, charged, stranger
from xero_pipeline_tests.e2e.other_clients import Record

PUMP = Line("PMP-120", "2")
HOSE = Line("HSE-25", "7", "11.44")


def _named(desk: Desk, name: str) -> list[Record]:
    return [each for each in desk.xero.list("Contacts") if each["Name"] == name]


def _with_address(desk: Desk, sale_id: str) -> list[Record]:
    return [each for each in desk.xero.list("Invoices") if f"/{sale_id}" in str(each.get("Url"))]


def test_the_contact_that_took_a_merged_one_over_is_invoiced(desk: Desk) -> None:
    merged, heir = desk.customers[0], desk.customers[1]
    desk.pair.pull("merge_contacts", **{"from": merged.contact_id, "into": heir.contact_id})
    desk.pair.sync("delta")
    sale_id = desk.sell(PUMP, customer=merged)

    desk.export()

    assert desk.invoice_of(sale_id, heir)["Contact"]["ContactID"] == heir.contact_id


def test_an_invoice_whose_contact_was_merged_since_is_edited_and_not_made_again(desk: Desk) -> None:
    merged, heir = desk.customers[0], desk.customers[1]
    sale_id = desk.sell(PUMP, customer=merged)
    desk.export()
    desk.pair.pull("merge_contacts", **{"from": merged.contact_id, "into": heir.contact_id})
    desk.edit_line(desk.lines_of(sale_id)[0]["Id"], Quantity="5")

    desk.pair.sync("delta")

    (invoice,) = _with_address(desk, sale_id)
    assert invoice["Contact"]["ContactID"] == heir.contact_id
    assert str(invoice["LineItems"][0]["Quantity"]) == "5.0000"


def test_a_contact_that_was_archived_since_contacts_were_read_fails_its_own_sale_alone(desk: Desk) -> None:
    archived, other = desk.customers[0], desk.customers[1]
    bad, good = desk.sell(PUMP, customer=archived), desk.sell(PUMP, customer=other)
    desk.pair.pull("edit", plural="Contacts", id=archived.contact_id, fields={"ContactStatus": "ARCHIVED"})

    desk.export()

    entry = desk.entry(bad)
    shown = desk.opportunity(bad)
    assert (entry.status, entry.step, entry.error_code) == ("failed", "invoice", "refused_by_xero")
    assert "archived" in str(entry.error).lower()
    assert entry.response
    assert (shown["Xero_Export_Status__c"], shown["Xero_Export_Message__c"]) == ("Failed", entry.error)
    assert desk.invoices_of(bad) == []
    assert desk.entry(good).status == "succeeded"
    assert desk.invoice_of(good, other)
    desk.pair.forget_requests()
    desk.export()
    assert desk.calls() == [], "a failure waits for a person"


def test_refusals_of_xeros_with_one_root_are_one_cause(desk: Desk) -> None:
    archived = desk.customers[:2]
    sales = [desk.sell(PUMP, customer=customer) for customer in archived]
    for customer in archived:
        desk.pair.pull("edit", plural="Contacts", id=customer.contact_id, fields={"ContactStatus": "ARCHIVED"})

    desk.export()

    assert len({desk.entry(sale_id).cause for sale_id in sales}) == 1


def test_a_contact_that_somebody_created_meanwhile_is_taken_and_not_doubled(desk: Desk) -> None:
    by_name, by_number = stranger(desk), stranger(desk, Name="Kawau Marine Services", AccountNumber="C-77002")
    sales = [desk.sell(PUMP, customer=customer) for customer in (by_name, by_number)]
    first = desk.pair.pull("create_contact", Name="Tarapunga Fisheries")
    second = desk.pair.pull("create_contact", Name="Kawau Marine Services", AccountNumber="C-77002")

    desk.export(CREATING)

    assert [each["ContactID"] for each in _named(desk, "Tarapunga Fisheries")] == [first["ContactID"]]
    assert [each["ContactID"] for each in _named(desk, "Kawau Marine Services")] == [second["ContactID"]]
    found = [_with_address(desk, sale_id) for sale_id in sales]
    assert [[each["Contact"]["ContactID"] for each in invoices] for invoices in found] == [
        [first["ContactID"]],
        [second["ContactID"]],
    ]
    after = _named(desk, "Tarapunga Fisheries")[0]
    assert {name: after.get(name) for name in ("AccountNumber", "ContactNumber")} == {
        name: first.get(name) for name in ("AccountNumber", "ContactNumber")
    }, "what people entered stays theirs"


def test_a_customer_that_xero_refuses_fails_its_sales_with_xeros_words_and_nobody_elses(desk: Desk) -> None:
    asleep = desk.pair.pull("create_contact", Name="Tarapunga, before the sale", AccountNumber="C-77001")
    desk.pair.pull("edit", plural="Contacts", id=asleep["ContactID"], fields={"ContactStatus": "ARCHIVED"})
    refused, fine = stranger(desk), stranger(desk, Name="Kawau Marine Services", AccountNumber="C-77002")
    bad, good = desk.sell(PUMP, customer=refused), desk.sell(PUMP, customer=fine)

    desk.export(CREATING)

    entry = desk.entry(bad)
    assert (entry.status, entry.step, entry.error_code) == ("failed", "customer", "customer_could_not_be_created")
    assert "The customer Tarapunga Fisheries could not be created in Xero: The Account Number already exists" in str(
        entry.error
    )
    assert desk.opportunity(bad)["Xero_Export_Message__c"] == entry.error
    assert _named(desk, "Tarapunga Fisheries") == []
    assert _with_address(desk, bad) == []
    assert desk.entry(good).status == "succeeded"
    desk.pair.in_salesforce("PATCH", f"Account/{refused.account_id}", {"AccountNumber": "C-77003"})
    desk.resolve(bad, how="auto_sync", reason="")
    desk.export()
    (contact,) = _named(desk, "Tarapunga Fisheries")
    assert contact["AccountNumber"] == "C-77003"
    assert len(_with_address(desk, bad)) == 1


def test_a_warehouse_that_lost_its_deliveries_knows_its_invoices_again_by_their_address(desk: Desk) -> None:
    still, edited = desk.sell(PUMP, HOSE), desk.sell(PUMP, HOSE)
    split = desk.sell(PUMP, HOSE, Xero_Deposit_Percent__c="30")
    desk.export()
    before = {sale_id: desk.invoices_of(sale_id) for sale_id in (still, split)}
    count = len(desk.xero.list("Invoices"))
    desk.pair.run("delete from sync.deliveries where system = 'xero'")
    desk.pair.run("delete from sync.export_documents")
    desk.pair.run("delete from sync.export_lines")
    line_id = desk.lines_of(edited)[0]["Id"]
    desk.edit_line(line_id, Description="Painted blue")

    desk.pair.sync("full")

    assert len(desk.xero.list("Invoices")) == count
    assert {sale_id: desk.invoices_of(sale_id) for sale_id in (still, split)} == before
    (invoice,) = desk.invoices_of(edited)
    assert invoice["LineItems"][0]["Description"] == "Painted blue"
    assert len(invoice["LineItems"]) == 2
    assert Decimal(invoice["Total"]) == charged([PUMP, HOSE])[0]
    known = {entry.external_id: entry.status for entry in desk.log(limit=5000)}
    assert {known.get(each) for each in (still, edited, f"{split}:deposit", f"{split}:balance")} == {"succeeded"}
    desk.pair.pull("approve_invoice", invoice=before[still][0]["InvoiceID"])
    desk.pair.sync("delta")
    assert desk.opportunity(still)["Xero_Invoice_Status__c"] == "AUTHORISED", "it is told what becomes of it again"


def test_notes_and_items_are_not_sent_twice_by_a_warehouse_that_lost_its_deliveries(desk: Desk) -> None:
    noted = next(each for each in desk.crm.whole("Xero_Note__c").values() if each["Opportunity__c"])
    invoice_id = desk.opportunity(noted["Opportunity__c"])["Xero_Invoice_Id__c"]
    items = {each["Code"]: each["ItemID"] for each in desk.xero.list("Items")}
    desk.pair.run("delete from sync.deliveries where system = 'xero'")

    desk.pair.sync("full")

    said = desk.xero.http.get(f"Invoices/{invoice_id}/History").json()["HistoryRecords"]
    assert [each["Details"] for each in said].count(noted["Details__c"]) == 1
    assert {each["Code"]: each["ItemID"] for each in desk.xero.list("Items")} == items


def test_a_deposit_and_its_balance_follow_one_another_and_split_no_second_time(desk: Desk) -> None:
    sale_id = desk.sell(PUMP, HOSE, StageName="Negotiation/Review", Xero_Deposit_Percent__c="30")
    desk.export()
    (deposit,) = desk.invoices_of(sale_id)
    desk.edit(sale_id, StageName="Closed Won")
    desk.export()
    both = desk.invoices_of(sale_id)
    assert len(both) == 2
    assert sum(Decimal(each["Total"]) for each in both) == charged([PUMP, HOSE])[0]
    assert deposit in both

    desk.edit(sale_id, Xero_Deposit_Percent__c=None)
    desk.export()

    assert desk.invoices_of(sale_id) == both
    assert desk.opportunity(sale_id)["Xero_Export_Status__c"] == "Failed"
