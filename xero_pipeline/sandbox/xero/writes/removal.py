"""DELETE: items and allocations go, accounts and what lines track are marked deleted or archived (xero.md section 2)."""

from __future__ import annotations

from collections.abc import Mapping

from xero_pipeline.sandbox.xero import tracking
from xero_pipeline.sandbox.xero.accounts import delete_account
from xero_pipeline.sandbox.xero.endpoints import Endpoint
from xero_pipeline.sandbox.xero.finding import find_record, split_path
from xero_pipeline.sandbox.xero.index import CREDITS
from xero_pipeline.sandbox.xero.items import delete_item
from xero_pipeline.sandbox.xero.record import text_of
from xero_pipeline.sandbox.xero.views import View
from xero_pipeline.sandbox.xero.wire import Json
from xero_pipeline.sandbox.xero.writes.hand import Hand
from xero_pipeline.sandbox.xero.writes.money import allocation_of, delete_allocation
from xero_pipeline.sandbox.xero.writes.showing import shown_allocation, shown_option
from xero_pipeline.sandbox.xero.writes.tasks import NotFound, NotOffered


def remove(hand: Hand, view: View, endpoint: Endpoint, path: str, head: Mapping[str, object]) -> Json | None:
    """Does it and gives the answer's body, None for 204; `head` is the envelope. Raises NotFound, NotOffered and Refusal."""
    key, child, child_id = split_path(path)
    found = find_record(hand.book, endpoint, key) if key else None
    offered = ("Items", "Accounts", tracking.CATEGORIES) if not child else ()
    if key and found is None:
        raise NotFound
    if found is None:
        raise NotOffered
    record_id = text_of(found, endpoint.id_field)
    if child == "allocations" and child_id and endpoint.plural in CREDITS:
        if allocation_of(hand, endpoint.plural, record_id, child_id.lower()) is None:
            raise NotFound
        removed = delete_allocation(hand, record_id, child_id.lower())
        # A bare object, the one answer without an envelope (xero.md section 2, CreditNotes). The published example has no Amount,
        # but the published schema asks for it, and so does the SDK.
        return {**shown_allocation(hand.book, removed), "IsDeleted": True}
    if child == "options" and child_id and endpoint.plural == tracking.CATEGORIES:
        try:
            option = tracking.delete_option(hand.book, record_id, child_id.lower())
        except KeyError:
            raise NotFound from None
        return {**head, "Options": [shown_option(option)]}
    if endpoint.plural not in offered:
        raise NotOffered
    if endpoint.plural == "Items":
        delete_item(hand.book, record_id)
        return None
    if endpoint.plural == "Accounts":
        gone = delete_account(hand.book, record_id, hand.now)
    else:
        gone = tracking.delete_category(hand.book, record_id)
    return {**head, endpoint.plural: [view.show(endpoint, gone)]}
