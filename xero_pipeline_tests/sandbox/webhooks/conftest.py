"""The test's own sandbox, and a receiver of webhooks on a real port."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from xero_pipeline_tests.sandbox.http.conftest import _built, client, sandbox

__all__ = ["Receiver", "_built", "client", "receiver", "sandbox"]

KEY = "a signing key, used as it is"
SECONDS = 60.0


class Receiver:
    """Answers 200 to a right signature and 401 to a wrong one, unless `answers` says otherwise; keeps what it was sent."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.signed: list[bool] = []
        self.answer_with: int | None = None
        self.body = b""
        self.cookie = ""
        self.trust_all = False
        self._news = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                digest = hmac.new(KEY.encode(), raw, hashlib.sha256).digest()
                signed = hmac.compare_digest(self.headers["x-xero-signature"], base64.b64encode(digest).decode())
                status = receiver.take(signed, json.loads(raw))
                self.send_response(status)
                if receiver.cookie:
                    self.send_header("set-cookie", receiver.cookie)
                self.send_header("content-length", str(len(receiver.body)))
                self.end_headers()
                self.wfile.write(receiver.body)

            def log_message(self, *said: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks"

    def take(self, signed: bool, content: dict[str, Any]) -> int:
        with self._news:
            self.signed.append(signed)
            self.received.append(content)
            self._news.notify_all()
            if content["events"] and self.answer_with is not None:
                return self.answer_with
            return 200 if signed or self.trust_all else 401

    def wait_for(self, posts: int) -> list[dict[str, Any]]:
        """The bodies so far, once there are `posts` of them that carry events."""

        def enough() -> bool:
            return len(self.eventful()) >= posts

        with self._news:
            assert self._news.wait_for(enough, SECONDS), self.received
            return self.eventful()

    def eventful(self) -> list[dict[str, Any]]:
        return [content for content in self.received if content["events"]]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    listening = Receiver()
    thread = threading.Thread(target=listening.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield listening
    listening.server.shutdown()
    thread.join()
    listening.server.server_close()
