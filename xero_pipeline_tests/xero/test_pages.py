from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from xero_pipeline.xero import endpoints, rows
from xero_pipeline.xero.pages import Page, Unreadable, read
from xero_pipeline.xero.records import Invoice


def _body(*invoices: Any, **more: Any) -> bytes:
    return json.dumps({"DateTimeUTC": "/Date(1777600000000)/", "Invoices": list(invoices)} | more).encode()


def _invoices(page: Page) -> list[Invoice]:
    return [record for record in page.records if isinstance(record, Invoice)]


def test_a_page_is_read_as_xero_prints_it() -> None:
    body = (
        b'{\r\n  "Id": "c1",\r\n  "Status": "OK",\r\n  "DateTimeUTC": "\\/Date(1777600000000)\\/",\r\n'
        b'  "pagination": {\r\n    "page": 2,\r\n    "pageSize": 1000,'
        b'\r\n    "pageCount": 3,\r\n    "itemCount": 2999\r\n  },\r\n'
        b'  "Invoices": [\r\n    {"InvoiceID": "i1", "Total": 10.00, "CurrencyRate": 1.000000,'
        b' "UpdatedDateUTC": "\\/Date(1518685950940+0000)\\/"}\r\n  ]\r\n}'
    )
    page = read(endpoints.INVOICES, body, 2)
    assert (page.number, page.page_count, page.item_count) == (2, 3, 2999)
    assert page.server_time == datetime(2026, 5, 1, 1, 46, 40, tzinfo=UTC)
    (invoice,) = _invoices(page)
    assert str(invoice.total) == "10.00"
    assert rows.flatten(rows.INVOICE, page.records).tables["invoices"][0][-2] == datetime(
        2018, 2, 15, 9, 12, 30, 940000, tzinfo=UTC
    )


def test_an_enum_value_xero_adds_tomorrow_is_kept_as_text() -> None:
    page = read(endpoints.INVOICES, _body({"InvoiceID": "i1", "Status": "SIMMERING", "NewField": {"a": [1]}}))
    assert [invoice.status for invoice in _invoices(page)] == ["SIMMERING"]


def test_a_missing_field_is_empty() -> None:
    (invoice,) = _invoices(read(endpoints.INVOICES, _body({"InvoiceID": "i1"})))
    assert (invoice.due_date, invoice.line_items, invoice.contact) == (None, None, None)


def test_numbers_and_booleans_may_come_as_text() -> None:
    (invoice,) = _invoices(
        read(endpoints.INVOICES, _body({"InvoiceID": "i1", "Total": "50.00", "IsDiscounted": "false"}))
    )
    assert (invoice.total, invoice.is_discounted) == (Decimal("50.00"), False)


@pytest.mark.parametrize("bad", [{"InvoiceID": "i2", "Total": "lots"}, {"InvoiceID": "i2", "LineItems": {"a": 1}}])
def test_a_bad_record_costs_only_itself(bad: dict[str, Any]) -> None:
    page = read(endpoints.INVOICES, _body({"InvoiceID": "i1"}, bad, {"InvoiceID": "i3"}))
    assert [invoice.invoice_id for invoice in _invoices(page)] == ["i1", "i3"]
    assert [one.record_id for one in page.bad] == ["i2"]
    assert "invoices i2 cannot be read" in page.bad[0].message
    assert sorted(page.ids) == ["i1", "i2", "i3"]


@pytest.mark.parametrize("bad", [{"Total": 5}, None, 7, "text", []])
def test_a_record_without_an_id_is_known_by_its_content(bad: Any) -> None:
    first, second = read(endpoints.INVOICES, _body({"InvoiceID": "i1"}, bad)), read(endpoints.INVOICES, _body(bad))
    assert [one.record_id for one in first.bad] == [one.record_id for one in second.bad]
    assert first.bad[0].record_id.startswith("unnamed-")


def test_what_postgresql_text_cannot_hold_is_taken_out() -> None:
    body = b'{"Invoices":[{"InvoiceID":"i1","Reference":"a\\u0000b","Url":"half \\ud83d","Status":"\\\\u0000 \\ud83d\\ude00"}]}'
    (invoice,) = _invoices(read(endpoints.INVOICES, body))
    assert (invoice.reference, invoice.url, invoice.status) == ("ab", "half ", "\\u0000 \U0001f600")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"<html><body>Access Denied</body></html>",
        b'{"Invoices": null}',
        b'{"Invoices": [{"InvoiceID": "i1"}',
        b'{"Invoices": [{"InvoiceID": "i1", "Total": "lots"}, {"Inv',
        b'{"Invoices": [{"InvoiceID": "\xff"}]}',
    ],
)
def test_a_body_that_is_no_list_of_records_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(endpoints.INVOICES, body)


def test_a_list_without_pagination_says_so() -> None:
    page = read(endpoints.INVOICES, b'{"Invoices": []}')
    assert (page.number, page.page_count, page.item_count, page.server_time) == (1, None, None, None)


def _arriving(*bodies: bytes, place: int = 0) -> str:
    """The digest of a record in the last of some pages."""
    return [read(endpoints.INVOICES, body).digests[place] for body in bodies][-1]


def test_a_record_has_one_digest_wherever_it_stands_and_another_when_anything_in_it_differs() -> None:
    one, two = {"InvoiceID": "i1", "Total": 10.0}, {"InvoiceID": "i2", "Total": 10.0}
    assert _arriving(_body(one, two)) == _arriving(_body(two, one), place=1)
    changed = ({**one, "Total": 10.5}, {**one, "NewField": 1}, {**one, "LineItems": [{"Quantity": 1}]}, two)
    assert len({_arriving(_body(each)) for each in (one, *changed)}) == 5


def test_what_is_known_is_named_and_not_read() -> None:
    bodies = _body({"InvoiceID": "i1"}, {"InvoiceID": "i2"}, {"InvoiceID": "i3", "Total": "lots"})
    asked: list[tuple[str, str]] = []

    def same(ids: Sequence[str], digests: Sequence[str]) -> set[int]:
        asked.extend(zip(ids, digests, strict=True))
        return {1}

    page = read(endpoints.INVOICES, bodies, unchanged=same)
    assert [one for one, _ in asked] == ["i1", "i2", "i3"]
    assert [record.invoice_id for record in _invoices(page)] == ["i1"]
    assert (page.unchanged, list(page.digests)) == (["i2"], [asked[0][1]])
    assert [bad.record_id for bad in page.bad] == ["i3"]
    assert sorted(page.ids) == ["i1", "i2", "i3"]


def test_of_a_record_that_comes_twice_in_a_page_only_the_version_that_is_known_is_left_out() -> None:
    body = _body({"InvoiceID": "i1", "Total": 1}, {"InvoiceID": "i1", "Total": 2})
    page = read(endpoints.INVOICES, body, unchanged=lambda ids, digests: {0})
    assert [record.total for record in _invoices(page)] == [Decimal(2)]


def test_a_record_whose_id_is_no_text_is_set_aside_and_its_neighbours_are_read() -> None:
    page = read(
        endpoints.INVOICES, _body({"InvoiceID": {"a": 1}}, {"InvoiceID": "i2"}), unchanged=lambda ids, digests: {1}
    )
    assert [record.invoice_id for record in _invoices(page)] == ["i2"]
    assert len(page.bad) == 1
