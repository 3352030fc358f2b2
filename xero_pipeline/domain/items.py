"""A product on its way to become an item in Xero (SFX-17, SFX-X05): what it will say, and what must hold of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from xero_pipeline.domain.books import Books
from xero_pipeline.domain.drafts import AccountState, TaxState
from xero_pipeline.domain.expectations import Given, Length, NotOneOf
from xero_pipeline.domain.export_checks import ExportCheck
from xero_pipeline.domain.export_settings import Export, LineRule
from xero_pipeline.domain.sales import Product, first_of
from xero_pipeline.domain.standing import account_state, tax_state

_item = partial(ExportCheck, grain="item", step="item")

ITEM_CHECKS: tuple[ExportCheck, ...] = (
    _item(
        "item_code_is_given", "item_code", Given(), subject="product_id",
        sentence="The product {item_name} has no code for Xero.",
        fix="Give it its SKU in Salesforce.",
    ),
    _item(
        "item_code_is_short_enough", "item_code", Length(1, 30), subject="item_code",
        sentence="The code {item_code} is longer than the 30 characters Xero takes.",
        fix="Shorten it in Salesforce.",
    ),
    _item(
        "item_name_is_short_enough", "item_name", Length(1, 50), subject="product_id",
        sentence="The name {item_name} is longer than the 50 characters Xero takes.",
        fix="Shorten it in Salesforce.",
    ),
    _item(
        "item_description_is_short_enough", "description", Length(0, 4000), subject="product_id",
        sentence="The description of {item_name} is longer than the 4,000 characters Xero takes.",
        fix="Shorten it in Salesforce.",
    ),
    _item(
        "item_account_is_known", "account_state", NotOneOf(("unknown",)), subject="account_code",
        sentence="Xero has no account with the code {account_code}.",
        fix="Correct the code, or add the account in Xero.",
    ),
    _item(
        "item_account_is_active", "account_state", NotOneOf(("archived",)), subject="account_code",
        sentence="The account {account_code} is archived in Xero.",
        fix="Use another code, or restore the account in Xero.",
    ),
    _item(
        "item_tax_is_usable", "tax_state", NotOneOf(("unknown", "inactive", "wrong_class")), subject="tax_type",
        sentence="The tax type {tax_type} is unknown, not active, or not for account {account_code}.",
        fix="Use a tax type of sales.",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """An item to be; `item_id` is Xero's where the code is known there already."""

    product_id: str
    item_code: str | None
    item_name: str
    description: str
    account_code: str | None
    account_state: AccountState
    tax_type: str | None
    tax_state: TaxState
    item_id: str | None


def draft_item(product: Product, books: Books, export: Export) -> ItemDraft:
    """The item that a product becomes, booked as a line of it would be where nothing else is said."""
    account_rule = next((rule.account_code for rule in export.account_rules if _fits(rule, product)), "")
    tax_rule = next((rule.tax_type for rule in export.tax_rules if _fits(rule, product)), "")
    account_code = first_of((product.wishes.account_code, account_rule, export.account_code))
    tax_type = first_of((product.wishes.tax_type, tax_rule, export.tax_type))
    item = books.items.get(product.code)
    return ItemDraft(
        product_id=product.product_id,
        item_code=product.code or None,
        item_name=product.name,
        description=product.description,
        account_code=account_code or None,
        account_state=account_state(account_code, books),
        tax_type=tax_type or None,
        tax_state=tax_state(tax_type, account_code, books),
        item_id=item.item_id if item else None,
    )


def _fits(rule: LineRule, product: Product) -> bool:
    # A rule for some country says nothing of a product, which is sold to all of them.
    return (
        not rule.country
        and not rule.country_not
        and rule.fits(item_code=product.code, family=product.family, country="")
    )
