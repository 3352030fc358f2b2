"""What was sold, as Salesforce knows it: an opportunity or an order with its lines, products and customer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

SaleType = Literal["opportunity", "order"]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a record in Salesforce says of how Xero should book it. Empty where it says nothing."""

    account_code: str = ""
    tax_type: str = ""
    tracking: tuple[str, str] = ("", "")
    branding_theme: str = ""
    amounts: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a customer is billed."""

    street: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """A Salesforce account: `number` is its AccountNumber, `email` that of a person account."""

    account_id: str
    name: str
    number: str = ""
    email: str = ""
    phone: str = ""
    first_name: str = ""
    last_name: str = ""
    address: Address = Address()
    xero_contact_id: str = ""
    do_not_sync: bool = False
    wishes: Wishes = Wishes()


@dataclass(frozen=True, slots=True)
class Product:
    """What a line sells. `code` is the one that Xero's items go by, chosen by the organisation: SKU or product code."""

    product_id: str
    name: str
    code: str = ""
    family: str = ""
    description: str = ""
    price: Decimal | None = None
    wishes: Wishes = Wishes()


@dataclass(frozen=True, slots=True)
class SaleLine:
    """A line: `unit_price` is before the discount (per cent), `total_price` after it, both in the sale's currency."""

    line_id: str
    product: Product | None
    description: str
    quantity: Decimal | None
    unit_price: Decimal | None
    discount: Decimal | None
    total_price: Decimal | None
    wishes: Wishes = Wishes()


@dataclass(frozen=True, slots=True)
class Sale:
    """An opportunity or order. `phase` is its stage or status, `day` its close or effective date, `number` an order's own.

    `orders` is how many orders that were made from an opportunity are to be invoiced themselves.
    """

    sale_type: SaleType
    sale_id: str
    name: str
    phase: str
    day: date | None
    customer: Customer | None
    lines: tuple[SaleLine, ...] = ()
    number: str = ""
    reference: str = ""
    currency: str = ""
    due_date: date | None = None
    deposit_percent: Decimal | None = None
    owner: str = ""
    orders: int = 0
    wishes: Wishes = field(default_factory=Wishes)

    @property
    def source_hash(self) -> str:
        """A digest of everything here that a person can change about the sale itself, by which it is told that it moved.

        The customer is only named in it, and so are products: an edited address or price list edits no invoice.
        """
        content = asdict(self)
        content["customer"] = self.customer.account_id if self.customer else None
        content["owner"] = content["orders"] = None
        for line in content["lines"]:
            line["product"] = line["product"]["product_id"] if line["product"] else None
        return digest(content)


def digest(content: object) -> str:
    """The SHA-256 of a value's JSON, keys sorted; equal amounts give equal digests however many zeros they end in."""

    def plain(value: object) -> str:
        return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)

    return hashlib.sha256(json.dumps(content, sort_keys=True, default=plain).encode()).hexdigest()


def first_of(values: Sequence[str]) -> str:
    """The first that says something: the most specific wins (BW-X13). Blanks say nothing, and none are kept around a word."""
    return next((value.strip() for value in values if value.strip()), "")
