"""What people tick in Salesforce is noticed with one call, whatever an export itself writes there is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from xero_pipeline.domain.errors import Permanent, Transient
from xero_pipeline.stages.export import flags as module
from xero_pipeline.stages.export.flags import Flags, pending_flags
from xero_pipeline_tests.e2e.export_desk import EXPORT, EXPORTING, Desk, Line
from xero_pipeline_tests.e2e.pair import Pair


def _pending(desk: Desk) -> set[tuple[str, str]]:
    return {(table, record_id) for table, record_id, _ in pending_flags(desk.pair.settings, EXPORTING).records}


def test_what_an_export_writes_to_salesforce_is_no_news(desk: Desk) -> None:
    sale = desk.sell(Line())
    desk.export()
    assert desk.opportunity(sale)["Xero_Export_Status__c"] == "Succeeded"
    assert _pending(desk) == set()


def test_a_sale_that_is_ticked_or_edited_waits_until_it_is_read(desk: Desk) -> None:
    sale = desk.sell(Line())
    assert _pending(desk) == {("opportunities", sale)}
    desk.export()
    assert _pending(desk) == set()
    desk.edit(sale, Name="Another name")
    assert _pending(desk) == {("opportunities", sale)}


def test_a_product_and_a_note_are_noticed_too(desk: Desk) -> None:
    sale = desk.sell(Line())
    product = desk.crm.query("SELECT Id FROM Product2 WHERE ProductCode = 'PMP-120'")[0]["Id"]
    desk.export()
    desk.pair.in_salesforce("PATCH", f"Product2/{product}", {"Xero_Sync__c": True})
    note = desk.pair.in_salesforce("POST", "Xero_Note__c", {"Opportunity__c": sale, "Details__c": "Call first."})["id"]
    assert _pending(desk) == {("products", product), ("notes", note)}


def test_a_sale_that_is_not_sold_or_not_ticked_is_nobodys_wish(desk: Desk) -> None:
    desk.sell(Line(), StageName="Prospecting")
    desk.sell(Line(), Xero_Export__c=False)
    assert _pending(desk) == set()


def test_what_is_not_exported_is_not_asked_about(desk: Desk) -> None:
    desk.sell(Line())
    nothing = {"opportunities": {"stages": []}, "orders": {"statuses": []}, "products": False, "notes": False}
    org = EXPORTING.model_copy(update={"export": EXPORT.model_validate({"enabled": True, **nothing})})
    desk.pair.forget_requests()
    assert not pending_flags(desk.pair.settings, org)
    assert [each for each in desk.pair.requests("salesforce") if each["method"] == "POST"] == []


def test_a_change_that_was_committed_behind_a_later_one_is_found(desk: Desk) -> None:
    sale = desk.sell(Line())
    desk.pair.pass_time(minutes=2)
    desk.sell(Line())
    desk.export()
    earlier = "update salesforce.opportunities set system_modstamp = system_modstamp - %s where opportunity_id = %s"
    assert desk.pair.run(earlier, timedelta(seconds=30), sale) == 1
    assert _pending(desk) == {("opportunities", sale)}


def test_a_look_costs_the_org_one_call_besides_signing_in(desk: Desk) -> None:
    desk.sell(Line())
    desk.pair.forget_requests()
    assert _pending(desk)
    asked = [each["path"].rsplit("/", 1)[-1] for each in desk.pair.requests("salesforce")]
    assert asked == ["data", "composite"]


def test_the_same_flags_have_the_same_key(desk: Desk) -> None:
    first, second = desk.sell(Line()), desk.sell(Line())
    flags = pending_flags(desk.pair.settings, EXPORTING)
    assert {record_id for _, record_id, _ in flags.records} == {first, second}
    assert Flags(tuple(reversed(flags.records))).key == flags.key
    desk.edit(first, Name="Another name")
    assert pending_flags(desk.pair.settings, EXPORTING).key != flags.key


def test_a_salesforce_that_is_down_is_given_up_on_without_long_waits(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LONGEST_WAIT", 0.01)
    desk.pair.fault("503", "/composite")
    with pytest.raises(Transient, match="Salesforce could not answer while asking what is to be exported"):
        pending_flags(desk.pair.settings, EXPORTING)


def test_an_organisation_that_was_never_synced_has_nothing_to_ask(unsynced: Pair) -> None:
    with pytest.raises(Permanent, match="demo was never synced"):
        pending_flags(unsynced.settings, EXPORTING)
