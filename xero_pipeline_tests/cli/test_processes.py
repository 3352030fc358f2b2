"""The supervisor, with real processes: readiness, deaths, signals, stubborn children and what a killed supervisor left."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from xero_pipeline.cli.processes import Child, Supervisor, free_port, log_says, port_answers
from xero_pipeline.domain.errors import AlreadyRunning, Permanent

SLEEPER = "import time; time.sleep(60)"
STUBBORN = """
    import signal, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("ready")
    time.sleep(60)
"""
# It answers the SIGTERM that ends the wait for it with the second Ctrl-C of somebody who waits.
PROVOKING = """
    import os, signal, time
    signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getppid(), signal.SIGINT))
    print("ready")
    while True:
        time.sleep(60)
"""
PARENT = """
    import subprocess, sys, time
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    print(child.pid, flush=True)
    time.sleep(60)
"""
# Whoever started the tests may have had signals ignored (nohup, a script's `&`), which children inherit.
SUPERVISOR = """
    import os, signal, sys
    from pathlib import Path
    from xero_pipeline.cli.processes import Supervisor
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    with Supervisor(Path(sys.argv[1]), grace=5) as supervisor:
        child = supervisor.start("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"], os.environ)
        print(child.process.pid, flush=True)
        supervisor.watch()
"""


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(code), *arguments]


def start(supervisor: Supervisor, code: str, *arguments: str, name: str = "child", announces: bool = False) -> Child:
    return supervisor.start(name, python(code, *arguments), os.environ, announces=announces)


def eventually(condition: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    if status.parent.parent.joinpath("self").exists():
        return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
    return subprocess.run(["kill", "-0", str(pid)], capture_output=True).returncode == 0


def run_supervisor(home: Path, environment: Mapping[str, str] = os.environ) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen(
        python(SUPERVISOR, str(home)), stdout=subprocess.PIPE, text=True, env=environment, cwd=Path(__file__).parents[2]
    )
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    process.stdout.close()
    return process, pid


def test_a_child_is_ready_once_its_port_answers(tmp_path: Path) -> None:
    port = free_port()
    server = """
        import socket, sys, time
        server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
        time.sleep(60)
    """
    with Supervisor(tmp_path) as supervisor:
        start(supervisor, server, str(port))
        supervisor.until(port_answers(port), "The server does not answer", 60)
        socket.create_connection(("127.0.0.1", port)).close()


def test_the_first_line_is_given_to_us_and_the_rest_goes_to_the_log(tmp_path: Path) -> None:
    talker = "import time; print('{\"secret\": 1}'); print('serving'); time.sleep(60)"
    with Supervisor(tmp_path) as supervisor:
        child = start(supervisor, talker, announces=True)
        assert supervisor.first_line(child, 60) == '{"secret": 1}'
        supervisor.until(log_says(child, "serving"), "It never served", 60)
        assert "secret" not in child.log.read_text()


def test_a_line_in_the_log_can_mean_ready(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        child = start(supervisor, "import sys, time; print('up and running', file=sys.stderr); time.sleep(60)")
        supervisor.until(log_says(child, "up and running"), "It never came up", 60)
    assert child.log == tmp_path / "logs" / "child.log"


def test_a_child_that_is_not_ready_in_time_is_said_to_be_late(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        start(supervisor, SLEEPER)
        with pytest.raises(Permanent, match="The child does not answer in 0 seconds"):
            supervisor.until(lambda: False, "The child does not answer", 0.1)


def test_a_child_that_dies_before_it_is_ready_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        child = start(supervisor, "raise SystemExit('no such organisation')", announces=True)
        with pytest.raises(Permanent, match=r"(?s)The child ended with exit code 1.*no such organisation") as caught:
            supervisor.first_line(child, 60)
    assert str(child.log) in caught.value.next_step


def test_a_child_that_is_killed_later_is_reported_and_not_restarted(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        child = start(supervisor, SLEEPER)
        child.process.kill()
        with pytest.raises(Permanent, match="The child was ended by SIGKILL"):
            supervisor.watch()


def test_a_program_that_does_not_exist_is_one_sentence(tmp_path: Path) -> None:
    missing = str(tmp_path / "nothing")
    with Supervisor(tmp_path) as supervisor, pytest.raises(Permanent, match="could not be started: No such file"):
        supervisor.start("child", [missing], os.environ)


def test_every_child_and_what_it_started_is_ended_on_the_way_out(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        children = [start(supervisor, SLEEPER, name=name) for name in ("one", "two")]
        parent = start(supervisor, PARENT, name="three", announces=True)
        grandchild = int(supervisor.first_line(parent, 60))
    assert not any(child.group_alive() for child in [*children, parent])
    assert not alive(grandchild)


def test_a_child_that_ignores_sigterm_is_killed_after_the_grace(tmp_path: Path) -> None:
    with Supervisor(tmp_path, grace=0.1) as supervisor:
        child = start(supervisor, STUBBORN, announces=True)
        supervisor.first_line(child, 60)
    assert child.process.returncode == -signal.SIGKILL


@pytest.fixture
def heeded_interrupts() -> Iterator[None]:
    """SIGINT as at a terminal, whoever started the tests."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeded_interrupts")
def test_a_second_signal_ends_the_wait_for_a_stubborn_child(tmp_path: Path) -> None:
    began = time.monotonic()
    with Supervisor(tmp_path, grace=600) as supervisor:
        child = start(supervisor, PROVOKING, announces=True)
        supervisor.first_line(child, 60)
    assert time.monotonic() - began < 300
    assert child.process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_us_ends_the_children_and_then_us(tmp_path: Path, number: signal.Signals) -> None:
    process, child = run_supervisor(tmp_path)
    process.send_signal(number)
    assert process.wait(timeout=60) == 128 + number
    assert not alive(child)


def test_handlers_of_signals_are_as_they_were_afterwards(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Supervisor(tmp_path):
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.fixture
def ignored_interrupts() -> Iterator[None]:
    """As `command &` in a script: SIGINT is ignored from the start."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ignored_interrupts")
def test_a_signal_that_was_ignored_at_the_start_stays_ignored(tmp_path: Path) -> None:
    with Supervisor(tmp_path):
        os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN


@pytest.mark.usefixtures("ignored_interrupts")
def test_children_do_not_inherit_that_a_signal_is_ignored(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        child = start(
            supervisor, "import signal, time; print(signal.getsignal(signal.SIGINT)); time.sleep(60)", announces=True
        )
        assert "default_int_handler" in supervisor.first_line(child, 60)


def test_a_home_has_one_supervisor_at_a_time(tmp_path: Path) -> None:
    running = f"Process {os.getpid()} already runs"
    with Supervisor(tmp_path), pytest.raises(AlreadyRunning, match=running), Supervisor(tmp_path):
        pass
    with Supervisor(tmp_path):
        pass


def test_what_a_killed_supervisor_left_is_ended_before_its_successor_starts(tmp_path: Path) -> None:
    process, orphan = run_supervisor(tmp_path)
    process.kill()
    process.wait()
    assert alive(orphan)
    with Supervisor(tmp_path, grace=5) as supervisor:
        supervisor.start("sleeper", python(SLEEPER), os.environ)
        assert eventually(lambda: not alive(orphan))


def test_a_log_starts_anew_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    for word in ("first", "second"):
        with Supervisor(tmp_path) as supervisor:
            child = start(supervisor, f"print('{word}'); import time; time.sleep(60)")
            supervisor.until(log_says(child, word), "It said nothing", 60)
    assert child.log.read_text().splitlines() == ["second"]
    assert child.log.stat().st_mode & 0o077 == 0
