"""What is sent from Salesforce to Xero and how it is made, as the `export` section of `orgs.yaml` says (SCW-18, SCW-20).

Everything here is a default of the organisation: what a line, a sale or an account in Salesforce says of itself wins over it, the
most specific first (BW-X13).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from xero_pipeline.domain.matching import normalised
from xero_pipeline.domain.section import Section

Amounts = Literal["exclusive", "inclusive", "no_tax"]


def _quoted(code: object) -> object:
    # YAML reads 200 as a number and 010 as 8: what was meant cannot be told from what arrives.
    if isinstance(code, (int, float)):
        raise ValueError('a code is text: write it in quotes, such as "200"')
    return code


Code = Annotated[str, BeforeValidator(_quoted)]


class Opportunities(Section):
    """Which opportunities are sold. In `deposit_stages` one with a deposit percentage gets its deposit invoice already."""

    stages: tuple[str, ...] = ("Closed Won",)
    deposit_stages: tuple[str, ...] = ()


class Orders(Section):
    """Which orders are sold, by their status."""

    statuses: tuple[str, ...] = ("Activated",)


class Due(Section):
    """When an invoice is due where neither the sale nor the contact's own terms in Xero say it (BW-X11).

    `days` is a number of days, or the day of the month.
    """

    rule: Literal["days_after_invoice_date", "days_after_month_end", "day_of_this_month", "day_of_next_month"] = (
        "days_after_invoice_date"
    )
    days: int = Field(default=20, ge=0, le=365)

    @model_validator(mode="after")
    def _names_a_day(self) -> Due:
        if self.rule.startswith("day_of") and not 1 <= self.days <= 31:
            raise ValueError("a day of a month is 1 to 31")
        return self


class LineRule(Section):
    """What some lines get: every condition that is given must hold. `country` is that of the account's billing address.

    Where that is empty neither `country` nor `country_not` holds: a customer of whom nobody knows where it is, is not abroad.
    """

    item_code: tuple[Code, ...] = ()
    family: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    country_not: tuple[str, ...] = ()

    def fits(self, *, item_code: str, family: str, country: str) -> bool:
        """Whether the rule is for a line with this item code, product family and country, of which only the last ignores case."""
        where = normalised(country)
        return (
            (not self.item_code or item_code in self.item_code)
            and (not self.family or family in self.family)
            and (not self.country or where in map(normalised, self.country))
            and (not self.country_not or (where != "" and where not in map(normalised, self.country_not)))
        )


class AccountRule(LineRule):
    """An account code for the lines that fit."""

    account_code: Code = Field(min_length=1)


class TaxRule(LineRule):
    """A tax type for the lines that fit."""

    tax_type: str = Field(min_length=1)


class Tracking(Section):
    """One of Xero's at most two active tracking categories, and where its option comes from when nothing more specific says.

    An option that is derived and that Xero does not have gives way to the default; one that somebody named is a mistake.
    """

    category: str = Field(min_length=1)
    source: Literal["billing_state", "billing_country", "family", "owner"] | None = Field(default=None, alias="from")
    default: str = ""


class Export(Section):
    """The whole section. It is off unless `enabled`: to read never writes into anybody's books (BW-X14)."""

    enabled: bool = False
    opportunities: Opportunities = Opportunities()
    orders: Orders = Orders()
    require_checkbox: bool = True
    item_code: Literal["sku", "product_code"] = "sku"
    status: Literal["draft", "authorised"] = "draft"
    number: Literal["xero", "reference"] = "xero"
    reference: Literal["xero_reference", "name", "number", "id"] = "xero_reference"
    amounts: Amounts = "exclusive"
    date: Literal["sale", "today"] = "sale"
    due: Due = Due()
    account_code: Code = ""
    account_rules: tuple[AccountRule, ...] = ()
    tax_type: str = ""
    tax_rules: tuple[TaxRule, ...] = ()
    tracking: tuple[Tracking, ...] = Field(default=(), max_length=2)
    branding_theme: str = ""
    create_contacts: bool = False
    products: bool = True
    notes: bool = True
    tolerance: Decimal = Field(default=Decimal("0.01"), ge=0)

    @model_validator(mode="after")
    def _tracks_two_categories(self) -> Export:
        if len({each.category for each in self.tracking}) < len(self.tracking):
            raise ValueError("tracking names the same category twice")
        return self
