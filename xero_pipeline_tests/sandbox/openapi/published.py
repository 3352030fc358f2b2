"""Xero's published OpenAPI as a judge of responses: `Published.faults` finds the operation of a request and checks its answer.

`xero_accounting.yaml` and `xero-identity.yaml` are verbatim copies from XeroAPI/Xero-OpenAPI, commit e952d0b, version 16.1.0, MIT
(Xero-OpenAPI.LICENSE beside them). Their schemas are plain Draft 4 but for OpenAPI's `nullable`, which is read as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import yaml
from jsonschema import Draft4Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT4

HERE = Path(__file__).parent
ACCOUNTING, IDENTITY = "xero_accounting.yaml", "xero-identity.yaml"
API = "/api.xro/2.0"
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
FORMATS = FormatChecker(formats=())


@FORMATS.checks("uuid")
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or bool(UUID.fullmatch(value))


@cache
def published() -> Published:
    """The two specifications, read once."""
    return Published()


class Published:
    """Operations and schemas. Paths match in any case, an exact segment before a parameter."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {
            name: _readable(yaml.load((HERE / name).read_text(), yaml.CSafeLoader)) for name in (ACCOUNTING, IDENTITY)
        }
        resources = [(f"urn:{name}", DRAFT4.create_resource(document)) for name, document in self.documents.items()]
        self.registry: Registry[Any] = Registry().with_resources(resources)
        self.templates = {
            name: sorted(document["paths"], key=lambda path: path.count("{"))
            for name, document in self.documents.items()
        }

    def schema_of(self, method: str, path: str, status: int) -> str | None:
        """The reference of the schema that answers `method path` with `status`, None when the specification has none."""
        name, local = (ACCOUNTING, path.removeprefix(API)) if path.startswith(API) else (IDENTITY, path)
        for template in self.templates[name]:
            if _matches(template, local) and method.lower() in self.documents[name]["paths"][template]:
                steps = ["paths", template, method.lower(), "responses", str(status)]
                return self._content(name, steps)
        return None

    def faults(self, response: httpx.Response) -> list[str]:
        """What the published schema finds wrong with a JSON response; a response without a schema is a fault of its own."""
        request = response.request
        reference = self.schema_of(request.method, request.url.path, response.status_code)
        if reference is None and response.status_code == 400:
            reference = f"urn:{ACCOUNTING}#/components/schemas/Error"
        if reference is None:
            return [f"{request.method} {request.url.path} has no published {response.status_code}"]
        return self.faults_by(reference, response.json())

    def faults_by(self, reference: str, value: object) -> list[str]:
        """What the schema of `reference` finds wrong with a JSON value."""
        validator = Draft4Validator({"$ref": reference}, registry=self.registry, format_checker=FORMATS)
        return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]

    def unpublished_fields(self, schema: str, value: object) -> set[str]:
        """The `Schema.Field` of every field in a JSON value of an accounting schema that the specification does not name."""
        return set(self._unpublished(self.documents[ACCOUNTING]["components"]["schemas"][schema], schema, value))

    def fields_in_examples(self) -> set[str]:
        """The `Schema.Field` of every field that the published examples show and their schemas do not name."""
        found: set[str] = set()
        document = self.documents[ACCOUNTING]
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                for status in operation["responses"] if isinstance(operation, dict) else ():
                    reference = self._content(ACCOUNTING, ["paths", path, method, "responses", status])
                    content = operation["responses"][status].get("content", {}).get("application/json", {})
                    schema = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
                    if reference is not None and schema and "example" in content:
                        found |= self.unpublished_fields(schema, content["example"])
        return found

    def _unpublished(self, schema: Mapping[str, Any], name: str, value: object) -> Iterator[str]:
        while "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            schema = self.documents[ACCOUNTING]["components"]["schemas"][name]
        if isinstance(value, list):
            for item in value:
                yield from self._unpublished(schema.get("items", {}), name, item)
        elif isinstance(value, dict) and "properties" in schema:
            for field, found in value.items():
                if field in schema["properties"]:
                    yield from self._unpublished(schema["properties"][field], f"{name}.{field}", found)
                else:
                    yield f"{name}.{field}"

    def _content(self, name: str, steps: list[str]) -> str | None:
        found: Any = self.documents[name]
        for step in steps:
            found = found.get(step)
            if found is None:
                return None
        if "$ref" in found:
            return self._content(name, found["$ref"].removeprefix("#/").split("/"))
        steps = [*steps, "content", "application/json", "schema"]
        if "application/json" not in found.get("content", {}):
            return None
        return f"urn:{name}#/" + "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)


def _matches(template: str, path: str) -> bool:
    parts, given = template.split("/"), path.split("/")
    return len(parts) == len(given) and all(
        part.startswith("{") or part.lower() == segment.lower() for part, segment in zip(parts, given, strict=True)
    )


def _readable(node: Any) -> Any:
    """The document as JSON has it, with OpenAPI's `nullable` in the words of Draft 4."""
    if isinstance(node, dict):
        node = {str(key): _readable(value) for key, value in node.items()}
        if node.get("nullable") is True and isinstance(node.get("type"), str):
            node["type"] = [node["type"], "null"]
        return node
    if isinstance(node, list):
        return [_readable(item) for item in node]
    return node if isinstance(node, (str, int, float, bool, type(None))) else str(node)


def content_of(response: httpx.Response) -> Any:
    """The JSON of a response, numbers as JSON Schema counts them."""
    return json.loads(response.content)
