"""What an org says of its own fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """What describe tells of a field. `type` is Salesforce's word (string, double, currency, reference, …)."""

    name: str
    type: str
    createable: bool
    updateable: bool
    external_id: bool
    unique: bool
    relationship: str | None
    refers_to: tuple[str, ...]


def field_of(described: Mapping[str, object]) -> Field:
    """The field in one entry of describe's `fields`."""
    refers_to = described.get("referenceTo")
    relationship = described.get("relationshipName")
    return Field(
        name=str(described["name"]),
        type=str(described.get("type") or ""),
        createable=bool(described.get("createable", True)),
        updateable=bool(described.get("updateable", True)),
        external_id=bool(described.get("externalId", False)),
        unique=bool(described.get("unique", False)),
        relationship=str(relationship) if relationship else None,
        refers_to=tuple(map(str, refers_to)) if isinstance(refers_to, list) else (),
    )
