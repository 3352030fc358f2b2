"""What an invoice has to fit: the organisation's settings, contacts and invoices as they are staged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from xero_pipeline.domain.matching import normalised
from xero_pipeline.domain.sales import Customer


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the chart: `status` ACTIVE or ARCHIVED, `kind` its class (ASSET, EQUITY, EXPENSE, LIABILITY, REVENUE)."""

    code: str
    status: str
    kind: str


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A tax rate: `rate` is the effective one in per cent, `fits` the account classes it may be used on."""

    tax_type: str
    status: str
    rate: Decimal
    fits: frozenset[str]


@dataclass(frozen=True, slots=True)
class Item:
    """An item: `is_sold` False means that it may only be bought."""

    item_id: str
    code: str
    is_sold: bool = True


@dataclass(frozen=True, slots=True)
class Category:
    """A tracking category with the status of each of its options by name, as Xero spells them (BW-X12)."""

    category_id: str
    name: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Terms:
    """A contact's own sales terms in Xero: DAYSAFTERBILLDATE, DAYSAFTERBILLMONTH, OFCURRENTMONTH or OFFOLLOWINGMONTH."""

    day: int
    type: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact; `merged_to` names the one that took it over."""

    contact_id: str
    name: str
    status: str
    account_number: str = ""
    contact_number: str = ""
    merged_to: str = ""
    terms: Terms | None = None

    @property
    def is_active(self) -> bool:
        return self.status == "ACTIVE"


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """A line of an invoice in Xero."""

    line_item_id: str
    description: str
    quantity: Decimal | None
    unit_amount: Decimal | None
    discount_rate: Decimal | None
    item_code: str
    account_code: str
    tax_type: str
    tracking: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice that was exported, as Xero holds it now. `line_ids` maps lines in Salesforce to the lines they became here;
    `unanswered` are lines that were sent and whose ids never came back; `vanished`: Xero does not show it any more."""

    invoice_id: str
    number: str
    status: str
    contact_id: str
    day: date | None
    due_date: date | None
    reference: str
    currency: str
    amounts: str
    branding_theme_id: str
    amount_paid: Decimal
    amount_credited: Decimal
    lines: tuple[InvoiceLine, ...] = ()
    line_ids: Mapping[str, str] = field(default_factory=dict)
    unanswered: frozenset[str] = frozenset()
    vanished: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether a payment or a credit is on it, after which its money may not change (xero.md section 2, Invoices)."""
        return self.status == "PAID" or bool(self.amount_paid or self.amount_credited)


FoundState = Literal["found", "not_found", "ambiguous", "archived"]


@dataclass(frozen=True, slots=True)
class Found:
    """The contact of a customer, or why there is none."""

    state: FoundState
    contact: Contact | None = None


class Contacts:
    """Finds the contact of a customer: by the ids that are kept for it, then by account number, then by name (FF-04, FF-05).

    Ids are the Xero id on the account, the account's id on a contact that an export created, and `matched`, which maps an
    account to the contacts that were matched with it. Merged contacts are followed to the one that took them over; archived
    ones are of no use on an invoice.
    """

    def __init__(self, contacts: Iterable[Contact], matched: Mapping[str, Iterable[str]] | None = None) -> None:
        self._by_id = {normalised(contact.contact_id): contact for contact in contacts}
        self._matched = matched or {}
        self._created: dict[str, list[Contact]] = defaultdict(list)
        self._by_number: dict[str, list[Contact]] = defaultdict(list)
        self._by_name: dict[str, list[Contact]] = defaultdict(list)
        for contact in self._by_id.values():
            self._created[contact.contact_number].append(contact)
            for index, key in ((self._by_number, contact.account_number), (self._by_name, contact.name)):
                if normalised(key):
                    index[normalised(key)].append(contact)

    def find(self, customer: Customer) -> Found:
        """The first kind of evidence that leads to exactly one active contact decides; of several active ones none is guessed."""
        archived = False
        kept = self._known(customer.xero_contact_id)
        created = self._created.get(customer.account_id, [])
        matched = self._known(*self._matched.get(customer.account_id, ()))
        numbered = self._by_number.get(normalised(customer.number), [])
        named = self._by_name.get(normalised(customer.name), [])
        for evidence in (kept, created, matched, numbered, named):
            followed = {contact.contact_id: contact for contact in map(self._followed, evidence)}
            active = [contact for contact in followed.values() if contact.is_active]
            if len(active) > 1:
                return Found("ambiguous")
            if active:
                return Found("found", active[0])
            archived = archived or bool(followed)
        return Found("archived" if archived else "not_found")

    def _known(self, *contact_ids: str) -> list[Contact]:
        # Ids are written by hand too, and a GUID is the same in capitals.
        return [self._by_id[key] for key in map(normalised, contact_ids) if key in self._by_id]

    def _followed(self, contact: Contact) -> Contact:
        seen = {normalised(contact.contact_id)}
        while (heir := normalised(contact.merged_to)) in self._by_id and heir not in seen:
            contact = self._by_id[heir]
            seen.add(heir)
        return contact


@dataclass(frozen=True, slots=True)
class Books:
    """One organisation as far as its exports need it. `today` is the date at the organisation.

    `numbers` maps the sales invoice numbers in use to invoice ids, `exported` the external ids of what was exported to the
    invoices in Xero, `others` the sales to the numbers of invoices that Xero has for them from elsewhere.
    """

    base_currency: str
    today: date
    contacts: Contacts
    period_lock_date: date | None = None
    year_end_lock_date: date | None = None
    accounts: Mapping[str, Account] = field(default_factory=dict)
    tax_rates: Mapping[str, TaxRate] = field(default_factory=dict)
    items: Mapping[str, Item] = field(default_factory=dict)
    currencies: frozenset[str] = frozenset()
    categories: tuple[Category, ...] = ()
    branding_themes: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    exported: Mapping[str, Invoice] = field(default_factory=dict)
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def with_categories(self, names: Iterable[str]) -> Books:
        """The books with these tracking categories alone: what people track besides those that an export fills is theirs."""
        wanted = set(names)
        return replace(self, categories=tuple(each for each in self.categories if each.name in wanted))
