"""What else the demo's first export did, and that it did nothing else: the queue, items, notes, both logs (Must show 1 and 3)."""

from __future__ import annotations

import re
from decimal import Decimal

from xero_pipeline.domain.export_checks import EXPORT_CHECKS
from xero_pipeline.sandbox.demo import salesforce_exports
from xero_pipeline_tests.e2e import contents
from xero_pipeline_tests.e2e.export_desk import FOLLOWS_FROM_INVOICES
from xero_pipeline_tests.e2e.exported_demo import Exported
from xero_pipeline_tests.e2e.other_clients import Record

WRITTEN_BY_US = {
    "Xero_Export_Status__c",
    "Xero_Export_Message__c",
    "Xero_Invoice_Id__c",
    "Xero_Invoice_Number__c",
    "Xero_Invoice_Status__c",
    "Xero_Invoice_Url__c",
    "Xero_Item_Id__c",
}


def _seeds(exported: Exported, kind: str) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for sale in exported.salesforce["Opportunity"].values():
        named = re.fullmatch(rf"Export {kind}: (\w+).*", sale["Name"])
        if named:
            found.setdefault(named[1], []).append(sale)
    return found


def test_every_check_has_a_sale_that_trips_it_or_a_reason_why_none_can(exported: Exported) -> None:
    documented = re.findall(r"`(\w+…?)`", salesforce_exports.__doc__ or "")
    different = {
        check.name
        for check in EXPORT_CHECKS
        for name in documented
        if check.name == name or (name.endswith("…") and check.name.startswith(name[:-1]))
    }
    refused, passed = _seeds(exported, "check"), _seeds(exported, "edge")

    assert {check.name for check in EXPORT_CHECKS} - different - {"sale_is_not_invoiced_yet"} <= set(refused)
    assert {check.name for check in EXPORT_CHECKS} - different - {"sale_is_not_invoiced_yet"} <= set(passed)
    assert len(refused) >= 24


def test_a_sale_that_a_check_refuses_waits_with_that_checks_reason_and_was_not_sent(exported: Exported) -> None:
    of_check = {check.name: check for check in EXPORT_CHECKS}
    planned = {row["sale_id"]: row["reasons"] for row in exported.desk.pair.rows("select * from sync.export_documents")}
    for name, sales in _seeds(exported, "check").items():
        for sale in sales:
            entry = exported.desk.entry(sale["Id"])
            reasons = {reason["check"]: reason for reason in planned[sale["Id"]]}
            assert exported.invoices(sale) == {}
            assert (entry.status, entry.attempts, entry.response) == ("failed", 0, None)
            assert name in reasons, (sale["Name"], reasons)
            assert str(entry.error).startswith(planned[sale["Id"]][0]["sentence"])
            assert reasons[name]["sentence"] in str(entry.error)
            assert of_check[name].fix in str(entry.error)
            assert str(entry.cause).startswith(f"{entry.error_code}:")
            assert sale["Xero_Export_Message__c"] == entry.error


def test_a_sale_at_the_edge_of_a_check_is_sent(exported: Exported) -> None:
    for sales in _seeds(exported, "edge").values():
        for sale in sales:
            assert sale["Xero_Export_Status__c"] == "Succeeded", sale["Name"]
            assert exported.invoices(sale)


def test_failures_with_one_root_are_one_cause(exported: Exported) -> None:
    failed = [entry for entry in exported.desk.log(status="failed", limit=5000) if entry.object == "invoices"]

    assert len(failed) == len(exported.sales("Failed"))
    assert all(entry.cause and entry.step in ("customer", "products", "invoice") for entry in failed)


def test_products_that_are_ticked_become_items_with_their_price_and_none_is_taken_away(exported: Exported) -> None:
    before, after = exported.xero_before["Items"], exported.xero["Items"]
    by_code = {item["Code"]: item for item in after.values()}
    ticked = [product for product in exported.salesforce["Product2"].values() if product["Xero_Sync__c"]]
    prices = {
        row["product_id"]: row["standard_price"] for row in exported.desk.pair.rows("select * from salesforce.products")
    }

    assert {product["Xero_Export_Status__c"] for product in ticked} == {"Succeeded", "Failed"}
    for product in ticked:
        item = by_code.get(product["StockKeepingUnit"])
        if product["Xero_Export_Status__c"] == "Failed":
            assert item is None
            assert exported.desk.entry(product["Id"]).error == product["Xero_Export_Message__c"]
            continue
        assert item is not None
        assert product["Xero_Item_Id__c"] == item["ItemID"]
        assert (item["Name"], item["Description"]) == (product["Name"], product["Description"])
        assert Decimal(item["SalesDetails"]["UnitPrice"]) == prices[product["Id"]]
    codes = {product["StockKeepingUnit"] for product in ticked}
    assert set(before) <= set(after)
    assert {item["Code"] for item in after.values()} - {item["Code"] for item in before.values()} <= codes
    assert all(after[key] == item for key, item in before.items() if item["Code"] not in codes)


def test_a_price_that_rose_in_salesforce_leaves_the_rest_of_the_item_alone(exported: Exported) -> None:
    ticked = {
        product["StockKeepingUnit"] for product in exported.salesforce["Product2"].values() if product["Xero_Sync__c"]
    }
    changed = {
        key: (item, exported.xero["Items"][key])
        for key, item in exported.xero_before["Items"].items()
        if item != exported.xero["Items"][key]
    }

    assert changed
    for was, is_now in changed.values():
        assert was["Code"] in ticked
        differing = {name for name in was.keys() | is_now.keys() if was.get(name) != is_now.get(name)}
        assert differing <= {"SalesDetails", "UpdatedDateUTC", "UpdatedDateUTCString"}
        assert was["SalesDetails"] | {"UnitPrice": None} == is_now["SalesDetails"] | {"UnitPrice": None}


def test_notes_become_history_of_their_invoice_once_and_word_for_word(exported: Exported) -> None:
    notes = [note for note in exported.salesforce["Xero_Note__c"].values() if not note["IsDeleted"]]

    assert len(notes) == 3
    for note in notes:
        sale_id = note["Opportunity__c"] or note["Order__c"]
        sale = {**exported.salesforce["Opportunity"], **exported.salesforce["Order"]}[sale_id]
        (invoice,) = exported.invoices(sale).values()
        answer = exported.desk.xero.http.get(f"Invoices/{invoice['InvoiceID']}/History")
        said = [record["Details"] for record in answer.json()["HistoryRecords"]]
        assert said.count(note["Details__c"]) == 1
        assert note["Xero_Export_Status__c"] == "Succeeded"


def test_nothing_else_changed_in_xero(exported: Exported) -> None:
    found = contents.changes(exported.xero_before, exported.xero)

    assert set(found) <= {"Invoices", "Items", "Contacts"}
    assert {change for change in found["Invoices"].values() if isinstance(change, str)} == {"new"}
    assert all(change == "new" for change in found["Invoices"].values())
    assert contents.columns(found, "Contacts") <= FOLLOWS_FROM_INVOICES
    assert "new" not in found.get("Contacts", {}).values(), "nobody asked for contacts to be created"
    ours = [invoice for sale in exported.ledger.ticked() for invoice in exported.invoices(sale).values()]
    assert {invoice["InvoiceID"] for invoice in ours} == set(found["Invoices"])


def test_nothing_else_changed_in_salesforce(exported: Exported) -> None:
    found = contents.changes(exported.salesforce_before, exported.salesforce)

    assert set(found) == {"Opportunity", "Order", "Product2", "Xero_Note__c"}
    for name in found:
        assert contents.columns(found, name) <= WRITTEN_BY_US | contents.AUDIT
    ticked = {sale["Id"] for sale in exported.ledger.ticked()}
    assert {*found["Opportunity"], *found["Order"]} == ticked


def test_it_took_as_many_calls_as_there_are_fifties_and_notes(exported: Exported) -> None:
    created = exported.calls.count("PUT Invoices")
    invoices = len(contents.changes(exported.xero_before, exported.xero)["Invoices"])

    assert created == -(-invoices // 50)
    assert exported.calls.count("POST Items") == 1
    assert len(exported.calls) == created + 1 + 3


def test_the_log_of_events_tells_every_record_with_its_reason(exported: Exported) -> None:
    told = {
        (row["object"], row["record_id"]): row
        for row in exported.desk.pair.rows(
            "select object, record_id, record_name, action, detail from sync.events "
            "where system = 'xero' and object in ('invoices', 'items', 'notes') and action in ('sent', 'failed')"
        )
    }
    for entry in exported.desk.log(limit=5000):
        row = told[entry.object, entry.external_id]
        assert row["record_name"] == entry.record_name
        assert row["action"] == {"succeeded": "sent", "failed": "failed"}[entry.status]
        if entry.status == "failed":
            assert row["detail"] == {"code": entry.error_code, "reason": entry.error}
        else:
            assert row["detail"]["remote_id"] == entry.remote_id


def test_the_run_is_on_record_with_what_it_sent_and_asked(exported: Exported) -> None:
    run = exported.desk.pair.row("select * from sync.runs order by started_at desc limit 1")

    assert (run["mode"], run["outcome"], run["error"]) == ("export", "succeeded", None)
    assert run["calls"] == len(exported.calls)
    assert run["deliveries"] == exported.outcome.sent
