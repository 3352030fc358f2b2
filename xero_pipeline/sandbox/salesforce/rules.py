"""The org's own rules, declared on the control API: validation rules and duplicate rules.

A validation rule states what is wrong: `{"object", "where", "message", "field"?}` refuses every record that satisfies the SOQL
condition `where`; `{"object", "field", "regex", "message"}` refuses every record whose `field` is not empty and does not match.
A duplicate rule is `{"object", "fields", "action"}`: a record that equals a live one in all of `fields`, without case and none of
them empty, is refused. `Alert` lets it pass where the client sent `Sforce-Duplicate-Rule-Header: allowSave=true`; `Block` never.
The rules are kept with the org. They look at clients' writes, not at those of the control API.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from xero_pipeline.sandbox.salesforce.failures import ApiError, RowError
from xero_pipeline.sandbox.salesforce.org import Org
from xero_pipeline.sandbox.salesforce.schema import SObject
from xero_pipeline.sandbox.salesforce.soql import tree
from xero_pipeline.sandbox.salesforce.soql.binding import Context, open_scope
from xero_pipeline.sandbox.salesforce.soql.filters import Predicate, predicate
from xero_pipeline.sandbox.salesforce.soql.parser import parse
from xero_pipeline.sandbox.salesforce.values import Json, Row, Value, fold

UTC_ZONE = ZoneInfo("UTC")
ACTIONS = ("Alert", "Block")
DUPLICATE_MESSAGE = "Use one of these records?"
VALIDATION_KEYS = frozenset({"name", "object", "where", "regex", "field", "message"})
DUPLICATE_KEYS = frozenset({"name", "object", "fields", "action", "message"})


class BadRule(Exception):
    """A rule that makes no sense; the message says why."""


@dataclass(slots=True)
class ValidationRule:
    """One validation rule. `location` is the field its error points at, if any."""

    name: str
    message: str
    location: str | None
    where: str | None
    pattern: re.Pattern[str] | None
    _compiled: tuple[datetime, Predicate] | None = field(default=None, repr=False)

    def check(self, org: Org, sobject: SObject, row: Row, now: datetime) -> None:
        """Raises RowError FIELD_CUSTOM_VALIDATION_EXCEPTION where the rule refuses `row`."""
        if self._refuses(org, sobject, row, now):
            fields = [self.location] if self.location else []
            raise RowError("FIELD_CUSTOM_VALIDATION_EXCEPTION", self.message, fields)

    def _refuses(self, org: Org, sobject: SObject, row: Row, now: datetime) -> bool:
        if self.pattern is not None:
            text = row.get(str(self.location))
            return isinstance(text, str) and not self.pattern.fullmatch(text)
        if self._compiled is None or self._compiled[0] != now:
            # TODAY and its like are bound when a condition is compiled, so it is compiled once a moment.
            self._compiled = now, _condition(org, sobject, str(self.where), now)
        return self._compiled[1](row)


@dataclass(slots=True)
class DuplicateRule:
    """One duplicate rule: an exact match of `fields`."""

    name: str
    fields: tuple[str, ...]
    block: bool
    message: str

    def check(self, org: Org, sobject: SObject, row: Row, old: Row | None, *, allow_save: bool, version: str) -> None:
        """Raises RowError DUPLICATES_DETECTED where `row`, new or changed in `fields`, equals another record."""
        if allow_save and not self.block:
            return
        key = self._key(sobject, row)
        if None in key or (old is not None and self._key(sobject, old) == key):
            return
        others = [other for other in self._candidates(org, sobject, row) if self._key(sobject, other) == key]
        matches = [other for other in others if other["Id"] != row["Id"] and not other["IsDeleted"]]
        if matches:
            raise RowError("DUPLICATES_DETECTED", self.message, detail=self._result(sobject, matches, version))

    def _key(self, sobject: SObject, row: Row) -> tuple[Value, ...]:
        values = ((sobject.fields[name], row.get(name)) for name in self.fields)
        return tuple(fold(each, value) if isinstance(value, str) else value for each, value in values)

    def _candidates(self, org: Org, sobject: SObject, row: Row) -> Iterable[Row]:
        table = org.tables[sobject.name]
        for name in self.fields:
            value = row.get(name)
            if isinstance(value, str) and table.has_index(sobject.fields[name]):
                return table.find(sobject.fields[name], value)
        return table.rows.values()

    def _result(self, sobject: SObject, matches: list[Row], version: str) -> dict[str, object]:
        records = [
            {
                "additionalInformation": [],
                "fieldDiffs": [],
                "matchConfidence": 100.0,
                "record": {
                    "attributes": {
                        "type": sobject.name,
                        "url": f"/services/data/v{version}/sobjects/{sobject.name}/{match['Id']}",
                    },
                    "Id": match["Id"],
                },
            }
            for match in matches
        ]
        result = {
            "entityType": sobject.name,
            "errors": [],
            "matchEngine": "ExactMatchEngine",
            "matchRecords": records,
            "rule": f"{self.name}_Match",
            "size": len(records),
            "success": True,
        }
        # The misspelt name is what real answers carry.
        return {
            "duplicateResut": {
                "allowSave": not self.block,
                "duplicateRule": self.name,
                "duplicateRuleEntityType": sobject.name,
                "errorMessage": self.message,
                "matchResults": [result],
            }
        }


class Rules:
    """The rules of one org by object, compiled from what its settings keep."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.validation: dict[str, list[ValidationRule]] = {}
        self.duplicate: dict[str, list[DuplicateRule]] = {}
        for declared in org.settings.validation_rules:
            self._add_validation(declared)
        for declared in org.settings.duplicate_rules:
            self._add_duplicate(declared)

    def declare_validation(self, declared: dict[str, Json]) -> None:
        """Put a validation rule in force. Raises BadRule, or ApiError for a condition that is no SOQL."""
        self._add_validation(declared)
        self.org.settings.validation_rules.append(declared)
        self.org.settings_changed()

    def declare_duplicate(self, declared: dict[str, Json]) -> None:
        """Put a duplicate rule in force. Raises BadRule."""
        self._add_duplicate(declared)
        self.org.settings.duplicate_rules.append(declared)
        self.org.settings_changed()

    def clear(self) -> None:
        """Take every rule out of force."""
        self.validation.clear()
        self.duplicate.clear()
        self.org.settings.validation_rules.clear()
        self.org.settings.duplicate_rules.clear()
        self.org.settings_changed()

    def _sobject(self, declared: Mapping[str, Json], keys: frozenset[str]) -> SObject:
        if declared.keys() - keys:
            raise BadRule(f"A rule has no {', '.join(sorted(declared.keys() - keys))}.")
        sobject = self.org.schema.find(str(declared.get("object")))
        if sobject is None:
            raise BadRule(f"There is no object {declared.get('object')}.")
        return sobject

    def _add_validation(self, declared: Mapping[str, Json]) -> None:
        sobject = self._sobject(declared, VALIDATION_KEYS)
        where, regex, location = declared.get("where"), declared.get("regex"), declared.get("field")
        if isinstance(where, str) == isinstance(regex, str) or not declared.get("message"):
            raise BadRule("A validation rule has a 'message' and either 'where' or 'regex'.")
        known = _field_names(sobject, [location]) if location is not None else []
        if isinstance(regex, str) and not known:
            raise BadRule("A 'regex' needs the 'field' that has to match it.")
        if isinstance(where, str):
            _condition(self.org, sobject, where, datetime(2000, 1, 1, tzinfo=UTC_ZONE))
        try:
            pattern = re.compile(regex, re.DOTALL) if isinstance(regex, str) else None
        except re.error as error:
            raise BadRule(f"'regex' is no regular expression: {error}.") from error
        rules = self.validation.setdefault(sobject.name, [])
        name = str(declared.get("name") or f"{sobject.name}_Rule_{len(rules) + 1}")
        condition = where if isinstance(where, str) else None
        rules.append(ValidationRule(name, str(declared["message"]), known[0] if known else None, condition, pattern))

    def _add_duplicate(self, declared: Mapping[str, Json]) -> None:
        sobject = self._sobject(declared, DUPLICATE_KEYS)
        fields, action = declared.get("fields"), declared.get("action", "Block")
        if not isinstance(fields, list) or not fields or action not in ACTIONS:
            raise BadRule("A duplicate rule has 'fields', at least one, and an 'action': Alert or Block.")
        rules = self.duplicate.setdefault(sobject.name, [])
        name = str(declared.get("name") or f"{sobject.name}_Duplicate_Rule_{len(rules) + 1}")
        message = str(declared.get("message") or DUPLICATE_MESSAGE)
        rules.append(DuplicateRule(name, tuple(_field_names(sobject, fields)), action == "Block", message))


def _field_names(sobject: SObject, names: Iterable[Json]) -> list[str]:
    fields = [sobject.find(str(name)) for name in names]
    if None in fields:
        raise BadRule(f"{sobject.name} does not have every field of: {', '.join(map(str, names))}.")
    return [each.name for each in fields if each is not None]


def _condition(org: Org, sobject: SObject, where: str, now: datetime) -> Predicate:
    query = parse(f"SELECT Id FROM {sobject.name} WHERE {where}")
    if query.where is None or query.order_by or query.limit is not None or query.offset is not None:
        raise BadRule("'where' is a condition and nothing after it.")

    def no_semi_join(inner: tree.Query) -> set[Value]:
        raise ApiError(400, "MALFORMED_QUERY", "A rule has no semi-joins")

    return predicate(open_scope(Context(org, now, UTC_ZONE, False), query), query.where, no_semi_join)
