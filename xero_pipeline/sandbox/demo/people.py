"""The contacts of the demo: companies and persons, customers, suppliers and both, in New Zealand and beyond."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta

from xero_pipeline.sandbox.demo import words
from xero_pipeline.sandbox.demo.world import Trader, World
from xero_pipeline.sandbox.xero.contacts import create_contact, edit_contact
from xero_pipeline.sandbox.xero.record import Record

SUPPLIER_SHARE = 0.2
BOTH_SHARE = 0.07
PERSON_SHARE = 0.1
STOCK_SUPPLIER_SHARE = 0.45
KNOWN_BEFORE_SHARE = 0.7
FOREIGN = (("AUD", 0.08), ("USD", 0.12))
FOREIGN_COUNTRY = {"AUD": "Australia", "USD": "United States"}
EARLY_CONTACT = datetime(2013, 11, 19, 4, 2, 9, 503_000, UTC)
TERMS: tuple[Record, ...] = (
    {"Day": 20, "Type": "OFFOLLOWINGMONTH"},
    {"Day": 14, "Type": "DAYSAFTERBILLDATE"},
    {"Day": 7, "Type": "DAYSAFTERBILLDATE"},
    {"Day": 30, "Type": "DAYSAFTERBILLDATE"},
    {"Day": 31, "Type": "OFFOLLOWINGMONTH"},
)
BLANK_ADDRESS: dict[str, Record] = {
    kind: {"AddressType": kind, "City": "", "Region": "", "PostalCode": "", "Country": ""}
    for kind in ("POBOX", "STREET")
}
BLANK_PHONE: dict[str, Record] = {
    kind: {"PhoneType": kind, "PhoneNumber": "", "PhoneAreaCode": "", "PhoneCountryCode": ""}
    for kind in ("DDI", "DEFAULT", "FAX", "MOBILE")
}


class Names:
    """Invented names, no two alike whatever the case."""

    def __init__(self, world: World) -> None:
        self.rng = world.rng
        self.taken: set[str] = set()

    def company(self, trade: str, form: str) -> str:
        """A company of a trade, told apart by a second landmark or a place once the short names are used up."""
        rng = self.rng
        while True:
            landmark = rng.choice(words.LANDMARKS)
            second = f" {rng.choice(words.LANDMARKS)}" if len(self.taken) > 900 or rng.random() < 0.15 else ""
            name = f"{landmark}{second} {trade} {form}"
            if self._free(name):
                return name

    def person(self) -> tuple[str, str]:
        """A (first, last) name, with an initial when the pair is taken."""
        rng = self.rng
        while True:
            first, last = rng.choice(words.FIRST_NAMES), rng.choice(words.LAST_NAMES)
            if rng.random() < 0.3:
                first = f"{first} {rng.choice('ABCDEFGHJKLMNPRST')}."
            if self._free(f"{first} {last}"):
                return first, last

    def _free(self, name: str) -> bool:
        key = name.casefold()
        if key in self.taken:
            return False
        self.taken.add(key)
        return True


def add_contacts(world: World, count: int) -> None:
    """Adds `count` contacts in the order in which they became known, and notes who buys and who supplies."""
    names = Names(world)
    for position, since in enumerate(_arrivals(world, count)):
        roll = world.rng.random()
        # The first few of each side are known from the start, so that there is always someone to trade with.
        supplier = position < 6 or roll < SUPPLIER_SHARE
        customer = position >= 6 and not supplier
        both = position >= 6 and roll > 1 - BOTH_SHARE
        _add_contact(world, names, position, since, customer=customer or both, supplier=supplier or both)


def plain(text: str) -> str:
    """`text` in lower-case ASCII letters and digits, for mail addresses."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())


def _arrivals(world: World, count: int) -> list[datetime]:
    rng, clock = world.rng, world.clock
    start = clock.at(clock.start)
    arrivals = []
    for position in range(count):
        if position < 12 or rng.random() < KNOWN_BEFORE_SHARE:
            arrivals.append(start - timedelta(milliseconds=int((rng.random() ** 2 * 900 + 2) * 86_400_000)))
        else:
            arrivals.append(start + (clock.now - start) * rng.random() * 0.97)
    arrivals.sort()
    arrivals[0] = EARLY_CONTACT
    return [arrival.replace(microsecond=arrival.microsecond // 1000 * 1000) for arrival in arrivals]


def _add_contact(world: World, names: Names, position: int, since: datetime, *, customer: bool, supplier: bool) -> None:
    rng, book = world.rng, world.book
    currency = _currency(world)
    country = FOREIGN_COUNTRY.get(currency, "New Zealand")
    cities = {"AUD": words.AUSTRALIAN_CITIES, "USD": words.AMERICAN_CITIES}.get(currency, words.CITIES)
    city, region, postal_code, area_code = rng.choice(cities)
    supplies = None
    if supplier:
        stock = currency != "NZD" or world.chance(STOCK_SUPPLIER_SHARE)
        supplies = words.STOCK_SUPPLY if stock else rng.choice(words.SUPPLIES)
    fields: Record = {"BankAccountDetails": ""}
    person = customer and not supplier and currency == "NZD" and world.chance(PERSON_SHARE)
    if person:
        first, last = names.person()
        fields |= {"Name": f"{first} {last}", "FirstName": first, "LastName": last}
        domain = "post.example"
        mailbox = f"{plain(first)}.{plain(last)}"
    else:
        trade = supplies[0] if supplies is not None else rng.choice(words.TRADES)
        form = words.AUSTRALIAN_FORM if currency == "AUD" else "Inc" if currency == "USD" else rng.choice(words.FORMS)
        name = names.company(trade, form)
        fields["Name"] = name
        domain = f"{plain(name.removesuffix(form))}.example"
        mailbox = rng.choice(("accounts", "accounts", "office", "payables", "admin"))
        if world.chance(0.6):
            first, last = rng.choice(words.FIRST_NAMES), rng.choice(words.LAST_NAMES)
            fields |= {"FirstName": first, "LastName": last}
            if world.chance(0.15):
                fields["ContactPersons"] = [_contact_person(world, domain)]
    if world.chance(0.88):
        fields["EmailAddress"] = f"{mailbox}@{domain}"
    if world.chance(0.75 if customer else 0.25):
        fields["AccountNumber"] = f"{'C' if customer else 'S'}-{10_001 + position}"
    if world.chance(0.05):
        fields["ContactNumber"] = f"CRM{700_000 + position}"
    if world.chance(0.3):
        fields["TaxNumber"] = f"{rng.randint(80, 139)}-{rng.randint(100, 999)}-{rng.randint(100, 999)}"
    if supplier and world.chance(0.7):
        bank, branch, account = rng.randint(1, 38), rng.randint(1, 1999), rng.randint(1, 9_999_999)
        fields["BankAccountDetails"] = f"{bank:02d}-{branch:04d}-{account:07d}-00"
    fields |= _terms_and_currency(world, currency, customer=customer, supplier=supplier)
    fields["Addresses"] = _addresses(world, city, region, postal_code, country)
    country_code = {"AUD": "61", "USD": "1"}.get(currency, "64")
    fields["Phones"] = _phones(world, area_code, country_code)
    contact = create_contact(book, fields, since)
    contact_id = str(contact["ContactID"])
    trader = Trader(
        contact_id,
        since,
        {"NZD": region, "AUD": "Australia"}.get(currency, ""),
        currency,
        _terms_of(fields, "Sales" if customer else "Bills"),
        max(-4.0, rng.gauss(3, 11)),
        "Exclusive" if currency != "NZD" else rng.choices(("Exclusive", "Inclusive", "NoTax"), (88, 9, 3))[0],
        supplies,
    )
    if customer:
        world.customers.add(trader)
    if supplier:
        world.suppliers.add(trader)
    edited = world.clock.after(since, 5, 500) if position and world.chance(0.35) else None
    if edited is not None:
        number = f"555 {rng.randint(0, 9999):04d}"
        edit_contact(book, contact_id, {"Phones": _phones(world, area_code, country_code, number)}, edited)


def _currency(world: World) -> str:
    roll = world.rng.random()
    return next((currency for currency, upto in FOREIGN if roll < upto), "NZD")


def _contact_person(world: World, domain: str) -> Record:
    first, last = world.rng.choice(words.FIRST_NAMES), world.rng.choice(words.LAST_NAMES)
    return {
        "FirstName": first,
        "LastName": last,
        "EmailAddress": f"{plain(first)}@{domain}",
        "IncludeInEmails": world.chance(0.5),
    }


def _terms_and_currency(world: World, currency: str, *, customer: bool, supplier: bool) -> Record:
    fields: Record = {}
    if currency != "NZD" or world.chance(0.3):
        fields["DefaultCurrency"] = currency
    if world.chance(0.7):
        terms: Record = {}
        if customer:
            terms["Sales"] = world.rng.choice(TERMS)
        if supplier:
            terms["Bills"] = world.rng.choice(TERMS)
        fields["PaymentTerms"] = terms
    return fields


def _terms_of(fields: Record, side: str) -> Record:
    terms = fields.get("PaymentTerms")
    own = terms.get(side) if isinstance(terms, dict) else None
    return own if isinstance(own, dict) else TERMS[0]


def _addresses(world: World, city: str, region: str, postal_code: str, country: str) -> list[Record]:
    rng = world.rng
    place: Record = {"City": city, "Region": region, "PostalCode": postal_code, "Country": country}
    pobox = street = None
    if world.chance(0.75):
        line = f"PO Box {rng.randint(100, 99_999)}"
        pobox = {"AddressType": "POBOX", "AddressLine1": line, **place, "AttentionTo": ""}
    if world.chance(0.6):
        line = f"{rng.randint(1, 480)} {rng.choice(words.STREETS)} {rng.choice(words.STREET_KINDS)}"
        street = {"AddressType": "STREET", "AddressLine1": line, **place}
        if world.chance(0.2):
            street["AddressLine2"] = f"Unit {rng.randint(1, 40)}"
    return [pobox or BLANK_ADDRESS["POBOX"], street or BLANK_ADDRESS["STREET"]]


def _phones(world: World, area_code: str, country_code: str, number: str = "") -> list[Record]:
    rng = world.rng
    phones = dict(BLANK_PHONE)
    if number or world.chance(0.8):
        number = number or f"555 {rng.randint(0, 9999):04d}"
        phones["DEFAULT"] = {
            "PhoneType": "DEFAULT",
            "PhoneNumber": number,
            "PhoneAreaCode": area_code,
            "PhoneCountryCode": country_code,
        }
    if world.chance(0.4):
        mobile = f"555 {rng.randint(0, 9999):04d}"
        phones["MOBILE"] = {
            "PhoneType": "MOBILE",
            "PhoneNumber": mobile,
            "PhoneAreaCode": "021",
            "PhoneCountryCode": country_code,
        }
    return list(phones.values())
