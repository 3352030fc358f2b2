"""How every call is signed: with the stored token, renewed before it ends, and once more when Xero refuses it.

The flow does no I/O of its own: it yields requests, as httpx asks of an auth flow. Who keeps the token, and who makes sure
that one process at a time renews it, is the store's business.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeAlias

import httpx

from xero_pipeline.xero import faults
from xero_pipeline.xero.identity import Identity, Token

# A token that ends within this time is renewed first: calls may wait as long in the budget before they are sent.
_MARGIN = timedelta(minutes=2)

# Given the token as it is kept, makes the one to keep. It gives the same one back when there is nothing to renew.
Renew: TypeAlias = Callable[[Token | None], Token]


class TokenStore(Protocol):
    """Keeps the token of one connection.

    `refresh` is single-flight across threads and processes: it locks, hands what is kept now to `renew`, keeps the result if
    it is another token, and gives it back. When `renew` raises, nothing is changed and the error goes on.
    """

    def current(self) -> Token | None: ...

    def refresh(self, renew: Renew) -> Token: ...


class MemoryTokenStore:
    """Keeps the token in this process: for a custom connection's token, which any process can get anew, and for tests."""

    def __init__(self, token: Token | None = None) -> None:
        self._token = token
        self._lock = threading.Lock()

    def current(self) -> Token | None:
        return self._token

    def refresh(self, renew: Renew) -> Token:
        with self._lock:
            self._token = renew(self._token)
            return self._token


def custom_connection(identity: Identity, wanted: Sequence[str]) -> Renew:
    """How a custom connection renews: it asks again with the app's own credentials."""
    return lambda _: identity.client_credentials(wanted)


def refresh_grant(identity: Identity) -> Renew:
    """How a connection that a person made renews: with its refresh token."""

    def renew(kept: Token | None) -> Token:
        if kept is None:
            raise faults.not_connected()
        return identity.refresh(kept)

    return renew


class XeroAuth(httpx.Auth):
    """Signs requests with the token of a store. A 401 is met with one renewal and one replay, never more.

    Raises Reconnect when the token cannot be renewed, Transient when the identity service does not answer.
    """

    def __init__(
        self, store: TokenStore, renew: Renew, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._store = store
        self._renew = renew
        self._clock = clock

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        token = self._store.current()
        if token is None or self._ends_soon(token):
            token = self._renewed(token)
        request.headers["Authorization"] = f"Bearer {token.access_token}"
        response = yield request
        if response.status_code == 401 and not faults.lacks_scope(response):
            token = self._renewed(token)
            request.headers["Authorization"] = f"Bearer {token.access_token}"
            yield request

    def _renewed(self, stale: Token | None) -> Token:
        def renew(kept: Token | None) -> Token:
            # Another thread or process was faster: what it got is as good.
            if (
                kept is not None
                and (stale is None or kept.access_token != stale.access_token)
                and not self._ends_soon(kept)
            ):
                return kept
            return self._renew(kept)

        return self._store.refresh(renew)

    def _ends_soon(self, token: Token) -> bool:
        return token.expires_at - self._clock() < _MARGIN
