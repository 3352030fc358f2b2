"""What is done about a draft follows from what was done before, from what the checks say, and from what a person asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_pipeline.domain.decisions import Known, decide
from xero_pipeline.domain.export_gate import Refusal, refusals
from xero_pipeline.domain.invoice_changes import Change
from xero_pipeline_tests.domain.trade import sale, the_draft

NEW = the_draft(sale())
OPEN = replace(NEW, invoice_state="open")
REFUSED = refusals(the_draft(sale(customer=None)))
CHANGED = (Change("Reference", "SO-1", "SO-2"),)
Status = Literal["pending", "succeeded", "failed"]


def known(status: Status, resolution: str = "", *, moved: bool = False, in_doubt: bool = False) -> Known:
    return Known(status, "before" if moved else NEW.source_hash, resolution, in_doubt)


def test_a_sale_that_was_never_sent_becomes_an_invoice() -> None:
    assert decide(NEW, None, (), ()).action == "create"


def test_a_sale_that_moved_updates_its_invoice_where_that_changes_anything() -> None:
    assert decide(OPEN, known("succeeded", moved=True), (), CHANGED).action == "update"
    assert decide(OPEN, known("succeeded", moved=True), (), ()).action == "no_op"


def test_what_was_sent_and_did_not_move_is_done_whatever_the_books_say_now() -> None:
    assert decide(OPEN, known("succeeded"), REFUSED, CHANGED).action == "no_op"


def test_what_a_check_refuses_is_blocked() -> None:
    for earlier in (None, known("pending"), known("succeeded", moved=True), known("failed")):
        assert decide(NEW, earlier, REFUSED, CHANGED).action == "blocked"


def test_a_failure_does_not_go_again_by_itself() -> None:
    decision = decide(NEW, known("failed"), (), ())
    assert (decision.action, decision.waits) == ("waiting", "Nothing refuses it any more: Retry sends it.")


@pytest.mark.parametrize("asked", ["retry", "auto_sync"])
def test_a_failure_goes_again_when_a_person_asks(asked: str) -> None:
    assert decide(NEW, known("failed", asked), (), ()).action == "create"


def test_a_failure_whose_sale_changed_goes_again() -> None:
    assert decide(NEW, known("failed", moved=True), (), ()).action == "create"


def test_what_was_dismissed_comes_back_with_a_change_and_not_before() -> None:
    assert decide(NEW, known("failed", "dismiss"), REFUSED, ()).action == "waiting"
    assert decide(NEW, known("failed", "dismiss", moved=True), (), ()).action == "create"


statuses: st.SearchStrategy[Status] = st.sampled_from(["pending", "succeeded", "failed"])
resolutions = st.sampled_from(["", "retry", "auto_sync", "dismiss"])
refused_or_not: st.SearchStrategy[tuple[Refusal, ...]] = st.sampled_from([(), REFUSED])


@given(statuses, resolutions, st.booleans(), refused_or_not, st.sampled_from([NEW, OPEN]))
def test_while_a_call_is_in_doubt_nothing_is_sent(
    status: Status, resolution: str, moved: bool, refused: tuple[Refusal, ...], draft: object
) -> None:
    earlier = known(status, resolution, moved=moved, in_doubt=True)
    assert decide(draft, earlier, refused, CHANGED).action == "waiting"


@given(st.none() | st.builds(known, statuses, resolutions, moved=st.booleans()), st.sampled_from([(), CHANGED]))
def test_what_is_refused_is_never_sent(earlier: Known | None, changed: tuple[Change, ...]) -> None:
    for draft in (NEW, OPEN):
        assert decide(draft, earlier, REFUSED, changed).action in ("blocked", "waiting", "no_op")
