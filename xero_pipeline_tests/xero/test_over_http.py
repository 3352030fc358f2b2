"""The client against a real HTTP server on loopback: compression, connections, and bodies that break off."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from xero_pipeline.domain.errors import Transient
from xero_pipeline.xero import endpoints
from xero_pipeline.xero.client import XeroClient
from xero_pipeline_tests.xero.fake import NoAuth, no_sleep

_PAGES = 12
_SIZE = 1000


class _Xero(ThreadingHTTPServer):
    """Twelve pages of a thousand invoices. `breaks` answers break off in the middle before all is well."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = threading.Lock()
        self.breaks = 0
        self.sent = 0
        self.peers: set[object] = set()
        self.flying = self.highest = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Xero

    def do_GET(self) -> None:
        server = self.server
        with server.lock:
            server.peers.add(self.client_address)
            server.flying += 1
            server.highest = max(server.highest, server.flying)
            broken, server.breaks = server.breaks > 0, max(0, server.breaks - 1)
        number = int(parse_qs(urlsplit(self.path).query)["page"][0])
        first = (number - 1) * _SIZE
        records = [{"InvoiceID": f"id-{n}", "Total": 1.00} for n in range(first, first + _SIZE)]
        counts = {"page": number, "pageSize": _SIZE, "pageCount": _PAGES, "itemCount": _PAGES * _SIZE}
        body = gzip.compress(json.dumps({"pagination": counts, "Invoices": records}).encode())
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with server.lock:
            server.flying -= 1
        if broken:
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
            return
        with server.lock:
            server.sent += len(body)
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Tests print nothing."""


@pytest.fixture
def xero() -> Iterator[_Xero]:
    server = _Xero()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def _read(server: _Xero) -> tuple[set[str], XeroClient]:
    with XeroClient(server.url, NoAuth(), sleep=no_sleep) as client:
        return {one for page in client.reader.fetch(endpoints.INVOICES) for one in page.ids}, client


def test_a_long_list_is_read_over_at_most_five_connections_and_its_compressed_size_counted(xero: _Xero) -> None:
    ids, client = _read(xero)
    assert len(ids) == _PAGES * _SIZE
    assert (client.calls, client.bytes) == (_PAGES, xero.sent)
    assert len(xero.peers) <= 5
    assert xero.highest <= 5


def test_a_body_that_breaks_off_is_asked_for_again(xero: _Xero) -> None:
    xero.breaks = 3
    ids, client = _read(xero)
    assert len(ids) == _PAGES * _SIZE
    assert client.calls == _PAGES + 3


def test_a_server_that_is_not_there_is_a_clear_sentence(xero: _Xero) -> None:
    url = f"http://127.0.0.1:{xero.server_port}"
    xero.socket.close()
    with XeroClient(url, NoAuth(), sleep=no_sleep) as client, pytest.raises(Transient, match="did not answer"):
        list(client.reader.fetch(endpoints.ORGANISATIONS))
