"""What the sales to be exported are made with: whom they are to, what they sell, and the records that hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from xero_pipeline.sandbox.demo.salesforce_products import add_product
from xero_pipeline.sandbox.demo.salesforce_world import SalesWorld
from xero_pipeline.sandbox.salesforce.values import Json
from xero_pipeline.sandbox.xero.record import Record, child_of, date_of, decimal_of, text_of

FIRST_REFERENCE = 70_001
LOCKS = {"period": "PeriodLockDate", "year end": "EndOfYearLockDate"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a product by its code, how many, and at what price: the list price unless `price` or, for all, `total` is given.

    `says` are further fields of the line.
    """

    code: str
    quantity: str = "1"
    price: str | None = None
    total: str | None = None
    says: dict[str, Json] = field(default_factory=dict)


class ExportSales:
    """Adds sales that are ticked for the export, each with a fresh reference, and the accounts and products they need."""

    def __init__(self, world: SalesWorld) -> None:
        self.world = world
        self._count = 0
        self._prices = {
            text_of(item, "Code"): decimal_of(child_of(item, "SalesDetails"), "UnitPrice")
            for item in world.book.collections["Items"].values()
        }
        self._listed = tuple(self._prices)
        self._in_stock = {
            str(row["ProductCode"]) for row in world.org.tables["Product2"].rows.values() if row.get("StockKeepingUnit")
        }
        self._contacts = list(_free_contacts(world))

    # -- whom they are to -----------------------------------------------------------------------------------------

    def contact(self, fits: Callable[[Record], bool]) -> Record:
        """The next contact in Xero that has no account yet and `fits`; it is taken. Raises LookupError where there is none."""
        found = next((contact for contact in self._contacts if fits(contact)), None)
        if found is None:
            raise LookupError("the book has no such contact without an account")
        self._contacts.remove(found)
        return found

    def is_free(self, contact_id: str) -> bool:
        """Whether the contact is an active one that has no account yet."""
        return any(each["ContactID"] == contact_id and each["ContactStatus"] == "ACTIVE" for each in self._contacts)

    def account(self, **fields: Json) -> str:
        """An account that sales opened a while ago; its id."""
        body: dict[str, Json] = {"Type": "Customer - Direct", "OwnerId": self._owner()}
        if "LastName" not in fields:
            body["Industry"] = "Manufacturing"
        return self.world.add("Account", self.world.past(30, 400), body | fields)

    # -- what they sell -------------------------------------------------------------------------------------------

    def stocked(self, *codes: str) -> str:
        """The first of these products that has its SKU, by which Xero's items are found."""
        return next(code for code in codes if code in self._in_stock)

    @property
    def everyday(self) -> list[str]:
        """The codes of Xero's items that can be sold and found by their SKU, in the order of the price list."""
        return [code for code in self._listed if code in self._in_stock]

    def list_price(self, code: str) -> Decimal:
        """The price of the item in Xero, in as many places as it has there."""
        return self._prices[code]

    def product(self, code: str, name: str, price: str, **fields: Json) -> str:
        """A product with its standard price, SKU and code alike unless `fields` say otherwise; its id."""
        world, stamp = self.world, self.world.past(20, 60)
        add_product(world, code, name, name, price, stamp, sku=True)
        product_id = str(world.org.tables["PricebookEntry"].rows[world.entries[code]]["Product2Id"])
        if fields:
            world.edit("Product2", product_id, stamp + timedelta(minutes=4), fields)
        self._prices[code] = Decimal(price)
        return product_id

    # -- the sales ------------------------------------------------------------------------------------------------

    def opportunity(self, name: str, account_id: str | None, lines: Iterable[Line], **fields: Json) -> str:
        """An opportunity that was won of late and is to be invoiced; its id."""
        created = self.world.past(1, 21)
        body: dict[str, Json] = {
            "AccountId": account_id,
            "Name": name,
            "StageName": "Closed Won",
            "CloseDate": created.date().isoformat(),
            "OwnerId": self._owner(),
            "Xero_Reference__c": self._reference("OPP"),
            "Xero_Export__c": True,
        }
        opportunity_id = self.world.add("Opportunity", created, body | fields)
        for position, line in enumerate(lines, start=1):
            self._add_line(
                "OpportunityLineItem", created, line, {"OpportunityId": opportunity_id, "SortOrder": position}
            )
        return opportunity_id

    def order(self, name: str, account_id: str, lines: Iterable[Line], **fields: Json) -> str:
        """An order that was activated of late and is to be invoiced; its id."""
        created = self.world.past(1, 21)
        body: dict[str, Json] = {
            "AccountId": account_id,
            "Name": name,
            "Status": "Draft",
            "EffectiveDate": created.date().isoformat(),
            "Pricebook2Id": self.world.pricebook_id,
            "OwnerId": self._owner(),
            "Xero_Reference__c": self._reference("SO"),
            "Xero_Export__c": True,
        }
        order_id = self.world.add("Order", created, body | fields)
        for line in lines:
            self._add_line("OrderItem", created, line, {"OrderId": order_id})
        self.world.edit("Order", order_id, created + timedelta(hours=2), {"Status": "Activated"})
        return order_id

    def lock_date(self, lock: str) -> date:
        """The organisation's lock date: "period" or "year end"."""
        day = date_of(self.world.book.organisation, LOCKS[lock])
        if day is None:
            raise LookupError(f"the book has no {lock} lock date")
        return day

    def _add_line(self, sobject: str, created: datetime, line: Line, parent: dict[str, Json]) -> None:
        body: dict[str, Json] = {
            **parent,
            "PricebookEntryId": self.world.entries[line.code],
            "Quantity": line.quantity,
            **line.says,
        }
        if line.total is None:
            body["UnitPrice"] = line.price or str(self._prices[line.code])
        else:
            body["TotalPrice"] = line.total
        self.world.add(sobject, created + timedelta(minutes=6), body)

    def _owner(self) -> str:
        # The last of the sellers has left.
        return self.world.rng.choice(self.world.owners[:-1])

    def _reference(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}-{FIRST_REFERENCE + self._count - 1}"


def is_person(contact: Record) -> bool:
    """Whether the contact is an active person with an address to write to."""
    return contact["ContactStatus"] == "ACTIVE" and _has_name_of_person(contact) and bool(contact.get("EmailAddress"))


def is_business(contact: Record) -> bool:
    """Whether the contact is active and no person."""
    return contact["ContactStatus"] == "ACTIVE" and not _has_name_of_person(contact)


def has_number(contact: Record) -> bool:
    """Whether the contact is an active business with an account number."""
    return is_business(contact) and "AccountNumber" in contact


def is_archived(contact: Record) -> bool:
    """Whether the contact was archived, and neither merged nor without a number to find it by."""
    return contact["ContactStatus"] == "ARCHIVED" and "AccountNumber" in contact and "MergedToContactID" not in contact


def is_merged(contact: Record) -> bool:
    """Whether another contact took this one over."""
    return "MergedToContactID" in contact


def _has_name_of_person(contact: Record) -> bool:
    return f"{contact.get('FirstName')} {contact.get('LastName')}" == text_of(contact, "Name")


def _free_contacts(world: SalesWorld) -> Iterator[Record]:
    """Contacts without an account, those first that never bought anything: their history stays theirs alone."""
    contacts, invoices = world.book.collections["Contacts"], world.book.collections["Invoices"]
    buyers = {text_of(child_of(each, "Contact"), "ContactID") for each in invoices.values() if each["Type"] == "ACCREC"}
    free = [contact for contact_id, contact in contacts.items() if contact_id not in world.accounts]
    yield from sorted(free, key=lambda contact: text_of(contact, "ContactID") in buyers)
