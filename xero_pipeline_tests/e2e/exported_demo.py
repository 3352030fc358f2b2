"""The demo's first export, with both systems read before and after it by the other clients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from xero_pipeline.stages.sync import SyncOutcome
from xero_pipeline_tests.e2e import contents
from xero_pipeline_tests.e2e.contents import Contents
from xero_pipeline_tests.e2e.export_calculation import Salesforce
from xero_pipeline_tests.e2e.export_desk import EXPORTING, Desk, open_desk
from xero_pipeline_tests.e2e.other_clients import Record
from xero_pipeline_tests.e2e.pair import Snapshot

PLURALS = {
    "Invoices": "InvoiceID",
    "Contacts": "ContactID",
    "Items": "ItemID",
    "CreditNotes": "CreditNoteID",
    "Payments": "PaymentID",
    "Accounts": "AccountID",
    "TaxRates": "TaxType",
    "TrackingCategories": "TrackingCategoryID",
    "BrandingThemes": "BrandingThemeID",
    "Organisations": "OrganisationID",
}


@dataclass
class Exported:
    """The demo before and after, by object or plural, and what Xero was asked in between."""

    desk: Desk
    outcome: SyncOutcome
    salesforce_before: Contents
    salesforce: Contents
    xero_before: Contents
    xero: Contents
    calls: list[str]

    def sales(self, status: str) -> list[Record]:
        """The sales that are ticked and that Salesforce shows this status of."""
        return [sale for sale in self.ledger.ticked() if sale["Xero_Export_Status__c"] == status]

    @property
    def ledger(self) -> Salesforce:
        """What the sales must be in Xero, worked out anew."""
        rates = {key: Decimal(rate["EffectiveRate"]) for key, rate in self.xero["TaxRates"].items()}
        regions = next(each for each in self.xero["TrackingCategories"].values() if each["Name"] == "Region")
        active = {option["Name"] for option in regions["Options"] if option["Status"] == "ACTIVE"}
        return Salesforce(self.salesforce, rates, active)

    def invoices(self, sale: Record) -> dict[str, Record]:
        """The invoices that carry the sale's address, by the part of it they are."""
        found = [each for each in self.xero["Invoices"].values() if f"/{sale['Id']}" in str(each.get("Url"))]
        parts = [str(each["Url"]).partition("part=")[2] or "whole" for each in found]
        assert len(set(parts)) == len(parts), "none is doubled"
        return dict(zip(parts, found, strict=True))


@contextmanager
def exported_demo(small: Snapshot, directory: Path) -> Iterator[Exported]:
    """Export all that the demo has ticked, and keep what both sides held before and hold after."""
    with open_desk(replace(small, org=EXPORTING), directory) as desk:
        before = contents.of_salesforce(desk.crm), _xero(desk)
        desk.pair.forget_requests()
        outcome = desk.export()
        calls = desk.calls()
        after = contents.of_salesforce(desk.crm), _xero(desk)
        yield Exported(desk, outcome, before[0], after[0], before[1], after[1], calls)


def _xero(desk: Desk) -> Contents:
    return {plural: {each[key]: each for each in desk.xero.list(plural)} for plural, key in PLURALS.items()}
