"""Child processes as a set: started, waited for until ready, watched, and all ended together however we end.

Every child leads a session of its own, so a signal to its group also reaches what it started, and the Ctrl-C of a terminal
reaches only us. What children write goes to HOME/logs/<name>.log. Nothing is restarted: a child that dies is reported with
the end of its log. A child holds the lock HOME/run/<name>.lock for as long as it lives, so the next supervisor of the same
home finds and ends what a killed one (SIGKILL, power) left behind.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from types import FrameType, TracebackType
from typing import IO, NoReturn

from xero_pipeline.cli import locks
from xero_pipeline.domain.errors import AlreadyRunning, Permanent

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
POLL_SECONDS = 0.05
TAIL_LINES = 15
LOCK = "supervisor.lock"


@dataclass(frozen=True)
class Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path
    announcements: SimpleQueue[bytes]

    def tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
        return "\n".join(lines) or "(it wrote nothing)"

    def group_alive(self) -> bool:
        """Whether anything of the child's session still runs; it may outlive the child itself."""
        leader_alive = self.process.poll() is None
        try:
            os.killpg(self.process.pid, 0)
        except (ProcessLookupError, PermissionError):
            return leader_alive
        return True

    def signal_group(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


class Supervisor:
    """The children of one home: a context manager that ends all of them on its way out.

    While it is open, SIGINT, SIGTERM and SIGHUP raise SystemExit (128 + the signal) where the main thread stands; once it
    is closing, another signal ends the wait for children that take their time. `grace` is that wait, in seconds.
    """

    def __init__(self, home: Path, *, grace: float = 15.0) -> None:
        self._logs = home / "logs"
        self._run = home / "run"
        self._grace = grace
        self._children: list[Child] = []
        self._relays: list[threading.Thread] = []
        self._lock = -1
        self._previous: dict[signal.Signals, Callable[[int, FrameType | None], object] | int | None] = {}
        self._holding = False
        self._received: int | None = None

    def __enter__(self) -> Supervisor:
        for directory in (self._logs, self._run):
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = locks.opened(self._run / LOCK)
        if not locks.take(self._lock):
            holder = locks.owner(self._lock)
            os.close(self._lock)
            raise AlreadyRunning(
                f"Process {holder} already runs a sandbox or Dagster in {self._run.parent}.",
                next_step="End it first, or set XERO_PIPELINE_HOME to another directory.",
            )
        locks.sign(self._lock, os.getpid())
        if threading.current_thread() is threading.main_thread():
            self._previous = {number: signal.getsignal(number) for number in SIGNALS}
            for number, handler in self._previous.items():
                # `nohup` and the background jobs of a script start with signals ignored on purpose, which we keep to. Children
                # would inherit it, and Dagster, which takes SIGTERM as SIGINT, would ignore both; a handler is not inherited.
                signal.signal(number, _do_nothing if handler == signal.SIG_IGN else self._on_signal)
        locks.end_leftovers([path for path in self._run.glob("*.lock") if path.name != LOCK], self._grace)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._holding, self._received = True, None
        try:
            self._end_all()
        finally:
            for number, handler in self._previous.items():
                signal.signal(number, handler)
            os.close(self._lock)

    def start(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        directory: Path | None = None,
        announces: bool = False,
    ) -> Child:
        """Start a child. With `announces` the first line of its standard output is kept from the log, for `first_line`.

        Raises Permanent when there is no such program.
        """
        if any(child.name == name and child.group_alive() for child in self._children):
            raise ValueError(f"{name} runs already")
        lock = locks.opened(self._run / f"{name}.lock")
        locks.wait_for(lock)
        log = self._logs / f"{name}.log"
        try:
            with self._undisturbed(), _open_log(log) as output:
                process = subprocess.Popen(  # noqa: S603
                    command,
                    env={**environment, "PYTHONUNBUFFERED": "1"},
                    cwd=directory,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE if announces else output,
                    stderr=output,
                    start_new_session=True,
                    pass_fds=(lock,),
                )
                child = Child(name, process, log, SimpleQueue())
                self._children.append(child)
                locks.sign(lock, process.pid)
            if process.stdout is not None:
                relay = threading.Thread(target=_relay, args=(process.stdout, child), daemon=True)
                relay.start()
                self._relays.append(relay)
        except OSError as error:
            raise Permanent(f"The {name} could not be started: {error.strerror}: {command[0]}.") from error
        finally:
            os.close(lock)
        return child

    def first_line(self, child: Child, seconds: float) -> str:
        """The first line of an announcing child's standard output, without its line break."""
        line = b""

        def announced() -> bool:
            nonlocal line
            if not child.announcements.empty():
                line = child.announcements.get()
            return bool(line)

        self.until(announced, f"The {child.name} has announced nothing", seconds)
        return line.decode().rstrip("\n")

    def until(self, ready: Callable[[], bool], otherwise: str, seconds: float) -> None:
        """Return once `ready()`. Raises Permanent when a child dies first, or with the sentence `otherwise` after `seconds`."""
        deadline = time.monotonic() + seconds
        while not ready():
            self._report_deaths()
            if time.monotonic() > deadline:
                raise Permanent(f"{otherwise} in {seconds:.0f} seconds.", next_step=f"See the logs in {self._logs}.")
            time.sleep(POLL_SECONDS)

    def watch(self) -> NoReturn:
        """Stay until a signal ends us (SystemExit) or a child dies (Permanent)."""
        while True:
            self._report_deaths()
            time.sleep(POLL_SECONDS)

    def _report_deaths(self) -> None:
        for child in self._children:
            code = child.process.poll()
            if code is not None:
                how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
                raise Permanent(
                    f"The {child.name} {how}. The end of its log:\n{child.tail()}\n",
                    next_step=f"All of it is in {child.log}.",
                )

    def _end_all(self) -> None:
        for child in reversed(self._children):
            child.signal_group(signal.SIGTERM)
        deadline = time.monotonic() + self._grace
        while any(child.group_alive() for child in self._children):
            if self._received is not None or time.monotonic() > deadline:
                for child in self._children:
                    child.signal_group(signal.SIGKILL)
                break
            time.sleep(POLL_SECONDS)
        for child in self._children:
            child.process.wait()
        for relay in self._relays:
            relay.join(timeout=1)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._holding:
            self._received = number
        else:
            raise SystemExit(128 + number)

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """A signal waits until the child is started and known: in between it would leave one that nobody ends."""
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
        if self._received is not None:
            raise SystemExit(128 + self._received)


def _do_nothing(number: int, frame: FrameType | None) -> None:
    return


def port_answers(port: int) -> Callable[[], bool]:
    """Whether something on this machine accepts connections on the port."""

    def ready() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return False
        return True

    return ready


def log_says(child: Child, text: str) -> Callable[[], bool]:
    """Whether the child has written this to its log."""
    return lambda: text in child.log.read_text(errors="replace")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _open_log(log: Path) -> IO[bytes]:
    return os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600), "wb")


def _relay(output: IO[bytes], child: Child) -> None:
    with output, child.log.open("ab") as log:
        child.announcements.put(output.readline())
        for line in output:
            log.write(line)
            log.flush()
