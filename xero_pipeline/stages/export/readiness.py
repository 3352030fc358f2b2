"""Whether an export could work: leave to write on both sides, and settings that name what Xero has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from psycopg import Connection

from xero_pipeline.domain.export_settings import Export
from xero_pipeline.domain.settings_faults import SettingFault, setting_faults
from xero_pipeline.salesforce.client import SalesforceClient
from xero_pipeline.stages.export.books import books_for

_OUTCOME = ("Xero_Export_Status__c", "Xero_Export_Message__c")
_INVOICE = ("Xero_Invoice_Id__c", "Xero_Invoice_Number__c", "Xero_Invoice_Status__c", "Xero_Invoice_Url__c")
# The fields in which people in Salesforce are told what became of their records, and which only the export writes.
TOLD = {
    "Opportunity": (*_OUTCOME, *_INVOICE),
    "Order": (*_OUTCOME, *_INVOICE),
    "Product2": (*_OUTCOME, "Xero_Item_Id__c"),
    "Xero_Note__c": _OUTCOME,
}


@dataclass(frozen=True, slots=True)
class Unwritable:
    """Fields of one object in Salesforce that are not there for the user, or that it may not write."""

    object_name: str
    fields: tuple[str, ...]


def settings_at_fault(conn: Connection, org_id: str, export: Export, today: date) -> tuple[SettingFault, ...]:
    """The settings that name what the staged lists of the organisation do not have."""
    return setting_faults(export, books_for(conn, org_id, today))


def unwritable(client: SalesforceClient) -> Iterator[Unwritable]:
    """What keeps Salesforce from being told; an object that the org has not switched on is left out."""
    for name, told in TOLD.items():
        if client.offers(name):
            known = client.describe(name)
            lacking = tuple(field for field in told if field not in known or not known[field].updateable)
            if lacking:
                yield Unwritable(name, lacking)
