"""Which currencies a document may use, how one is added, and the rate a document gets when it names none."""

from __future__ import annotations

import re
from decimal import Decimal

from xero_pipeline.sandbox.xero.arithmetic import six_places
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.record import Record, decimal_of, text_of
from xero_pipeline.sandbox.xero.refusal import Refusal

# Xero takes the day's rate of XE.com; a machine without the internet takes these, in units for one NZ dollar.
FOR_ONE_NZD = {
    "NZD": Decimal(1),
    "AUD": Decimal("0.915"),
    "USD": Decimal("0.595"),
    "GBP": Decimal("0.452"),
    "EUR": Decimal("0.521"),
    "SGD": Decimal("0.782"),
    "JPY": Decimal("88.4"),
}

CURRENCY_CODE = re.compile(r"[A-Z]{3}")


def currency_of(book: Book, fields: Record) -> tuple[str, Decimal | None]:
    """The document's (CurrencyCode, CurrencyRate); no rate in the base currency unless one was given.

    The rate counts units of the document's currency for one of the base currency.
    """
    code = text_of(fields, "CurrencyCode") or book.base_currency
    if code != book.base_currency and code not in book.collections["Currencies"]:
        raise Refusal(f"Organisation is not subscribed to currency {code}")
    if "CurrencyRate" in fields:
        return code, six_places(decimal_of(fields, "CurrencyRate"))
    if code == book.base_currency:
        return code, None
    return code, six_places(FOR_ONE_NZD.get(code, Decimal(1)) / FOR_ONE_NZD.get(book.base_currency, Decimal(1)))


def add_currency(book: Book, fields: Record) -> Record:
    """Subscribes the organisation to a currency, for good; one it has already is answered as it is."""
    code = text_of(fields, "Code").upper()
    if not CURRENCY_CODE.fullmatch(code):
        raise Refusal("Currency Code is not valid")  # wording ours
    known = book.find("Currencies", code)
    if known is not None:
        return known
    return book.add("Currencies", {"Code": code, "Description": text_of(fields, "Description") or code})
