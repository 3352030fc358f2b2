"""A delta looks only at what became due, and leaves nothing that a look at everything would find (issue D)."""

from __future__ import annotations

import random

import pytest

from xero_pipeline.domain.errors import Transient
from xero_pipeline.stages.sql import query
from xero_pipeline.stages.write_back import RECORDS, ROLLUPS
from xero_pipeline.warehouse.deliveries import Channel
from xero_pipeline_tests.e2e.deltas import Change, deltas_after, one
from xero_pipeline_tests.e2e.pair import Pair


def _open_invoice(pair: Pair, rng: random.Random) -> str:
    question = (
        "select invoice_number from xero.invoices where type = 'ACCREC' and status = 'AUTHORISED' and amount_due > 5"
    )
    return one(pair, rng, f"{question} and currency_code = 'NZD' order by 1")


def _pay(pair: Pair, rng: random.Random) -> None:
    pair.pull("pay_invoice", invoice=_open_invoice(pair, rng), amount="1.00")


def _void(pair: Pair, rng: random.Random) -> None:
    unpaid = "select invoice_number from xero.invoices where type = 'ACCREC' and status = 'AUTHORISED' and amount_due = total"
    pair.pull("void_invoice", invoice=one(pair, rng, f"{unpaid} order by 1"))


def _edit_contact(pair: Pair, rng: random.Random) -> None:
    contact = one(pair, rng, "select contact_id from xero.contacts where not is_archived order by 1")
    pair.pull("edit_contact", contact=contact, fields={"AccountNumber": f"N-{rng.randrange(10**6)}"})


def _move_a_line_without_a_stamp(pair: Pair, rng: random.Random) -> None:
    pair.pull("edit_line_account", invoice=_open_invoice(pair, rng), account=rng.choice(("200", "260")))
    contact = one(pair, rng, "select contact_id from xero.contacts where not is_archived order by 1")
    pair.pull("edit_contact", contact=contact, fields={})


def _link_by_hand(pair: Pair, rng: random.Random) -> None:
    invoice = one(pair, rng, "select invoice_id from xero.invoices where type = 'ACCREC' order by 1")
    opportunity = one(pair, rng, "select opportunity_id from salesforce.opportunities where not is_deleted order by 1")
    pair.run(
        """
        insert into sync.invoice_links (org_id, invoice_id, target_type, target_id, status, decided_at)
        select org_id, invoice_id, 'opportunity', %s, 'manual', now() from xero.invoices where invoice_id = %s
        on conflict (org_id, invoice_id) do update
        set target_type = excluded.target_type, target_id = excluded.target_id, status = 'manual'
        """,
        opportunity,
        invoice,
    )


def _match_by_hand(pair: Pair, rng: random.Random) -> None:
    contact = one(pair, rng, "select contact_id from xero.contacts order by 1")
    account = one(pair, rng, "select account_id from salesforce.accounts where not is_deleted order by 1")
    pair.run(
        "update sync.contact_matches set account_id = %s, status = 'manual' where contact_id = %s", account, contact
    )


def _delete_an_account(pair: Pair, rng: random.Random) -> None:
    # Salesforce keeps an account that sales refer to.
    unsold = """
    select account_id from sync.contact_matches
    where
        account_id is not null
        and account_id not in (select account_id from salesforce.orders where account_id is not null)
        and account_id not in (select account_id from salesforce.opportunities where account_id is not null)
    order by 1
    """
    account = one(pair, rng, unsold)
    pair.in_salesforce("DELETE", f"Account/{account}")


def _rename_a_product(pair: Pair, rng: random.Random) -> None:
    product = one(pair, rng, "select product_id from salesforce.products where is_active and not is_deleted order by 1")
    pair.in_salesforce("PATCH", f"Product2/{product}", {"ProductCode": f"P-{rng.randrange(10**6)}"})


def _write_other_figures_into_salesforce(pair: Pair, rng: random.Random) -> None:
    account = one(pair, rng, "select account_id from salesforce.accounts where not is_deleted order by 1")
    opportunity = one(pair, rng, "select opportunity_id from salesforce.opportunities where not is_deleted order by 1")
    pair.in_salesforce("PATCH", f"Account/{account}", {"Xero_Total_Due__c": rng.randrange(100)})
    pair.in_salesforce("PATCH", f"Opportunity/{opportunity}", {"Xero_Total_Paid__c": rng.randrange(100)})


CHANGES: tuple[Change, ...] = (
    _pay,
    _void,
    _edit_contact,
    _move_a_line_without_a_stamp,
    _link_by_hand,
    _match_by_hand,
    _delete_an_account,
    _rename_a_product,
    _write_other_figures_into_salesforce,
)


def _found_by_a_look_at_everything(pair: Pair) -> dict[str, int]:
    """What a plan of all records and figures would send or delete now, by object."""
    binds = {
        "org_id": pair.row("select org_id from xero.organisations")["org_id"],
        "salesforce_org_id": pair.row("select org_id from salesforce.accounts limit 1")["org_id"],
        "everything": True,
        **{
            kind: []
            for kind in ("contacts", "documents", "changed", "payments", "removals", "accounts", "opportunities")
        },
    }
    found: dict[str, int] = {}
    with pair.warehouse.connect() as conn:
        for target in RECORDS:
            channel = Channel(conn, str(binds["org_id"]), "salesforce", target.name)
            found[target.object] = channel.plan(query(target.wanted), binds, now=pair.now)
            if target.kept is not None:
                found["lines to delete"] = len(channel.gone(query(target.kept), binds))
        for target, has_invoices in ROLLUPS:
            channel = Channel(conn, str(binds["org_id"]), "salesforce", target.name)
            figures = channel.plan(
                query(target.wanted), {**binds, "has_invoices": has_invoices}, now=pair.now, differs=True
            )
            found[target.name] = found.get(target.name, 0) + figures
        conn.rollback()
    return {name: count for name, count in found.items() if count}


@pytest.mark.parametrize("seed", range(4))
def test_whatever_changes_a_delta_leaves_nothing_that_a_look_at_everything_finds(pair: Pair, seed: int) -> None:
    sent = 0
    for outcome in deltas_after(CHANGES, pair, seed):
        sent += outcome.sent
        assert _found_by_a_look_at_everything(pair) == {}
    assert sent > 5
    assert pair.rows("select kind, record_id from sync.write_back_due") == []


def test_a_delta_looks_at_nothing_when_nothing_changed(pair: Pair) -> None:
    pair.pass_time(minutes=13)

    pair.sync("delta")

    assert pair.rows("select * from sync.write_back_due") == []
    assert _found_by_a_look_at_everything(pair) == {}


def test_figures_are_compared_alone_of_whose_changed_on_either_side(pair: Pair) -> None:
    pair.sync("delta")
    account = pair.rows("select account_id from salesforce.accounts where not is_deleted order by 1")[0]["account_id"]
    pair.in_salesforce("PATCH", f"Account/{account}", {"Xero_Total_Due__c": 12, "Phone": "09 555 0100"})
    pair.sync("delta")
    assert pair.rows("select kind from sync.showing_due") == [], "it was read back, and agrees"

    pair.in_salesforce("PATCH", f"Account/{account}", {"Phone": "09 555 0101"})
    outcome = pair.sync("delta")

    assert pair.rows("select kind from sync.showing_due") == []
    assert outcome.sent == 0
    assert _found_by_a_look_at_everything(pair) == {}


def test_figures_that_could_not_be_sent_are_looked_at_by_the_next_delta_though_nothing_changed_since(
    pair: Pair,
) -> None:
    account = pair.rows("select account_id from analytics.account_rollups where total_due > 0 order by 1")[0][
        "account_id"
    ]
    pair.in_salesforce("PATCH", f"Account/{account}", {"Xero_Total_Due__c": 12})
    pair.control("POST", "faults", {"what": "500", "match": {"path": "/composite/sobjects", "method": "PATCH"}})
    with pytest.raises(Transient):
        pair.sync("delta")
    pair.mend()

    assert pair.sync("delta").sent > 0

    assert _found_by_a_look_at_everything(pair) == {}


def _drop_a_line(pair: Pair) -> str:
    """A document in Xero loses one of several lines; the id of that line."""
    invoice = pair.row(
        """
        select invoice_id from xero.invoice_lines join xero.invoices using (org_id, invoice_id)
        where status = 'DRAFT' and type = 'ACCREC'
        group by invoice_id having count(*) > 1 order by invoice_id limit 1
        """
    )["invoice_id"]
    lines = pair.rows("select * from xero.invoice_lines where invoice_id = %s order by line_number", invoice)
    kept = [
        {
            "LineItemID": line["line_item_id"],
            "Description": line["description"],
            "Quantity": float(line["quantity"]),
            "UnitAmount": float(line["unit_amount"]),
            "AccountCode": line["account_code"],
            "TaxType": line["tax_type"],
        }
        for line in lines[1:]
    ]
    pair.pull("update_invoice", invoice=invoice, fields={"LineItems": kept})
    return f"{invoice}:{lines[0]['line_item_id']}"


def test_a_line_that_could_not_be_deleted_is_deleted_by_the_next_delta_though_nothing_changed_since(pair: Pair) -> None:
    line = _drop_a_line(pair)
    sent = "select status from sync.deliveries where external_id = %s"
    pair.control("POST", "faults", {"what": "500", "match": {"path": "/composite/sobjects", "method": "DELETE"}})
    with pytest.raises(Transient):
        pair.sync("delta")
    pair.mend()
    assert pair.rows(sent, line) == [{"status": "succeeded"}]

    pair.sync("delta")

    assert pair.rows(sent, line) == []
    assert pair.rows("select kind from sync.write_back_due") == []
    assert _found_by_a_look_at_everything(pair) == {}
