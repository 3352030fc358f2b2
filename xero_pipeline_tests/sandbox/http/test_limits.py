"""Xero's call limits (xero.md section 4)."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime

import httpx
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.sandbox.clock import Clock
from xero_pipeline.sandbox.xero.limits import Allowance, Limits
from xero_pipeline_tests.sandbox.http.client import API, Client


def call(client: httpx.Client) -> httpx.Response:
    return client.get(f"{API}/Currencies")


def asked(client: Client) -> socket.socket:
    """A connection on which a call was made, and on which nobody reads the answer."""
    connection = socket.create_connection((client.base_url.host, client.base_url.port or 80))
    token = client.headers["Authorization"]
    connection.sendall(f"GET {API}/Currencies HTTP/1.1\r\nHost: xero\r\nAuthorization: {token}\r\n\r\n".encode())
    return connection


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_limits_of_a_real_app_are_sixty_a_minute_and_five_at_once() -> None:
    assert (Allowance().concurrent, Allowance().minute, Allowance().day, Allowance().app_minute) == (
        5,
        60,
        5000,
        10_000,
    )


def test_a_spent_minute_is_429_with_an_empty_body_and_says_when_to_come_back(client: Client) -> None:
    client.control("POST", "limits", {"minute": 3, "windows": "sandbox", "reset": True})
    client.control("POST", "clock", {"stopped": True})
    assert [int(call(client).headers["X-MinLimit-Remaining"]) for _ in range(3)] == [2, 1, 0]

    refused = call(client)
    assert (refused.status_code, refused.content) == (429, b"")
    assert refused.headers["X-Rate-Limit-Problem"] == "minute"
    wait = int(refused.headers["Retry-After"])
    assert 1 <= wait <= 60

    client.control("POST", "clock", {"advance_seconds": wait})
    assert call(client).status_code == 200


def test_a_spent_day_leaves_the_minute_untouched(client: Client) -> None:
    client.control("POST", "limits", {"day": 1, "windows": "sandbox", "reset": True})
    call(client)

    refused = call(client)

    assert refused.headers["X-Rate-Limit-Problem"] == "day"
    assert refused.headers["X-DayLimit-Remaining"] == "0"
    assert int(refused.headers["X-MinLimit-Remaining"]) > 0
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400


def test_the_starter_tier_has_a_thousand_calls_a_day(client: Client) -> None:
    assert client.control("POST", "limits", {"tier": "starter"})["day"] == 1000


def test_a_sixth_call_at_once_is_refused_without_a_time_to_wait(client: Client) -> None:
    client.control("POST", "limits", {"concurrent": 5})
    # Answers that do not come before their client has hung up.
    client.control("POST", "faults", {"what": "timeout after", "seconds": 60, "count": 5, "match": {"path": API}})

    with ExitStack() as under_way:
        for _ in range(5):
            under_way.enter_context(asked(client))
        until(lambda: client.control("GET", "faults")[0]["hits"] == 5)
        refused = [call(client) for _ in range(3)]
    until(lambda: call(client).status_code == 200)

    assert [answer.status_code for answer in refused] == [429] * 3
    assert {answer.headers["X-Rate-Limit-Problem"] for answer in refused} == {"concurrent"}
    assert not any("Retry-After" in answer.headers for answer in refused)


def test_a_call_that_is_over_makes_room_for_the_next(client: Client) -> None:
    client.control("POST", "limits", {"concurrent": 1})

    assert [call(client).status_code for _ in range(3)] == [200, 200, 200]


@given(
    minute=st.integers(1, 20),
    gaps=st.lists(st.floats(0, 40, allow_nan=False), min_size=1, max_size=60),
)
def test_no_window_ever_lets_more_through_than_its_limit(minute: int, gaps: list[float]) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    time = [now]
    limits = Limits(Clock(), Allowance(minute=minute), lambda: time[0])
    let_through: list[float] = []
    for gap in gaps:
        time[0] += gap
        exceeded = limits.enter("app", "tenant")
        if exceeded is None:
            let_through.append(time[0])
            limits.leave("app", "tenant")
        else:
            assert exceeded.retry_after is not None
            time[0] += exceeded.retry_after
            assert limits.enter("app", "tenant") is None
            let_through.append(time[0])
            limits.leave("app", "tenant")

    # Fixed windows: any 60 seconds touch two of them at most.
    for start in let_through:
        assert sum(start <= at < start + 60 for at in let_through) <= 2 * minute
