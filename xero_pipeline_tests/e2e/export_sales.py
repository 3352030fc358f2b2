"""Sales that a test makes in Salesforce for the export, and what they are to become in Xero, read from the sandbox's own book."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from xero_pipeline.domain.export_settings import Export, Opportunities, Orders
from xero_pipeline.domain.org import Org
from xero_pipeline.sandbox.xero.record import Record
from xero_pipeline_tests.e2e.pair import EVERYTHING, Pair

# No other sale of the demo is both in this stage and ticked.
STAGE = "Qualification"
EXPORTING = Org(
    alias="demo",
    time_zone="Pacific/Auckland",
    sync=EVERYTHING,
    export=Export(
        enabled=True,
        opportunities=Opportunities(stages=(STAGE,)),
        orders=Orders(statuses=()),
        account_code="200",
        tax_type="OUTPUT2",
        create_contacts=True,
        products=False,
    ),
)

_KNOWN = """
select min(accounts.account_id)
from xero.contacts
join sync.contact_matches as matches using (org_id, contact_id)
join salesforce.accounts using (account_id)
where contact_status = 'ACTIVE' and matches.status = 'matched' and not xero_do_not_sync
group by accounts.account_id
having count(*) = 1
order by 1
"""
_SOLD = """
select product_id from salesforce.products
where stock_keeping_unit in (select code from xero.items where is_sold) order by 1
"""


@dataclass
class Wanted:
    """A sale as it stands in Salesforce: quantities by line id."""

    sale_id: str
    account_id: str
    quantities: dict[str, int]
    deposit: bool = False


@dataclass
class Sales:
    """The sales of one test."""

    pair: Pair
    rng: Random
    made: dict[str, Wanted] = field(default_factory=dict)

    def __post_init__(self) -> None:
        entries = self.pair.world.org.tables["PricebookEntry"].rows
        sold = {row["product_id"] for row in self.pair.rows(_SOLD)}
        self._entries = sorted(key for key, entry in entries.items() if entry["Product2Id"] in sold)
        self._accounts = [row["min"] for row in self.pair.rows(_KNOWN)]

    def add(self) -> Wanted:
        """A sale of one to three lines, one in four to a customer whom Xero does not know, one in five with a deposit."""
        number = len(self.made) + 1
        account_id = self.rng.choice(self._accounts)
        if self.rng.random() < 0.25:
            name = f"Newcomer {number} {self.rng.randrange(10**6)} Limited"
            account_id = self._create("Account", {"Name": name, "AccountNumber": f"N-{number:04d}"})
        deposit = self.rng.random() < 0.2
        sale_id = self._create(
            "Opportunity",
            {
                "Name": f"Sale {number}",
                "AccountId": account_id,
                "StageName": STAGE,
                "CloseDate": "2026-11-16",
                "Xero_Reference__c": f"OPP-8{number:04d}",
                "Xero_Export__c": True,
                "Xero_Deposit_Percent__c": "30" if deposit else None,
            },
        )
        lines = {}
        for _ in range(self.rng.randint(1, 3)):
            quantity = self.rng.randint(1, 9)
            lines[self._line(sale_id, quantity)] = quantity
        wanted = Wanted(sale_id, account_id, lines, deposit)
        self.made[sale_id] = wanted
        return wanted

    def edit(self) -> None:
        """Change how many of something a sale sells, or sell something more with it."""
        if not self.made:
            return
        wanted = self.rng.choice(list(self.made.values()))
        if self.rng.random() < 0.4:
            quantity = self.rng.randint(1, 9)
            wanted.quantities[self._line(wanted.sale_id, quantity)] = quantity
            return
        line_id = self.rng.choice(list(wanted.quantities))
        wanted.quantities[line_id] = self.rng.randint(10, 40)
        body = {"Quantity": str(wanted.quantities[line_id])}
        self.pair.in_salesforce("PATCH", f"OpportunityLineItem/{line_id}", body)

    def in_xero(self, wanted: Wanted) -> dict[str, list[Record]]:
        """The invoices in Xero that carry the address of the sale, by what follows it."""
        found: dict[str, list[Record]] = {}
        for invoice in self.invoices():
            address, _, part = str(invoice["Url"]).partition("?part=")
            if address.endswith(f"/{wanted.sale_id}"):
                found.setdefault(part, []).append(invoice)
        return found

    def invoices(self) -> list[Record]:
        """Every invoice that an export made and that is not deleted."""
        book = next(iter(self.pair.world.tenants)).book
        return [
            invoice
            for invoice in book.collections["Invoices"].values()
            if invoice.get("Url") and invoice["Status"] not in ("DELETED", "VOIDED")
        ]

    def contacts(self) -> list[Record]:
        """Every contact that an export made."""
        book = next(iter(self.pair.world.tenants)).book
        return [contact for contact in book.collections["Contacts"].values() if contact.get("ContactNumber")]

    def _create(self, sobject: str, body: dict[str, Any]) -> str:
        return str(self.pair.in_salesforce("POST", sobject, body)["id"])

    def _line(self, sale_id: str, quantity: int) -> str:
        entry = self.rng.choice(self._entries)
        price = self.pair.world.org.tables["PricebookEntry"].rows[entry]["UnitPrice"]
        body = {
            "OpportunityId": sale_id,
            "PricebookEntryId": entry,
            "Quantity": str(quantity),
            "UnitPrice": str(Decimal(str(price)).quantize(Decimal("0.01"))),
        }
        return self._create("OpportunityLineItem", body)
