"""The certificates by which servers of https are judged, read once a process: reading them takes longer than most calls."""

from __future__ import annotations

import ssl
from contextlib import suppress
from functools import cache
from threading import Lock, Thread

import httpx

_reading = Lock()


def trusted() -> ssl.SSLContext:
    """httpx's own choice: those of `SSL_CERT_FILE` or `SSL_CERT_DIR` where set, else certifi's. Safe to share."""
    with _reading:
        return _read()


def read_ahead() -> None:
    """Begin to read them, for a sync that has to ask the warehouse a few things before it calls anybody."""
    if not _reading.locked() and not _read.cache_info().currsize:
        Thread(target=_make_a_client, name="certificates", daemon=True).start()


def _make_a_client() -> None:
    # With its first client httpx also imports most of itself. Whoever needs one is told why it cannot be made.
    with suppress(Exception), httpx.Client(verify=trusted()):
        pass


@cache
def _read() -> ssl.SSLContext:
    return httpx.create_ssl_context()
