"""The certificates by which servers of https are judged, read once a process: reading them takes longer than most calls."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """httpx's own choice: those of `SSL_CERT_FILE` or `SSL_CERT_DIR` where set, else certifi's. Safe to share."""
    return httpx.create_ssl_context()
