"""An idle window looks at no row twice; a row that a run breaks is found by that run, and any other by a full one."""

from __future__ import annotations

import pytest

from xero_pipeline.domain.errors import PipelineError
from xero_pipeline.stages.checks import CHECKS, run_check
from xero_pipeline.stages.known import Known
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.sync import SyncOutcome
from xero_pipeline.warehouse.loader import Changes
from xero_pipeline_tests.e2e.pair import DEMO, Pair

RESTING = {check.name for check in CHECKS if check.rests_on}
LINE = "select invoice_id, line_item_id from xero.invoice_lines order by line_item_id limit 1"
KNOWN = "select value from sync.settings where key = 'known'"
HOLDING = "holds "
WITH_CONTACTS = "with contacts "
ADD_UP = "lines_add_up_to_their_invoice"


def _known(pair: Pair) -> dict[str, str]:
    return next((row["value"] for row in pair.rows(KNOWN)), {})


def _holding(pair: Pair) -> set[str]:
    return {name.removeprefix(HOLDING) for name in _known(pair) if name.startswith(HOLDING)}


def _assert_counted(pair: Pair, outcome: SyncOutcome) -> None:
    """Every table that a run told of holds as many rows as it said."""
    told = {name: count for report in outcome.reports for name, count in report.row_counts.items()}
    assert {"xero.contacts", "xero.invoices", "xero.invoice_lines", "xero.payments"} <= set(told)
    assert told == {name: pair.row(f"select count(*) as rows from {name}")["rows"] for name in told}


def test_rules_that_stop_what_builds_on_them_rest_on_nothing_but_a_look() -> None:
    assert RESTING
    assert {check.severity for check in CHECKS if check.rests_on} == {"WARN"}


def test_rows_of_tables_that_were_empty_are_told_without_counting_them(unsynced: Pair) -> None:
    _assert_counted(unsynced, unsynced.sync("delta"))


def test_rows_are_told_to_the_row_whatever_a_run_did(pair: Pair) -> None:
    contact = pair.row("select contact_id from xero.contacts where not is_archived order by name limit 1")
    line = {"Description": "One of three", "Quantity": 1, "UnitAmount": 5, "AccountCode": "200"}
    made = pair.pull(
        "create_invoice", Type="ACCREC", Contact={"ContactID": contact["contact_id"]}, LineItems=[line, line, line]
    )
    _assert_counted(pair, pair.sync("delta"))
    invoice = made["InvoiceID"]
    assert pair.row("select count(*) as lines from xero.invoice_lines where invoice_id = %s", invoice)["lines"] == 3
    pair.pull("update_invoice", invoice=invoice, fields={"LineItems": [line]})
    _assert_counted(pair, pair.sync("delta"))
    assert pair.row("select count(*) as lines from xero.invoice_lines where invoice_id = %s", invoice)["lines"] == 1
    _assert_counted(pair, pair.sync("delta"))
    _assert_counted(pair, pair.sync("full"))


def test_a_row_that_a_delta_breaks_is_found_by_that_delta_and_by_every_one_after_it(pair: Pair) -> None:
    pair.sync("delta")
    assert ADD_UP in _holding(pair)
    invoice = pair.row(
        "select invoice_id, sub_total from xero.invoices where type = 'ACCREC' order by invoice_number limit 1"
    )
    fields = {"SubTotal": float(invoice["sub_total"]) + 1}
    pair.pull("edit", plural="Invoices", id=invoice["invoice_id"], fields=fields)
    for _ in range(2):
        assert pair.sync("delta").warnings[ADD_UP].count == 1
        assert _holding(pair) == RESTING - {ADD_UP}


def _break_by_hand(pair: Pair) -> None:
    line = pair.row(LINE)["line_item_id"]
    assert pair.run("update xero.invoice_lines set line_amount = line_amount + 1 where line_item_id = %s", line) == 1


def test_a_row_that_was_broken_by_hand_is_found_by_the_next_full_run(pair: Pair) -> None:
    invoice = pair.row("select invoice_id from xero.invoices where status = 'DRAFT' order by invoice_id limit 1")[
        "invoice_id"
    ]
    pair.pull("remove", plural="Invoices", id=invoice)
    # It has vanished, so that no reading mends it.
    pair.sync("full")
    assert "codes_are_known" in _holding(pair)
    pair.run("update xero.invoice_lines set account_code = 'nowhere' where invoice_id = %s", invoice)
    assert "codes_are_known" not in pair.sync("delta").warnings
    assert pair.sync("full").warnings["codes_are_known"].count > 0


def test_a_run_that_fails_leaves_nothing_known_and_the_next_looks_for_itself(pair: Pair) -> None:
    pair.sync("delta")
    assert _holding(pair) == RESTING
    pair.fault("503", "/Payments$")
    with pytest.raises(PipelineError):
        pair.sync("delta")
    assert _known(pair) == {}
    pair.mend()
    _break_by_hand(pair)
    outcome = pair.sync("delta")
    assert outcome.warnings[ADD_UP].count == 1
    _assert_counted(pair, outcome)
    assert _holding(pair) == RESTING - {ADD_UP}


def _with_contacts(pair: Pair) -> set[str]:
    return {name.removeprefix(WITH_CONTACTS) for name in _known(pair) if name.startswith(WITH_CONTACTS)}


def _fetched(outcome: SyncOutcome) -> dict[str, object]:
    return {r.stage: r.notes["contacts_fetched"] for r in outcome.reports if "contacts_fetched" in r.notes}


def test_documents_of_runs_that_did_not_end_well_are_looked_at_for_their_contacts_too(pair: Pair) -> None:
    pair.sync("delta")
    assert "xero.invoices" in _with_contacts(pair)
    # What a run leaves that is killed between documents and their contacts; its knowledge is gone with it.
    contact = pair.row(
        "select contact_id from xero.contacts join xero.invoices using (org_id, contact_id) order by 1 limit 1"
    )["contact_id"]
    pair.run("delete from xero.contacts where contact_id = %s", contact)
    pair.fault("503", "/Payments$")
    with pytest.raises(PipelineError):
        pair.sync("delta")
    pair.mend()
    assert _known(pair) == {}
    other = pair.row(
        "select invoice_id from xero.invoices where type = 'ACCREC' and contact_id <> %s order by 1 limit 1", contact
    )
    pair.pull("edit", plural="Invoices", id=other["invoice_id"], fields={"Reference": "Seen again"})
    assert _fetched(pair.sync("delta")) == {"invoices": 1}
    # Xero might not have had it, so one more run looks at all.
    assert "xero.invoices" not in _with_contacts(pair)
    assert pair.row("select count(*) as found from xero.contacts where contact_id = %s", contact)["found"] == 1


def test_documents_that_another_stage_wrote_are_not_known_to_have_their_contacts() -> None:
    known = Known(with_contacts={"xero.invoices", "xero.quotes"})
    known.written(StageReport("invoices", tables={"xero.invoices": Changes(updated=1)}))
    assert known.with_contacts == {"xero.invoices", "xero.quotes"}
    known.written(StageReport("export", tables={"xero.invoices": Changes(), "xero.quotes": Changes(inserted=1)}))
    assert known.with_contacts == {"xero.invoices"}


def test_a_table_was_empty_only_if_that_is_certain() -> None:
    known = Known(rows={"xero.contacts": 7})
    known.began_empty("xero.invoices")
    assert [known.was_empty(f"xero.{table}") for table in ("invoices", "contacts", "payments")] == [True, False, False]
    known.written(StageReport("invoices", tables={"xero.invoices": Changes(inserted=3, updated=1)}))
    assert not known.was_empty("xero.invoices")
    assert known.rows["xero.invoices"] == 3


@pytest.mark.parametrize("currency", ["AUD", "USD"])
def test_a_foreign_invoice_without_a_rate_is_found_wherever_its_currency_stands_in_the_alphabet(
    pair: Pair, currency: str
) -> None:
    invoice = pair.row("select invoice_id, currency_code from xero.invoices where status = 'PAID' order by 1 limit 1")
    assert pair.row("select base_currency from xero.organisations") == {"base_currency": "NZD"}
    check = next(check for check in CHECKS if check.name == "foreign_invoices_have_a_rate")
    assert run_check(pair.settings, DEMO, check).passed
    pair.run(
        "update xero.invoices set currency_code = %s, currency_rate = null where invoice_id = %s",
        currency,
        invoice["invoice_id"],
    )
    assert run_check(pair.settings, DEMO, check).count == 1
    pair.run("update xero.invoices set currency_rate = 0 where invoice_id = %s", invoice["invoice_id"])
    assert run_check(pair.settings, DEMO, check).count == 1
    pair.run("update xero.invoices set currency_rate = 1.1 where invoice_id = %s", invoice["invoice_id"])
    assert run_check(pair.settings, DEMO, check).passed
