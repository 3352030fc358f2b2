"""`xero-pipeline sandbox` as a program: what it announces, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from xero_pipeline.cli.environment import database, prepared
from xero_pipeline.settings import SALESFORCE_PRIVATE_KEY, XERO_CLIENT_SECRET, Settings
from xero_pipeline_tests.homes import temporary_home

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "xero_pipeline.cli", "sandbox", "--invoices", "20"]
INHERITED = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}


def test_the_first_line_leads_a_client_to_it_and_sigterm_ends_it() -> None:
    with subprocess.Popen(COMMAND, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        announced = json.loads(process.stdout.readline())
        settings = Settings.from_environment(announced["environment"])
        discovery = f"{settings.xero_identity_url}/.well-known/openid-configuration"
        with urllib.request.urlopen(discovery, timeout=60) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        assert process.stdout.read() == ""


def test_a_taken_port_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = subprocess.run([*COMMAND, "--port", port], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr == f"Error: Port {port} is in use by another program. Choose another with --port.\n"


def test_without_a_xero_app_children_are_led_to_a_sandbox_whose_data_is_kept() -> None:
    with temporary_home() as home:
        variables = {**INHERITED, "XERO_PIPELINE_HOME": str(home)}
        with prepared(variables, "--invoices", "20") as environment:
            assert environment.sandbox is not None
            assert environment.settings.xero_api_url == environment.sandbox["url"]
            assert all(each.is_set(environment.variables) for each in (XERO_CLIENT_SECRET, SALESFORCE_PRIVATE_KEY))
            with database(variables) as settings:
                assert settings.xero_client_id == environment.settings.xero_client_id
        assert (home / "sandbox").is_dir()
        assert "PRIVATE KEY" not in (home / "logs" / "sandbox.log").read_text()
