"""Tokens at rest are unreadable, and of all who find one ended exactly one renews it."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from xero_pipeline.domain.errors import Permanent, Reconnect
from xero_pipeline.warehouse import tokens
from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.tokens import GRACE, StoredToken, TokenShelf
from xero_pipeline.warehouse.vault import Vault, vault

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIRST = StoredToken("access-0", NOON, "refresh-0", "", ("offline_access", "accounting.contacts"))

_RENEW = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.tokens import StoredToken, TokenShelf
from xero_pipeline.warehouse.vault import vault
url, home = sys.argv[1:]
shelf = TokenShelf(Warehouse(url), vault("", Path(home)), "demo")
stale = shelf.current()
print("ready", flush=True)
sys.stdin.readline()
def renew(kept):
    if kept.access_token != stale.access_token:
        return kept
    print("renewed", flush=True)
    return StoredToken("access-1", datetime(2026, 3, 1, tzinfo=UTC), "refresh-1")
print(shelf.refresh(renew).access_token, flush=True)
"""


@pytest.fixture
def chest(tmp_path: Path) -> Vault:
    return vault("", tmp_path)


def save(warehouse: Warehouse, chest: Vault, token: StoredToken | None = FIRST, client_id: str = "app") -> None:
    with warehouse.connect() as conn:
        tokens.save(
            conn, chest, system="xero", alias="demo", grant_kind="authorization_code", client_id=client_id, org_id="tenant",
            tenant_name="Demo", token=token, now=NOON,
        )  # fmt: skip


def renewed(number: int) -> StoredToken:
    return StoredToken(f"access-{number}", NOON, f"refresh-{number}", "", FIRST.scopes)


def test_a_saved_token_comes_back_and_is_unreadable_in_the_table(warehouse: Warehouse, chest: Vault) -> None:
    save(warehouse, chest)
    assert TokenShelf(warehouse, chest, "demo").current() == FIRST
    with warehouse.connect() as conn:
        row = conn.execute("SELECT row_to_json(connections)::text FROM sync.connections").fetchone()
    assert row is not None
    assert "refresh-0" not in row[0]
    assert "access-0" not in row[0]
    assert "access-0" not in repr(FIRST)


def test_of_many_threads_that_find_a_token_ended_exactly_one_renews_it(warehouse: Warehouse, chest: Vault) -> None:
    save(warehouse, chest)
    calls: list[str] = []

    def renew(kept: StoredToken | None) -> StoredToken:
        assert kept is not None
        if kept.access_token != FIRST.access_token:
            return kept
        calls.append(kept.refresh_token)
        return renewed(len(calls))

    with ThreadPoolExecutor(8) as pool:
        shelf = TokenShelf(warehouse, chest, "demo")
        got = list(pool.map(lambda _: shelf.refresh(renew).access_token, range(8)))
    assert calls == ["refresh-0"]
    assert got == ["access-1"] * 8


def test_of_several_processes_exactly_one_renews_it(warehouse: Warehouse, chest: Vault, tmp_path: Path) -> None:
    save(warehouse, chest)
    command = [sys.executable, "-c", _RENEW, warehouse.url, str(tmp_path)]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = sorted(process.communicate()[0] for process in processes)
    assert said == ["access-1\n", "access-1\n", "renewed\naccess-1\n"]


def test_the_replaced_refresh_token_is_kept_for_half_an_hour(warehouse: Warehouse, chest: Vault) -> None:
    save(warehouse, chest)
    now = NOON
    shelf = TokenShelf(warehouse, chest, "demo", clock=lambda: now)
    shelf.refresh(lambda _: renewed(1))
    kept = shelf.current()
    assert kept is not None
    assert (kept.refresh_token, kept.previous_refresh_token) == ("refresh-1", "refresh-0")
    now = NOON + GRACE + timedelta(seconds=1)
    kept = shelf.current()
    assert kept is not None
    assert kept.previous_refresh_token == ""


def test_a_renewal_that_fails_changes_nothing_and_leaves_no_lock(warehouse: Warehouse, chest: Vault) -> None:
    save(warehouse, chest)
    shelf = TokenShelf(warehouse, chest, "demo")

    def refused(_: StoredToken | None) -> StoredToken:
        raise Reconnect("Xero refused the refresh token.")

    with pytest.raises(Reconnect, match="refused"):
        shelf.refresh(refused)
    assert shelf.current() == FIRST
    assert shelf.refresh(lambda _: renewed(1)).access_token == "access-1"


def test_what_was_never_connected_cannot_be_renewed(warehouse: Warehouse, chest: Vault) -> None:
    shelf = TokenShelf(warehouse, chest, "demo")
    assert shelf.current() is None
    with pytest.raises(Reconnect, match="demo is not connected"):
        shelf.refresh(lambda _: renewed(1))


def test_disconnecting_destroys_the_tokens_and_keeps_the_connection_s_name(warehouse: Warehouse, chest: Vault) -> None:
    save(warehouse, chest)
    with warehouse.connect() as conn:
        assert tokens.disconnect(conn, "xero", "demo", now=NOON)
        assert not tokens.disconnect(conn, "xero", "demo", now=NOON)
        known = tokens.find(conn, "xero", "demo")
        left = conn.execute(
            "SELECT access_token, refresh_token, previous_refresh_token FROM sync.connections"
        ).fetchone()
    assert known is not None
    assert (known.tenant_name, known.disconnected_at) == ("Demo", NOON)
    assert left == (None, None, None)
    assert TokenShelf(warehouse, chest, "demo").current() is None


def test_tokens_stay_when_the_same_app_is_saved_again_and_go_with_another(warehouse: Warehouse, chest: Vault) -> None:
    save(warehouse, chest)
    save(warehouse, chest, token=None)
    assert TokenShelf(warehouse, chest, "demo").current() == FIRST
    save(warehouse, chest, token=None, client_id="another app")
    assert TokenShelf(warehouse, chest, "demo").current() is None


def test_another_key_asks_to_connect_again(warehouse: Warehouse, chest: Vault) -> None:
    save(warehouse, chest)
    with pytest.raises(Reconnect, match="another key"):
        TokenShelf(warehouse, vault("a passphrase", Path("unused")), "demo").current()


def test_a_key_may_be_a_fernet_key_or_any_passphrase(tmp_path: Path) -> None:
    for secret in ("correct horse battery staple", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="):
        assert vault(secret, tmp_path).decrypt(vault(secret, tmp_path).encrypt("token")) == "token"
    assert not list(tmp_path.iterdir())


def test_the_key_file_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        vaults = list(pool.map(lambda _: vault("", tmp_path / "home"), range(4)))
    assert vaults[0].decrypt(vaults[3].encrypt("token")) == "token"
    (file,) = (tmp_path / "home").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    with pytest.raises(Permanent, match="can be read by others"):
        vault("", tmp_path / "home")
