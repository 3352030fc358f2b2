"""What objects there are and what fields they have: the part of Salesforce's describe that decides anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

FieldType = Literal[
    "id",
    "string",
    "textarea",
    "picklist",
    "boolean",
    "int",
    "double",
    "currency",
    "percent",
    "date",
    "datetime",
    "email",
    "phone",
    "url",
    "reference",
    "address",
]
NUMERIC: frozenset[str] = frozenset({"int", "double", "currency", "percent"})
TEXTUAL: frozenset[str] = frozenset({"string", "textarea", "picklist", "email", "phone", "url"})
OnDelete = Literal["set_null", "cascade", "restrict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field, in describe's words. `length` counts characters; `precision` counts all digits, `scale` those behind the point.

    `on_delete` says what a reference does when its target is deleted; `master_detail` that the reference owns the row.
    """

    name: str
    label: str
    type: FieldType
    length: int = 0
    precision: int = 0
    scale: int = 0
    required: bool = False
    createable: bool = True
    updateable: bool = True
    custom: bool = False
    external_id: bool = False
    unique: bool = False
    case_sensitive: bool = False
    reference_to: str = ""
    relationship_name: str | None = None
    child_relationship: str | None = None
    master_detail: bool = False
    on_delete: OnDelete = "set_null"
    picklist: tuple[tuple[str, str], ...] = ()
    restricted: bool = False
    default: str | bool | None = None
    filterable: bool = True
    compound: str | None = None
    auto_number: bool = False

    @property
    def nillable(self) -> bool:
        """Whether the field may be empty. Checkboxes never are."""
        return not self.required and self.type not in ("boolean", "id")

    @property
    def indexed(self) -> bool:
        """Whether records can be found by this field alone."""
        return self.external_id or self.unique


@dataclass(slots=True)
class SObject:
    """One object: `fields` by their canonical names, in describe order."""

    name: str
    label: str
    plural: str
    key_prefix: str
    custom: bool
    fields: dict[str, Field]
    references: tuple[Field, ...] = field(init=False, repr=False)
    required: tuple[str, ...] = field(init=False, repr=False)
    unique: tuple[Field, ...] = field(init=False, repr=False)
    auto_numbers: tuple[str, ...] = field(init=False, repr=False)
    defaults: dict[str, str | bool] = field(init=False, repr=False)
    createable: frozenset[str] = field(init=False, repr=False)
    updateable: frozenset[str] = field(init=False, repr=False)
    _names: dict[str, str] = field(init=False, repr=False)
    _relationships: dict[str, Field] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.reindex()

    def reindex(self) -> None:
        """Read `fields` again after some were added."""
        fields = self.fields.values()
        self.references = tuple(f for f in fields if f.type == "reference")
        self.required = tuple(f.name for f in fields if f.required)
        self.unique = tuple(f for f in fields if f.unique)
        self.auto_numbers = tuple(f.name for f in fields if f.auto_number)
        self.createable = frozenset(f.name for f in fields if f.createable)
        self.updateable = frozenset(f.name for f in fields if f.updateable)
        # Every checkbox has a state from the start, declared or not.
        self.defaults = {f.name: False for f in fields if f.type == "boolean"}
        self.defaults |= {f.name: f.default for f in fields if f.default is not None}
        self._names = {name.lower(): name for name in self.fields}
        self._relationships = {f.relationship_name.lower(): f for f in self.fields.values() if f.relationship_name}

    def find(self, name: str) -> Field | None:
        """The field of that name in any case, or None."""
        canonical = self._names.get(name.lower())
        return self.fields[canonical] if canonical else None

    def relationship(self, name: str) -> Field | None:
        """The reference field behind a parent relationship (`Account` for AccountId, `Invoice__r` for Invoice__c)."""
        return self._relationships.get(name.lower())


class Schema:
    """All objects of an org."""

    def __init__(self, objects: Iterable[SObject]) -> None:
        self.objects = {sobject.name: sobject for sobject in objects}
        self._names = {name.lower(): name for name in self.objects}
        self._prefixes = {sobject.key_prefix: sobject for sobject in self.objects.values()}

    def find(self, name: str) -> SObject | None:
        """The object of that name in any case, or None."""
        canonical = self._names.get(name.lower())
        return self.objects[canonical] if canonical else None

    def by_id(self, record_id: str) -> SObject | None:
        """The object whose records carry ids like `record_id`, or None."""
        return self._prefixes.get(record_id[:3])

    def children(self, sobject: SObject) -> list[tuple[SObject, Field]]:
        """Every object and reference field that points at `sobject`."""
        return [
            (child, reference)
            for child in self.objects.values()
            for reference in child.fields.values()
            if reference.reference_to == sobject.name
        ]

    def child_relationship(self, parent: SObject, name: str) -> tuple[SObject, Field] | None:
        """The object and field behind a child relationship such as `OpportunityLineItems` or `Lines__r`, or None."""
        for child, reference in self.children(parent):
            if reference.child_relationship and reference.child_relationship.lower() == name.lower():
                return child, reference
        return None
