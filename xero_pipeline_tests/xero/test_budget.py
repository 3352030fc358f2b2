from __future__ import annotations

import threading
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xero_pipeline.domain.errors import Throttled
from xero_pipeline.xero.budget import CallBudget


class Clock:
    """Time that passes only when somebody sleeps or works."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds


def _budget(clock: Clock, **options: float | bool) -> CallBudget:
    return CallBudget(clock=clock, sleep=clock.sleep, **options)  # type: ignore[arg-type]


def _call(budget: CallBudget, *, exporting: bool = False, **headers: int | str) -> None:
    names = {"minute": "X-MinLimit-Remaining", "day": "X-DayLimit-Remaining", "app": "X-AppMinLimit-Remaining"}
    with budget.call(exporting=exporting):
        budget.observe({names[key]: str(value) for key, value in headers.items()})


class Rolling:
    """Xero's minute as a rolling one: never more than `limit` calls in 60 seconds."""

    def __init__(self, clock: Clock, limit: int) -> None:
        self.clock = clock
        self.limit = limit
        self.starts: deque[float] = deque()

    def call(self) -> int:
        while self.starts and self.starts[0] <= self.clock.now - 60:
            self.starts.popleft()
        self.starts.append(self.clock.now)
        return self.limit - len(self.starts)


class Fixed(Rolling):
    """Xero's minute as fixed windows that begin at an offset nobody knows."""

    def __init__(self, clock: Clock, limit: int, offset: float) -> None:
        super().__init__(clock, limit)
        self.offset = offset

    def call(self) -> int:
        window = (self.clock.now - self.offset) // 60
        self.starts = deque(at for at in self.starts if (at - self.offset) // 60 == window)
        self.starts.append(self.clock.now)
        return self.limit - len(self.starts)


@given(st.lists(st.floats(0, 3), min_size=1, max_size=250), st.floats(0, 60), st.integers(0, 60), st.booleans())
@settings(max_examples=60)
def test_no_60_seconds_ever_hold_more_than_60_calls(
    durations: list[float], offset: float, others: int, rolling: bool
) -> None:
    clock = Clock()
    budget = _budget(clock)
    xero = Rolling(clock, 60) if rolling else Fixed(clock, 60, offset)
    starts = []
    for index, duration in enumerate(durations):
        with budget.call():
            starts.append(clock.now)
            left = xero.call()
            # Another process spends from the same minute after the first of our calls.
            for _ in range(others if index == 0 else 0):
                left = xero.call()
            assert index == 0 or left >= 0, "Xero would have refused this call"
            clock.now += duration
            budget.observe({"X-MinLimit-Remaining": str(max(left, 0))})
    for first, later in zip(starts, starts[60:], strict=False):
        assert later - first >= 60


@given(st.integers(100, 10_000))
@settings(max_examples=20)
def test_an_organisation_that_is_allowed_more_is_not_held_back(limit: int) -> None:
    clock = Clock()
    budget = _budget(clock)
    xero = Rolling(clock, limit)
    for _ in range(min(limit, 300)):
        _call(budget, minute=xero.call())
    assert clock.slept == 0


def test_a_minute_that_others_have_spent_is_waited_out() -> None:
    clock = Clock()
    budget = _budget(clock)
    _call(budget, minute=0)
    _call(budget, minute=59)
    assert clock.slept == pytest.approx(60)


def test_the_minute_of_the_whole_app_counts_too() -> None:
    clock = Clock()
    budget = _budget(clock)
    _call(budget, minute=50, app=0)
    _call(budget, minute=59, app=9000)
    assert clock.slept == pytest.approx(60)


def test_no_more_than_five_calls_are_ever_in_flight() -> None:
    budget = CallBudget()
    lock = threading.Lock()
    full = threading.Barrier(5)
    flying = highest = 0

    def work() -> None:
        nonlocal flying, highest
        with budget.call():
            with lock:
                flying += 1
                highest = max(highest, flying)
            full.wait(5)
            with lock:
                flying -= 1

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert highest == 5


@pytest.mark.parametrize(("day_limit", "kept"), [(1000, 100), (5000, 500)])
def test_reading_leaves_a_tenth_of_the_day_to_exports(day_limit: int, kept: int) -> None:
    budget = _budget(Clock(), day_limit=day_limit)
    _call(budget, day=kept + 1)
    _call(budget, day=kept)
    with pytest.raises(Throttled, match="kept for exports") as caught:
        _call(budget)
    assert caught.value.problem == "day"


def test_exports_may_use_the_day_to_its_end() -> None:
    budget = _budget(Clock())
    for day in (3, 2, 1, 0):
        _call(budget, exporting=True, day=day)
    with pytest.raises(Throttled, match="for today are spent") as caught:
        _call(budget, exporting=True)
    assert caught.value.problem == "day"


def test_reading_stays_limited_while_exports_of_the_same_run_go_on() -> None:
    budget = _budget(Clock(), day_limit=1000)
    _call(budget, day=100)
    with pytest.raises(Throttled, match="kept for exports"):
        _call(budget)
    _call(budget, exporting=True, day=99)
    with pytest.raises(Throttled, match="kept for exports"):
        _call(budget)


def test_a_short_retry_after_is_waited_for_by_every_call() -> None:
    clock = Clock()
    budget = _budget(clock)
    assert budget.refused("minute", 24.0, 1) == 24.0
    _call(budget)
    assert clock.slept == pytest.approx(24)


def test_a_long_retry_after_ends_the_run_at_once() -> None:
    clock = Clock()
    with pytest.raises(Throttled) as caught:
        _budget(clock).refused("minute", 91.0, 1)
    assert (caught.value.problem, caught.value.retry_after, clock.slept) == ("minute", 91.0, 0)


def test_a_spent_day_ends_this_call_and_every_other_at_once() -> None:
    clock = Clock()
    budget = _budget(clock)
    for attempt in (lambda: budget.refused("day", 66975.0, 1), lambda: _call(budget)):
        with pytest.raises(Throttled) as caught:
            attempt()
        assert (caught.value.problem, caught.value.retry_after) == ("day", 66975.0)
    assert clock.slept == 0


def test_too_many_at_once_is_met_with_growing_pauses() -> None:
    budget = _budget(Clock())
    assert [budget.refused("concurrent", None, attempt) for attempt in (1, 2, 3)] == [2, 4, 8]


def test_a_wait_longer_than_allowed_ends_the_run() -> None:
    budget = _budget(Clock(), longest_wait=10)
    _call(budget, minute=0)
    with pytest.raises(Throttled, match="in a minute") as caught:
        _call(budget)
    assert caught.value.problem == "minute"


def test_what_is_left_is_known_from_the_newest_answer() -> None:
    budget = _budget(Clock())
    _call(budget, minute=58, day=4990, app=9999)
    _call(budget, minute=57, day=4989, app=9998)
    assert (budget.left.minute, budget.left.day, budget.left.app_minute) == (57, 4989, 9998)
