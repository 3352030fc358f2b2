"""The custom objects and fields, read from the same deployable metadata a Salesforce admin installs.

The files are in source format: `objects/<Object>/<Object>.object-meta.xml` and `objects/<Object>/fields/*.field-meta.xml`.
What the sandbox does not understand is an error, so that the package and the sandbox cannot drift apart.
"""

from __future__ import annotations

import importlib.resources
from functools import cache
from importlib.resources.abc import Traversable
from xml.etree import ElementTree

from xero_pipeline.sandbox.salesforce.declare import system_fields
from xero_pipeline.sandbox.salesforce.schema import Field, FieldType, Schema, SObject
from xero_pipeline.sandbox.salesforce.standard import standard_objects

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
OBJECTS = "salesforce/package/force-app/main/default/objects"
# Given to an object when an org first has it, in the order of the releases; a kept org's ids go on beginning with it.
KEY_PREFIXES = {
    "Xero_Contact__c": "a03",
    "Xero_Invoice_Line__c": "a04",
    "Xero_Invoice__c": "a05",
    "Xero_Metadata__c": "a06",
    "Xero_Payment__c": "a07",
    "Xero_Note__c": "a08",
}
# What the metadata does not say, because Salesforce does.
LENGTHS = {"Picklist": 255, "Lookup": 18, "MasterDetail": 18, "Url": 255}
TYPES: dict[str, FieldType] = {
    "Text": "string",
    "LongTextArea": "textarea",
    "Picklist": "picklist",
    "Number": "double",
    "Checkbox": "boolean",
    "Date": "date",
    "DateTime": "datetime",
    "Url": "url",
    "Lookup": "reference",
    "MasterDetail": "reference",
}


@cache
def load_schema() -> Schema:
    """The standard objects with the package's fields on them, and the package's own objects. Read once; nothing changes it.

    Raises ValueError on metadata the sandbox does not know how to honour.
    """
    objects = {sobject.name: sobject for sobject in standard_objects()}
    folders = importlib.resources.files("xero_pipeline").joinpath(OBJECTS)
    for folder in sorted(folders.iterdir(), key=lambda entry: entry.name):
        fields = _fields(folder)
        if folder.name not in objects:
            objects[folder.name] = _custom_object(folder, fields)
        else:
            objects[folder.name].fields.update({field.name: field for field in fields})
            objects[folder.name].reindex()
    return Schema(objects.values())


def _parse(file: Traversable) -> ElementTree.Element:
    return ElementTree.fromstring(file.read_bytes())  # noqa: S314 - a file of this distribution, not input


def _text(element: ElementTree.Element, tag: str, default: str = "") -> str:
    return element.findtext(f"{NAMESPACE}{tag}", default)


def _true(element: ElementTree.Element, tag: str) -> bool:
    return _text(element, tag) == "true"


def _fields(folder: Traversable) -> list[Field]:
    files = folder.joinpath("fields")
    return [_field(_parse(file)) for file in sorted(files.iterdir(), key=lambda entry: entry.name)]


def _field(element: ElementTree.Element) -> Field:
    name, kind = _text(element, "fullName"), _text(element, "type")
    if kind not in TYPES:
        raise ValueError(f"{name}: the sandbox has no field type {kind}")
    constraint = _text(element, "deleteConstraint", "SetNull")
    if constraint != "SetNull":
        raise ValueError(f"{name}: the sandbox has no delete constraint {constraint}")
    detail = kind == "MasterDetail"
    reference = TYPES[kind] == "reference"
    values = element.iterfind(f"{NAMESPACE}valueSet/{NAMESPACE}valueSetDefinition/{NAMESPACE}value")
    return Field(
        name=name,
        label=_text(element, "label"),
        type=TYPES[kind],
        length=LENGTHS.get(kind, int(_text(element, "length", "0"))),
        precision=int(_text(element, "precision", "0")),
        scale=int(_text(element, "scale", "0")),
        required=detail or _true(element, "required"),
        updateable=not detail or _true(element, "reparentableMasterDetail"),
        custom=True,
        external_id=_true(element, "externalId"),
        unique=_true(element, "unique"),
        case_sensitive=_true(element, "caseSensitive"),
        reference_to=_text(element, "referenceTo"),
        relationship_name=f"{name.removesuffix('__c')}__r" if reference else None,
        child_relationship=f"{_text(element, 'relationshipName')}__r" if reference else None,
        master_detail=detail,
        on_delete="cascade" if detail else "set_null",
        picklist=tuple((_text(value, "fullName"), _text(value, "label")) for value in values),
        restricted=element.findtext(f"{NAMESPACE}valueSet/{NAMESPACE}restricted") == "true",
        default=_text(element, "defaultValue") == "true" if kind == "Checkbox" else None,
        filterable=kind != "LongTextArea",
    )


def _custom_object(folder: Traversable, fields: list[Field]) -> SObject:
    if folder.name not in KEY_PREFIXES:
        raise ValueError(f"{folder.name}: the sandbox has no key prefix for it")
    element = _parse(folder.joinpath(f"{folder.name}.object-meta.xml"))
    name_field = element.find(f"{NAMESPACE}nameField")
    if name_field is None or _text(name_field, "type") != "Text":
        raise ValueError(f"{folder.name}: the sandbox only knows a name field of type Text")
    detail = any(field.master_detail for field in fields)
    # A custom object's text name is 80 characters long, and the record's own id where none is given.
    name = Field(name="Name", label=_text(name_field, "label"), type="string", length=80)
    every = [*system_fields(owned=not detail), name, *fields]
    return SObject(
        folder.name,
        _text(element, "label"),
        _text(element, "pluralLabel"),
        KEY_PREFIXES[folder.name],
        True,
        {field.name: field for field in every},
    )
