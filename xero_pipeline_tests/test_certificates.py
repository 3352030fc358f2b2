"""The certificates of the world are read once a process, and before they are needed where that costs nobody any time."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator

import httpx
import pytest

from xero_pipeline import certificates
from xero_pipeline_tests.loopback import NO_CERTIFICATES


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """One entry for each time they were read."""
    reads: list[str] = []

    def read() -> ssl.SSLContext:
        reads.append(threading.current_thread().name)
        return NO_CERTIFICATES

    monkeypatch.setattr(httpx, "create_ssl_context", read)
    certificates._read.cache_clear()
    yield reads
    certificates._read.cache_clear()


def _ended() -> None:
    for thread in threading.enumerate():
        if thread.name == "certificates":
            thread.join(30)


def test_whoever_needs_them_waits_for_those_that_are_read_already(reads: list[str]) -> None:
    certificates.read_ahead()
    assert certificates.trusted() is NO_CERTIFICATES
    _ended()
    assert certificates.trusted() is NO_CERTIFICATES
    assert len(reads) == 1


def test_why_they_cannot_be_read_is_said_to_whoever_needs_them_and_to_nobody_before(
    reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> ssl.SSLContext:
        raise FileNotFoundError("SSL_CERT_FILE")

    monkeypatch.setattr(httpx, "create_ssl_context", refuse)
    certificates.read_ahead()
    _ended()
    with pytest.raises(FileNotFoundError):
        certificates.trusted()
