"""Short ways to declare a field of a standard object, for `standard.py` to read like a table."""

from __future__ import annotations

import re
from typing import Literal, TypedDict, Unpack

from xero_pipeline.sandbox.salesforce.schema import Field, FieldType, OnDelete

Picklist = tuple[tuple[str, str], ...]
READ_ONLY: Rules = {"createable": False, "updateable": False}


class Rules(TypedDict, total=False):
    """What else may be said about a field."""

    required: bool
    createable: bool
    updateable: bool
    unique: bool
    restricted: bool
    default: str
    compound: str
    filterable: bool


def plain(*values: str) -> Picklist:
    """A picklist whose labels are its values."""
    return tuple((value, value) for value in values)


def name_as_label(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name.removesuffix("Id") or name)


def text(name: str, length: int, *, kind: FieldType = "string", **rules: Unpack[Rules]) -> Field:
    return Field(name=name, label=name_as_label(name), type=kind, length=length, **rules)


def choice(name: str, values: Picklist, **rules: Unpack[Rules]) -> Field:
    return Field(name=name, label=name_as_label(name), type="picklist", length=255, picklist=values, **rules)


def flag(name: str, *, default: bool = False, writable: bool = True) -> Field:
    return Field(
        name=name, label=name_as_label(name), type="boolean", default=default, createable=writable, updateable=writable
    )


def number(
    name: str,
    kind: Literal["double", "currency", "percent", "int"],
    scale: int = 2,
    *,
    required: bool = False,
    writable: bool = True,
) -> Field:
    return Field(
        name=name,
        label=name_as_label(name),
        type=kind,
        precision=18,
        scale=scale,
        required=required,
        createable=writable,
        updateable=writable,
    )


def moment(name: str, kind: Literal["date", "datetime"], *, required: bool = False, writable: bool = True) -> Field:
    return Field(
        name=name, label=name_as_label(name), type=kind, required=required, createable=writable, updateable=writable
    )


def lookup(
    name: str,
    to: str,
    children: str | None,
    *,
    required: bool = False,
    on_delete: OnDelete = "set_null",
    createable: bool = True,
    updateable: bool = True,
) -> Field:
    return Field(
        name=name,
        label=name_as_label(name),
        type="reference",
        length=18,
        reference_to=to,
        relationship_name=name.removesuffix("Id"),
        child_relationship=children,
        required=required,
        on_delete=on_delete,
        createable=createable,
        updateable=updateable,
    )


def address(prefix: str) -> list[Field]:
    whole = f"{prefix}Address"
    return [
        text(f"{prefix}Street", 255, kind="textarea", compound=whole),
        text(f"{prefix}City", 40, compound=whole),
        text(f"{prefix}State", 80, compound=whole),
        text(f"{prefix}PostalCode", 20, compound=whole),
        text(f"{prefix}Country", 80, compound=whole),
        Field(
            name=whole, label=name_as_label(whole), type="address", createable=False, updateable=False, filterable=False
        ),
    ]


def system_fields(*, owned: bool = True) -> list[Field]:
    """What every object has. A detail object has no owner of its own."""
    stamps = [
        Field(name="Id", label="Record ID", type="id", length=18, createable=False, updateable=False),
        flag("IsDeleted", writable=False),
        moment("CreatedDate", "datetime", writable=False),
        lookup("CreatedById", "User", None, createable=False, updateable=False),
        moment("LastModifiedDate", "datetime", writable=False),
        lookup("LastModifiedById", "User", None, createable=False, updateable=False),
        moment("SystemModstamp", "datetime", writable=False),
    ]
    return [*stamps[:2], lookup("OwnerId", "User", None), *stamps[2:]] if owned else stamps
