"""An idle window costs at most six calls to Xero, and no list of settings grows old for it (issue A, 7)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import islice

from xero_pipeline.domain.org import Org
from xero_pipeline.domain.windows import windows_between
from xero_pipeline_tests.e2e.pair import Pair

DEFAULTS = Org(alias="demo")
SETTINGS = ("Organisation", "BrandingThemes", "Accounts", "TaxRates", "TrackingCategories", "Currencies", "Items")
MOST_CALLS = 6
WINDOWS = 12
OLDEST = timedelta(minutes=75)


def test_twelve_idle_windows_cost_six_calls_each_at_most_and_keep_every_list_fresh(pair: Pair) -> None:
    read_at = dict.fromkeys(SETTINGS, pair.now)
    ages: dict[str, timedelta] = dict.fromkeys(SETTINGS, timedelta(0))
    calls: list[int] = []
    for window in islice(windows_between(pair.now, pair.now + timedelta(days=1)), WINDOWS):
        pair.pass_time(seconds=(window.end - pair.now).total_seconds())
        pair.forget_requests()

        outcome = pair.sync("delta", org=DEFAULTS)

        requests = Counter(each["path"].rpartition("/")[2] for each in pair.requests("xero"))
        calls.append(requests.total())
        assert (outcome.rows_written, outcome.sent) == (0, 0)
        assert outcome.calls == requests.total(), "what a run says it cost is what it cost"
        assert {"Contacts", "Invoices", "CreditNotes", "Payments"} <= set(requests)
        for name in SETTINGS:
            ages[name] = max(ages[name], pair.now - read_at[name])
            if name in requests:
                read_at[name] = pair.now

    assert len(calls) == WINDOWS
    assert max(calls) <= MOST_CALLS
    assert max(ages.values()) <= OLDEST, ages
    assert min(read_at.values()) > pair.now - OLDEST


def test_a_code_that_turns_up_unknown_is_looked_up_in_the_same_run(pair: Pair) -> None:
    item = pair.row("select item_id from xero.items order by code limit 1")
    pair.pull("edit", plural="Items", id=item["item_id"], fields={"Code": "NEW-1", "Name": "A new pump"})
    contact = pair.row("select contact_id from xero.contacts where not is_archived order by name limit 1")
    line = {"Description": "New", "Quantity": 1, "UnitAmount": 5, "AccountCode": "200", "ItemCode": "NEW-1"}
    pair.pull("create_invoice", Type="ACCREC", Contact={"ContactID": contact["contact_id"]}, LineItems=[line])
    pair.forget_requests()

    pair.sync("delta", org=DEFAULTS)

    requests = Counter(each["path"].rpartition("/")[2] for each in pair.requests("xero"))
    assert requests["Items"] == 1
    assert pair.row("select name from xero.items where code = 'NEW-1'") == {"name": "A new pump"}


def test_an_idle_window_sends_nothing_to_salesforce(pair: Pair) -> None:
    pair.pass_time(minutes=13)
    pair.forget_requests()

    pair.sync("delta", org=DEFAULTS)

    assert pair.salesforce_writes() == []
