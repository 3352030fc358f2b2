"""Match Xero contacts to Salesforce accounts (BW-09): new and open ones only, what was matched stays matched.

A delta looks only at contacts that changed or that a person opened again, which loads and triggers note in sync.matching_due.
When what accounts are known by has changed, any open contact may match, and all are looked at. The rows are taken in the
transaction that decides, so a run that fails leaves them to the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from xero_pipeline.domain.matching import Account, Contact, Match, Matcher
from xero_pipeline.domain.windows import Window
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session
from xero_pipeline.warehouse import due
from xero_pipeline.warehouse.loader import Changes

# A match whose account was deleted or merged away in Salesforce is open again; what a person decided stays.
_FORGET = """
delete from sync.contact_matches as matches
where
    matches.org_id = %(org_id)s
    and matches.status = 'matched'
    and not exists (
        select 1
        from salesforce.accounts
        where
            accounts.org_id = %(salesforce_org_id)s
            and accounts.account_id = matches.account_id
            and not accounts.is_deleted
            and accounts.vanished_at is null
    )
    and (%(everything)s or matches.contact_id = any(%(contacts)s))
"""

# Archived contacts are never matched anew (products.md 2.16); one that was matched before it was archived stays so.
_OPEN_CONTACTS = """
select
    contacts.contact_id, contacts.name, contacts.account_number, contacts.email_address,
    matches.status, matches.candidates, matches.evidence
from xero.contacts
left join sync.contact_matches as matches using (org_id, contact_id)
where
    contacts.org_id = %(org_id)s
    and not contacts.is_archived
    and contacts.vanished_at is null
    and (matches.contact_id is null or matches.status in ('ambiguous', 'unmatched'))
    and (%(everything)s or contacts.contact_id = any(%(contacts)s))
"""

_ACCOUNTS = """
select
    account_id,
    name,
    account_number,
    case when is_person_account then person_email end as person_email,
    xero_contact_id
from salesforce.accounts
where org_id = %(salesforce_org_id)s and not is_deleted and vanished_at is null
"""

_STAGE = """
create temp table decision (
    contact_id text, status text, account_id text, rule text, candidates jsonb, evidence text
) on commit drop
"""

_WRITE = """
with written as (
    insert into sync.contact_matches as matches
        (org_id, contact_id, salesforce_org_id, account_id, rule, status, candidates, evidence, decided_at, run_id)
    select
        %(org_id)s, contact_id, %(salesforce_org_id)s, account_id, rule, status, candidates, evidence, %(now)s, %(run_id)s
    from decision
    on conflict (org_id, contact_id) do update set
        salesforce_org_id = excluded.salesforce_org_id,
        account_id = excluded.account_id,
        rule = excluded.rule,
        status = excluded.status,
        candidates = excluded.candidates,
        evidence = excluded.evidence,
        decided_at = excluded.decided_at,
        run_id = excluded.run_id
    returning contact_id, status, account_id, rule, evidence, (xmax = 0) as is_new
),

logged as (
    insert into sync.events (at, org_id, run_id, system, object, record_id, record_name, action, detail)
    select
        %(now)s, %(org_id)s, %(run_id)s, 'salesforce', 'contact_matches', written.contact_id, contacts.name, written.status,
        jsonb_strip_nulls(
            jsonb_build_object('account_id', written.account_id, 'rule', written.rule, 'evidence', written.evidence)
        )
    from written
    left join xero.contacts on contacts.org_id = %(org_id)s and contacts.contact_id = written.contact_id
    -- The many that match nothing on the first day are told by the table; events tell decisions.
    where written.status <> 'unmatched'
)

select
    count(*) filter (where is_new) as inserted,
    count(*) filter (where not is_new) as updated
from written
"""

_STANDING = """
select
    count(*) filter (where account_id is not null) as matched,
    count(*) filter (where status = 'ambiguous') as ambiguous,
    count(*) filter (where status = 'unmatched') as unmatched
from sync.contact_matches
where org_id = %(org_id)s
"""


_CONSUMER = "matching"

# Contacts read, decided and staged at a time.
_CONTACTS = 5_000


def run(session: Session, window: Window) -> StageReport:
    """Decide every open contact against today's accounts, in a delta those alone that may match differently than before.

    One transaction. `window` does not matter here.
    """
    report = StageReport("contact_matches")
    bind = session.binds()
    with session.warehouse.connect(purpose="contact_matches") as conn:
        changes = bring_up_to_date(conn, bind, report, whole=session.mode != "delta")
        report.add("sync.contact_matches", changes)
        standing = conn.execute(_STANDING, bind).fetchone()
        assert standing is not None
        report.notes.update(matched=standing[0], ambiguous=standing[1], unmatched=standing[2])
    if standing[1]:
        report.problems.append(f"{standing[1]} contacts fit several accounts; choose one for each.")
    return report


def bring_up_to_date(conn: Connection, bind: Mapping[str, object], report: StageReport, *, whole: bool) -> Changes:
    """Make the matches what `Matcher` decides, in the caller's transaction. Binds are the session's.

    Without `whole` only what became due since the last time is looked at, if that was of the same Salesforce org.
    """
    org_id, now = str(bind["org_id"]), bind["now"]
    assert isinstance(now, datetime)
    known, terms = due.terms(conn, org_id, _CONSUMER), {"salesforce_org_id": str(bind["salesforce_org_id"])}
    found = due.take(conn, org_id, _CONSUMER)
    everything = whole or known != terms or "accounts" in found
    contacts = [] if everything else found.get("contact", [])
    changes = Changes()
    if everything or contacts:
        looked_at = {**bind, "everything": everything, "contacts": contacts}
        forgotten = conn.execute(_FORGET, looked_at).rowcount
        inserted, updated = _decide(conn, Matcher(_accounts(conn, bind)), looked_at, report)
        changes = Changes(inserted=inserted, updated=updated, removed=forgotten)
    due.keep(conn, org_id, _CONSUMER, known, terms, at=now)
    return changes


def _accounts(conn: Connection, bind: Mapping[str, object]) -> Iterator[Account]:
    with conn.cursor("accounts", row_factory=class_row(Account)) as cursor:
        yield from cursor.execute(_ACCOUNTS, bind)


def _decide(conn: Connection, matcher: Matcher, bind: Mapping[str, object], report: StageReport) -> tuple[int, int]:
    staged = 0
    for news in _news(conn, matcher, bind, report):
        if not staged:
            conn.execute(_STAGE)
        _stage(conn, news)
        staged += len(news)
    if not staged:
        return 0, 0
    inserted, updated = conn.execute(_WRITE, bind).fetchone() or (0, 0)
    return int(inserted), int(updated)


def _news(conn: Connection, matcher: Matcher, bind: Mapping[str, object], report: StageReport) -> Iterator[list[Match]]:
    """Decisions that differ from what is known, chunk by chunk: a contact that stays open for the same reason has none."""
    with conn.cursor("contacts") as cursor:
        cursor.execute(_OPEN_CONTACTS, bind)
        while rows := cursor.fetchmany(_CONTACTS):
            report.rows_seen += len(rows)
            news = []
            for contact_id, name, account_number, email, *known in rows:
                match = matcher.decide(Contact(contact_id, name, account_number, email))
                if [match.status, list(match.candidates) or None, match.evidence] != known:
                    news.append(match)
            if news:
                yield news


def _stage(conn: Connection, decisions: Sequence[Match]) -> None:
    with conn.cursor().copy("copy decision from stdin") as copy:
        for match in decisions:
            candidates = Jsonb(list(match.candidates)) if match.candidates else None
            copy.write_row((match.contact_id, match.status, match.account_id, match.rule, candidates, match.evidence))
