"""The org's own rules and locks on the control API, under `/sandbox/salesforce`.

| request | does |
| --- | --- |
| `GET …/rules`, `DELETE …/rules` | validation and duplicate rules in force; takes all of them out of force |
| `POST …/rules/validation` `{"object", "where", "message", "field"?, "name"?}` | refuses records that satisfy a SOQL condition |
| `POST …/rules/validation` `{"object", "field", "regex", "message", "name"?}` | refuses records whose field does not match |
| `POST …/rules/duplicate` `{"object", "fields", "action": "Alert" or "Block", "name"?, "message"?}` | refuses duplicates |
| `GET …/locks`, `DELETE …/locks` | rules for UNABLE_TO_LOCK_ROW and the hold time; neither any more |
| `POST …/locks` `{"next": n, "parent"?}` | the next n rows that are, or refer to, `parent` (absent: any) cannot be locked |
| `POST …/locks` `{"probability": p, "seed"?, "parent"?}` | each such row with that chance, the same ones for the same seed |
| `POST …/locks` `{"hold_seconds": s}` | every answer to a write comes s seconds later and holds its locks until then |
"""

from __future__ import annotations

from decimal import Decimal

from starlette.routing import Route

from xero_pipeline.sandbox.salesforce import ids
from xero_pipeline.sandbox.salesforce.control import ControlError, Lever, control_route
from xero_pipeline.sandbox.salesforce.locks import Locks
from xero_pipeline.sandbox.salesforce.rules import BadRule
from xero_pipeline.sandbox.salesforce.web import Api

LOCK_KEYS = frozenset({"next", "probability", "seed", "parent", "hold_seconds"})


def rule_routes(api: Api) -> list[Route]:
    """Every route of the table above."""

    def shown(lever: Lever) -> dict[str, object]:
        return {
            "validation": lever.org.settings.validation_rules,
            "duplicate": lever.org.settings.duplicate_rules,
        }

    def clear(lever: Lever) -> dict[str, object]:
        api.rules.clear()
        return shown(lever)

    def validation(lever: Lever) -> dict[str, object]:
        try:
            api.rules.declare_validation(lever.body)
        except BadRule as error:
            raise ControlError(400, str(error)) from error
        return shown(lever)

    def duplicate(lever: Lever) -> dict[str, object]:
        try:
            api.rules.declare_duplicate(lever.body)
        except BadRule as error:
            raise ControlError(400, str(error)) from error
        return shown(lever)

    def unlock(lever: Lever) -> dict[str, object]:
        api.locks.end()
        return _locks(api.locks)

    return [
        control_route(api, "/rules", GET=shown, DELETE=clear),
        control_route(api, "/rules/validation", POST=validation),
        control_route(api, "/rules/duplicate", POST=duplicate),
        control_route(
            api,
            "/locks",
            GET=lambda lever: _locks(api.locks),
            POST=lambda lever: _lock(api.locks, lever),
            DELETE=unlock,
        ),
    ]


def _locks(locks: Locks) -> dict[str, object]:
    rules = [rule.shown() for rule in locks.rules]
    return {"hold_seconds": locks.hold_seconds, "held": len(locks.held), "rules": rules}


def _lock(locks: Locks, lever: Lever) -> dict[str, object]:
    body = lever.body
    unknown = sorted(body.keys() - LOCK_KEYS)
    if unknown or len(body.keys() & {"next", "probability", "hold_seconds"}) != 1:
        raise ControlError(
            400, "Give one of next, probability (with seed) and hold_seconds; the first two take a parent."
        )
    if "hold_seconds" in body:
        locks.hold_seconds = _number(lever, "hold_seconds")
        return _locks(locks)
    parent = body.get("parent")
    parent_id = ids.to18(parent) if isinstance(parent, str) else None
    if parent is not None and parent_id is None:
        raise ControlError(400, "'parent' is the id of a record.")
    if "next" in body:
        locks.add(parent_id, left=int(_number(lever, "next")))
    else:
        locks.add(parent_id, probability=_number(lever, "probability"), seed=int(_number(lever, "seed", 0)))
    return _locks(locks)


def _number(lever: Lever, name: str, default: float | None = None) -> float:
    value = lever.body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float) or value < 0:
        raise ControlError(400, f"{name} has to be a number, 0 or more.")
    return float(value)
