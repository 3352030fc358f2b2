"""The standard price of products, which Salesforce keeps apart, in the entries of the standard price book.

Changing a price stamps the entry and not the product, so that a product is read again when either changed. Where several
currencies are on, the price is the one in the product's own currency. Only active entries are a price.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeAlias

from xero_pipeline.salesforce import soql
from xero_pipeline.salesforce.client import SalesforceClient
from xero_pipeline.salesforce.values import Json

_ENTRY = "PricebookEntry"
_IN_STANDARD_BOOK = soql.compare("Pricebook2.IsStandard", "=", True)

# (product id, currency or None in an org with one currency) -> UnitPrice as it came
_Prices: TypeAlias = dict[tuple[object, object], object]


def are_readable(client: SalesforceClient) -> bool:
    """Whether the user may see price books and their entries."""
    return client.offers(_ENTRY) and client.offers("Pricebook2")


def with_standard_prices(
    client: SalesforceClient,
    pages: Iterable[list[Json]],
    since: datetime | None,
    by_ids: Callable[[Sequence[str]], Iterable[Json]],
) -> Iterator[list[Json]]:
    """The pages of products with `UnitPrice` filled in, then the products of which only the price changed.

    `since` is the instant the pages were read from; None means all products, whose prices are then read in one sweep.
    `by_ids` reads products by id, at most `soql.MOST_IN_A_LIST` of them.
    """
    if since is None:
        every_price = _prices(client, [])
        for page in pages:
            yield _priced(page, every_price)
        return
    # Which prices changed is read first, what they are last: one that changes in between is caught by the next run's overlap.
    touched = _products_with_changed_prices(client, since)
    seen: set[str] = set()
    for page in pages:
        ids = [str(product.get("Id")) for product in page]
        seen.update(ids)
        yield _priced(page, _prices_of(client, ids))
    for ids in soql.lists_of(product for product in touched if product not in seen):
        products = list(by_ids(ids))
        yield _priced(products, _prices_of(client, ids))


def _products_with_changed_prices(client: SalesforceClient, since: datetime) -> list[str]:
    # Deleted entries come too: their products have lost their price.
    changed = soql.select(["Product2Id"], _ENTRY, [_IN_STANDARD_BOOK, soql.compare("SystemModstamp", ">=", since)])
    return [str(entry.get("Product2Id")) for entry in client.records(changed)]


def _prices_of(client: SalesforceClient, products: Sequence[str]) -> _Prices:
    found: _Prices = {}
    for ids in soql.lists_of(products):
        found |= _prices(client, [soql.is_in("Product2Id", ids)])
    return found


def _prices(client: SalesforceClient, where: Sequence[str]) -> _Prices:
    fields = ["Product2Id", "UnitPrice"]
    if "CurrencyIsoCode" in client.describe(_ENTRY):
        fields.append("CurrencyIsoCode")
    active = soql.compare("IsActive", "=", True)
    entries = client.records(soql.select(fields, _ENTRY, [_IN_STANDARD_BOOK, active, *where]), include_deleted=False)
    return {(entry.get("Product2Id"), entry.get("CurrencyIsoCode")): entry.get("UnitPrice") for entry in entries}


def _priced(products: Iterable[Json], prices: _Prices) -> list[Json]:
    return [
        {**product, "UnitPrice": prices.get((product.get("Id"), product.get("CurrencyIsoCode")))}
        for product in products
    ]
