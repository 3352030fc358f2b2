"""A delta decides only the contacts that may match differently, and leaves nothing that a look at all would decide (BW-09)."""

from __future__ import annotations

import random

import pytest

from xero_pipeline.stages.matching import bring_up_to_date
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.sync import SyncOutcome
from xero_pipeline.warehouse.loader import Changes
from xero_pipeline_tests.e2e.deltas import Change, binds_of_a_look, deltas_after
from xero_pipeline_tests.e2e.pair import Pair

OPEN = """
select contacts.contact_id, contacts.name
from xero.contacts
left join sync.contact_matches as matches using (org_id, contact_id)
where not is_archived and contacts.name <> '' and (matches.contact_id is null or matches.status in ('unmatched', 'ambiguous'))
order by 1
"""
MATCHED = "select contact_id, account_id from sync.contact_matches where status = 'matched' order by 1"
# Salesforce keeps an account that sales refer to.
UNSOLD = """
select account_id from sync.contact_matches
where
    status = 'matched'
    and account_id not in (select account_id from salesforce.orders where account_id is not null)
    and account_id not in (select account_id from salesforce.opportunities where account_id is not null)
order by 1
"""


def _number_a_contact(pair: Pair, rng: random.Random) -> None:
    """Or an account as well, before or after it."""
    number = f"N-{rng.randrange(10**9)}"
    contact = rng.choice(pair.rows(OPEN))["contact_id"]
    account = rng.choice(pair.rows("select account_id from salesforce.accounts where not is_deleted order by 1"))
    sides = [
        lambda: pair.pull("edit_contact", contact=contact, fields={"AccountNumber": number}),
        lambda: pair.in_salesforce("PATCH", f"Account/{account['account_id']}", {"AccountNumber": number}),
    ]
    for side in rng.choice((sides, sides[:1], sides[::-1])):
        side()


def _name_an_account_after_a_contact(pair: Pair, rng: random.Random) -> None:
    businesses = (
        "select account_id from salesforce.accounts where not is_deleted and is_person_account is not true order by 1"
    )
    account, name = rng.choice(pair.rows(businesses))["account_id"], rng.choice(pair.rows(OPEN))["name"]
    pair.in_salesforce("PATCH", f"Account/{account}", {"Name": name})


def _delete_an_account(pair: Pair, rng: random.Random) -> None:
    pair.in_salesforce("DELETE", f"Account/{rng.choice(pair.rows(UNSOLD))['account_id']}")


def _open_a_match_again(pair: Pair, rng: random.Random) -> None:
    contact = rng.choice(pair.rows(MATCHED))["contact_id"]
    how = rng.choice(
        (
            "delete from sync.contact_matches where contact_id = %s",
            "update sync.contact_matches set status = 'unmatched', account_id = null where contact_id = %s",
        )
    )
    pair.run(how, contact)


def _match_by_hand(pair: Pair, rng: random.Random) -> None:
    contact, account = rng.choice(pair.rows(OPEN))["contact_id"], rng.choice(pair.rows(MATCHED))["account_id"]
    pair.run(
        "update sync.contact_matches set account_id = %s, status = 'manual' where contact_id = %s", account, contact
    )


CHANGES: tuple[Change, ...] = (
    _number_a_contact,
    _name_an_account_after_a_contact,
    _delete_an_account,
    _open_a_match_again,
    _match_by_hand,
)


def _decided_by_a_look_at_all(pair: Pair) -> Changes:
    """What matching of every open contact would change now."""
    with pair.warehouse.connect() as conn:
        changes = bring_up_to_date(conn, binds_of_a_look(pair), StageReport("contact_matches"), whole=True)
        conn.rollback()
    return changes


def _looked_at(outcome: SyncOutcome) -> int:
    return next(report.rows_seen for report in outcome.reports if report.stage == "contact_matches")


@pytest.mark.parametrize("seed", range(3))
def test_whatever_changes_a_delta_leaves_nothing_that_a_look_at_all_contacts_decides(pair: Pair, seed: int) -> None:
    written = 0
    for outcome in deltas_after(CHANGES, pair, seed):
        assert _decided_by_a_look_at_all(pair) == Changes()
        written += sum(report.rows_written for report in outcome.reports if report.stage == "contact_matches")
    assert written > 3


def test_a_delta_looks_at_no_contact_when_none_may_match_differently(pair: Pair) -> None:
    pair.pass_time(minutes=13)

    assert _looked_at(pair.sync("delta")) == 0


def test_a_delta_looks_at_the_one_contact_that_changed(pair: Pair) -> None:
    contact = pair.rows(OPEN)[0]["contact_id"]
    pair.pull("edit_contact", contact=contact, fields={"AccountNumber": "N-1"})

    assert _looked_at(pair.sync("delta")) == 1


def test_figures_that_salesforce_shows_are_no_evidence(pair: Pair) -> None:
    account = pair.rows(MATCHED)[0]["account_id"]
    pair.in_salesforce("PATCH", f"Account/{account}", {"Xero_Total_Due__c": 1})

    assert _looked_at(pair.sync("delta")) == 0


def test_a_full_sync_decides_every_open_contact(pair: Pair) -> None:
    assert _looked_at(pair.sync("full")) == len(pair.rows(OPEN))
