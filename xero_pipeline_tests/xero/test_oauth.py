from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.domain.errors import Reconnect, Transient
from xero_pipeline.xero import endpoints
from xero_pipeline.xero.identity import Identity, Token
from xero_pipeline.xero.oauth import MemoryTokenStore, Renew, XeroAuth, custom_connection, refresh_grant
from xero_pipeline_tests.xero.fake import Ledger, client_of, no_sleep

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def _token(name: str, minutes: float = 30) -> Token:
    return Token(name, NOW + timedelta(minutes=minutes), f"{name}-refresh")


class Renewals:
    """Counts renewals and makes a new token each time."""

    def __init__(self) -> None:
        self.given: list[Token | None] = []

    def __call__(self, kept: Token | None) -> Token:
        self.given.append(kept)
        return _token(f"renewed-{len(self.given)}")


def _run(
    store: MemoryTokenStore, renew: Renew, answer: Callable[[httpx.Request], httpx.Response]
) -> tuple[list[str], httpx.Response]:
    """Send one request through the flow by hand: what was sent as bearer, and the last answer."""
    auth = XeroAuth(store, renew, clock=lambda: NOW)
    request = httpx.Request("GET", "http://xero.test/")
    flow = auth.auth_flow(request)
    sent, signed = [], next(flow)
    while True:
        sent.append(signed.headers["Authorization"].removeprefix("Bearer "))
        response = answer(signed)
        try:
            signed = flow.send(response)
        except StopIteration:
            return sent, response


def _accepts(*names: str) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: httpx.Response(
        200 if request.headers["Authorization"].removeprefix("Bearer ") in names else 401
    )


def test_a_good_token_is_used_as_it_is() -> None:
    renewals = Renewals()
    sent, _ = _run(MemoryTokenStore(_token("kept")), renewals, _accepts("kept"))
    assert (sent, renewals.given) == (["kept"], [])


@given(st.floats(-100_000, 1.9))
def test_a_token_that_ends_soon_is_renewed_before_it_is_used(minutes: float) -> None:
    renewals = Renewals()
    store = MemoryTokenStore(_token("kept", minutes))
    sent, _ = _run(store, renewals, _accepts("renewed-1"))
    assert sent == ["renewed-1"]
    assert store.current() == _token("renewed-1")


def test_the_first_token_is_fetched_when_none_is_kept() -> None:
    renewals = Renewals()
    sent, _ = _run(MemoryTokenStore(), renewals, _accepts("renewed-1"))
    assert (sent, renewals.given) == (["renewed-1"], [None])


def test_a_refused_token_is_renewed_once_and_the_call_replayed_once() -> None:
    renewals = Renewals()
    sent, response = _run(MemoryTokenStore(_token("kept")), renewals, _accepts("renewed-1"))
    assert (sent, response.status_code, len(renewals.given)) == (["kept", "renewed-1"], 200, 1)


def test_a_call_is_never_replayed_twice() -> None:
    renewals = Renewals()
    sent, response = _run(MemoryTokenStore(_token("kept")), renewals, _accepts())
    assert (sent, response.status_code, len(renewals.given)) == (["kept", "renewed-1"], 401, 1)


def test_a_missing_scope_is_not_mended_by_a_new_token() -> None:
    renewals = Renewals()
    lacking = httpx.Response(401, headers={"WWW-Authenticate": "insufficient_scope"})
    sent, _ = _run(MemoryTokenStore(_token("kept")), renewals, lambda request: lacking)
    assert (sent, renewals.given) == (["kept"], [])


def test_a_token_that_another_process_renewed_is_taken_over() -> None:
    class Overtaken(MemoryTokenStore):
        def refresh(self, renew: Renew) -> Token:
            self._token = _token("theirs")
            return super().refresh(renew)

    renewals = Renewals()
    sent, _ = _run(Overtaken(_token("kept")), renewals, _accepts("theirs"))
    assert (sent, renewals.given) == (["kept", "theirs"], [])


def test_five_threads_that_are_refused_together_renew_once() -> None:
    store, renewals = MemoryTokenStore(_token("kept")), Renewals()
    refused = threading.Barrier(5)
    sent: list[list[str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers["Authorization"] == "Bearer kept":
            refused.wait(5)
            return httpx.Response(401)
        return httpx.Response(200)

    def work() -> None:
        sent.append(_run(store, renewals, answer)[0])

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sent == [["kept", "renewed-1"]] * 5
    assert len(renewals.given) == 1


def test_a_renewal_that_fails_leaves_the_kept_token_alone() -> None:
    def renew(kept: Token | None) -> Token:
        raise Transient("Xero's identity service could not answer (500).")

    store = MemoryTokenStore(_token("kept", 0))
    with pytest.raises(Transient):
        _run(store, renew, _accepts())
    assert store.current() == _token("kept", 0)


def test_an_organisation_that_was_never_connected_says_so() -> None:
    renew = refresh_grant(Identity("http://identity.test", "app-1", "s3cret"))
    with pytest.raises(Reconnect, match="not connected"):
        _run(MemoryTokenStore(), renew, _accepts())


def test_a_lost_answer_to_a_renewal_is_repaired_by_the_same_refresh_token() -> None:
    presented: list[str] = []

    def identity(request: httpx.Request) -> httpx.Response:
        presented.append(request.content.decode())
        if len(presented) == 1:
            raise httpx.ReadTimeout("lost", request=request)
        return httpx.Response(200, json={"access_token": "fresh", "expires_in": 1800, "refresh_token": "r2"})

    ledger = Ledger(3)

    def api(request: httpx.Request) -> httpx.Response:
        return ledger.handle(request) if request.headers["Authorization"] == "Bearer fresh" else httpx.Response(401)

    renew = refresh_grant(Identity("http://identity.test", "a", "s", transport=httpx.MockTransport(identity)))
    store = MemoryTokenStore(Token("stale", datetime.now(UTC) + timedelta(minutes=9), "r1"))
    client = client_of(api, auth=XeroAuth(store, renew), sleep=no_sleep)
    assert len([one for page in client.reader.fetch(endpoints.INVOICES) for one in page.ids]) == 3
    assert len(presented) == 2
    assert presented[0] == presented[1]


def test_a_long_reading_outlives_its_token() -> None:
    asked: list[str] = []

    def identity(request: httpx.Request) -> httpx.Response:
        asked.append(request.content.decode())
        return httpx.Response(200, json={"access_token": f"t{len(asked)}", "expires_in": 1800})

    ledger = Ledger(80)

    def api(request: httpx.Request) -> httpx.Response:
        # Xero forgets the first token after a few pages.
        good = "t1" if len(ledger.requests) < 3 else "t2"
        return ledger.handle(request) if request.headers["Authorization"] == f"Bearer {good}" else httpx.Response(401)

    signer = Identity("http://identity.test", "a", "s", transport=httpx.MockTransport(identity))
    auth = XeroAuth(MemoryTokenStore(), custom_connection(signer, ["accounting.invoices.read"]))
    client = client_of(api, auth=auth)
    assert len({one for page in client.reader.fetch(endpoints.INVOICES) for one in page.ids}) == 80
    assert len(asked) == 2
