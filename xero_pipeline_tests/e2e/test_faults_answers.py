"""Whatever Xero answers, a run ends with a sentence or with the data; what arrived stays, and the next run goes on."""

from __future__ import annotations

import pytest

from xero_pipeline.domain.errors import Permanent, Throttled, Transient
from xero_pipeline.xero.endpoints import Endpoint
from xero_pipeline_tests.e2e.faults_bench import Bench, pages_of
from xero_pipeline_tests.e2e.pair import report_of

pytest_plugins = ["xero_pipeline_tests.e2e.faults_fixtures"]

TRIES = 5
PAGE = 20


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of 20 records, so that the lists of a small organisation have several."""
    monkeypatch.setattr(Endpoint, "page_size", pages_of(PAGE))


def test_a_full_minute_is_waited_for_and_nobody_hears_of_it(bench: Bench) -> None:
    rule = bench.fault("429 minute", "/Invoices$", retry_after=0, count=2)
    bench.sync()
    assert rule.hits == 2
    bench.assert_complete()


def test_a_minute_that_stays_full_ends_the_run_and_the_next_one_goes_on(bench: Bench) -> None:
    rule = bench.fault("429 minute", "/Invoices$", retry_after=0)
    error = bench.fails(Throttled, "GET Invoices", "limits", "next run")
    assert error.problem == "minute"
    assert rule.hits == TRIES
    bench.heals()


def test_a_wait_that_is_too_long_is_not_waited_for(bench: Bench) -> None:
    rule = bench.fault("429 minute", "/Invoices$", retry_after=600)
    error = bench.fails(Throttled, "600 seconds", "minute")
    assert error.retry_after == 600
    assert rule.hits == 1
    bench.heals()


def test_a_spent_day_ends_the_run_at_once_and_keeps_the_pages_that_arrived(bench: Bench, small_pages: None) -> None:
    bench.fault("429 day", "/Invoices$", first=2)
    error = bench.fails(Throttled, "calls for today are spent", "next run")
    assert error.problem == "day"
    assert PAGE <= bench.count("xero.invoices") <= 2 * PAGE
    assert bench.count("xero.contacts") > 0
    assert bench.rows("select endpoint from sync.windows where endpoint = 'invoices'") == []
    bench.heals()


@pytest.mark.parametrize("endpoint", ["Contacts", "Payments"])
def test_an_answer_that_never_comes_right_is_tried_five_times_and_then_told(bench: Bench, endpoint: str) -> None:
    for what, told in (
        ("500", "500: An error occurred in Xero"),
        ("502", "502"),
        ("503", "503: The Xero API is temporarily unavailable"),
        ("html", "cut off or no list"),
        ("truncated", "cut off or no list"),
        ("cut", "did not answer"),
    ):
        rule = bench.fault(what, f"/{endpoint}$")
        bench.waits.clear()
        bench.fails(Transient, f"GET {endpoint}", told, "the next run continues")
        assert rule.hits == TRIES
        assert len(bench.waits) == TRIES - 1
        assert bench.waits == sorted(bench.waits)
        bench.world.faults.rules.clear()
    bench.heals()


def test_failures_that_pass_are_not_noticed(bench: Bench) -> None:
    rules = [
        bench.fault(what, f"/{endpoint}$", count=2)
        for what, endpoint in (
            ("500", "Contacts"),
            ("503", "Invoices"),
            ("html", "CreditNotes"),
            ("truncated", "Payments"),
            ("cut", "Accounts"),
        )
    ]
    bench.sync()
    assert [rule.hits for rule in rules] == [2] * len(rules)
    bench.assert_complete()


def test_a_page_that_breaks_off_in_the_middle_of_a_list_costs_only_itself(bench: Bench, small_pages: None) -> None:
    rule = bench.fault("truncated", "/Invoices$", first=2)
    bench.fails(Transient, "GET Invoices", "cut off")
    assert rule.hits >= TRIES
    assert PAGE <= bench.count("xero.invoices") < 84
    assert bench.rows("select endpoint from sync.windows where endpoint = 'invoices'") == []
    bench.heals()


def test_the_contacts_of_pages_that_arrived_are_fetched_by_the_next_run(bench: Bench, small_pages: None) -> None:
    bench.sync()
    contacts = bench.rows("select count(distinct contact_id) from xero.invoices")[0][0]
    bench.change("delete from xero.contacts")
    bench.change("delete from xero.invoices")
    bench.rows(
        "with gone as (delete from sync.windows where endpoint = 'invoices' returning 1) select count(*) from gone"
    )
    bench.fault("429 day", "/Invoices$", first=2)
    bench.fails(Throttled, "calls for today are spent")
    assert bench.count("xero.invoices") >= PAGE
    bench.world.faults.rules.clear()
    bench.sync()
    staged = bench.rows("select count(*) from xero.contacts where contact_id in (select contact_id from xero.invoices)")
    assert staged == [(contacts,)]


def test_a_page_that_repeats_for_ever_is_noticed_at_once(bench: Bench) -> None:
    rule = bench.fault("repeat page", "/Contacts$")
    bench.fails(Permanent, "contacts", "never end")
    assert rule.hits == 2
    bench.heals()


def test_a_value_that_nobody_knew_is_kept_as_text(bench: Bench) -> None:
    bench.fault("unknown enum", "/Invoices$", field="Status", value="HALF_PAID")
    bench.sync()
    assert bench.rows("select count(*) from xero.invoices where status = 'HALF_PAID'") == [(1,)]
    bench.heals("full")


def test_fields_that_are_missing_are_empty_and_their_record_is_staged(bench: Bench) -> None:
    for endpoint, name in (
        ("Contacts", "UpdatedDateUTC"),
        ("Invoices", "DueDate"),
        ("CreditNotes", "Reference"),
        ("Prepayments", "LineAmountTypes"),
        ("Payments", "Account"),
    ):
        bench.fault("missing field", f"/{endpoint}$", field=name)
    bench.sync()
    assert bench.rows("select count(*) from xero.contacts where updated_utc is null") == [(1,)]
    assert bench.rows("select count(*) from xero.invoices where due_date is null") == [(1,)]
    bench.heals("full")


def test_a_record_that_cannot_be_read_is_set_aside_and_its_neighbours_are_staged(bench: Bench) -> None:
    bench.fault("unknown enum", "/Payments$", field="Amount", value="a lot")
    outcome = bench.sync()
    report = report_of("payments", outcome)
    assert len(report.problems) == 1
    (event,) = bench.rows("select object, record_id, detail ->> 'reason' from sync.events where action = 'failed'")
    assert event[0] == "payments"
    assert event[2] == report.problems[0]
    assert event[1] in event[2]
    assert bench.count("xero.payments") == len(bench.faultless["xero.payments"]) - 1
    assert bench.rows("select payment_id from xero.payments where payment_id = %s", event[1]) == []
    bench.heals("full")


def test_a_staged_record_that_cannot_be_read_any_more_has_not_vanished(bench: Bench) -> None:
    bench.sync()
    bench.fault("unknown enum", "/Payments$", field="Amount", value="a lot")
    bench.sync("full")
    assert bench.rows("select count(*) from sync.events where action = 'failed' and object = 'payments'") == [(1,)]
    assert bench.rows("select count(*) from xero.payments where vanished_at is not null") == [(0,)]
    bench.heals("full")


def test_a_list_that_never_arrives_marks_nothing_as_vanished(bench: Bench) -> None:
    bench.sync()
    bench.fault("html", "/Items$")
    bench.fails(Transient, "the next run continues", mode="full")
    bench.heals("full")


def test_an_identity_service_that_does_not_answer_is_told_as_such(bench: Bench) -> None:
    rule = bench.fault("500", "/connect/token$")
    bench.fails(Transient, "Xero's identity service", "500")
    assert rule.hits == TRIES
    bench.heals()
