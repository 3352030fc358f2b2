"""The demo's sales as the export drafts them, straight from the sandbox's rows: no API and no warehouse between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

from xero_pipeline.domain import books, matching
from xero_pipeline.domain.drafting import drafts
from xero_pipeline.domain.drafts import Creates, Draft
from xero_pipeline.domain.export_settings import Export
from xero_pipeline.domain.org import parse_orgs
from xero_pipeline.domain.sales import Address, Customer, Product, Sale, SaleLine, Wishes
from xero_pipeline.sandbox.salesforce import Org
from xero_pipeline.sandbox.salesforce.values import Row
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.record import child_of, children_of, date_of, decimal_of, text_of

ORGS = Path(__file__).parents[3] / "orgs.yaml"
# What orgs.yaml says of the demo.
SETTINGS = parse_orgs(ORGS.read_text(), str(ORGS))[0].export
CLASSES = {
    "Assets": "ASSET",
    "Equity": "EQUITY",
    "Expenses": "EXPENSE",
    "Liabilities": "LIABILITY",
    "Revenue": "REVENUE",
}
LINES = {
    "Opportunity": ("OpportunityLineItem", "OpportunityId", "Discount"),
    "Order": ("OrderItem", "OrderId", "Xero_Discount__c"),
}


class Drafted:
    """Every draft that the demo's settings make of an org and its book, by the name of the sale."""

    def __init__(self, org: Org, book: Book, today: date, settings: Export = SETTINGS) -> None:
        self._org = org
        self.books = _books(org, book, today)
        self.by_name: dict[str, list[Draft]] = defaultdict(list)
        for sale, ticked in self._sales():
            if ticked or not settings.require_checkbox:
                self.by_name[sale.name] += drafts(sale, self.books, settings, create=Creates())

    def _sales(self) -> Iterator[tuple[Sale, bool]]:
        for sobject in LINES:
            for row in self._org.tables[sobject].rows.values():
                yield self._sale(sobject, row), row["Xero_Export__c"] is True

    def _sale(self, sobject: str, row: Row) -> Sale:
        of_opportunity = sobject == "Opportunity"
        items, parent, discount = LINES[sobject]
        table = self._org.tables[items]
        return Sale(
            sale_type="opportunity" if of_opportunity else "order",
            sale_id=str(row["Id"]),
            name=_text(row, "Name"),
            phase=_text(row, "StageName" if of_opportunity else "Status"),
            day=_day(row, "CloseDate" if of_opportunity else "EffectiveDate"),
            customer=self._customer(row.get("AccountId")),
            lines=tuple(
                self._line(line, discount) for line in table.children(table.sobject.fields[parent], str(row["Id"]))
            ),
            reference=_text(row, "Xero_Reference__c"),
            currency=_text(row, "Xero_Currency__c"),
            due_date=_day(row, "Xero_Due_Date__c"),
            deposit_percent=_number(row, "Xero_Deposit_Percent__c"),
            orders=sum(
                order.get("OpportunityId") == row["Id"] and order.get("Xero_Export__c") is True
                for order in self._org.tables["Order"].rows.values()
            ),
            wishes=_wishes(row),
        )

    def _customer(self, account_id: object) -> Customer | None:
        row = self._org.tables["Account"].rows.get(str(account_id))
        if row is None:
            return None
        return Customer(
            account_id=str(row["Id"]),
            name=_text(row, "Name"),
            number=_text(row, "AccountNumber"),
            address=Address(state=_text(row, "BillingState"), country=_text(row, "BillingCountry")),
            xero_contact_id=_text(row, "Xero_Contact_Id__c"),
            do_not_sync=row["Xero_Do_Not_Sync__c"] is True,
            wishes=_wishes(row),
        )

    def _line(self, row: Row, discount: str) -> SaleLine:
        product = self._org.tables["Product2"].rows[str(row["Product2Id"])]
        return SaleLine(
            line_id=str(row["Id"]),
            product=Product(
                product_id=str(product["Id"]),
                name=_text(product, "Name"),
                code=_text(product, "StockKeepingUnit"),
                family=_text(product, "Family"),
                description=_text(product, "Description"),
                wishes=_wishes(product),
            ),
            description=_text(row, "Description"),
            quantity=_number(row, "Quantity"),
            unit_price=_number(row, "UnitPrice"),
            discount=_number(row, discount),
            total_price=_number(row, "TotalPrice"),
            wishes=_wishes(row),
        )


def _books(org: Org, book: Book, today: date) -> books.Books:
    found = book.collections
    return books.Books(
        base_currency=text_of(book.organisation, "BaseCurrency"),
        today=today,
        contacts=books.Contacts(_contacts(book), _matched(org, book)),
        period_lock_date=date_of(book.organisation, "PeriodLockDate"),
        year_end_lock_date=date_of(book.organisation, "EndOfYearLockDate"),
        accounts={
            text_of(each, "Code"): books.Account(text_of(each, "Code"), text_of(each, "Status"), text_of(each, "Class"))
            for each in found["Accounts"].values()
        },
        tax_rates={
            key: books.TaxRate(
                key,
                text_of(each, "Status"),
                decimal_of(each, "EffectiveRate"),
                frozenset(kind for name, kind in CLASSES.items() if each[f"CanApplyTo{name}"]),
            )
            for key, each in found["TaxRates"].items()
        },
        items={
            text_of(each, "Code"): books.Item(key, text_of(each, "Code"), each["IsSold"] is True)
            for key, each in found["Items"].items()
        },
        currencies=frozenset(found["Currencies"]),
        categories=tuple(
            books.Category(
                key,
                text_of(each, "Name"),
                {text_of(option, "Name"): text_of(option, "Status") for option in children_of(each, "Options")},
            )
            for key, each in found["TrackingCategories"].items()
        ),
        branding_themes={text_of(each, "Name"): key for key, each in found["BrandingThemes"].items()},
        numbers={
            text_of(each, "InvoiceNumber"): key for key, each in found["Invoices"].items() if each["Type"] == "ACCREC"
        },
        others=_others(org, book),
    )


def _contacts(book: Book) -> Iterator[books.Contact]:
    for contact_id, contact in book.collections["Contacts"].items():
        yield books.Contact(
            contact_id,
            text_of(contact, "Name"),
            text_of(contact, "ContactStatus"),
            account_number=text_of(contact, "AccountNumber"),
            merged_to=text_of(contact, "MergedToContactID"),
        )


def _matched(org: Org, book: Book) -> dict[str, list[str]]:
    """Contacts by the account that the matcher gives them."""
    matcher = matching.Matcher(
        matching.Account(
            str(row["Id"]),
            _text(row, "Name"),
            _text(row, "AccountNumber"),
            _text(row, "PersonEmail"),
            _text(row, "Xero_Contact_Id__c"),
        )
        for row in org.tables["Account"].rows.values()
    )
    found: dict[str, list[str]] = defaultdict(list)
    for contact_id, contact in book.collections["Contacts"].items():
        if contact["ContactStatus"] == "ACTIVE":
            evidence = (text_of(contact, name) for name in ("Name", "AccountNumber", "EmailAddress"))
            match = matcher.decide(matching.Contact(contact_id, *evidence))
            if match.account_id:
                found[match.account_id].append(contact_id)
    return found


def _others(org: Org, book: Book) -> dict[str, tuple[str, ...]]:
    """Numbers of the invoices that quote a sale's reference and are to a contact of its account."""
    matched = _matched(org, book)
    numbers: dict[tuple[str, str], list[str]] = defaultdict(list)
    for invoice in book.collections["Invoices"].values():
        if invoice["Type"] == "ACCREC" and invoice["Status"] not in ("VOIDED", "DELETED"):
            contact_id = text_of(child_of(invoice, "Contact"), "ContactID")
            numbers[contact_id, text_of(invoice, "Reference").lower()].append(text_of(invoice, "InvoiceNumber"))
    others: dict[str, tuple[str, ...]] = {}
    for sobject in LINES:
        for row in org.tables[sobject].rows.values():
            reference = _text(row, "Xero_Reference__c").lower()
            ours = matched.get(str(row.get("AccountId")), []) if reference else []
            others[str(row["Id"])] = tuple(number for each in ours for number in numbers[each, reference])
    return others


def _wishes(row: Row) -> Wishes:
    return Wishes(
        _text(row, "Xero_Account_Code__c"),
        _text(row, "Xero_Tax_Type__c"),
        (_text(row, "Xero_Tracking_1__c"), _text(row, "Xero_Tracking_2__c")),
        _text(row, "Xero_Branding_Theme__c"),
        _text(row, "Xero_Amounts__c"),
    )


def _text(row: Row, name: str) -> str:
    return str(row.get(name) or "")


def _number(row: Row, name: str) -> Decimal | None:
    value = row.get(name)
    return value if isinstance(value, Decimal) else None


def _day(row: Row, name: str) -> date | None:
    value = row.get(name)
    return value if isinstance(value, date) else None
