"""What the org can tell about itself: versions, resources, objects, fields, limits."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from xero_pipeline.sandbox.salesforce.failures import not_found
from xero_pipeline.sandbox.salesforce.schema import NUMERIC, Field, SObject
from xero_pipeline.sandbox.salesforce.web import NEWEST, OLDEST, Api, Call, answer

SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
}
RESOURCES = ("composite", "jobs", "limits", "query", "queryAll", "sobjects")
SEASONS = ("Spring", "Summer", "Winter")


def describe_routes(api: Api) -> list[Route]:
    """`/services/data`, `/services/data/vN` and the describe resources; anything else below them is NOT_FOUND."""

    async def versions(request: Request) -> Response:
        return answer([_version(number) for number in range(OLDEST, NEWEST + 1)])

    async def no_bulk_v1(request: Request) -> Response:
        # Clients that try the old Bulk API first fall back to REST on exactly this answer.
        return answer({"exceptionCode": "FeatureNotEnabled", "exceptionMessage": "Async API not enabled"}, 400)

    return [
        Route("/services/data", versions),
        Route("/services/data/", versions),
        *api.routes("", GET=_resources),
        *api.routes("/limits", GET=_limits),
        *api.routes("/sobjects", GET=_describe_global),
        *api.routes("/sobjects/{sobject}/describe", GET=_describe),
        Route("/services/async/{rest:path}", no_bulk_v1, methods=["GET", "POST", "PUT"]),
    ]


def unknown_routes(api: Api) -> list[Route]:
    """The last word on every other path below `/services/data/vN`."""

    def nothing_here(call: Call) -> Response:
        raise not_found()

    return api.routes(
        "/{rest:path}", GET=nothing_here, POST=nothing_here, PUT=nothing_here, PATCH=nothing_here, DELETE=nothing_here
    )


def _version(number: int) -> dict[str, str]:
    # Version 31 was Summer '14; three a year since, Winter named after the year that follows.
    years, season = divmod(number - 30, 3)
    return {
        "label": f"{SEASONS[season]} '{14 + years + (season == 2):02d}",
        "url": f"/services/data/v{number}.0",
        "version": f"{number}.0",
    }


def _resources(call: Call) -> Response:
    base = f"/services/data/v{call.version}"
    identity = f"/id/{call.org.settings.org_id}/{call.user_id}"
    return answer({name: f"{base}/{name}" for name in RESOURCES} | {"identity": identity})


def _limits(call: Call) -> Response:
    most = call.org.settings.daily_api_requests
    left = max(0, most - call.org.calls_made(call.now))
    return answer({"DailyApiRequests": {"Max": most, "Remaining": left}})


def _describe_global(call: Call) -> Response:
    objects = [_summary(call, sobject) for _, sobject in sorted(call.org.schema.objects.items())]
    return answer({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects})


def _describe(call: Call) -> Response:
    sobject = call.sobject()
    children = [
        {
            "cascadeDelete": reference.on_delete == "cascade",
            "childSObject": child.name,
            "deprecatedAndHidden": False,
            "field": reference.name,
            "relationshipName": reference.child_relationship,
            "restrictedDelete": reference.on_delete == "restrict",
        }
        for child, reference in call.org.schema.children(sobject)
    ]
    fields = [_field(sobject, field) for field in sobject.fields.values()]
    return answer(_summary(call, sobject) | {"childRelationships": children, "fields": fields, "recordTypeInfos": []})


def _summary(call: Call, sobject: SObject) -> dict[str, object]:
    base = f"/services/data/v{call.version}/sobjects/{sobject.name}"
    urls = {"sobject": base, "describe": f"{base}/describe", "rowTemplate": f"{base}/{{ID}}"}
    writable = sobject.name != "Organization"
    return {
        "name": sobject.name,
        "label": sobject.label,
        "labelPlural": sobject.plural,
        "keyPrefix": sobject.key_prefix,
        "custom": sobject.custom,
        "createable": writable,
        "updateable": writable,
        "deletable": sobject.name not in ("Organization", "User"),
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "searchable": True,
        "undeletable": False,
        "mergeable": False,
        "triggerable": True,
        "layoutable": True,
        "deprecatedAndHidden": False,
        "customSetting": False,
        "urls": urls,
    }


def _field(sobject: SObject, field: Field) -> dict[str, object]:
    numeric = field.type in NUMERIC
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "soapType": SOAP_TYPES.get(field.type, "xsd:string"),
        "length": 0 if numeric else field.length,
        "byteLength": 0 if numeric else field.length * 3,
        "precision": field.precision if field.type != "int" else 0,
        "digits": field.precision if field.type == "int" else 0,
        "scale": field.scale,
        "nillable": field.nillable,
        "createable": field.createable,
        "updateable": field.updateable,
        "custom": field.custom,
        "externalId": field.external_id,
        "idLookup": field.external_id or field.type == "id",
        "unique": field.unique,
        "caseSensitive": field.case_sensitive,
        "calculated": False,
        "autoNumber": field.auto_number,
        "nameField": field.name == "Name" and sobject.name != "Order",
        "defaultValue": field.default,
        "defaultedOnCreate": field.default is not None or field.type == "boolean" or field.name == "OwnerId",
        "filterable": field.filterable,
        "sortable": field.filterable,
        "groupable": field.filterable and field.type not in NUMERIC,
        "aggregatable": field.filterable,
        "referenceTo": [field.reference_to] if field.reference_to else [],
        "relationshipName": field.relationship_name,
        "relationshipOrder": 0 if field.master_detail else None,
        "cascadeDelete": field.on_delete == "cascade",
        "restrictedDelete": field.on_delete == "restrict",
        "restrictedPicklist": field.restricted,
        "picklistValues": [
            {"active": True, "defaultValue": value == field.default, "label": label, "validFor": None, "value": value}
            for value, label in field.picklist
        ],
        "compoundFieldName": field.compound,
        "deprecatedAndHidden": False,
        "inlineHelpText": None,
    }
