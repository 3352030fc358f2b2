"""What the staged documents of a contact add up to is what Xero says it owes and is owed, to the cent (issue A, 4)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from xero_pipeline_tests.e2e.other_clients import xero
from xero_pipeline_tests.e2e.pair import Pair

CENT = Decimal("0.01")
RECEIVABLE = {"ACCREC", "ACCRECCREDIT", "RECEIVE-PREPAYMENT", "RECEIVE-OVERPAYMENT"}

DOCUMENTS = """
select contact_id, type, currency_code, currency_rate, due_date, amount_due as amount
from xero.invoices where status = 'AUTHORISED'
union all
select contact_id, type, currency_code, currency_rate, null, -remaining_credit
from xero.credit_notes where status = 'AUTHORISED'
union all
select contact_id, type, currency_code, currency_rate, null, -remaining_credit
from xero.prepayments where status = 'AUTHORISED'
union all
select contact_id, type, currency_code, currency_rate, null, -remaining_credit
from xero.overpayments where status = 'AUTHORISED'
"""

Figures = tuple[Decimal, Decimal, Decimal, Decimal]


def _from_documents(pair: Pair, today: date) -> dict[str, Figures]:
    """(receivable outstanding, overdue, payable outstanding, overdue) by contact, in the organisation's currency."""
    base = pair.row("select base_currency from xero.organisations")["base_currency"]
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 4)
    for row in pair.rows(DOCUMENTS):
        rate = Decimal(1) if row["currency_code"] == base else row["currency_rate"]
        amount = (row["amount"] / rate).quantize(CENT, ROUND_HALF_UP)
        first = 0 if row["type"] in RECEIVABLE else 2
        figures = sums[row["contact_id"]]
        figures[first] += amount
        if row["due_date"] is not None and row["due_date"] < today:
            figures[first + 1] += amount
    return {contact_id: (a, b, c, d) for contact_id, (a, b, c, d) in sums.items()}


def _in_xero(pair: Pair) -> dict[str, Figures]:
    with xero(pair.sandbox) as client:
        contacts = client.list("Contacts")
    found = {}
    for contact in contacts:
        balances = contact.get("Balances", {})
        receivable, payable = balances.get("AccountsReceivable", {}), balances.get("AccountsPayable", {})
        found[contact["ContactID"]] = (
            receivable.get("Outstanding", Decimal(0)),
            receivable.get("Overdue", Decimal(0)),
            payable.get("Outstanding", Decimal(0)),
            payable.get("Overdue", Decimal(0)),
        )
    return found


def _today(pair: Pair) -> date:
    return pair.now.astimezone(ZoneInfo("Pacific/Auckland")).date()


def test_every_contact_ties_to_the_cent(demo: Pair) -> None:
    nothing = (Decimal(0),) * 4
    ours, theirs = _from_documents(demo, _today(demo)), _in_xero(demo)

    assert {contact_id: ours.get(contact_id, nothing) for contact_id in theirs} == theirs
    assert set(ours) <= set(theirs)


def test_there_is_something_to_tie(demo: Pair) -> None:
    theirs = _in_xero(demo).values()

    for figure in range(4):
        assert sum(1 for each in theirs if each[figure] > 0) > 10
    assert any(each[1] > each[0] for each in theirs), "an overdue figure is not netted against credit"
    assert any(each[0] < 0 for each in theirs), "a contact in credit"


def test_the_proof_in_the_warehouse_says_so_too(demo: Pair) -> None:
    proof = demo.rows("select * from analytics.contact_balances_proof")
    theirs = _in_xero(demo)

    assert {row["contact_id"] for row in proof} == set(theirs)
    assert [row for row in proof if not row["ties"]] == []
    for row in proof:
        figures = ("receivable_outstanding", "receivable_overdue", "payable_outstanding", "payable_overdue")
        assert tuple(row[figure] for figure in figures) == theirs[row["contact_id"]]


def test_every_contact_still_ties_when_the_date_has_changed_and_money_has_moved(pair: Pair) -> None:
    due = pair.rows(
        "select invoice_number from xero.invoices where type = 'ACCREC' and status = 'AUTHORISED' order by due_date limit 3"
    )
    pair.pass_time(days=3)
    pair.pull("pay_invoice", invoice=due[0]["invoice_number"])
    pair.pull("pay_invoice", invoice=due[1]["invoice_number"], amount="1.05")
    pair.sync("full")

    ours, nothing = _from_documents(pair, _today(pair)), (Decimal(0),) * 4
    theirs = _in_xero(pair)
    assert {contact_id: ours.get(contact_id, nothing) for contact_id in theirs} == theirs
    assert pair.rows("select name from analytics.contact_balances_proof where not ties") == []


def test_a_document_that_does_not_tie_is_seen(pair: Pair) -> None:
    pair.run(
        """
        update xero.invoices set amount_due = amount_due + 0.01, amount_paid = amount_paid - 0.01
        where invoice_id = (select invoice_id from xero.invoices where type = 'ACCREC' and amount_due > 0 limit 1)
        """
    )

    assert len(pair.rows("select name from analytics.contact_balances_proof where not ties")) == 1
