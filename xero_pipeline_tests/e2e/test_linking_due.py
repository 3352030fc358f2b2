"""A delta links only the invoices that may name another record by now, and leaves none that a look at all would link (BW-10)."""

from __future__ import annotations

import random

import pytest

from xero_pipeline.stages.invoice_links import bring_up_to_date
from xero_pipeline.warehouse.loader import Changes
from xero_pipeline_tests.e2e.deltas import Change, binds_of_a_look, deltas_after, one
from xero_pipeline_tests.e2e.pair import Pair

OPPORTUNITIES = "select opportunity_id from salesforce.opportunities where not is_deleted order by 1"
REFERENCES = (
    "select xero_reference from salesforce.opportunities where xero_reference <> '' and not is_deleted order by 1"
)
LINKED = "select invoice_id, target_id from sync.invoice_links where status = 'linked' order by 1"
DRAFTS = "select invoice_id from xero.invoices where type = 'ACCREC' and status = 'DRAFT' order by 1"


def _name_an_opportunity(pair: Pair, rng: random.Random) -> None:
    fields = {"Reference": one(pair, rng, REFERENCES)}
    pair.pull("update_invoice", invoice=one(pair, rng, DRAFTS), fields=fields)


def _be_named_by_an_invoice(pair: Pair, rng: random.Random) -> None:
    unlinked = """
    select reference from xero.invoices
    where
        type = 'ACCREC' and reference <> '' and status <> 'DELETED'
        and invoice_id not in (select invoice_id from sync.invoice_links)
    order by 1
    """
    fields = {"Xero_Reference__c": one(pair, rng, unlinked)}
    pair.in_salesforce("PATCH", f"Opportunity/{one(pair, rng, OPPORTUNITIES)}", fields)


def _move_an_opportunity(pair: Pair, rng: random.Random) -> None:
    account = one(pair, rng, "select account_id from salesforce.accounts where not is_deleted order by 1")
    pair.in_salesforce("PATCH", f"Opportunity/{one(pair, rng, OPPORTUNITIES)}", {"AccountId": account})


def _delete_an_opportunity(pair: Pair, rng: random.Random) -> None:
    pair.in_salesforce("DELETE", f"Opportunity/{one(pair, rng, OPPORTUNITIES)}")


def _take_a_link_away(pair: Pair, rng: random.Random) -> None:
    pair.run("delete from sync.invoice_links where invoice_id = %s", one(pair, rng, LINKED))


def _match_the_contact_by_hand(pair: Pair, rng: random.Random) -> None:
    """Of an invoice that waits for a person, to the account of what it names."""
    waiting = """
    select invoices.contact_id
    from sync.invoice_links as links
    inner join xero.invoices using (org_id, invoice_id)
    where links.status = 'ambiguous'
    order by 1
    """
    account = one(pair, rng, "select account_id from salesforce.opportunities where account_id is not null order by 1")
    pair.run(
        "update sync.contact_matches set account_id = %s, status = 'manual' where contact_id = %s",
        account,
        one(pair, rng, waiting),
    )


CHANGES: tuple[Change, ...] = (
    _name_an_opportunity,
    _be_named_by_an_invoice,
    _move_an_opportunity,
    _delete_an_opportunity,
    _take_a_link_away,
    _match_the_contact_by_hand,
)


def _linked_by_a_look_at_all(pair: Pair) -> Changes:
    """What linking of every invoice would change now."""
    with pair.warehouse.connect() as conn:
        changes = bring_up_to_date(conn, pair.org, binds_of_a_look(pair), whole=True)
        conn.rollback()
    return changes


@pytest.mark.parametrize("seed", range(3))
def test_whatever_changes_a_delta_leaves_nothing_that_a_look_at_all_invoices_links(pair: Pair, seed: int) -> None:
    written = 0
    for outcome in deltas_after(CHANGES, pair, seed):
        assert _linked_by_a_look_at_all(pair) == Changes()
        written += sum(report.rows_written for report in outcome.reports if report.stage == "invoice_links")
    assert written > 2


def test_what_is_due_is_due_once(pair: Pair) -> None:
    pair.pull("update_invoice", invoice=pair.rows(DRAFTS)[0]["invoice_id"], fields={"Reference": "nobody's"})
    pair.sync("delta")

    assert pair.rows("select kind, record_id from sync.linking_due") == []


def test_another_rule_looks_at_every_invoice(pair: Pair) -> None:
    invoice = pair.row(
        """
        select invoice_id, invoice_number
        from xero.invoices
        where
            type = 'ACCREC' and status = 'AUTHORISED' and invoice_number <> ''
            and invoice_id not in (select invoice_id from sync.invoice_links)
        order by invoice_id limit 1
        """
    )
    opportunity = pair.rows(OPPORTUNITIES)[0]["opportunity_id"]
    pair.in_salesforce("PATCH", f"Opportunity/{opportunity}", {"Xero_Reference__c": invoice["invoice_number"]})
    pair.sync("delta")
    linked = "select count(*) as links from sync.invoice_links where invoice_id = %s"
    assert pair.row(linked, invoice["invoice_id"])["links"] == 0
    rules = pair.org.invoice_links.model_copy(update={"xero_field": "invoice_number"})

    pair.sync("delta", org=pair.org.model_copy(update={"invoice_links": rules}))

    assert pair.row(linked, invoice["invoice_id"])["links"] == 1
