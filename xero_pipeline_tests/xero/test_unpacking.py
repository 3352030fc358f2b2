"""However an answer is packed, its body is what the other side packed; damaged ones are asked for again."""

from __future__ import annotations

import gc
import gzip
import json
import weakref
import zlib
from collections.abc import Callable

import httpx
import pytest

from xero_pipeline.domain.errors import Transient
from xero_pipeline.xero import endpoints
from xero_pipeline_tests.xero.fake import client_of

BODY = json.dumps({"Invoices": [{"InvoiceID": f"i{number}", "Reference": "x" * 50} for number in range(300)]}).encode()
HALVES = (BODY[:5_000], BODY[5_000:])
PACKED: dict[str, Callable[[], tuple[str, bytes]]] = {
    "not at all": lambda: ("", BODY),
    "gzip": lambda: ("gzip", gzip.compress(BODY)),
    "gzip in two members": lambda: ("gzip", b"".join(map(gzip.compress, HALVES))),
    "deflate": lambda: ("deflate", zlib.compress(BODY)),
}
DAMAGED = {
    "cut off": gzip.compress(BODY)[:-200],
    "cut off before its checksum": gzip.compress(BODY)[:-8],
    "with another checksum": gzip.compress(BODY)[:-8] + bytes(8),
    "changed on the way": gzip.compress(BODY)[:40] + b"changed" + gzip.compress(BODY)[47:],
    "no gzip": BODY,
}


def answer(encoding: str, body: bytes) -> httpx.Response:
    headers = {"Content-Encoding": encoding} if encoding else {}
    return httpx.Response(200, headers=headers, stream=httpx.ByteStream(body))


@pytest.mark.parametrize("packed", PACKED.values(), ids=list(PACKED))
def test_a_body_is_read_however_it_is_packed(packed: Callable[[], tuple[str, bytes]]) -> None:
    encoding, body = packed()
    client = client_of(lambda request: answer(encoding, body))
    (page,) = client.reader.fetch(endpoints.INVOICES)
    assert (len(page.ids), client.bytes) == (300, len(body))


@pytest.mark.parametrize("body", DAMAGED.values(), ids=list(DAMAGED))
def test_a_damaged_body_is_asked_for_again(body: bytes) -> None:
    answers = [answer("gzip", body), answer("gzip", gzip.compress(BODY))]
    client = client_of(lambda request: answers.pop(0))
    (page,) = client.reader.fetch(endpoints.INVOICES)
    assert (len(page.ids), client.calls) == (300, 2)


def test_bodies_that_stay_damaged_are_an_error_that_may_pass() -> None:
    client = client_of(lambda request: answer("gzip", DAMAGED["cut off"]))
    with pytest.raises(Transient):
        list(client.reader.fetch(endpoints.INVOICES))


def test_an_empty_body_needs_no_unpacking() -> None:
    client = client_of(lambda request: httpx.Response(304, headers={"Content-Encoding": "gzip"}, content=b""))
    assert [page.ids for page in client.reader.fetch(endpoints.INVOICES)] == [()]


def test_an_answer_that_was_read_is_gone_at_once() -> None:
    answers: list[weakref.ref[httpx.Response]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent = answer("gzip", gzip.compress(BODY))
        answers.append(weakref.ref(sent))
        return sent

    client = client_of(handle)
    gc.disable()
    try:
        assert len(list(client.reader.fetch(endpoints.INVOICES))) == 1
        assert [sent() for sent in answers] == [None]
    finally:
        gc.enable()
