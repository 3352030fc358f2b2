"""Imports: they run one way, they do no work, and what is slow to import is imported where it is used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

# Everything but what is a script by design: the module that runs our command line, Alembic's environment, and the module
# that Dagster loads, whose work is to read orgs.yaml and assemble.
IMPORT_EVERYTHING = """
import importlib, pkgutil, sys

SCRIPTS = {"xero_pipeline.cli.__main__", "xero_pipeline.warehouse.migrations.env", "xero_pipeline.definitions"}
WORK = ("socket.connect", "socket.bind", "subprocess.Popen", "os.mkdir", "os.remove", "os.rename", "signal.signal")
package = sys.argv[1]
work = []

def names(package):
    yield package
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        yield module.name

def audit(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    compiles = event in ("open", "os.mkdir", "os.rename") and "__pycache__" in str(arguments[0])
    if (event in WORK or writes) and not compiles:
        work.append((event, *map(str, arguments[:2])))

modules = [name for name in names(package) if name not in SCRIPTS]
for name in modules:
    importlib.import_module(name)
# Only ours are imported again, so that nothing other packages do when they are imported is taken for our work.
for name in [name for name in sys.modules if name.split(".")[0] == package]:
    del sys.modules[name]
sys.addaudithook(audit)
for name in modules:
    importlib.import_module(name)
slow = [name for name in ("pandas", "great_expectations", "numpy") if name in sys.modules]
print(work, slow)
sys.exit(bool(work or slow))
"""


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def imported_by(module: str) -> set[str]:
    result = run(sys.executable, "-c", f"import sys, {module}; print(*sys.modules, sep='\\n')")
    assert result.returncode == 0, result.stderr
    return set(result.stdout.split())


def test_imports_run_one_way() -> None:
    result = run(sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")
    assert result.returncode == 0, result.stdout + result.stderr


def test_importing_a_module_does_no_work_and_nothing_slow() -> None:
    result = run(sys.executable, "-c", IMPORT_EVERYTHING, "xero_pipeline")
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_command_line_starts_without_what_its_commands_need() -> None:
    imported = imported_by("xero_pipeline.cli")
    assert imported.isdisjoint(
        {"dagster", "pandas", "great_expectations", "sqlalchemy", "psycopg", "httpx", "pydantic", "rich"}
    )
