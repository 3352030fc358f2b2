"""The kinds of sync there are, and which of them read everything."""

from __future__ import annotations

from typing import Literal

Mode = Literal["delta", "full", "metadata", "rollups", "restart-invoices", "restart-contacts", "export"]

# These remove the lower bound of what they read (BW-15, BW-23, BW-42).
_EVERYTHING: frozenset[Mode] = frozenset({"full", "restart-invoices", "restart-contacts"})


def reads_everything(mode: Mode) -> bool:
    """Whether this kind of sync reads from the beginning instead of from the last success."""
    return mode in _EVERYTHING
