"""What a client's write has to pass besides the schema: locks, validation rules, duplicate rules.

The control API, delayed writes and the demo data go round it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from xero_pipeline.sandbox.salesforce.locks import Grip
from xero_pipeline.sandbox.salesforce.rules import Rules
from xero_pipeline.sandbox.salesforce.schema import SObject
from xero_pipeline.sandbox.salesforce.values import Row

ALLOW_SAVE = re.compile(r"(?:^|[;,\s])allowSave\s*=\s*true\b", re.IGNORECASE)


def allows_save(header: str) -> bool:
    """Whether a `Sforce-Duplicate-Rule-Header` lets a possible duplicate be saved."""
    return ALLOW_SAVE.search(header) is not None


@dataclass(frozen=True, slots=True)
class Gate:
    """The gate of one request, or of one transaction of a bulk job. `version` goes into the URLs of duplicates."""

    rules: Rules
    grip: Grip
    version: str
    allow_save: bool = False

    def save(self, sobject: SObject, row: Row, old: Row | None, now: datetime) -> None:
        """Raises RowError for a finished `row` that may not be saved over `old`, or as new.

        The order is Salesforce's: validation rules, then duplicate rules; the lock is taken when the row is written.
        """
        org = self.rules.org
        for rule in self.rules.validation.get(sobject.name, ()):
            rule.check(org, sobject, row, now)
        for duplicate in self.rules.duplicate.get(sobject.name, ()):
            duplicate.check(org, sobject, row, old, allow_save=self.allow_save, version=self.version)
        self.grip.take(sobject, row)

    def delete(self, sobject: SObject, row: Row) -> None:
        """Raises RowError where `row` cannot be locked."""
        self.grip.take(sobject, row)
