"""The accounts of the demo, by how they can be matched to Xero contacts, with the people who work there.

About 85 % of the customers have an account. Of these, some share the contact's account number (a few under another name), most
its name, some but for case and spacing, some are spelled differently and must not match, some are twins of each other; people
are person accounts with the same e-mail address; a few already carry the ContactID. Some accounts belong to nobody in Xero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Literal

from xero_pipeline.sandbox.demo import words
from xero_pipeline.sandbox.demo.salesforce_export_world import is_archived, is_person
from xero_pipeline.sandbox.demo.salesforce_world import SalesWorld
from xero_pipeline.sandbox.salesforce.values import Json
from xero_pipeline.sandbox.xero.record import Record, child_of, children_of, text_of

Match = Literal["number", "renamed", "name", "loose", "misspelled", "linked", "twins"]
KNOWN_SHARE = 0.85
MATCHES: tuple[Match, ...] = ("number", "renamed", "name", "loose", "misspelled", "linked", "twins")
MATCH_WEIGHTS = (38, 6, 24, 13, 9, 5, 5)
# Few as they are, chance alone would at times give an account to nearly all of them.
LEFT_FREE: dict[Callable[[Record], bool], int] = {is_person: 2, is_archived: 2}
STRANGER_SHARE = 0.08
DO_NOT_SYNC_SHARE = 0.01
STALE_ROLLUPS: dict[str, Json] = {
    "Xero_Total_Invoiced__c": "4715.00",
    "Xero_Total_Paid__c": "4140.00",
    "Xero_Total_Due__c": "575.00",
    "Xero_Total_Overdue__c": "575.00",
    "Xero_Account_Status__c": "Overdue",
}


def add_accounts(world: SalesWorld) -> None:
    """Adds the accounts of the book's customers, the accounts of nobody in the book, and their contacts."""
    contacts = world.book.collections["Contacts"]
    buyers = {
        text_of(child_of(invoice, "Contact"), "ContactID")
        for invoice in world.book.collections["Invoices"].values()
        if invoice["Type"] == "ACCREC"
    }
    taken = {normal(text_of(contact, "Name")) for contact in contacts.values()}
    free = _Free(contacts.values())
    for contact_id, contact in contacts.items():
        is_customer = contact_id in buyers and "MergedToContactID" not in contact and world.chance(KNOWN_SHARE)
        if is_customer and free.can_do_without(contact):
            world.accounts[contact_id] = _add_customer(world, contact_id, contact, taken)
    for _ in range(max(3, int(len(world.accounts) * STRANGER_SHARE))):
        world.strangers.append(_add_stranger(world, taken))
    # What an earlier sync left behind: these totals belong to invoices that are no longer there.
    world.edit("Account", world.strangers[0], world.past(20, 60), STALE_ROLLUPS)


class _Free:
    """How many contacts of each kind are without an account, of which the sales to be exported need some."""

    def __init__(self, contacts: Iterable[Record]) -> None:
        everybody = list(contacts)
        self._free = {fits: sum(map(fits, everybody)) for fits in LEFT_FREE}

    def can_do_without(self, contact: Record) -> bool:
        """Whether enough stay free when this one gets an account; then it counts no more."""
        kinds = [fits for fits in LEFT_FREE if fits(contact)]
        if any(self._free[fits] <= LEFT_FREE[fits] for fits in kinds):
            return False
        for fits in kinds:
            self._free[fits] -= 1
        return True


def normal(name: str) -> str:
    """`name` as it is compared: without case, spaces collapsed."""
    return " ".join(name.casefold().split())


def _add_customer(world: SalesWorld, contact_id: str, contact: Record, taken: set[str]) -> str:
    stamp = world.past(30, 1000)
    name = text_of(contact, "Name")
    person = f"{text_of(contact, 'FirstName')} {text_of(contact, 'LastName')}" == name
    common = _common(world, contact)
    if person:
        return _add_person(world, contact, common, stamp)
    match = world.rng.choices(MATCHES, MATCH_WEIGHTS)[0]
    number = text_of(contact, "AccountNumber")
    if match in ("number", "renamed") and not number:
        match = "name"
    body: dict[str, Json] = {"Name": name, "Type": "Customer - Direct", **common}
    if match in ("number", "renamed"):
        body["AccountNumber"] = number
    if match in ("renamed", "linked"):
        body["Name"] = _short(name)
    if match == "linked":
        body["Xero_Contact_Id__c"] = contact_id
    if match == "loose":
        body["Name"] = world.rng.choice((name.upper(), name.lower(), name.replace(" ", "  ", 1)))
    if match == "misspelled":
        body["Name"] = _misspelled(world, name, taken)
    account_id = world.add("Account", stamp, body)
    if match == "twins":
        world.add("Account", stamp + timedelta(days=9, seconds=27), {**body, "Phone": None})
    _add_people(world, account_id, contact, stamp)
    return account_id


def _add_person(world: SalesWorld, contact: Record, common: dict[str, Json], stamp: datetime) -> str:
    first = text_of(contact, "FirstName")
    body: dict[str, Json] = {
        **common,
        # A sales team knows people by shorter names than their invoices do; the address is what they share.
        "FirstName": first[:1] + "." if world.chance(0.3) else first,
        "LastName": text_of(contact, "LastName"),
        "PersonEmail": text_of(contact, "EmailAddress") or None,
    }
    return world.add("Account", stamp, body)


def _add_stranger(world: SalesWorld, taken: set[str]) -> str:
    while True:
        parts = (world.rng.choice(words.LANDMARKS), world.rng.choice(words.TRADES), world.rng.choice(words.FORMS))
        name = " ".join(parts)
        if normal(name) not in taken:
            taken.add(normal(name))
            break
    stamp = world.past(5, 700)
    owner = world.rng.choice(world.owners)
    return world.add("Account", stamp, {"Name": name, "Type": "Prospect", "OwnerId": owner})


def _common(world: SalesWorld, contact: Record) -> dict[str, Json]:
    body: dict[str, Json] = {"OwnerId": world.rng.choice(world.owners), "Industry": "Manufacturing"}
    address = next((each for each in children_of(contact, "Addresses") if each.get("AddressLine1")), None)
    if address is not None and world.chance(0.8):
        lines = [text_of(address, f"AddressLine{number}") for number in (1, 2, 3)]
        body |= {
            "BillingStreet": "\n".join(line for line in lines if line),
            "BillingCity": text_of(address, "City"),
            "BillingState": text_of(address, "Region"),
            "BillingPostalCode": text_of(address, "PostalCode"),
            "BillingCountry": text_of(address, "Country"),
        }
    phone = next((each for each in children_of(contact, "Phones") if each.get("PhoneNumber")), None)
    if phone is not None and world.chance(0.7):
        parts = [text_of(phone, f"Phone{part}") for part in ("CountryCode", "AreaCode", "Number")]
        body["Phone"] = " ".join(part for part in parts if part)
    if world.chance(DO_NOT_SYNC_SHARE):
        body["Xero_Do_Not_Sync__c"] = True
    return body


def _add_people(world: SalesWorld, account_id: str, contact: Record, stamp: datetime) -> None:
    people = [contact, *children_of(contact, "ContactPersons")] if contact.get("LastName") else []
    if world.chance(0.4):
        first, last = world.rng.choice(words.FIRST_NAMES), world.rng.choice(words.LAST_NAMES)
        people.append({"FirstName": first, "LastName": last})
    for person in people:
        body: dict[str, Json] = {
            "AccountId": account_id,
            "FirstName": text_of(person, "FirstName"),
            "LastName": text_of(person, "LastName"),
            "Email": text_of(person, "EmailAddress") or None,
        }
        world.add("Contact", stamp + timedelta(minutes=3), body)


def _short(name: str) -> str:
    """The name without its legal form, as a sales team writes it."""
    form = next((each for each in (*words.FORMS, words.AUSTRALIAN_FORM, "Inc") if name.endswith(f" {each}")), "")
    return name.removesuffix(f" {form}") + " - head office"


def _misspelled(world: SalesWorld, name: str, taken: set[str]) -> str:
    """A name that a person would take for the same and that no comparison of names may."""
    first, _, rest = name.partition(" ")
    spellings = [
        name.replace("Limited", "Limted") if "Limited" in name else f"{name} NZ",
        f"The {name}",
        f"{first[:-2]}{first[-1:]}{first[-2:-1]} {rest}",
    ]
    fitting = [spelling for spelling in spellings if normal(spelling) not in taken]
    spelling = world.rng.choice(fitting)
    taken.add(normal(spelling))
    return spelling
