"""The set-based queries of the stages, one a file, read by name."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def query(name: str) -> str:
    """The text of `<name>.sql` in this folder; values are bound when it is executed, never put into the text."""
    return files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
