"""The client over real HTTP on loopback: two hosts, gzip, and an answer that never comes."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from xero_pipeline.domain.errors import Transient
from xero_pipeline.salesforce.client import SalesforceClient
from xero_pipeline_tests.salesforce.fake_org import ORG_ID, USER_ID


class Server:
    """An HTTP server on loopback. `answers` maps a path to a body or to None, for an answer that never comes."""

    def __init__(self) -> None:
        self.answers: dict[str, object] = {}
        self.hosts: list[str] = []
        self.bodies: list[bytes] = []
        self.sent = 0
        self.over = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
                outer.hosts.append(self.headers["Host"])
                answer = outer.answers[self.path]
                if answer is None:
                    outer.answers[self.path] = {"late": True}
                    outer.over.wait(5)
                    self.close_connection = True
                    return
                body = gzip.compress(json.dumps(answer).encode())
                outer.sent += len(body)
                self.send_response(200)
                self.send_header("Content-Encoding", "gzip")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_PATCH = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def login() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def instance(login: Server) -> Iterator[Server]:
    server = Server()
    login.answers["/services/oauth2/token"] = {
        "access_token": "t",
        "instance_url": server.url,
        "id": f"{login.url}/id/{ORG_ID}/{USER_ID}",
    }
    server.answers["/services/data"] = [{"version": "66.0"}]
    yield server
    server.stop()


def _client(login: Server, timeout: float = 60) -> SalesforceClient:
    return SalesforceClient(login.url, "app", client_secret="s", timeout=timeout, sleep=lambda _: None)


def test_login_and_data_may_live_on_different_hosts(login: Server, instance: Server) -> None:
    instance.answers["/services/data/v66.0/limits"] = {"DailyApiRequests": {"Max": 5, "Remaining": 4}}
    with _client(login) as client:
        assert client.limits() == {"DailyApiRequests": (4, 5)}
        assert client.instance_url == instance.url
    assert set(login.hosts) == {login.url.removeprefix("http://")}
    assert set(instance.hosts) == {instance.url.removeprefix("http://")}


def test_bytes_are_counted_as_they_came_compressed(login: Server, instance: Server) -> None:
    instance.answers["/services/data/v66.0/limits"] = {"x": "y" * 10_000}
    with _client(login) as client:
        client.limits()
        assert client.bytes == login.sent + instance.sent < 10_000


def test_an_answer_that_never_comes_is_asked_for_again_with_the_same_body(login: Server, instance: Server) -> None:
    path = "/services/data/v66.0/composite/sobjects/Xero_Invoice__c/Xero_Id__c"
    instance.answers[path] = None
    with _client(login, timeout=0.5) as client:
        answer = client.call("PATCH", path.split("v66.0/")[1], doing="sending", body={"a": 1})
    assert answer == {"late": True}
    assert instance.bodies[-2:] == [b'{"a":1}', b'{"a":1}']


def test_a_host_that_nobody_answers_on_is_transient(login: Server) -> None:
    login.stop()
    login.stop = lambda: None  # type: ignore[method-assign]
    with _client(login) as client, pytest.raises(Transient, match="could not be reached"):
        client.connect()
