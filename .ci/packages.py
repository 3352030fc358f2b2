"""Installs what `constraints.txt` pins, or pins anew, taking packages from where the user's pip takes them.

uv installs all of it in seconds but reads none of pip's settings, so what pip's environment variables and configuration
files say is handed on as uv's options. Run by `make` with the virtual environment's Python: `packages.py install | lock`.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys

CONSTRAINTS = "constraints.txt"
OPTIONS = {
    "index-url": "--index-url",
    "extra-index-url": "--extra-index-url",
    "find-links": "--find-links",
    "trusted-host": "--allow-insecure-host",
}


def pip_settings() -> dict[str, str]:
    """What pip is set to, by the name of the setting; the environment comes last in pip's own list and so wins."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listing = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    settings = {}
    for line in listing.splitlines():
        key, _, value = line.partition("=")
        section, _, name = key.rpartition(".")
        if section in ("global", "install", ":env:"):
            settings[name] = str(ast.literal_eval(value))
    return settings


def uv_options(settings: dict[str, str]) -> list[str]:
    options = [f"{OPTIONS[name]}={place}" for name in OPTIONS for place in settings.get(name, "").split()]
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        options.append("--no-index")
    return options


def uv_environment(settings: dict[str, str]) -> dict[str, str]:
    # pip looks at every index before it chooses and trusts the system's certificates; uv does neither unless told.
    environment = {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_SYSTEM_CERTS": "true", **os.environ}
    if "cert" in settings:
        environment["SSL_CERT_FILE"] = settings["cert"]
    if "proxy" in settings:
        environment.setdefault("HTTPS_PROXY", settings["proxy"])
    if "timeout" in settings or "default-timeout" in settings:
        environment.setdefault("UV_HTTP_TIMEOUT", settings.get("timeout") or settings["default-timeout"])
    return environment


def uv(*arguments: str) -> None:
    settings = pip_settings()
    command = [sys.executable, "-m", "uv", "pip", *arguments, *uv_options(settings)]
    sys.exit(subprocess.run(command, check=False, env=uv_environment(settings)).returncode)


def install() -> None:
    pip = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    if subprocess.run([*pip, "--constraint", CONSTRAINTS, "uv"], check=False).returncode:
        sys.exit("pip could not install uv; its message above says why.")
    pins = ["--constraints", CONSTRAINTS, "--build-constraints", CONSTRAINTS]
    uv("install", "--quiet", "--python", sys.executable, *pins, "--editable", ".[dev]")


def lock() -> None:
    every_python = ["--universal", "--python-version", "3.11"]
    names_alone = ["--no-header", "--no-annotate", "--quiet", "--output-file", CONSTRAINTS]
    uv("compile", "setup.py", "--extra", "dev", "--upgrade", *every_python, *names_alone)


if __name__ == "__main__":
    {"install": install, "lock": lock}[sys.argv[1]]()
