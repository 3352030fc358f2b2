"""A small trade to write sentences about: a customer, a product, books in which everything fits, and what differs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from xero_pipeline.domain.books import (
    Account,
    Books,
    Category,
    Contact,
    Contacts,
    Invoice,
    InvoiceLine,
    Item,
    TaxRate,
)
from xero_pipeline.domain.drafting import drafts
from xero_pipeline.domain.drafts import Creates, Draft
from xero_pipeline.domain.export_settings import Export
from xero_pipeline.domain.payloads import new_invoice
from xero_pipeline.domain.sales import Address, Customer, Product, Sale, SaleLine, Wishes

SALE_ID = "006000000000001AAA"
ACCOUNT_ID = "001000000000001AAA"
TODAY = date(2026, 5, 20)
SOLD_ON = date(2026, 5, 4)
NOTHING_IS_CREATED = Creates()

CUSTOMER = Customer(
    ACCOUNT_ID, "Harbour Cafe", number="HC-100", address=Address("1 Quay St", "Auckland", "AUK", "1010", "New Zealand")
)
PRODUCT = Product("01t000000000001AAA", "Coffee beans", code="BEANS", family="Goods", description="Beans, 1 kg")
CONTACT = Contact("c-1", "Harbour Cafe", "ACTIVE", account_number="HC-100")
REGION = Category("t-1", "Region", {"North": "ACTIVE", "South": "ACTIVE", "Old": "ARCHIVED"})
DEPARTMENT = Category("t-2", "Department", {"Retail": "ACTIVE", "AUK": "ACTIVE", "Closed": "ARCHIVED"})
ANYWHERE = frozenset({"ASSET", "EQUITY", "EXPENSE", "LIABILITY", "REVENUE"})


def line(line_id: str = "00k1", **given: Any) -> SaleLine:
    """A line of two bags of beans at 50.00; its total is what Salesforce makes of what is given, unless that is given too."""
    quantity, price = given.get("quantity", Decimal(2)), given.get("unit_price", Decimal(50))
    kept = 1 - (given.get("discount") or Decimal(0)) / 100
    total = None if quantity is None or price is None else (quantity * price * kept).quantize(Decimal("0.01"))
    values: dict[str, Any] = {
        "product": PRODUCT,
        "description": "",
        "quantity": quantity,
        "unit_price": price,
        "discount": None,
        "total_price": total,
    }
    return SaleLine(line_id, **(values | given))


def sale(*lines: SaleLine, **given: Any) -> Sale:
    """An opportunity that was won, of one line unless lines are given."""
    values: dict[str, Any] = {
        "sale_type": "opportunity",
        "sale_id": SALE_ID,
        "name": "Beans for May",
        "phase": "Closed Won",
        "day": SOLD_ON,
        "customer": CUSTOMER,
        "lines": lines or (line(),),
    }
    return Sale(**(values | given))


def customer(**given: Any) -> Customer:
    return replace(CUSTOMER, **given)


def product(**given: Any) -> Product:
    return replace(PRODUCT, **given)


def wishing(**given: Any) -> Wishes:
    return Wishes(**given)


def settings(**given: Any) -> Export:
    """The export section as `orgs.yaml` would give it, with an account code and a tax type as defaults."""
    return Export.model_validate({"enabled": True, "account_code": "200", "tax_type": "OUTPUT2"} | given)


def books(*contacts: Contact, **given: Any) -> Books:
    """Books of a New Zealand organisation, with the contact of the customer unless contacts are given."""
    values: dict[str, Any] = {
        "base_currency": "NZD",
        "today": TODAY,
        "contacts": Contacts(contacts or (CONTACT,)),
        "accounts": {
            "200": Account("200", "ACTIVE", "REVENUE"),
            "210": Account("210", "ACTIVE", "REVENUE"),
            "299": Account("299", "ARCHIVED", "REVENUE"),
            "400": Account("400", "ACTIVE", "EXPENSE"),
        },
        "tax_rates": {
            "OUTPUT2": TaxRate("OUTPUT2", "ACTIVE", Decimal(15), frozenset({"REVENUE"})),
            "ZERORATED": TaxRate("ZERORATED", "ACTIVE", Decimal(0), ANYWHERE),
            "NONE": TaxRate("NONE", "ACTIVE", Decimal(0), ANYWHERE),
            "OLDRATE": TaxRate("OLDRATE", "ARCHIVED", Decimal("12.5"), ANYWHERE),
        },
        "items": {"BEANS": Item("i-1", "BEANS"), "SACKS": Item("i-2", "SACKS", is_sold=False)},
        "currencies": frozenset({"NZD", "AUD"}),
        "categories": (REGION, DEPARTMENT),
        "branding_themes": {"Standard": "b-1", "Special": "b-2"},
    }
    return Books(**(values | given))


def drafted(
    sold: Sale, held: Books | None = None, export: Export | None = None, create: Creates = NOTHING_IS_CREATED
) -> tuple[Draft, ...]:
    """The drafts of a sale; in books in which everything fits, and with the default settings, unless others are given."""
    return tuple(drafts(sold, held or books(), export or settings(), create=create))


def the_draft(
    sold: Sale, held: Books | None = None, export: Export | None = None, create: Creates = NOTHING_IS_CREATED
) -> Draft:
    """The only draft of a sale."""
    (draft,) = drafted(sold, held, export, create)
    return draft


def invoiced(draft: Draft, held: Books | None = None, export: Export | None = None, **given: Any) -> Invoice:
    """The draft as an invoice in Xero, made of the very payload, numbered lines and all, and then changed as given."""
    payload = new_invoice(draft, "https://example.my.salesforce.com/1", held or books(), export or settings())
    sent: Any = payload["LineItems"]
    lines = tuple(
        InvoiceLine(
            line_item_id=f"l-{place}",
            description=each["Description"],
            quantity=each["Quantity"],
            unit_amount=each["UnitAmount"],
            discount_rate=each.get("DiscountRate"),
            item_code=each.get("ItemCode", ""),
            account_code=each["AccountCode"],
            tax_type=each["TaxType"],
            tracking={entry["Name"]: entry["Option"] for entry in each.get("Tracking", [])},
        )
        for place, each in enumerate(sent, start=1)
    )
    invoice = Invoice(
        invoice_id=f"inv-{draft.part}",
        number=draft.invoice_number or "INV-0001",
        status="AUTHORISED",
        contact_id=draft.contact_id or "",
        day=draft.invoice_date,
        due_date=draft.due_date,
        reference=draft.reference,
        currency=draft.currency_code,
        amounts=draft.amounts,
        branding_theme_id=str(payload.get("BrandingThemeID", "b-1")),
        amount_paid=Decimal(0),
        amount_credited=Decimal(0),
        lines=lines,
        line_ids={each.line_id: f"l-{place}" for place, each in enumerate(draft.lines, start=1)},
    )
    return replace(invoice, **given)
