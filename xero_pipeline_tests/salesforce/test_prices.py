from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import httpx

from xero_pipeline.salesforce.objects import OBJECTS
from xero_pipeline.salesforce.reader import plan, rows
from xero_pipeline_tests.salesforce.fake_org import FakeOrg, fields_of, page

WATERMARK = datetime(2026, 11, 22, 5, tzinfo=UTC)


def _product(name: str, **fields: object) -> dict[str, object]:
    stamp = "2026-11-22T05:00:00.000+0000"
    return {**dict.fromkeys(fields_of("products")), "Id": name, "IsDeleted": False, "SystemModstamp": stamp, **fields}


def _price(product: str, price: str, currency: str | None = None) -> dict[str, object]:
    return {"Product2Id": product, "UnitPrice": float(price), "CurrencyIsoCode": currency}


def _prices(org: FakeOrg, watermark: datetime | None) -> dict[object, object]:
    at = [column.name for column in OBJECTS["products"].columns].index("standard_price")
    return {row[0]: row[at] for row in rows(org.client(), "products", watermark)}


def test_all_prices_are_read_in_one_sweep_with_all_products(org: FakeOrg) -> None:
    org.will(page([_price("01tA", "9.95")]), page([_product("01tA"), _product("01tB")]))
    assert _prices(org, None) == {"01tA": Decimal("9.95"), "01tB": None}
    assert org.queries[0] == (
        "SELECT Product2Id, UnitPrice FROM PricebookEntry WHERE Pricebook2.IsStandard = true AND IsActive = true"
    )
    assert [request.url.path.rsplit("/", 1)[1] for request in org.asked] == ["query", "queryAll"]


def test_a_product_whose_price_alone_changed_is_read_again(org: FakeOrg) -> None:
    org.will(
        page([{"Product2Id": "01tA"}, {"Product2Id": "01tB"}]),
        page([_product("01tB")]),
        page([_price("01tB", "2")]),
        page([_product("01tA")]),
        page([_price("01tA", "12.50")]),
    )
    assert _prices(org, WATERMARK) == {"01tB": Decimal(2), "01tA": Decimal("12.5")}
    assert "SystemModstamp >= 2026-11-22T04:50:00.000Z" in org.queries[0]
    assert "Product2 WHERE Id IN ('01tA')" in org.queries[3]


def test_a_product_whose_price_was_deleted_has_none(org: FakeOrg) -> None:
    org.will(page([{"Product2Id": "01tA"}]), page([]), page([_product("01tA")]), page([]))
    assert _prices(org, WATERMARK) == {"01tA": None}
    assert org.asked[0].url.path.endswith("/queryAll")


def test_an_idle_delta_of_products_costs_two_calls(org: FakeOrg) -> None:
    org.will(page([]), page([]))
    assert _prices(org, WATERMARK) == {}


def test_with_several_currencies_the_price_is_the_one_in_the_products_own(org: FakeOrg) -> None:
    org.objects["PricebookEntry"].append({"name": "CurrencyIsoCode"})
    prices = [_price("01tA", "9", "USD"), _price("01tA", "13", "AUD"), _price("01tB", "5", "USD")]
    org.will(page(prices), page([_product("01tA", CurrencyIsoCode="AUD"), _product("01tB", CurrencyIsoCode="AUD")]))
    assert _prices(org, None) == {"01tA": Decimal(13), "01tB": None}


def test_price_books_that_the_user_may_not_see_are_told_and_leave_the_price_empty(org: FakeOrg) -> None:
    del org.objects["PricebookEntry"]
    org.will(page([_product("01tA")]))
    assert _prices(org, None) == {"01tA": None}
    planned = plan(org.client(), "products")
    assert planned is not None
    assert planned.hidden == ("UnitPrice",)


def test_many_products_are_priced_in_lists_that_fit_a_request(org: FakeOrg) -> None:
    products = [_product(f"01t{number:015}") for number in range(650)]
    priced: list[str] = []

    def prices(request: httpx.Request) -> httpx.Response:
        assert len(str(request.url)) < 16_000
        wanted = org.queries[-1].partition("IN (")[2].rstrip(")").replace("'", "").split(", ")
        priced.extend(wanted)
        return page([_price(product, "1") for product in wanted])

    org.will(page([]), page(products), prices, prices, prices)
    assert set(_prices(org, WATERMARK).values()) == {Decimal(1)}
    assert priced == [product["Id"] for product in products]
