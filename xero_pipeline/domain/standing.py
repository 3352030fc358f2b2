"""How an account code or a tax type stands with the books."""

from __future__ import annotations

from xero_pipeline.domain.books import Books
from xero_pipeline.domain.drafts import AccountState, TaxState


def account_state(code: str, books: Books) -> AccountState:
    """Whether Xero has the account and lets it be booked to."""
    if not code:
        return "missing"
    account = books.accounts.get(code)
    if account is None or account.status not in ("ACTIVE", "ARCHIVED"):
        return "unknown"
    return "active" if account.status == "ACTIVE" else "archived"


def tax_state(tax_type: str, account_code: str, books: Books) -> TaxState:
    """Whether Xero has the tax rate, and for accounts of that class."""
    if not tax_type:
        return "missing"
    rate, account = books.tax_rates.get(tax_type), books.accounts.get(account_code)
    if rate is None:
        return "unknown"
    if rate.status != "ACTIVE":
        return "inactive"
    # Without the account there is nothing to fit, and that is told by the account's own checks.
    return "fits" if account is None or account.kind in rate.fits else "wrong_class"
