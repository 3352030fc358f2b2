"""The deployable package, and that the sandbox's schema is the package and nothing else."""

from __future__ import annotations

import importlib.resources
import json
from importlib.resources.abc import Traversable
from xml.etree import ElementTree

import pytest

from xero_pipeline.sandbox.salesforce.package import load_schema
from xero_pipeline_tests.sandbox.salesforce.client import Salesforce

PACKAGE = importlib.resources.files("xero_pipeline.salesforce").joinpath("package")
SOURCE = PACKAGE.joinpath("force-app/main/default")
NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"

# What people say about a sale, a customer, a product or a line before it goes to Xero.
CODING = ("Xero_Account_Code__c", "Xero_Tax_Type__c")
TRACKING = ("Xero_Tracking_1__c", "Xero_Tracking_2__c")
SALE = ("Xero_Export__c", "Xero_Branding_Theme__c", "Xero_Amounts__c", "Xero_Currency__c", "Xero_Due_Date__c")
FOR_PEOPLE_TO_SET = {
    f"{sobject}.{name}"
    for sobject, names in {
        "Opportunity": (*CODING, *TRACKING, *SALE, "Xero_Deposit_Percent__c"),
        "Order": (*CODING, *TRACKING, *SALE, "Xero_Deposit_Percent__c"),
        "OpportunityLineItem": (*CODING, *TRACKING),
        "OrderItem": (*CODING, *TRACKING, "Xero_Discount__c"),
        "Account": (*CODING, *TRACKING, "Xero_Branding_Theme__c", "Xero_Amounts__c"),
        "Product2": (*CODING, "Xero_Sync__c"),
        "Xero_Note__c": ("Opportunity__c", "Order__c", "Details__c"),
    }.items()
    for name in names
}


def texts(file: Traversable, path: str) -> list[str]:
    root = ElementTree.fromstring(file.read_text())
    return [element.text or "" for element in root.iterfind("/".join(NAMESPACE + part for part in path.split("/")))]


def names(folder: str, suffix: str) -> set[str]:
    return {file.name.removesuffix(suffix) for file in SOURCE.joinpath(folder).iterdir()}


def declared_fields() -> set[str]:
    return {
        f"{folder.name}.{file.name.removesuffix('.field-meta.xml')}"
        for folder in SOURCE.joinpath("objects").iterdir()
        for file in folder.joinpath("fields").iterdir()
    }


def test_the_manifest_names_everything_in_the_package() -> None:
    manifest = PACKAGE.joinpath("manifest/package.xml")
    custom = {name for name in names("objects", "") if name.endswith("__c")}
    tabs, sets = names("tabs", ".tab-meta.xml"), names("permissionsets", ".permissionset-meta.xml")
    assert set(texts(manifest, "types/members")) == declared_fields() | custom | tabs | sets
    assert texts(manifest, "version") == ["66.0"]
    assert json.loads(PACKAGE.joinpath("sfdx-project.json").read_text())["sourceApiVersion"] == "66.0"


def test_every_field_is_named_like_its_file_and_explained() -> None:
    for folder in SOURCE.joinpath("objects").iterdir():
        for file in folder.joinpath("fields").iterdir():
            assert texts(file, "fullName") == [file.name.removesuffix(".field-meta.xml")]
            assert texts(file, "description")[0].endswith(".")
            assert len(texts(file, "label")[0]) <= 40


def test_picklists_take_values_they_do_not_know() -> None:
    for sobject in load_schema().objects.values():
        assert not any(field.restricted for field in sobject.fields.values() if field.custom)


def test_the_integration_may_write_what_the_sync_writes_and_the_reader_nothing() -> None:
    # A master-detail field is required, and a permission set that names a required field does not deploy.
    optional = declared_fields() - {"Xero_Invoice_Line__c.Invoice__c"}
    for permission_set, writes in (("Xero_Sync_Integration", "true"), ("Xero_Sync_Reader", "false")):
        file = SOURCE.joinpath(f"permissionsets/{permission_set}.permissionset-meta.xml")
        fields, editable = texts(file, "fieldPermissions/field"), texts(file, "fieldPermissions/editable")
        granted = dict(zip(fields, editable, strict=True))
        assert {name: granted[name] for name in optional} == {
            name: "false" if name in FOR_PEOPLE_TO_SET else writes for name in optional
        }
        assert all(value == "false" for name, value in granted.items() if not name.endswith("__c"))


def test_what_people_set_for_the_export_is_all_that_the_sync_does_not_write() -> None:
    written = {
        f"{folder.name}.{file.name.removesuffix('.field-meta.xml')}"
        for folder in SOURCE.joinpath("objects").iterdir()
        for file in folder.joinpath("fields").iterdir()
        if texts(file, "description")[0].endswith("Written by the Xero sync.")
    }
    assert declared_fields() >= FOR_PEOPLE_TO_SET
    assert not written & FOR_PEOPLE_TO_SET
    exported = [
        name for name in declared_fields() if name.partition(".")[0] in ("Product2", "Xero_Note__c", "OrderItem")
    ]
    assert {name for name in exported if name not in FOR_PEOPLE_TO_SET} <= written


def test_the_integration_may_change_records_of_every_object_it_writes_a_field_of() -> None:
    file = SOURCE.joinpath("permissionsets/Xero_Sync_Integration.permissionset-meta.xml")
    objects, edits = texts(file, "objectPermissions/object"), texts(file, "objectPermissions/allowEdit")
    fields, editable = texts(file, "fieldPermissions/field"), texts(file, "fieldPermissions/editable")
    written = {name.partition(".")[0] for name, edit in zip(fields, editable, strict=True) if edit == "true"}
    assert written == {name for name, edit in zip(objects, edits, strict=True) if edit == "true"}
    # "To edit an activated order: Edit Activated Orders" (Salesforce Help, Editing and Deletion Limitations for Orders).
    assert texts(file, "userPermissions/name") == ["ActivateOrder", "ApiEnabled", "EditActivatedOrders"]


@pytest.mark.parametrize(
    "sobject", [f"Xero_{kind}__c" for kind in ("Contact", "Invoice", "Invoice_Line", "Payment", "Metadata")]
)
def test_every_object_has_a_unique_external_id(sobject: str) -> None:
    field = load_schema().objects[sobject].fields["Xero_Id__c"]
    assert (field.external_id, field.unique, field.case_sensitive) == (True, True, False)


def test_describe_tells_a_client_what_it_may_write(salesforce: Salesforce) -> None:
    body = salesforce.call("GET", "sobjects/Xero_Invoice_Line__c/describe").json()
    fields = {field["name"]: field for field in body["fields"]}
    assert (body["label"], body["custom"], body["keyPrefix"][0]) == ("Xero Invoice Line", True, "a")
    parent = fields["Invoice__c"]
    assert (parent["type"], parent["referenceTo"], parent["relationshipName"]) == (
        "reference",
        ["Xero_Invoice__c"],
        "Invoice__r",
    )
    assert (parent["nillable"], parent["createable"], parent["updateable"]) == (False, True, True)
    assert (fields["Xero_Id__c"]["externalId"], fields["Xero_Id__c"]["unique"]) == (True, True)
    assert (fields["Unit_Amount__c"]["precision"], fields["Unit_Amount__c"]["scale"]) == (18, 4)
    assert fields["SystemModstamp"]["updateable"] is False
    assert "OwnerId" not in fields


def test_a_link_is_a_url_and_a_percentage_has_two_decimals(salesforce: Salesforce) -> None:
    body = salesforce.call("GET", "sobjects/Opportunity/describe").json()
    fields = {field["name"]: field for field in body["fields"]}
    assert (fields["Xero_Invoice_Url__c"]["type"], fields["Xero_Invoice_Url__c"]["length"]) == ("url", 255)
    percent = fields["Xero_Deposit_Percent__c"]
    assert (percent["type"], percent["precision"], percent["scale"]) == ("double", 5, 2)
    assert (fields["Xero_Export__c"]["label"], fields["Xero_Export__c"]["type"]) == ("Export to Xero", "boolean")


def test_an_object_keeps_the_prefix_its_records_were_given_ids_with() -> None:
    assert {name: each.key_prefix for name, each in load_schema().objects.items() if each.custom} == {
        "Xero_Contact__c": "a03",
        "Xero_Invoice_Line__c": "a04",
        "Xero_Invoice__c": "a05",
        "Xero_Metadata__c": "a06",
        "Xero_Payment__c": "a07",
        "Xero_Note__c": "a08",
    }


def test_describe_global_lists_every_object(salesforce: Salesforce) -> None:
    listed = {each["name"]: each for each in salesforce.call("GET", "sobjects").json()["sobjects"]}
    assert set(listed) == set(load_schema().objects)
    assert listed["Account"]["urls"]["describe"] == "/services/data/v66.0/sobjects/Account/describe"


def test_the_parts_of_an_address_belong_to_it(salesforce: Salesforce) -> None:
    fields = {each["name"]: each for each in salesforce.call("GET", "sobjects/Account/describe").json()["fields"]}
    assert fields["BillingCity"]["compoundFieldName"] == "BillingAddress"
    assert fields["BillingAddress"]["type"] == "address"
    assert fields["AccountNumber"]["compoundFieldName"] is None
