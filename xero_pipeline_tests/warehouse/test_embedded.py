"""The embedded PostgreSQL: started by its first user, stopped by its last, whatever happens to those between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from xero_pipeline.domain.errors import Permanent
from xero_pipeline.warehouse import embedded_binaries
from xero_pipeline.warehouse.embedded import EmbeddedServer
from xero_pipeline_tests.homes import temporary_home

_USER = """
import sys
from pathlib import Path
from xero_pipeline.warehouse.embedded import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]), settings={"fsync": "off"})
with server:
    print(server.running(), flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    with temporary_home() as home:
        yield home
        # Whoever was killed in a test is no user any more, so this one is the last.
        if (home / "postgres" / "data").exists():
            EmbeddedServer(home, settings={"fsync": "off"}).start().close()


def server(home: Path) -> EmbeddedServer:
    return EmbeddedServer(home, settings={"fsync": "off"})


def user(home: Path) -> subprocess.Popen[str]:
    """Another process that uses the server until its input is closed."""
    command = [sys.executable, "-c", _USER, str(home)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def leave(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_it_starts_keeps_its_data_and_stops_with_its_last_user(home: Path) -> None:
    with server(home) as first:
        with psycopg.connect(first.url(), autocommit=True) as conn:
            assert conn.info.server_version >= 150000
            conn.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        with server(home) as second:
            pass
        assert second.running()
    assert not first.running()
    with server(home) as again, psycopg.connect(again.url()) as conn:
        assert conn.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_two_processes_that_start_it_at_once_share_it(home: Path) -> None:
    processes = [user(home), user(home)]
    assert [process.stdout.readline() for process in processes if process.stdout] == ["True\n"] * 2
    leave(processes[0])
    assert server(home).running()
    leave(processes[1])
    assert not server(home).running()


def test_a_killed_user_is_no_user_any_more(home: Path) -> None:
    killed = user(home)
    assert killed.stdout is not None
    killed.stdout.readline()
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert server(home).running()
    with server(home):
        pass
    assert not server(home).running()


def test_it_starts_again_after_the_server_itself_was_killed(home: Path) -> None:
    with server(home) as running:
        pid = int((running.data / "postmaster.pid").read_text().split("\n")[0])
        os.kill(pid, signal.SIGKILL)
        with server(home) as again, psycopg.connect(again.url()) as conn:
            assert conn.execute("SELECT 1").fetchone() == (1,)


def test_a_postmaster_file_left_by_another_machine_does_not_stop_it(home: Path) -> None:
    with server(home) as first:
        pass
    # This process is alive and is no PostgreSQL: as after a reboot, or in a new container, where numbers come again.
    (first.data / "postmaster.pid").write_text(f"{os.getpid()}\n{first.data}\n0\n5432\n\n\n\n")
    with server(home) as again:
        assert again.running()


def test_an_empty_postmaster_file_does_not_stop_it(home: Path) -> None:
    with server(home) as first:
        pass
    (first.data / "postmaster.pid").touch()
    with server(home) as again:
        assert again.running()


def test_a_path_too_long_for_a_socket_is_no_obstacle(home: Path) -> None:
    deep = home / ("a" * 60) / ("b" * 60)
    with server(deep) as running, psycopg.connect(running.url()) as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_only_its_owner_can_reach_its_socket_and_its_data(home: Path) -> None:
    with server(home) as running:
        assert running.socket_directory.stat().st_mode & 0o077 == 0
        assert running.data.stat().st_mode & 0o077 == 0


def test_it_never_runs_as_root_and_inherits_no_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XERO_CLIENT_SECRET", "do-not-inherit")
    with server(home) as running:
        pid = int((running.data / "postmaster.pid").read_text().split("\n")[0])
        if not Path(f"/proc/{pid}/environ").exists():
            pytest.skip("needs /proc")
        assert Path(f"/proc/{pid}").stat().st_uid != 0
        assert b"do-not-inherit" not in Path(f"/proc/{pid}/environ").read_bytes()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_it_works_as_an_ordinary_user(home: Path) -> None:
    account = embedded_binaries.server_account(home)
    assert account is not None
    embedded_binaries.let_in(home, account)
    own = home / "own"
    own.mkdir()
    os.chown(own, account.uid, account.gid)
    embedded_binaries.let_in(embedded_binaries.installation(), account)
    child = os.fork()
    if not child:
        # Only _exit leaves a forked child without running what pytest does at its end.
        os.setgroups([])
        os.setgid(account.gid)
        os.setuid(account.uid)
        try:
            with server(own / "home") as running:
                os._exit(0 if running.running() else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    # The child went without a word; root may use what belongs to somebody else, and is the last to leave.
    with server(own / "home") as left_behind:
        assert left_behind.running()
    assert not left_behind.running()


def test_data_of_another_major_version_is_refused_in_one_sentence(tmp_path: Path) -> None:
    data = tmp_path / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("14\n")
    with pytest.raises(Permanent, match="written by PostgreSQL 14"):
        server(tmp_path).start()
