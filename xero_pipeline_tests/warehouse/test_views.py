"""What analysts read: figures in base currency, days counted by the organisation's own calendar, proof to the cent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from xero_pipeline.warehouse import ledger, runs, settings
from xero_pipeline.warehouse.connection import Warehouse

ORG = "org"
NOW = datetime.now(UTC)


@pytest.fixture
def conn(warehouse: Warehouse) -> Iterator[psycopg.Connection]:
    with warehouse.connect() as connection:
        insert(connection, "xero.organisations", organisation_id=ORG, base_currency="NZD")
        settings.put(connection, ORG, "time_zone", "Pacific/Auckland", now=NOW)
        yield connection


def insert(conn: psycopg.Connection, table: str, **values: object) -> None:
    row = {"org_id": ORG, "synced_at": NOW, **values}
    names, values_ = (sql.SQL(", ").join(map(part, row)) for part in (sql.Identifier, sql.Placeholder))
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(*table.split(".")), names, values_)
    conn.execute(statement, row)


def invoice(conn: psycopg.Connection, key: str, due: str, **values: object) -> None:
    defaults: dict[str, object] = {"type": "ACCREC", "status": "AUTHORISED", "contact_id": "c", "currency_code": "NZD"}
    insert(conn, "xero.invoices", invoice_id=key, amount_due=Decimal(due), **{**defaults, **values})


def rows(conn: psycopg.Connection, query: str) -> list[dict[str, object]]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.encode()).fetchall()


def today(conn: psycopg.Connection) -> date:
    found = rows(conn, "SELECT today FROM analytics.organisation_days")[0]["today"]
    assert isinstance(found, date)
    return found


def test_today_is_the_organisation_s_own(conn: psycopg.Connection) -> None:
    expected = rows(conn, "SELECT (now() AT TIME ZONE 'Pacific/Auckland')::date AS d")[0]["d"]
    assert today(conn) == expected
    conn.execute("DELETE FROM sync.settings WHERE key = 'time_zone'")
    assert rows(conn, "SELECT time_zone FROM analytics.organisation_days") == [{"time_zone": "UTC"}]


LAST_DAYS = {0: "current", 30: "1-30", 60: "31-60", 90: "61-90"}
FIRST_DAYS = {-5: "current", 1: "1-30", 31: "31-60", 61: "61-90", 91: "90+"}


@pytest.mark.parametrize(("days", "bucket"), sorted((LAST_DAYS | FIRST_DAYS).items()))
def test_receivables_age_from_the_day_after_they_were_due(conn: psycopg.Connection, days: int, bucket: str) -> None:
    invoice(conn, "i", "10", due_date=today(conn) - timedelta(days=days))
    found = rows(conn, "SELECT bucket, days_overdue, amount_due_base FROM analytics.receivables_aging")
    assert found == [{"bucket": bucket, "days_overdue": max(days, 0), "amount_due_base": Decimal("10.00")}]


def test_only_open_documents_age_each_on_its_own_side(conn: psycopg.Connection) -> None:
    invoice(conn, "open", "10")
    invoice(conn, "paid", "0", status="PAID")
    invoice(conn, "draft", "10", status="DRAFT")
    invoice(conn, "gone", "10", vanished_at=NOW)
    invoice(conn, "bill", "10", type="ACCPAY")
    assert rows(conn, "SELECT invoice_id, bucket FROM analytics.receivables_aging") == [
        {"invoice_id": "open", "bucket": "current"}
    ]
    assert [r["invoice_id"] for r in rows(conn, "SELECT invoice_id FROM analytics.payables_aging")] == ["bill"]


def test_foreign_amounts_are_divided_by_their_rate_and_unknown_without_one(conn: psycopg.Connection) -> None:
    invoice(conn, "usd", "10", currency_code="USD", currency_rate=Decimal("0.6"))
    invoice(conn, "rateless", "10", currency_code="USD", currency_rate=0)
    found = rows(conn, "SELECT invoice_id, amount_due_base FROM analytics.receivables_aging ORDER BY 1")
    assert [r["amount_due_base"] for r in found] == [None, Decimal("16.67")]


def test_lines_carry_their_document_account_item_and_deal(conn: psycopg.Connection) -> None:
    invoice(conn, "i", "115", invoice_number="INV-1", line_amount_types="Inclusive", contact_name="Customer")
    line = {"line_amount": Decimal(115), "tax_amount": Decimal(15), "line_number": 1}
    insert(conn, "xero.invoice_lines", invoice_id="i", line_item_id="l", account_code="200", item_code="S", **line)
    insert(conn, "xero.accounts", account_id="a", code="200", name="Sales", type="REVENUE")
    insert(conn, "xero.accounts", account_id="b", code="200", name="Old sales", is_archived=True)
    insert(conn, "xero.items", item_id="s", code="S", name="Service")
    conn.execute(
        "INSERT INTO sync.contact_matches (org_id, contact_id, account_id, status, decided_at) "
        "VALUES ('org', 'c', '001', 'matched', now())"
    )
    conn.execute(
        "INSERT INTO sync.invoice_links (org_id, invoice_id, target_type, target_id, status, decided_at) "
        "VALUES ('org', 'i', 'order', '801', 'linked', now())"
    )
    (found,) = rows(conn, "SELECT * FROM analytics.invoice_lines_enriched")
    told = {"invoice_number": "INV-1", "account_name": "Sales", "item_name": "Service", "salesforce_account_id": "001"}
    amounts = {
        "linked_to": "order",
        "linked_to_id": "801",
        "net_amount": 100,
        "net_amount_base": 100,
        "tax_amount_base": 15,
    }
    assert {**told, **amounts}.items() <= found.items()


def test_payments_are_counted_by_month_without_reversed_ones(conn: psycopg.Connection) -> None:
    for key, day, status in (("a", 1, "AUTHORISED"), ("b", 31, "AUTHORISED"), ("c", 5, "DELETED")):
        values = {
            "payment_type": "ACCRECPAYMENT",
            "currency_code": "NZD",
            "amount": Decimal(10),
            "date": date(2026, 1, day),
        }
        insert(conn, "xero.payments", payment_id=key, status=status, **values)
    (found,) = rows(conn, "SELECT month, payments, amount, amount_base FROM analytics.payments_by_month")
    assert found == {"month": date(2026, 1, 1), "payments": 2, "amount": 20, "amount_base": Decimal("20.00")}


def contact(conn: psycopg.Connection, outstanding: str, overdue: str, payable: str = "0", **values: object) -> None:
    insert(
        conn, "xero.contacts", contact_id="c", name="Customer", accounts_receivable_outstanding=Decimal(outstanding),
        accounts_receivable_overdue=Decimal(overdue), accounts_payable_outstanding=Decimal(payable), **values,
    )  # fmt: skip


def proof(conn: psycopg.Connection) -> dict[str, object]:
    return rows(conn, "SELECT * FROM analytics.contact_balances_proof")[0]


def test_a_contact_s_documents_tie_to_its_balances(conn: psycopg.Connection) -> None:
    read = datetime(2026, 3, 10, 11, 30, tzinfo=UTC)  # already the 11th in Auckland
    contact(conn, "116.67", "100", "30", synced_at=read)
    invoice(conn, "overdue", "100", due_date=date(2026, 3, 10))
    invoice(conn, "usd", "40", currency_code="USD", currency_rate=Decimal("0.6"), due_date=date(2026, 3, 11))
    invoice(conn, "bill", "35", type="ACCPAY", due_date=date(2027, 1, 1))
    invoice(conn, "draft", "999", status="DRAFT")
    credit = {"contact_id": "c", "currency_code": "NZD", "status": "AUTHORISED"}
    insert(conn, "xero.credit_notes", credit_note_id="n", type="ACCRECCREDIT", remaining_credit=Decimal(20), **credit)
    insert(
        conn, "xero.prepayments", prepayment_id="p", type="RECEIVE-PREPAYMENT", remaining_credit=Decimal(20), **credit
    )
    insert(
        conn,
        "xero.overpayments",
        overpayment_id="o",
        type="RECEIVE-OVERPAYMENT",
        remaining_credit=Decimal(10),
        **credit,
    )
    insert(
        conn, "xero.overpayments", overpayment_id="q", type="SPEND-OVERPAYMENT", remaining_credit=Decimal(5), **credit
    )
    found = proof(conn)
    assert found["as_of"] == date(2026, 3, 11)
    assert [found[name] for name in ("receivable_outstanding", "receivable_overdue", "payable_outstanding")] == [
        Decimal("116.67"), Decimal("100.00"), Decimal("30.00"),
    ]  # fmt: skip
    assert found["ties"] is True


def test_a_cent_of_difference_shows(conn: psycopg.Connection) -> None:
    contact(conn, "100.01", "0")
    invoice(conn, "i", "100")
    found = proof(conn)
    assert (found["ties"], found["receivable_outstanding_difference"]) == (False, Decimal("-0.01"))


def test_a_document_without_a_rate_proves_nothing(conn: psycopg.Connection) -> None:
    contact(conn, "0", "0")
    invoice(conn, "i", "100", currency_code="USD")
    assert proof(conn)["ties"] is False


def test_a_contact_without_documents_ties_at_zero(conn: psycopg.Connection) -> None:
    insert(conn, "xero.contacts", contact_id="c", name="Nobody")
    assert proof(conn)["ties"] is True


def test_the_status_of_an_organisation_is_one_row(conn: psycopg.Connection) -> None:
    for number, outcome in enumerate(("succeeded", "failed", "succeeded")):
        at = NOW - timedelta(hours=3 - number)
        runs.start(
            conn, run_id=outcome + str(number), alias="demo", org_id=ORG, kind="manual", mode="delta", started_at=at
        )
        runs.finish(conn, run_id=outcome + str(number), outcome=outcome, ended_at=at)
    ledger.record(conn, ledger.Coverage(ORG, "invoices", None, NOW, "full"))
    ledger.record(conn, ledger.Coverage(ORG, "contacts", None, NOW - timedelta(hours=1), "full"))
    (found,) = rows(conn, "SELECT * FROM analytics.sync_status")
    expected = {
        "alias": "demo", "org_id": ORG, "last_run_id": "succeeded2", "last_run_outcome": "succeeded", "finished_7_days": 3,
        "success_rate_7_days": Decimal("0.6667"), "fresh_until": NOW - timedelta(hours=1), "coverage_gaps": 0,
        "deliveries_failed": 0,
    }  # fmt: skip
    assert expected.items() <= found.items()
