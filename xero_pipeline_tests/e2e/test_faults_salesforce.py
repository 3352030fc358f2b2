"""When Salesforce refuses, what came from Xero stays, what could not be sent waits, and nothing is sent twice."""

from __future__ import annotations

from xero_pipeline.domain.errors import Reconnect, Throttled, Transient
from xero_pipeline.stages.plan import Stage
from xero_pipeline.stages.report import StageReport
from xero_pipeline_tests.e2e.faults_bench import Bench
from xero_pipeline_tests.e2e.pair import report_of

pytest_plugins = ["xero_pipeline_tests.e2e.faults_fixtures"]

TRIES = 5
LOCKED = '[{"message": "unable to obtain exclusive access to this record", "errorCode": "UNABLE_TO_LOCK_ROW"}]'
# Longer than the field in Salesforce, and no currency at all.
BAD_CURRENCY = "THIS-IS-NO-CURRENCY"


def test_an_inactive_user_is_named_and_what_came_from_xero_stays(own_bench: Bench) -> None:
    user = f"salesforce/users/{own_bench.settings.salesforce_username}"
    contact = own_bench.ids("Contacts")[0]
    own_bench.edit("Contacts", contact, AccountNumber="C-1001")
    own_bench.control(user, {"IsActive": False})
    own_bench.fails(Reconnect, "Salesforce", "deactivated", "SALESFORCE_USERNAME")
    assert len(own_bench.requests("/services/oauth2/token")) == 1
    assert own_bench.rows("select account_number from xero.contacts where contact_id = %s", contact) == [("C-1001",)]
    own_bench.control(user, {"IsActive": True})
    assert own_bench.heals().sent == 1


def test_a_wrong_secret_of_the_connected_app_is_named_and_never_shown(bench: Bench) -> None:
    wrong = bench.other(salesforce_private_key="", salesforce_client_secret="not-the-secret-of-this-app")
    wrong.fails(Reconnect, "Salesforce refused the login", "SALESFORCE_CLIENT_SECRET")
    assert bench.count("xero.invoices") > 0
    bench.heals()


def test_an_answer_of_salesforce_that_never_comes_right_is_tried_five_times_and_then_told(bench: Bench) -> None:
    for what, told in (
        ("500", "UNKNOWN_EXCEPTION"),
        ("503", "SERVER_UNAVAILABLE"),
        ("html", "breaks off or is no JSON"),
        ("truncated", "breaks off or is no JSON"),
        ("cut", "could not be reached"),
    ):
        rule = bench.fault(what, "/queryAll")
        bench.waits.clear()
        bench.fails(Transient, "Salesforce", "reading User", told, "the next run continues")
        assert (rule.hits, len(bench.waits)) == (TRIES, TRIES - 1)
        bench.world.faults.rules.clear()
    bench.heals()


def test_a_spent_day_of_salesforce_ends_the_run_and_keeps_what_was_staged(bench: Bench) -> None:
    rule = bench.fault("403", "/queryAll", first=3)
    error = bench.fails(Throttled, "API requests of the day", "next run")
    assert (error.problem, rule.hits) == ("day", 1)
    assert bench.count("salesforce.users") > 0
    bench.heals()


def _change_a_contact_and_an_invoice(bench: Bench) -> tuple[str, str]:
    """Two records that differ from what Salesforce has, of objects that are sent one after the other."""
    (contact, *_), (invoice, *_) = bench.ids("Contacts"), bench.ids("Invoices")
    bench.edit("Contacts", contact, AccountNumber="C-1001")
    bench.edit("Invoices", invoice, Reference="As agreed")
    return contact, invoice


def test_a_session_that_ends_during_a_sync_is_opened_again_once(own_bench: Bench) -> None:
    def expire(stage: Stage, report: StageReport | None) -> None:
        if stage.name == "write_back" and report is None:
            own_bench.control("salesforce/expire", {"tokens": True})

    _change_a_contact_and_an_invoice(own_bench)
    outcome = own_bench.sync(progress=expire)
    assert outcome.sent == 2
    assert len(own_bench.requests("/services/oauth2/token")) == 2


def test_a_row_lock_of_somebody_else_is_waited_for(own_bench: Bench) -> None:
    _change_a_contact_and_an_invoice(own_bench)
    rule = own_bench.fault("500", "/composite/", text=LOCKED, count=3)
    outcome = own_bench.sync()
    assert rule.hits == len(own_bench.waits) == 3
    assert outcome.sent == 2


def test_a_row_lock_that_never_opens_ends_the_run_and_the_next_one_sends_the_rest(own_bench: Bench) -> None:
    contact, invoice = _change_a_contact_and_an_invoice(own_bench)
    own_bench.fault("500", "/composite/", first=1, text=LOCKED)
    own_bench.fails(Transient, "Salesforce", "UNABLE_TO_LOCK_ROW", "the next run continues")
    sent = "select status from sync.deliveries where external_id = %s"
    assert own_bench.rows(sent, contact) == [("succeeded",)]
    assert own_bench.rows(sent, invoice) == [("pending",)]
    assert own_bench.heals().sent == 1


def test_an_answer_that_is_lost_on_the_way_back_sends_nothing_twice(own_bench: Bench) -> None:
    before = own_bench.control("salesforce/totals", method="GET")
    own_bench.control("xero/first/actions/create_contact", {"Name": "A New Contact"})
    own_bench.fault("timeout after", "/composite/", seconds=0)
    own_bench.fails(Transient, "Salesforce could not be reached")
    own_bench.heals()
    after = own_bench.control("salesforce/totals", method="GET")
    grown = {name: after[name]["records"] - before[name]["records"] for name in after}
    assert {name: count for name, count in grown.items() if count} == {"Xero_Contact__c": 1}
    assert own_bench.rows("select distinct status from sync.deliveries") == [("succeeded",)]


def test_a_refused_record_waits_with_its_reason_and_is_sent_when_it_has_changed(own_bench: Bench) -> None:
    contact, invoice = _change_a_contact_and_an_invoice(own_bench)
    own_bench.edit("Contacts", contact, DefaultCurrency=BAD_CURRENCY)
    outcome = own_bench.sync()
    report = report_of("write_back", outcome)
    assert (report.sent, report.failed, len(report.problems)) == (1, 1, 1)
    standing = "select status, error_code, error from sync.deliveries where external_id = %s"
    ((status, code, reason),) = own_bench.rows(standing, contact)
    assert (status, code) == ("failed", "STRING_TOO_LONG")
    assert "Currency__c" in reason
    assert own_bench.rows(standing, invoice) == [("succeeded", None, None)]
    logged = own_bench.rows("select object, record_id, detail ->> 'reason' from sync.events where action = 'failed'")
    assert logged == [("Xero_Contact__c", contact, reason)]

    own_bench.edit("Contacts", contact, DefaultCurrency="NZD")
    assert own_bench.sync().sent == 1
    assert own_bench.rows(standing, contact) == [("succeeded", None, None)]


def test_a_refused_record_is_offered_five_times_and_then_rests_until_a_full_sync(own_bench: Bench) -> None:
    contact = own_bench.ids("Contacts")[0]
    own_bench.edit("Contacts", contact, DefaultCurrency=BAD_CURRENCY)
    own_bench.sync()
    attempts = "select attempts from sync.deliveries where external_id = %s"
    own_bench.change("update sync.deliveries set attempts = 4 where external_id = %s", contact)
    for _ in range(2):
        own_bench.sync("rollups")
        assert own_bench.rows(attempts, contact) == [(5,)]
    own_bench.sync("full")
    assert own_bench.rows(attempts, contact) == [(6,)]
