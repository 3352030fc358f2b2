"""A sales desk and a finance desk on one pair: sales are made and edited in Salesforce, exported, and read back from both sides.

Both systems are read with the other clients. What an invoice must say is worked out here from what was sold, and not by the
package.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from xero_pipeline.domain.export_settings import Export
from xero_pipeline.domain.org import Org
from xero_pipeline.stages.export import queue
from xero_pipeline.stages.export.queue import Entry, Resolution
from xero_pipeline.stages.sync import SyncOutcome
from xero_pipeline_tests.e2e.other_clients import Crm, Record, Xero, crm, xero
from xero_pipeline_tests.e2e.pair import DEMO, Pair, Snapshot, copied

EXPORT = Export.model_validate(
    {
        "enabled": True,
        "opportunities": {"stages": ["Closed Won"], "deposit_stages": ["Negotiation/Review"]},
        "account_code": "200",
        "tax_type": "OUTPUT2",
        "tracking": [{"category": "Region", "from": "billing_state"}, {"category": "Department"}],
        "due": {"rule": "days_after_invoice_date", "days": 20},
    }
)
EXPORTING = DEMO.model_copy(update={"export": EXPORT})
CREATING = EXPORTING.model_copy(update={"export": EXPORT.model_copy(update={"create_contacts": True})})
CENT = Decimal("0.01")
RATES = {"OUTPUT2": Decimal(15), "ZERORATED": Decimal(0), "NONE": Decimal(0)}
# A contact becomes a customer, and owes more, by being invoiced: Xero says so itself.
FOLLOWS_FROM_INVOICES = {"IsCustomer", "Balances", "UpdatedDateUTC", "UpdatedDateUTCString"}

# Accounts that one active contact in Xero has for certain, and that nothing keeps from being invoiced.
_CUSTOMERS = """
select accounts.account_id, contacts.contact_id
from salesforce.accounts
inner join sync.contact_matches as matches on matches.account_id = accounts.account_id and matches.status = 'matched'
inner join xero.contacts on contacts.org_id = matches.org_id and contacts.contact_id = matches.contact_id
where
    matches.rule in ('account_number', 'name') and contacts.contact_status = 'ACTIVE' and not accounts.is_deleted
    and accounts.xero_do_not_sync is not true and contacts.payment_terms_sales_day is null
    and contacts.default_currency is null
    and not exists (
        select 1
        from sync.contact_matches as others
        where
            others.contact_id <> matches.contact_id
            and (others.account_id = accounts.account_id or others.candidates ? accounts.account_id)
    )
order by accounts.account_id
"""


def cents(amount: Decimal) -> Decimal:
    """`amount` as money, ties away from nothing."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Line:
    """A line to be sold: an item's code, how many at which price, less `discount` per cent."""

    code: str = "PMP-120"
    quantity: str = "1"
    price: str = "1849.00"
    discount: str | None = None
    fields: Mapping[str, object] = field(default_factory=dict)

    @property
    def amount(self) -> Decimal:
        """What it comes to before tax."""
        kept = Decimal(100) - Decimal(self.discount or 0)
        return cents(Decimal(self.quantity) * Decimal(self.price) * kept / 100)


@dataclass(frozen=True)
class Customer:
    """An account in Salesforce and its contact in Xero."""

    account_id: str
    contact_id: str


@dataclass
class Desk:
    """The pair, and the other clients on both of its sides."""

    pair: Pair
    crm: Crm
    xero: Xero

    @cached_property
    def customers(self) -> list[Customer]:
        """Customers that can be invoiced, always in the same order."""
        return [Customer(**row) for row in self.pair.rows(_CUSTOMERS)]

    @cached_property
    def entries(self) -> dict[str, str]:
        """The price book's entries by product code."""
        found = self.crm.query("SELECT Id, ProductCode FROM PricebookEntry WHERE IsActive = true")
        return {each["ProductCode"]: each["Id"] for each in found}

    def sell(self, *lines: Line, customer: Customer | None = None, **fields: object) -> str:
        """A won opportunity that is ticked for Xero, with these lines; its id."""
        customer = customer or self.customers[0]
        body = {
            "AccountId": customer.account_id,
            "Name": "A sale",
            "StageName": "Closed Won",
            "CloseDate": self.pair.now.date().isoformat(),
            "Xero_Export__c": True,
            **fields,
        }
        sale_id = str(self.pair.in_salesforce("POST", "Opportunity", body)["id"])
        for line in lines:
            self.add_line(sale_id, line)
        return sale_id

    def add_line(self, sale_id: str, line: Line) -> str:
        """One more line on an opportunity; its id."""
        body = {
            "OpportunityId": sale_id,
            "PricebookEntryId": self.entries[line.code],
            "Quantity": line.quantity,
            "UnitPrice": line.price,
            "Discount": line.discount,
            **line.fields,
        }
        return str(self.pair.in_salesforce("POST", "OpportunityLineItem", body)["id"])

    def lines_of(self, sale_id: str) -> list[Record]:
        """The lines of an opportunity in Salesforce, oldest first."""
        return self.crm.query(
            "SELECT Id, Quantity, UnitPrice, Discount, TotalPrice FROM OpportunityLineItem "
            f"WHERE OpportunityId = '{sale_id}' ORDER BY CreatedDate, Id"
        )

    def edit(self, sale_id: str, **fields: object) -> None:
        """A person edits the opportunity."""
        self.pair.in_salesforce("PATCH", f"Opportunity/{sale_id}", fields)

    def edit_line(self, line_id: str, **fields: object) -> None:
        """A person edits a line of it."""
        self.pair.in_salesforce("PATCH", f"OpportunityLineItem/{line_id}", fields)

    def remove_line(self, line_id: str) -> None:
        """A person removes a line of it."""
        self.pair.in_salesforce("DELETE", f"OpportunityLineItem/{line_id}")

    def export(self, org: Org | None = None) -> SyncOutcome:
        """An export run, a minute later."""
        return self.pair.sync("export", org=org)

    def opportunity(self, sale_id: str) -> Record:
        """The opportunity as Salesforce shows it."""
        return self.crm.whole("Opportunity")[sale_id]

    def invoices_of(self, sale_id: str, customer: Customer | None = None) -> list[Record]:
        """Every invoice in Xero that carries the sale's address, the oldest first."""
        contact_id = (customer or self.customers[0]).contact_id
        found = self.xero.list("Invoices", ContactIDs=contact_id)
        ours = [each for each in found if f"/{sale_id}" in str(each.get("Url"))]
        return [self.xero.one("Invoices", each["InvoiceID"]) for each in ours]

    def invoice_of(self, sale_id: str, customer: Customer | None = None) -> Record:
        """The only one."""
        (invoice,) = self.invoices_of(sale_id, customer)
        return invoice

    def log(self, **which: Any) -> list[Entry]:
        """The log, the newest first."""
        with self.pair.warehouse.connect() as conn:
            return queue.log(conn, self.org_id, **which)

    def entry(self, external_id: str) -> Entry:
        """The entry of one record."""
        (entry,) = [each for each in self.log(limit=5000) if each.external_id == external_id]
        return entry

    def resolve(self, *external_ids: str, how: Resolution, reason: str = "because") -> None:
        """Somebody at finance decides about failures."""
        ids = [self.entry(each).id for each in external_ids]
        with self.pair.warehouse.connect() as conn:
            queue.resolve(conn, self.org_id, ids, how, by="Ana", reason=reason, now=self.pair.now)

    @cached_property
    def org_id(self) -> str:
        """Xero's id of the organisation."""
        return str(self.pair.row("select org_id from xero.organisations")["org_id"])

    def calls(self) -> list[str]:
        """What Xero was asked since requests were forgotten: method and path, signing in left out."""
        return [f"{each['method']} {each['path'].removeprefix('/api.xro/2.0/')}" for each in self.pair.requests("xero")]

    def writes(self) -> list[str]:
        """Those of them that asked Xero to change something."""
        return [call for call in self.calls() if not call.startswith("GET")]


@contextmanager
def open_desk(snapshot: Snapshot, directory: Path) -> Iterator[Desk]:
    """A desk on a pair of the test's own."""
    with (
        copied(snapshot, directory) as pair,
        crm(pair.sandbox) as salesforce,
        xero(pair.sandbox) as client,
    ):
        yield Desk(pair, salesforce, client)


def charged(lines: Sequence[Line], tax_type: str = "OUTPUT2") -> tuple[Decimal, Decimal]:
    """What an exclusive invoice of these lines asks for: its total and the tax in it."""
    tax = sum((cents(line.amount * RATES[tax_type] / 100) for line in lines), Decimal(0))
    return sum((line.amount for line in lines), tax), tax


def stranger(desk: Desk, **fields: object) -> Customer:
    """A customer whom Salesforce has and Xero has not."""
    body = {"Name": "Tarapunga Fisheries", "AccountNumber": "C-77001", "BillingCity": "Bluff", **fields}
    return Customer(str(desk.pair.in_salesforce("POST", "Account", body)["id"]), "")


def held(desk: Desk) -> dict[str, dict[str, Record]]:
    """What Xero holds of the kinds of record that an export may create, by plural and id."""
    plurals = {"Contacts": "ContactID", "Items": "ItemID", "Invoices": "InvoiceID"}
    return {plural: {each[key]: each for each in desk.xero.list(plural)} for plural, key in plurals.items()}


def new_records(
    before: Mapping[str, Mapping[str, Record]], after: Mapping[str, Mapping[str, Record]]
) -> dict[str, list[Record]]:
    """What has come into being, by plural; and that nothing else has changed."""
    for plural, records in before.items():
        for key, record in records.items():
            assert _lasting(after[plural][key]) == _lasting(record)
    return {plural: [after[plural][key] for key in after[plural].keys() - before[plural].keys()] for plural in before}


def _lasting(record: Record) -> Record:
    return {name: value for name, value in record.items() if name not in FOLLOWS_FROM_INVOICES}
