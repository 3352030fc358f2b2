"""The customers of the sales to be exported: one for every way in which a contact in Xero is found, and is not."""

from __future__ import annotations

from dataclasses import dataclass

from xero_pipeline.sandbox.demo.salesforce_export_world import (
    ExportSales,
    has_number,
    is_archived,
    is_business,
    is_merged,
    is_person,
)
from xero_pipeline.sandbox.salesforce.values import Json
from xero_pipeline.sandbox.xero.record import Record, text_of

# Nobody in Xero is called like that: its words are not among those that contacts are named with.
STRANGER = "Paretai Boatbuilders Limited"


@dataclass(frozen=True, slots=True)
class Customers:
    """Account ids, by what is special about each."""

    by_number: str
    by_name: str
    by_id: str
    person_by_email: str
    person_by_name: str
    abroad: str
    tracked: str
    inclusive: str


def add_customers(sales: ExportSales) -> Customers:
    """Adds accounts that can be invoiced: each finds one active contact in Xero."""
    numbered, named, linked = sales.contact(has_number), sales.contact(is_business), sales.contact(is_business)
    by_email, by_name = sales.contact(is_person), sales.contact(is_person)
    abroad, tracked, inclusive = (sales.contact(is_business) for _ in range(3))
    return Customers(
        by_number=sales.account(
            Name=f"{text_of(numbered, 'Name')}, workshop", AccountNumber=text_of(numbered, "AccountNumber"), **AUCKLAND
        ),
        by_name=sales.account(Name=text_of(named, "Name"), **WELLINGTON),
        by_id=sales.account(
            Name=f"{text_of(linked, 'Name')}, head office",
            Xero_Contact_Id__c=text_of(linked, "ContactID"),
            **CHRISTCHURCH,
        ),
        person_by_email=sales.account(
            FirstName=text_of(by_email, "FirstName")[:1] + ".",
            LastName=text_of(by_email, "LastName"),
            PersonEmail=text_of(by_email, "EmailAddress"),
            **AUCKLAND,
        ),
        person_by_name=sales.account(
            FirstName=text_of(by_name, "FirstName"), LastName=text_of(by_name, "LastName"), **WELLINGTON
        ),
        abroad=sales.account(
            Name=text_of(abroad, "Name"),
            Xero_Account_Code__c="230",
            Xero_Tax_Type__c="ZERORATED",
            Xero_Branding_Theme__c="Export",
            **PORTLAND,
        ),
        tracked=sales.account(
            Name=text_of(tracked, "Name"), Xero_Tracking_1__c="Northland", Xero_Tracking_2__c="Hire", **AUCKLAND
        ),
        inclusive=sales.account(Name=text_of(inclusive, "Name"), Xero_Amounts__c="Inclusive", **CHRISTCHURCH),
    )


def nobody(sales: ExportSales) -> str:
    """An account that no contact in Xero fits."""
    return sales.account(Name=STRANGER, Type="Prospect")


def kept_out(sales: ExportSales) -> str:
    """An account that fits a contact, and is ticked to be kept out of the sync."""
    return sales.account(Name=text_of(sales.contact(is_business), "Name"), Xero_Do_Not_Sync__c=True)


def archived(sales: ExportSales) -> str:
    """An account whose only contact is archived."""
    contact = sales.contact(is_archived)
    return sales.account(Name=text_of(contact, "Name"), AccountNumber=text_of(contact, "AccountNumber"))


def claimed_twice(sales: ExportSales) -> str:
    """An account that carries the number of one active contact and the name of another."""
    return _crossed(sales, sales.contact(is_business))


def claimed_twice_once_in_use(sales: ExportSales) -> str:
    """The same, but the one that it is named like is archived."""
    return _crossed(sales, sales.contact(is_archived))


def named_loosely(sales: ExportSales) -> str:
    """An account whose name is the contact's but for case and spaces, and that has nothing else to be found by."""
    return sales.account(Name=text_of(sales.contact(is_business), "Name").upper().replace(" ", "  ", 1))


def named_alone(sales: ExportSales) -> str:
    """An account of which only the name is known."""
    return sales.account(Name=text_of(sales.contact(is_business), "Name"))


def merged(sales: ExportSales) -> str:
    """An account that carries the id of a contact that was merged into an active one (of an active one, where none was)."""
    try:
        contact = sales.contact(is_merged)
    except LookupError:
        contact = sales.contact(is_business)
    return sales.account(
        Name=f"{text_of(contact, 'Name')}, depot", Xero_Contact_Id__c=text_of(contact, "ContactID"), **WELLINGTON
    )


def in_a_closed_region(sales: ExportSales) -> str:
    """An account in a region that Xero has as a tracking option, archived."""
    contact = sales.contact(is_business)
    return sales.account(Name=text_of(contact, "Name"), **{**AUCKLAND, "BillingState": "Eastside (closed)"})


def of_contact(sales: ExportSales, contact_id: str) -> str:
    """The account of one certain contact."""
    contact = sales.contact(lambda each: text_of(each, "ContactID") == contact_id)
    return sales.account(Name=text_of(contact, "Name"), **AUCKLAND)


def _crossed(sales: ExportSales, other: Record) -> str:
    numbered = sales.contact(has_number)
    return sales.account(Name=text_of(other, "Name"), AccountNumber=text_of(numbered, "AccountNumber"), **AUCKLAND)


def _place(street: str, city: str, state: str, postal_code: str, country: str = "New Zealand") -> dict[str, Json]:
    return {
        "BillingStreet": street,
        "BillingCity": city,
        "BillingState": state,
        "BillingPostalCode": postal_code,
        "BillingCountry": country,
    }


# Regions of New Zealand are tracking options; one abroad is none.
AUCKLAND = _place("22 Kiln Road\nUnit 4", "Auckland", "Auckland", "1061")
WELLINGTON = _place("7 Wharf Street", "Wellington", "Wellington", "6011")
CHRISTCHURCH = _place("118 Mill Lane", "Christchurch", "Canterbury", "8011")
PORTLAND = _place("640 Dock Avenue", "Portland", "OR", "97201", "United States")
