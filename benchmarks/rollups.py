"""rollups: adding up a million invoices for their accounts and opportunities, all of them and after a change of 1 %."""

from __future__ import annotations

import psycopg
from psycopg import sql

from benchmarks.ground import MIGRATED, Ground
from benchmarks.measuring import measure, ours
from benchmarks.session import Outcome, Session

# What is copied; __main__ has it made.
SEED_INVOICES = 1000
FULL = [ours("recalculate_rollups", "rollups", "rollups")]
INCREMENTAL = [ours("delta", "delta", "rollups")]

# Each copy of the organisation has contacts, accounts, opportunities, invoices and links of its own.
_ANOTHER = "md5({} || copies.copy)::uuid::text"
COPIED = {
    "xero.contacts": ("contact_id",),
    "xero.invoices": ("invoice_id", "contact_id"),
    "sync.contact_matches": ("contact_id", "account_id"),
    "sync.invoice_links": ("invoice_id", "target_id"),
}

_COLUMNS = """
select column_name from information_schema.columns
where table_schema = %s and table_name = %s and is_generated = 'NEVER' and is_identity = 'NO'
order by ordinal_position
"""
# What a load does: the documents change, and it notes whose rollups no longer hold.
_CHANGE = """
with changed as (
    update xero.invoices
    set amount_due = amount_due + 1, total = total + 1, synced_at = now()
    where type = 'ACCREC' and status in ('AUTHORISED', 'PAID') and {chosen}
    returning org_id, invoice_id, contact_id
)

insert into sync.rollups_due (org_id, kind, record_id)
select org_id, 'invoice', invoice_id from changed
union all
select distinct org_id, 'contact', contact_id from changed
"""
# As the stage after the rollups does in every run: it takes what they noted for it, which here would pile up.
_TAKE = "truncate sync.showing_due"
# As the check that invoices add up does in every run before anything is rolled up. It is the first to read what was written, and
# PostgreSQL lets who is first mark every page with what has become of the transaction.
_COUNT = "select count(*) from xero.invoices where org_id = (select org_id from xero.organisations)"
# How much of everything that is, of which the documents of whoever was noted are to be added up, all of them.
_SHARES = """
with linked as (
    select invoice_id, target_id from sync.invoice_links where target_type = 'opportunity'
)

select
    avg((invoice_id in (select record_id from sync.rollups_due where kind = 'invoice'))::integer)::float,
    avg((contact_id in (select record_id from sync.rollups_due where kind = 'contact'))::integer)::float,
    avg((
        linked.target_id in (
            select noted.target_id
            from sync.rollups_due
            inner join linked as noted on noted.invoice_id = rollups_due.record_id
        )
    )::integer)::float
from xero.invoices
left join linked using (invoice_id)
where type = 'ACCREC'
"""
# A hundredth of the contacts, or of the invoices whoever they are for; another hundredth each round.
CHOSEN = {
    "1 %, of 1 % of the customers": "hashtextextended(contact_id, {seed}) % 100 = 0",
    "1 %, of any customers": "hashtextextended(invoice_id, {seed}) % 100 = 0",
}


def run(session: Session) -> Outcome:
    """Rounds of a change and what adding up costs after it; then adding up everything, which must find nothing to correct."""
    outcome = Outcome()
    ground, book = session.ground, session.ground.book(SEED_INVOICES)
    book.pass_time(hours=1)
    with ground.lent(MIGRATED) as database:
        measure(ground, book, [ours("weekly_full", "full")], database)
        invoices = _multiply(ground, database, session.invoices)
        measure(ground, book, FULL, database)
        for number in session.numbers():
            for name, chosen in CHOSEN.items():
                shares = _change(ground, database, chosen.format(seed=number))
                figures, told = measure(ground, book, INCREMENTAL, database)
                more = {"written": told["written"], "stage_seconds": told["stage_seconds"], **shares}
                outcome.add(name, number, figures, **more)
                if number == 1:
                    outcome.notes.append(
                        f"{name}: {shares['invoices']:.2%} of the sales invoices changed; their customers have "
                        f"{shares['of_customers']:.2%} of all, their opportunities "
                        f"{shares['of_opportunities']:.2%} of those that are linked."
                    )
                figures, told = measure(ground, book, FULL, database)
                if told["written"]:
                    raise RuntimeError(f"Adding up everything corrected {told['written']} rollups.")
                outcome.add(f"all, after {name}", number, figures, stage_seconds=told["stage_seconds"])
    for name in CHOSEN:
        bound = 0.05 if name == next(iter(CHOSEN)) else None
        above, below = name, f"all, after {name}"
        outcome.compare(above, below, key="stage_seconds", what=f"the stage, incremental / full, {name}", at_most=bound)
        outcome.compare(above, below, what=f"the whole run, incremental / full, {name}")
    outcome.notes.append(f"{invoices:,} sales invoices. After each increment adding up everything changed no row.")
    return outcome


def _multiply(ground: Ground, database: str, invoices: int) -> int:
    """Copy the organisation until it has that many sales invoices; how many it has."""
    with psycopg.connect(ground.server.url(database)) as conn:
        # The copies are no changes: nothing is to be noted for them.
        conn.execute("set session_replication_role = replica")
        (count,) = conn.execute("select count(*) from xero.invoices where type = 'ACCREC'").fetchone() or (0,)
        copies = max(invoices // count - 1, 0)
        for table, ids in COPIED.items():
            _copy(conn, table, ids, copies)
        conn.commit()
        ground.tend(database)
        (count,) = conn.execute("select count(*) from xero.invoices where type = 'ACCREC'").fetchone() or (0,)
    return int(count)


def _copy(conn: psycopg.Connection, table: str, ids: tuple[str, ...], copies: int) -> None:
    columns = [name for (name,) in conn.execute(_COLUMNS, table.split("."))]
    values = [
        sql.SQL(_ANOTHER).format(sql.Identifier(name)) if name in ids else sql.Identifier(name) for name in columns
    ]
    statement = sql.SQL(
        "insert into {table} ({columns}) select {values} from {table} cross join generate_series(1, {copies})"
    )
    conn.execute(
        sql.SQL("{} as copies (copy)").format(
            statement.format(
                table=sql.Identifier(*table.split(".")),
                columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
                values=sql.SQL(", ").join(values),
                copies=sql.Literal(copies),
            )
        )
    )


def _change(ground: Ground, database: str, chosen: str) -> dict[str, float]:
    """Change the invoices chosen; the shares that changed, that their customers have, and that their opportunities have."""
    with psycopg.connect(ground.server.url(database)) as conn:
        conn.execute(_TAKE)
        conn.execute(_CHANGE.format(chosen=chosen).encode())
        conn.commit()
        conn.execute(_COUNT)
        shares = conn.execute(_SHARES).fetchone() or ()
    return dict(zip(("invoices", "of_customers", "of_opportunities"), shares, strict=True))
