"""What each sale that is ticked in Salesforce must be in Xero, worked out anew from Salesforce's records: no code of the package.

The rules are those of the demo's orgs.yaml: prices before tax unless somebody says otherwise, account 200, tax type OUTPUT2, due
twenty days after the invoice unless the contact has terms, the region from the billing state where Xero has such an option.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from xero_pipeline_tests.e2e.other_clients import Record

CENT = Decimal("0.01")
AMOUNTS = {"Inclusive": "Inclusive", "NoTax": "NoTax", "Exclusive": "Exclusive"}


def cents(amount: Decimal) -> Decimal:
    """Money, ties away from nothing."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Charge:
    """One line as it must be: `net` is the line's amount as it is written, with tax in it where prices include tax."""

    item_code: str
    description: str
    quantity: Decimal
    discount: Decimal
    net: Decimal
    tax_type: str
    tax: Decimal
    account_code: str
    tracking: Mapping[str, str]


@dataclass(frozen=True)
class Bill:
    """A whole sale as it must be, however many invoices it takes."""

    sale: Record
    amounts: str
    charges: tuple[Charge, ...]
    currency: str
    day: date
    reference: str
    theme: str

    @property
    def net(self) -> Decimal:
        return sum((charge.net for charge in self.charges), Decimal(0))

    @property
    def tax(self) -> Decimal:
        return sum((charge.tax for charge in self.charges), Decimal(0))

    @property
    def total(self) -> Decimal:
        return self.net if self.amounts == "Inclusive" else self.net + self.tax


class Salesforce:
    """Everything that sales are made of, by object and Id; rates and options are what Xero itself says of them."""

    def __init__(
        self, records: Mapping[str, Mapping[Any, Record]], rates: Mapping[str, Decimal], regions: set[str]
    ) -> None:
        self._records = records
        self._rates = rates
        self._regions = regions

    def ticked(self) -> list[Record]:
        """Opportunities and orders that are sold, or asked a deposit for, and ticked."""
        opportunities = [
            each
            for each in self._records["Opportunity"].values()
            if each["StageName"] == "Closed Won"
            or (each["StageName"] == "Negotiation/Review" and (each["Xero_Deposit_Percent__c"] or 0) > 0)
        ]
        orders = [each for each in self._records["Order"].values() if each["Status"] == "Activated"]
        return [each for each in (*opportunities, *orders) if each["Xero_Export__c"] and not each["IsDeleted"]]

    def bill(self, sale: Record) -> Bill:
        """The sale as it must be in Xero."""
        account = self._records["Account"][sale["AccountId"]]
        amounts = AMOUNTS[sale["Xero_Amounts__c"] or account["Xero_Amounts__c"] or "Exclusive"]
        return Bill(
            sale,
            amounts,
            tuple(self._charge(sale, account, line, amounts) for line in self._lines(sale)),
            sale["Xero_Currency__c"] or "NZD",
            date.fromisoformat(sale.get("CloseDate") or sale["EffectiveDate"]),
            sale["Xero_Reference__c"] or sale["Id"],
            sale["Xero_Branding_Theme__c"] or account["Xero_Branding_Theme__c"] or "",
        )

    def _lines(self, sale: Record) -> list[Record]:
        if "StageName" in sale:
            lines = [
                each
                for each in self._records["OpportunityLineItem"].values()
                if each["OpportunityId"] == sale["Id"] and not each["IsDeleted"]
            ]
            return sorted(lines, key=lambda line: (line["SortOrder"], line["Id"]))
        lines = [
            each
            for each in self._records["OrderItem"].values()
            if each["OrderId"] == sale["Id"] and not each["IsDeleted"]
        ]
        return sorted(lines, key=lambda line: str(line["Id"]))

    def _charge(self, sale: Record, account: Record, line: Record, amounts: str) -> Charge:
        product = self._records["Product2"][line["Product2Id"]]
        said = (line, product, sale, account)
        tax_type = next((each["Xero_Tax_Type__c"] for each in said if each["Xero_Tax_Type__c"]), "OUTPUT2")
        if amounts == "NoTax":
            tax_type = "NONE"
        if "OrderId" in line:
            # Orders know no discount; ours comes off what Salesforce makes of the line.
            discount = _number(line["Xero_Discount__c"])
            net = cents(_number(line["TotalPrice"]) * (100 - discount) / 100)
        else:
            discount, net = _number(line["Discount"]), cents(_number(line["TotalPrice"]))
        rate = self._rates[tax_type]
        tax = cents(net * rate / (100 + rate if amounts == "Inclusive" else Decimal(100)))
        return Charge(
            product["StockKeepingUnit"],
            line["Description"] or product["Description"] or product["Name"],
            _number(line["Quantity"]),
            discount,
            net,
            tax_type,
            tax,
            next((each["Xero_Account_Code__c"] for each in said if each["Xero_Account_Code__c"]), "200"),
            self._tracking(line, sale, account),
        )

    def _tracking(self, line: Record, sale: Record, account: Record) -> dict[str, str]:
        said = (line, sale, account)
        region = next((each["Xero_Tracking_1__c"] for each in said if each["Xero_Tracking_1__c"]), None)
        if region is None and account["BillingState"] in self._regions:
            region = account["BillingState"]
        department = next((each["Xero_Tracking_2__c"] for each in said if each["Xero_Tracking_2__c"]), None)
        return {name: option for name, option in (("Region", region), ("Department", department)) if option}


def _number(value: object) -> Decimal:
    return Decimal(str(value or 0))
