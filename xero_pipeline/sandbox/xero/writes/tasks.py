"""What a PUT or POST asks for, by its path: how its elements are read, saved and shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from xero_pipeline.sandbox.xero import history, tracking
from xero_pipeline.sandbox.xero.endpoints import Endpoint
from xero_pipeline.sandbox.xero.finding import find_record, split_path
from xero_pipeline.sandbox.xero.index import CREDITS
from xero_pipeline.sandbox.xero.record import Record, text_of
from xero_pipeline.sandbox.xero.refusal import Refusal
from xero_pipeline.sandbox.xero.views import View
from xero_pipeline.sandbox.xero.wire import Json
from xero_pipeline.sandbox.xero.writes import schemas
from xero_pipeline.sandbox.xero.writes.hand import Hand
from xero_pipeline.sandbox.xero.writes.money import save_allocation
from xero_pipeline.sandbox.xero.writes.reading import Schema
from xero_pipeline.sandbox.xero.writes.resources import RESOURCES
from xero_pipeline.sandbox.xero.writes.showing import shown_allocation, shown_note, shown_option


class NotFound(Exception):
    """The path names no record."""


class NotOffered(Exception):
    """The resource has no such method."""


@dataclass(frozen=True, slots=True)
class Task:
    """Elements called `plural` in body and answer. `one_only`: the request may carry one."""

    plural: str
    schema: Schema
    save: Callable[[Record], Record]
    show: Callable[[Record], Json]
    id_field: str = ""
    twins: Mapping[str, str] = field(default_factory=dict)
    one_only: bool = False


def task_of(hand: Hand, view: View, endpoint: Endpoint, method: str, path: str) -> Task:
    """The task of a request; `path` is what follows the endpoint's name. Raises NotFound and NotOffered."""
    key, child, child_id = split_path(path)
    if child:
        return _child_task(hand, endpoint, method, key, child, child_id)
    return _task(hand, view, endpoint, method, path)


def _task(hand: Hand, view: View, endpoint: Endpoint, method: str, path: str) -> Task:
    resource = RESOURCES.get(endpoint.plural)
    offered = resource is not None and (method == "PUT" if not path else False)
    if resource is not None and method == "POST":
        offered = resource.edits if path else resource.posts
    if resource is None or not offered:
        raise NotOffered
    path_id = _found(hand, endpoint, path) if path else ""
    save = resource.save
    return Task(
        endpoint.plural,
        resource.schema,
        lambda fields: save(hand, fields, path_id),
        lambda record: view.show(endpoint, record),
        endpoint.id_field,
        endpoint.twins,
        one_only=resource.one_only or bool(path),
    )


def _child_task(hand: Hand, endpoint: Endpoint, method: str, key: str, child: str, child_id: str) -> Task:
    plural = endpoint.plural
    if child == "history" and plural in history.ENTITIES and not child_id:
        return _history_task(hand, endpoint, key)
    if child == "allocations" and plural in CREDITS and method == "PUT" and not child_id:
        source_id = _found(hand, endpoint, key)
        return Task(
            "Allocations",
            schemas.ALLOCATION,
            lambda fields: save_allocation(hand, plural, source_id, fields),
            lambda allocation: shown_allocation(hand.book, allocation),
        )
    if child == "options" and plural == tracking.CATEGORIES and (method == "POST") is bool(child_id):
        return _options_task(hand, _found(hand, endpoint, key), child_id)
    raise NotOffered


def _history_task(hand: Hand, endpoint: Endpoint, key: str) -> Task:
    def save(fields: Record) -> Record:
        found = find_record(hand.book, endpoint, key)
        if found is None:
            raise Refusal("The document with the supplied id was not found for this endpoint.")
        if not fields.get("Details"):
            raise Refusal("Details must be specified")  # wording ours
        details = text_of(fields, "Details")
        return history.append(hand.book, text_of(found, endpoint.id_field), "Note", details, hand.now)

    # A POST to history is the same as a PUT: notes cannot be changed.
    return Task("HistoryRecords", schemas.HISTORY_RECORD, save, shown_note)


def _options_task(hand: Hand, category_id: str, option_id: str) -> Task:
    if not option_id:
        return Task(
            "Options",
            schemas.TRACKING_OPTION,
            lambda fields: tracking.add_option(hand.book, category_id, fields),
            shown_option,
            "TrackingOptionID",
        )
    try:
        tracking.option_of(hand.book.get(tracking.CATEGORIES, category_id), option_id)
    except KeyError:
        raise NotFound from None
    return Task(
        "Options",
        schemas.TRACKING_OPTION,
        lambda fields: tracking.edit_option(hand.book, category_id, option_id, fields),
        shown_option,
        "TrackingOptionID",
        one_only=True,
    )


def _found(hand: Hand, endpoint: Endpoint, key: str) -> str:
    found = find_record(hand.book, endpoint, key)
    if found is None:
        raise NotFound
    return text_of(found, endpoint.id_field)
