"""One Salesforce org in memory: its records, its connected app, its sessions, and what of them is to be kept on disk."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta

import msgspec

from xero_pipeline.sandbox.salesforce import ids
from xero_pipeline.sandbox.salesforce.package import load_schema
from xero_pipeline.sandbox.salesforce.schema import SObject
from xero_pipeline.sandbox.salesforce.state import Delayed, Settings, Token, new_private_key
from xero_pipeline.sandbox.salesforce.store import Table
from xero_pipeline.sandbox.salesforce.values import Row, restorers

Change = tuple[str, str]
RECORDS = "salesforce."
ORGANISATION = "salesforce:organisation"
TOKENS = "salesforce:token"
DELAYED = "salesforce:delayed"


class Org:
    """Records by object in `tables`; everything that survives a restart goes through `dump`, `read` and `load`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.schema = load_schema()
        self.tables = {name: Table(sobject) for name, sobject in self.schema.objects.items()}
        self.tokens: dict[str, Token] = {}
        self.delayed: dict[str, Delayed] = {}
        self.cursors: dict[str, object] = {}
        self._changes: set[Change] = set()
        self._journal: list[tuple[Table, str, Row | None]] | None = None

    @classmethod
    def create(cls, *, username: str, org_number: int = 1) -> Org:
        """An org without records, with a connected app and a key pair of its own."""
        return cls(
            Settings(
                org_id=ids.make("00D", org_number),
                client_id=f"3MVG9{secrets.token_hex(30)}",
                client_secret=secrets.token_hex(32).upper(),
                private_key=new_private_key(),
                username=username,
                approved_usernames=[username],
            )
        )

    # -- records ------------------------------------------------------------------------------------------------

    def next_number(self, counter: str) -> int:
        """The next number of a named sequence, from 1. Never given twice, not even after a rollback."""
        number = self.settings.sequences.get(counter, 0) + 1
        self.settings.sequences[counter] = number
        self.settings_changed()
        return number

    def new_id(self, sobject: SObject) -> str:
        """An id no record of `sobject` has had."""
        return ids.make(sobject.key_prefix, self.next_number(sobject.name))

    def row(self, record_id: str) -> Row | None:
        """The record with that 18-character id, deleted or not, of whatever object."""
        sobject = self.schema.by_id(record_id)
        return self.tables[sobject.name].rows.get(record_id) if sobject else None

    def put(self, sobject: SObject, row: Row) -> None:
        """Store a finished row; no rule is applied."""
        table = self.tables[sobject.name]
        old = table.put(row)
        self._note(table, str(row["Id"]), old)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything put inside is undone where the block raises. Blocks nest: an inner one undoes only its own."""
        outer, self._journal = self._journal, []
        try:
            yield
        except BaseException:
            for table, record_id, old in reversed(self._journal):
                if old is None:
                    table.remove(record_id)
                else:
                    table.put(old)
            self._journal = []
            raise
        finally:
            if outer is not None:
                outer.extend(self._journal)
            self._journal = outer

    def user(self, username: str) -> Row | None:
        """The user with that username."""
        table = self.tables["User"]
        found = table.find(table.sobject.fields["Username"], username)
        return found[0] if found else None

    @property
    def integration_user_id(self) -> str:
        """The id of the user that the connected app runs as."""
        user = self.user(self.settings.username)
        if user is None:
            raise LookupError(f"the org has no user {self.settings.username}")
        return str(user["Id"])

    # -- sessions and the API budget ----------------------------------------------------------------------------

    def new_token(self, user_id: str, now: datetime) -> str:
        """A session of `user_id`, as an opaque token that starts with the org's id as real ones do."""
        token = f"{self.settings.org_id[:15]}!{secrets.token_urlsafe(64)}"
        self.tokens[token] = Token(user_id, now)
        self._changes.add((TOKENS, token))
        return token

    def drop_tokens(self, tokens: Iterable[str]) -> int:
        """End sessions; how many there were."""
        ended = [token for token in tokens if self.tokens.pop(token, None)]
        self._changes.update((TOKENS, token) for token in ended)
        return len(ended)

    def session_user(self, token: str, now: datetime) -> str | None:
        """The id of the active user behind a live session, or None. Use prolongs a session, as the session policy has it."""
        session = self.tokens.get(token)
        if session is None:
            return None
        user = self.row(session.user_id)
        lifetime = timedelta(seconds=self.settings.session_seconds)
        if user is None or not user["IsActive"] or now - session.used > lifetime:
            return None
        if now - session.used > lifetime / 2:
            session.used = now
            self._changes.add((TOKENS, token))
        return session.user_id

    def count_call(self, now: datetime) -> None:
        """Count one API request of this hour."""
        hour = now.strftime("%Y-%m-%dT%H")
        self.settings.calls[hour] = self.settings.calls.get(hour, 0) + 1
        self.settings_changed()

    def calls_made(self, now: datetime) -> int:
        """API requests of the rolling 24 hours, by whole hours."""
        horizon = (now - timedelta(hours=24)).strftime("%Y-%m-%dT%H")
        for hour in [hour for hour in self.settings.calls if hour <= horizon]:
            del self.settings.calls[hour]
        return sum(self.settings.calls.values())

    def delay(self, write: Delayed) -> None:
        """Keep a write back until its time."""
        key = f"{write.visible.isoformat()}/{self.next_number('delayed')}"
        self.delayed[key] = write
        self._changes.add((DELAYED, key))

    def due(self, now: datetime) -> list[Delayed]:
        """Take out the delayed writes whose time has come, earliest first."""
        keys = sorted(key for key, write in self.delayed.items() if write.visible <= now)
        self._changes.update((DELAYED, key) for key in keys)
        return [self.delayed.pop(key) for key in keys]

    # -- persistence --------------------------------------------------------------------------------------------

    def settings_changed(self) -> None:
        """Note that the settings are to be written out."""
        self._changes.add((ORGANISATION, self.settings.org_id))

    def drain_changes(self) -> set[Change]:
        """The (table, id) pairs that changed since the last call; one that `read` no longer finds was removed."""
        changes, self._changes = self._changes, set()
        return changes

    def read(self, table: str, key: str) -> bytes | None:
        """The persisted form of one (table, id) pair, or None where it is gone."""
        if table == ORGANISATION:
            return _bytes(asdict(self.settings))
        if table == TOKENS:
            token = self.tokens.get(key)
            return _bytes(asdict(token)) if token else None
        if table == DELAYED:
            write = self.delayed.get(key)
            return _bytes(asdict(write)) if write else None
        sobject = self.schema.objects[table.removeprefix(RECORDS)]
        row = self.tables[sobject.name].rows.get(key)
        return _bytes(row) if row else None

    def dump(self) -> Iterator[tuple[str, str, bytes]]:
        """Everything, as (table, id, JSON): the organisation, its sessions, writes under way, records."""
        keys: list[Change] = [(ORGANISATION, self.settings.org_id)]
        keys += [(TOKENS, token) for token in self.tokens]
        keys += [(DELAYED, key) for key in self.delayed]
        keys += [(RECORDS + name, record_id) for name, table in self.tables.items() for record_id in table.rows]
        for table_name, key in keys:
            content = self.read(table_name, key)
            if content is not None:
                yield table_name, key, content

    @classmethod
    def load(cls, rows: Iterable[tuple[str, str, bytes]]) -> Org:
        """The org that `dump` wrote, in whatever order its rows come. Raises ValueError without an organisation row."""
        kept = list(rows)
        settings = next((content for table, _, content in kept if table == ORGANISATION), None)
        if settings is None:
            raise ValueError("the state holds no Salesforce organisation")
        org = cls(Settings(**json.loads(settings)))
        made_again = {name: restorers(sobject.fields) for name, sobject in org.schema.objects.items()}
        for table, key, content in kept:
            body = msgspec.json.decode(content)
            if table == TOKENS:
                org.tokens[key] = Token(body["user_id"], datetime.fromisoformat(body["used"]))
            elif table == DELAYED:
                body |= {name: datetime.fromisoformat(body[name]) for name in ("stamp", "visible")}
                org.delayed[key] = Delayed(**body)
            elif table.startswith(RECORDS):
                name = table.removeprefix(RECORDS)
                for field, value_of in made_again[name].items():
                    if body.get(field) is not None:
                        body[field] = value_of(body[field])
                org.tables[name].put(body)
        return org

    def _note(self, table: Table, record_id: str, old: Row | None) -> None:
        self._changes.add((RECORDS + table.sobject.name, record_id))
        if self._journal is not None:
            self._journal.append((table, record_id, old))


def _bytes(content: object) -> bytes:
    # Decimals become text: the double that the API prints would not survive every round trip.
    return msgspec.json.encode(content)
