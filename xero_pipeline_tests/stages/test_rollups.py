"""Rollups of what changed alone are, whatever happened in whichever order, the rollups of everything (BW-45 to BW-49)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xero_pipeline.domain.errors import Transient
from xero_pipeline.domain.org import Org, Rollups
from xero_pipeline.stages import rollups
from xero_pipeline.stages.rollups import Terms, bring_up_to_date
from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.loader import Changes, Load
from xero_pipeline.warehouse.target import Target
from xero_pipeline_tests.warehouse.crossing import crossing

ORG = "11111111-1111-1111-1111-111111111111"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TODAY = date(2026, 3, 1)
CONTACTS, ACCOUNTS, OPPORTUNITIES = ("c1", "c2", "c3"), ("a1", "a2"), ("o1", "o2")
INVOICES, CREDITS = tuple(f"i{n}" for n in range(6)), ("n1", "n2")

_FIGURES = {
    "account_rollups": "account_id, currency_code, total_invoiced, total_paid, total_credited, total_due, total_overdue, "
    "total_draft, unallocated_credit, documents, status",
    "opportunity_rollups": "opportunity_id, currency_code, total_invoiced, total_paid, total_credited, total_due, "
    "total_overdue, total_draft, documents",
}


def _row(table: str, **values: object) -> tuple[object, ...]:
    names = [column.name for column in Target.of(table).columns]
    assert set(values) <= set(names)
    return tuple(values.get(name) for name in names)


class Ledger:
    """A warehouse in which time passes a minute with every change, and the rollups of it."""

    def __init__(self, conn: psycopg.Connection) -> None:
        self.conn = conn
        self.now = NOON
        self.today = TODAY
        self.org = Org(alias="demo")

    def _load(self, table: str, rows: Sequence[tuple[object, ...]], *, full: bool = False) -> None:
        self.now += timedelta(minutes=1)
        load = Load(self.conn, ORG, self.now, "run")
        load.write(table, rows)
        load.merge(table, full=full, seen_before=self.now if full else None)

    def invoice(self, key: str, contact: str, status: str, total: int, paid: int, due: date, currency: str) -> None:
        """An invoice as Xero has it now; USD invoices have a rate, EUR ones lack it."""
        amount, settled = Decimal(total), Decimal(min(paid, total)) if status != "DRAFT" else Decimal(0)
        row = _row(
            "xero.invoices",
            invoice_id=key,
            type="ACCREC",
            status="PAID" if status == "AUTHORISED" and settled == amount else status,
            contact_id=contact,
            due_date=due,
            currency_code=currency,
            currency_rate=Decimal("1.7") if currency == "USD" else None,
            sub_total=amount,
            total=amount,
            amount_due=amount - settled,
            amount_paid=settled,
            amount_credited=Decimal(0),
            in_scope=True,
            updated_utc=self.now + timedelta(minutes=1),
        )
        self._load("xero.invoices", [row])

    def credit(self, key: str, contact: str, status: str, left: int) -> None:
        row = _row(
            "xero.credit_notes",
            credit_note_id=key,
            type="ACCRECCREDIT",
            status=status,
            contact_id=contact,
            currency_code="NZD",
            remaining_credit=Decimal(left),
            updated_utc=self.now + timedelta(minutes=1),
        )
        self._load("xero.credit_notes", [row])

    def vanish(self, kept: str) -> None:
        """A full load in which of all invoices one alone is seen."""
        names = [column.name for column in Target.of("xero.invoices").columns]
        query = f"select {', '.join(names)} from xero.invoices where org_id = %s and invoice_id = %s".encode()
        rows = self.conn.execute(query, [ORG, kept]).fetchall()
        self.now += timedelta(days=1)
        if rows:
            self._load("xero.invoices", rows, full=True)

    def match(self, contact: str, account: str | None) -> None:
        """A person's or the join's word about whose a contact is."""
        self.conn.execute(
            """
            insert into sync.contact_matches as known (org_id, contact_id, account_id, status, decided_at)
            values (%(org)s, %(contact)s, %(account)s, 'manual', now())
            on conflict (org_id, contact_id) do update set account_id = excluded.account_id
            """,
            {"org": ORG, "contact": contact, "account": account},
        )

    def unmatch(self, contact: str) -> None:
        self.conn.execute("delete from sync.contact_matches where org_id = %s and contact_id = %s", [ORG, contact])

    def link(self, invoice: str, opportunity: str, *, to_order: bool) -> None:
        self.conn.execute(
            """
            insert into sync.invoice_links as known (org_id, invoice_id, target_type, target_id, status, decided_at)
            values (%(org)s, %(invoice)s, %(type)s, %(target)s, 'manual', now())
            on conflict (org_id, invoice_id) do update set target_type = excluded.target_type, target_id = excluded.target_id
            """,
            {"org": ORG, "invoice": invoice, "type": "order" if to_order else "opportunity", "target": opportunity},
        )

    def unlink(self, invoice: str) -> None:
        self.conn.execute("delete from sync.invoice_links where org_id = %s and invoice_id = %s", [ORG, invoice])

    def days_pass(self, days: int) -> None:
        """Backwards too: the organisation's time zone may be corrected."""
        self.today += timedelta(days=days)

    def rules(self, basis: str) -> None:
        self.org = Org(alias="demo", rollups=Rollups.model_validate({"basis": basis}))

    def roll_up(self, *, whole: bool = False) -> dict[str, tuple[int, Changes]]:
        terms = Terms.of(self.org, self.today, "NZD")
        return bring_up_to_date(self.conn, ORG, terms, now=self.now, whole=whole)

    def figures(self) -> dict[str, list[tuple[object, ...]]]:
        return {
            table: self.conn.execute(f"select {figures} from analytics.{table} order by 1, 2".encode()).fetchall()
            for table, figures in _FIGURES.items()
        }

    def figures_of_everything(self) -> dict[str, list[tuple[object, ...]]]:
        """What a full computation of the same state comes to, from nothing."""
        with self.conn.transaction(force_rollback=True):
            for table in _FIGURES:
                self.conn.execute(f"delete from analytics.{table}".encode())
            self.roll_up(whole=True)
            return self.figures()


CHANGES = st.one_of(
    st.tuples(
        st.just("invoice"),
        st.sampled_from(INVOICES),
        st.sampled_from(CONTACTS),
        st.sampled_from(("DRAFT", "AUTHORISED", "AUTHORISED", "VOIDED")),
        st.integers(1, 300),
        st.integers(0, 300),
        st.integers(-3, 3).map(lambda days: TODAY + timedelta(days=days)),
        st.sampled_from(("NZD", "NZD", "USD", "EUR")),
    ),
    st.tuples(
        st.just("credit"),
        st.sampled_from(CREDITS),
        st.sampled_from(CONTACTS),
        st.sampled_from(("AUTHORISED", "PAID")),
        st.integers(0, 50),
    ),
    st.tuples(st.just("vanish"), st.sampled_from(INVOICES)),
    st.tuples(st.just("match"), st.sampled_from(CONTACTS), st.sampled_from((*ACCOUNTS, None))),
    st.tuples(st.just("unmatch"), st.sampled_from(CONTACTS)),
    st.tuples(st.just("link"), st.sampled_from(INVOICES), st.sampled_from(OPPORTUNITIES), st.booleans()),
    st.tuples(st.just("unlink"), st.sampled_from(INVOICES)),
    st.tuples(st.just("days_pass"), st.integers(-2, 2)),
    st.tuples(st.just("rules"), st.sampled_from(("total", "sub_total"))),
    st.tuples(st.just("roll_up")),
)


def _happen(ledger: Ledger, change: tuple[object, ...]) -> None:
    name, *arguments = change
    if name == "link":
        invoice, opportunity, to_order = arguments
        ledger.link(str(invoice), str(opportunity), to_order=bool(to_order))
    else:
        getattr(ledger, str(name))(*arguments)


@pytest.fixture
def conn(warehouse: Warehouse) -> Iterator[psycopg.Connection]:
    with warehouse.connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def ledger(conn: psycopg.Connection) -> Ledger:
    """Three contacts of two accounts, an invoice each, and rollups that hold."""
    ledger = Ledger(conn)
    for contact, account, invoice in zip(CONTACTS, ("a1", "a1", "a2"), INVOICES, strict=False):
        ledger.match(contact, account)
        ledger.invoice(invoice, contact, "AUTHORISED", 115, 15, TODAY + timedelta(days=1), "NZD")
    ledger.roll_up()
    return ledger


def _due(ledger: Ledger) -> int:
    (count,) = ledger.conn.execute("select count(*) from sync.rollups_due").fetchone() or (0,)
    return int(count)


@given(changes=st.lists(CHANGES, max_size=14))
@settings(max_examples=150)
def test_whatever_changes_the_rollups_of_what_was_touched_are_those_of_everything(
    warehouse: Warehouse, changes: list[tuple[object, ...]]
) -> None:
    with warehouse.connect() as conn:
        ledger = Ledger(conn)
        for key in INVOICES[:3]:
            ledger.invoice(key, "c1", "AUTHORISED", 100, 0, TODAY, "NZD")
        ledger.match("c1", "a1")
        ledger.roll_up()
        for change in changes:
            _happen(ledger, change)
        ledger.roll_up()

        assert ledger.figures() == ledger.figures_of_everything()
        assert _due(ledger) == 0
        conn.rollback()


def test_only_the_accounts_of_what_changed_are_added_up_again(ledger: Ledger) -> None:
    for number in range(20):
        ledger.match(f"x{number}", f"b{number}")
        ledger.invoice(f"y{number}", f"x{number}", "AUTHORISED", 10, 0, TODAY, "NZD")
    ledger.roll_up()
    ledger.invoice("y7", "x7", "AUTHORISED", 10, 4, TODAY, "NZD")

    seen, changes = ledger.roll_up()["account_rollups"]

    assert (seen, changes) == (2, Changes(updated=2)), "its row in NZD and the one in base currency"


def test_an_invoice_counts_once_though_its_account_and_its_opportunity_are_added_up_again(ledger: Ledger) -> None:
    ledger.link("i0", "o1", to_order=False)
    ledger.invoice("i0", "c1", "AUTHORISED", 230, 15, TODAY, "NZD")

    ledger.roll_up()

    assert ledger.figures() == ledger.figures_of_everything()
    rows = ledger.conn.execute("select total_invoiced from analytics.opportunity_rollups").fetchall()
    assert rows == [(230,), (230,)], "in NZD and in base currency"


def test_while_many_accounts_are_added_up_from_everything_a_few_opportunities_are_from_theirs(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollups, "_FEW", 1)
    ledger.link("i0", "o1", to_order=False)
    ledger.invoice("i0", "c1", "AUTHORISED", 230, 15, TODAY, "NZD")
    ledger.invoice("i2", "c3", "AUTHORISED", 50, 15, TODAY, "USD")

    done = ledger.roll_up()

    assert done["account_rollups"][0] > done["opportunity_rollups"][0] > 0
    assert ledger.figures() == ledger.figures_of_everything()


def test_with_nothing_touched_nothing_is_looked_at_and_nothing_written(ledger: Ledger) -> None:
    ledger.conn.commit()

    assert ledger.roll_up() == {"opportunity_rollups": (0, Changes()), "account_rollups": (0, Changes())}

    (xid,) = ledger.conn.execute("select pg_current_xact_id_if_assigned()").fetchone() or (None,)
    assert xid is None


def test_an_invoice_that_moves_to_another_contact_leaves_the_account_it_had(ledger: Ledger) -> None:
    ledger.invoice("i0", "c3", "AUTHORISED", 115, 15, TODAY + timedelta(days=1), "NZD")

    ledger.roll_up()

    rows = ledger.conn.execute(
        "select account_id, total_invoiced from analytics.account_rollups where currency_code = '*' order by 1"
    ).fetchall()
    assert rows == [("a1", 115), ("a2", 230)]


def test_what_falls_due_between_two_rollups_is_overdue_though_nothing_changed(ledger: Ledger) -> None:
    ledger.days_pass(2)

    ledger.roll_up()

    rows = ledger.conn.execute("select total_overdue from analytics.account_rollups where account_id = 'a1'").fetchall()
    assert rows == [(200,), (200,)]


def test_rollups_that_fail_leave_what_was_touched_to_the_next(ledger: Ledger) -> None:
    ledger.invoice("i0", "c1", "VOIDED", 115, 0, TODAY, "NZD")
    with ledger.conn.transaction(force_rollback=True):
        ledger.roll_up()

    assert _due(ledger) > 0
    ledger.roll_up()
    assert ledger.figures() == ledger.figures_of_everything()
    assert _due(ledger) == 0


def test_rollups_that_somebody_else_changes_meanwhile_fail_and_are_left_to_the_next(
    ledger: Ledger, warehouse: Warehouse
) -> None:
    ledger.invoice("i0", "c1", "AUTHORISED", 230, 15, TODAY, "NZD")
    ledger.conn.commit()
    with warehouse.connect() as other, warehouse.connect() as looking:
        other.execute("update analytics.account_rollups set computed_at = computed_at")
        with crossing(ledger.conn, ledger.roll_up, looking) as raised:
            other.commit()

    assert [type(error) for error in raised] == [Transient]
    assert "analytics.account_rollups" in str(raised[0])
    assert _due(ledger) > 0
    ledger.roll_up()
    assert ledger.figures() == ledger.figures_of_everything()
    assert _due(ledger) == 0


def test_before_everything_was_added_up_once_nothing_is_noted(conn: psycopg.Connection) -> None:
    ledger = Ledger(conn)
    ledger.match("c1", "a1")
    ledger.invoice("i0", "c1", "AUTHORISED", 115, 0, TODAY, "NZD")
    ledger.invoice("i0", "c1", "PAID", 115, 115, TODAY, "NZD")

    assert _due(ledger) == 0
