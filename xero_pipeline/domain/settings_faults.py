"""What the `export` section of orgs.yaml names and Xero does not have: found at the desk, not in a hundred refused invoices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xero_pipeline.domain.books import Books
from xero_pipeline.domain.export_settings import Export
from xero_pipeline.domain.standing import account_state, tax_state

_ACCOUNT = {
    "unknown": ("Xero has no account with the code {}.", "Correct it in orgs.yaml, or add the account in Xero."),
    "archived": ("The account {} is archived in Xero.", "Name another in orgs.yaml, or restore the account in Xero."),
}
_TAX = {
    "unknown": ("Xero has no tax rate with the type {}.", "Correct it in orgs.yaml, or add the rate in Xero."),
    "inactive": ("The tax rate {} is not active in Xero.", "Name another in orgs.yaml."),
    "wrong_class": ("The tax type {} cannot be used with the default account.", "Name one of sales in orgs.yaml."),
}


@dataclass(frozen=True, slots=True)
class SettingFault:
    """A setting by its place in the section, what is wrong with it, and what to do."""

    setting: str
    sentence: str
    fix: str


def setting_faults(export: Export, books: Books) -> tuple[SettingFault, ...]:
    """Every setting that names what the books do not have."""
    return (*_booking(export, books), *_tracking(export, books), *_theme(export, books))


def _booking(export: Export, books: Books) -> Iterator[SettingFault]:
    accounts = [("account_code", export.account_code)]
    accounts += [
        (f"account_rules, rule {n}", rule.account_code) for n, rule in enumerate(export.account_rules, start=1)
    ]
    for setting, code in accounts:
        if found := _ACCOUNT.get(account_state(code, books)):
            yield SettingFault(setting, found[0].format(code), found[1])
    # Which account a rule's lines go to is known of each line alone, so only the default is held against the default account.
    taxes = [("tax_type", export.tax_type, export.account_code)]
    taxes += [(f"tax_rules, rule {n}", rule.tax_type, "") for n, rule in enumerate(export.tax_rules, start=1)]
    for setting, tax_type, code in taxes:
        if found := _TAX.get(tax_state(tax_type, code, books)):
            yield SettingFault(setting, found[0].format(tax_type), found[1])


def _tracking(export: Export, books: Books) -> Iterator[SettingFault]:
    categories = {category.name: category.options for category in books.categories}
    for rule in export.tracking:
        setting = f"tracking, {rule.category}"
        if rule.category not in categories:
            there = ", ".join(sorted(categories)) or "none"
            yield SettingFault(
                setting,
                f"Xero has no active tracking category {rule.category}; case matters.",
                f"Name one that it has in orgs.yaml: {there}.",
            )
        elif rule.default and categories[rule.category].get(rule.default) != "ACTIVE":
            yield SettingFault(
                setting,
                f"The tracking category {rule.category} has no active option {rule.default}; case matters.",
                "Correct the default in orgs.yaml, or add the option in Xero.",
            )


def _theme(export: Export, books: Books) -> Iterator[SettingFault]:
    if export.branding_theme and export.branding_theme not in books.branding_themes:
        there = ", ".join(sorted(books.branding_themes)) or "none"
        yield SettingFault(
            "branding_theme",
            f"Xero has no branding theme called {export.branding_theme}; case matters.",
            f"Name one that it has in orgs.yaml: {there}.",
        )
