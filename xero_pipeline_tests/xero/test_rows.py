from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from sqlalchemy import Table

from xero_pipeline.warehouse.tables import xero as tables
from xero_pipeline.warehouse.tables.metadata import BOOKKEEPING, metadata
from xero_pipeline.xero import endpoints, rows
from xero_pipeline.xero.endpoints import ENDPOINTS, Endpoint
from xero_pipeline.xero.wire import Record, pascal

_WIRE_DATE = "/Date(1552262400000+0000)/"
_RENAMED = {"updated_date_utc": "updated_utc", "created_date_utc": "created_utc", "class_": "class"}
# An allocation that was taken back is left out instead.
_NOT_STAGED = {"is_deleted"}
# What each line table's lines are called in the record that brings them.
_LINES = {
    "invoice_lines": "line_items",
    "purchase_order_lines": "line_items",
    "quote_lines": "line_items",
    "credit_note_lines": "line_items",
    "manual_journal_lines": "journal_lines",
    "tracking_options": "options",
    "allocations": "allocations",
}


def _columns(table: str) -> list[str]:
    return [column.name for column in metadata.tables[f"xero.{table}"].columns if column.name not in BOOKKEEPING]


def _table(name: str) -> Table:
    return metadata.tables[f"xero.{name}"]


def _samples(table: str, record: type[Record]) -> Iterator[tuple[str, Any, Any, str]]:
    """Every plain field of a record that has a column: its wire name, a value for it, what the column then holds."""
    for field in msgspec.structs.fields(record):
        if field.name in _NOT_STAGED:
            continue
        column = _RENAMED.get(field.name, field.name)
        kinds = msgspec.inspect.type_info(field.type)
        types = kinds.types if isinstance(kinds, msgspec.inspect.UnionType) else (kinds,)
        if any(isinstance(kind, msgspec.inspect.ListType | msgspec.inspect.StructType) for kind in types):
            continue
        if column not in _table(table).columns:
            raise AssertionError(f"{record.__name__}.{field.name} is read and never staged")
        python = _table(table).columns[column].type.python_type
        value, expected = {
            bool: (True, True),
            int: (7, 7),
            Decimal: (12.5, Decimal("12.5")),
            date: (_WIRE_DATE, date(2019, 3, 11)),
            datetime: (_WIRE_DATE, datetime(2019, 3, 11, tzinfo=UTC)),
            str: (f"the {column}", f"the {column}"),
        }[python]
        yield field.encode_name, value, expected, column


def _flatten(endpoint: Endpoint, wire: dict[str, Any]) -> rows.PageRows:
    return rows.flatten(endpoint.shape, [msgspec.convert(wire, endpoint.record)])


def _one(endpoint: Endpoint, wire: dict[str, Any], table: str | None = None) -> dict[str, Any]:
    name = table or endpoint.shape.table
    (row,) = _flatten(endpoint, wire).tables[name]
    return dict(zip(_columns(name), row, strict=True))


def _id(endpoint: Endpoint) -> dict[str, str]:
    return {pascal(endpoint.shape.id_field): "the id"}


def test_every_endpoint_fills_tables_that_exist_and_every_table_is_filled() -> None:
    filled = [table for endpoint in ENDPOINTS.values() for table in endpoint.tables]
    assert set(filled) == {table.name for table in tables.TABLES}
    assert [name for name, endpoint in ENDPOINTS.items() if endpoint.shape.table != name] == []


@pytest.mark.parametrize("name", ENDPOINTS)
def test_the_first_column_is_the_id_of_the_record(name: str) -> None:
    endpoint = ENDPOINTS[name]
    assert _columns(name)[0] == endpoint.shape.id_field
    assert _one(endpoint, _id(endpoint))[endpoint.shape.id_field] == "the id"


@pytest.mark.parametrize("name", ENDPOINTS)
def test_every_field_lands_in_the_column_of_its_name_and_nowhere_else(name: str) -> None:
    endpoint = ENDPOINTS[name]
    bare = _one(endpoint, _id(endpoint))
    for wire_name, value, expected, column in _samples(name, endpoint.record):
        row = _one(endpoint, _id(endpoint) | {wire_name: value})
        assert row == bare | {column: expected}, wire_name


@pytest.mark.parametrize(
    ("name", "table"), [(name, child) for name, one in ENDPOINTS.items() for child in one.tables[1:]]
)
def test_every_field_of_a_line_lands_in_the_column_of_its_name(name: str, table: str) -> None:
    endpoint = ENDPOINTS[name]
    lines = _LINES[table]
    (field,) = (field for field in msgspec.structs.fields(endpoint.record) if field.name == lines)
    line_type = msgspec.inspect.type_info(field.type).types[0].item_type.cls  # type: ignore[attr-defined]
    needed = {"TrackingOptionID": "the option"} if table == "tracking_options" else {}
    bare = _one(endpoint, _id(endpoint) | {pascal(lines): [needed]}, table)
    for wire_name, value, expected, column in _samples(table, line_type):
        row = _one(endpoint, _id(endpoint) | {pascal(lines): [needed | {wire_name: value}]}, table)
        assert row == bare | {column: expected}, wire_name


def test_lines_are_numbered_from_one_and_keyed_by_number_where_xero_gives_no_id() -> None:
    wire = {"InvoiceID": "i1", "LineItems": [{"LineItemID": "l1"}, {"Description": "a note"}]}
    lines = _flatten(endpoints.INVOICES, wire).tables["invoice_lines"]
    assert [row[:3] for row in lines] == [("i1", "l1", 1), ("i1", "2", 2)]


def test_a_line_carries_up_to_two_tracking_values() -> None:
    first = {"TrackingCategoryID": "c1", "TrackingOptionID": "o1", "Name": "Region", "Option": "North"}
    second = {"TrackingCategoryID": "c2", "TrackingOptionID": "o2", "Name": "Team", "Option": "Red"}
    wire = {"InvoiceID": "i1", "LineItems": [{"Tracking": [first, second]}]}
    row = _one(endpoints.INVOICES, wire, "invoice_lines")
    assert [row[f"tracking_1_{part}"] for part in ("category_id", "option_id", "name", "option")] == [*first.values()]
    assert [row[f"tracking_2_{part}"] for part in ("category_id", "option_id", "name", "option")] == [*second.values()]
    alone = _one(endpoints.INVOICES, {"InvoiceID": "i1", "LineItems": [{"Tracking": [second]}]}, "invoice_lines")
    assert (alone["tracking_1_name"], alone["tracking_2_name"]) == ("Team", None)


@pytest.mark.parametrize(
    "endpoint",
    [
        endpoints.INVOICES,
        endpoints.PURCHASE_ORDERS,
        endpoints.QUOTES,
        endpoints.CREDIT_NOTES,
        endpoints.PREPAYMENTS,
        endpoints.OVERPAYMENTS,
    ],
    ids=lambda endpoint: endpoint.name,
)
def test_a_document_names_its_contact(endpoint: Endpoint) -> None:
    row = _one(endpoint, _id(endpoint) | {"Contact": {"ContactID": "c1", "Name": "Northwind"}})
    assert (row["contact_id"], row["contact_name"]) == ("c1", "Northwind")


def test_a_contact_spreads_its_balances_addresses_phones_and_terms() -> None:
    row = _one(
        endpoints.CONTACTS,
        {
            "ContactID": "c1",
            "Balances": {
                "AccountsReceivable": {"Outstanding": 10.5, "Overdue": 4.0},
                "AccountsPayable": {"Outstanding": -3.0, "Overdue": 0.0},
            },
            "Addresses": [
                {"AddressType": "STREET", "AddressLine1": "1 High St", "City": "Wellington", "PostalCode": "6011"},
                {"AddressType": "POBOX", "AddressLine1": "PO Box 2", "Country": "New Zealand", "AttentionTo": "Ana"},
            ],
            "Phones": [
                {"PhoneType": "DEFAULT", "PhoneNumber": "1234567", "PhoneAreaCode": "04", "PhoneCountryCode": "64"},
                {"PhoneType": "MOBILE", "PhoneNumber": "", "PhoneAreaCode": "", "PhoneCountryCode": ""},
                {"PhoneType": "FAX", "PhoneNumber": "7654321"},
            ],
            "PaymentTerms": {"Sales": {"Day": 20, "Type": "OFFOLLOWINGMONTH"}, "Bills": {"Day": 7}},
            "BrandingTheme": {"BrandingThemeID": "b1", "Name": "Standard"},
            "ContactPersons": [{"FirstName": "Ana", "EmailAddress": "ana@example.com", "IncludeInEmails": True}],
        },
    )
    assert {key: value for key, value in row.items() if value is not None and value is not False} == {
        "contact_id": "c1",
        "accounts_receivable_outstanding": Decimal("10.5"),
        "accounts_receivable_overdue": Decimal("4.0"),
        "accounts_payable_outstanding": Decimal("-3.0"),
        "accounts_payable_overdue": Decimal("0.0"),
        "street_line_1": "1 High St",
        "street_city": "Wellington",
        "street_postal_code": "6011",
        "pobox_line_1": "PO Box 2",
        "pobox_country": "New Zealand",
        "pobox_attention_to": "Ana",
        "phone_default": "64 04 1234567",
        "phone_fax": "7654321",
        "payment_terms_sales_day": 20,
        "payment_terms_sales_type": "OFFOLLOWINGMONTH",
        "payment_terms_bills_day": 7,
        "branding_theme_id": "b1",
        "contact_persons": (
            '[{"first_name":"Ana","last_name":null,"email_address":"ana@example.com","include_in_emails":true}]'
        ),
    }


def test_archived_is_said_by_the_status() -> None:
    assert _one(endpoints.CONTACTS, {"ContactID": "c1", "ContactStatus": "ARCHIVED"})["is_archived"] is True
    assert _one(endpoints.ACCOUNTS, {"AccountID": "a1", "Status": "ARCHIVED"})["is_archived"] is True
    assert _one(endpoints.ACCOUNTS, {"AccountID": "a1", "Status": "ACTIVE"})["is_archived"] is False


def test_tax_components_keep_every_digit() -> None:
    page = b'{"TaxType":"TAX001","TaxComponents":[{"Name":"GST","Rate":15.0000,"IsCompound":false}]}'
    record = msgspec.json.decode(page, type=endpoints.TAX_RATES.record)
    (row,) = rows.flatten(endpoints.TAX_RATES.shape, [record]).tables["tax_rates"]
    assert '[{"name":"GST","rate":15.0000,"is_compound":false,"is_non_recoverable":null}]' in row


def test_items_tell_sales_from_purchases() -> None:
    row = _one(
        endpoints.ITEMS,
        {
            "ItemID": "i1",
            "SalesDetails": {"UnitPrice": 19.9999, "AccountCode": "200", "TaxType": "OUTPUT2"},
            "PurchaseDetails": {"UnitPrice": 8, "COGSAccountCode": "310", "AccountCode": "300", "TaxType": "INPUT2"},
        },
    )
    assert {key: row[key] for key in row if key.startswith(("sales_", "purchase_")) and row[key] is not None} == {
        "sales_unit_price": Decimal("19.9999"),
        "sales_account_code": "200",
        "sales_tax_type": "OUTPUT2",
        "purchase_unit_price": Decimal(8),
        "purchase_account_code": "300",
        "purchase_cogs_account_code": "310",
        "purchase_tax_type": "INPUT2",
    }


def test_an_allocation_without_an_id_is_keyed_by_source_invoice_and_position() -> None:
    invoice = {"InvoiceID": "i1", "InvoiceNumber": "INV-1"}
    wire = {"CreditNoteID": "n1", "Allocations": [{"Invoice": invoice, "Amount": 5}, {"IsDeleted": True}]}
    assert _one(endpoints.CREDIT_NOTES, wire, "allocations") == {
        "source_id": "n1",
        "allocation_id": "n1:i1:1",
        "source_type": "credit_note",
        "invoice_id": "i1",
        "invoice_number": "INV-1",
        "amount": Decimal(5),
        "date": None,
    }


@pytest.mark.parametrize(
    ("embedded", "expected"),
    [
        ({"Invoice": {"Type": "ACCREC", "InvoiceID": "x", "InvoiceNumber": "N"}}, {"invoice_id", "invoice_number"}),
        ({"Invoice": {"InvoiceID": "x", "InvoiceNumber": "N"}}, {"invoice_id", "invoice_number"}),
        (
            {"Invoice": {"Type": "ACCRECCREDIT", "InvoiceID": "x", "InvoiceNumber": "N"}},
            {"credit_note_id", "credit_note_number"},
        ),
        ({"CreditNote": {"CreditNoteID": "x", "CreditNoteNumber": "N"}}, {"credit_note_id", "credit_note_number"}),
        ({"Invoice": {"Type": "ARPREPAYMENT", "InvoiceID": "x"}}, {"prepayment_id"}),
        ({"Prepayment": {"PrepaymentID": "x"}}, {"prepayment_id"}),
        ({"Overpayment": {"OverpaymentID": "x"}}, {"overpayment_id"}),
    ],
)
def test_a_payment_says_what_it_pays_whatever_xero_calls_it(embedded: dict[str, Any], expected: set[str]) -> None:
    row = _one(endpoints.PAYMENTS, {"PaymentID": "p1", **embedded})
    assert {key for key, value in row.items() if value in ("x", "N")} == expected


def test_a_payment_carries_the_contact_the_currency_and_the_bank_account() -> None:
    invoice = {"InvoiceID": "i1", "CurrencyCode": "NZD", "Contact": {"ContactID": "c1", "Name": "Northwind"}}
    row = _one(
        endpoints.PAYMENTS,
        {
            "PaymentID": "p1",
            "Invoice": invoice,
            "Account": {"AccountID": "a1", "Code": "090"},
            "BatchPayment": {"BatchPaymentID": "b1"},
        },
    )
    assert (row["contact_id"], row["contact_name"], row["currency_code"]) == ("c1", "Northwind", "NZD")
    assert (row["account_id"], row["account_code"], row["batch_payment_id"]) == ("a1", "090", "b1")


@pytest.mark.parametrize(
    ("kind", "number", "expected"),
    [("ACCREC", "WEB-7", True), ("ACCREC", "web-7", False), ("ACCREC", None, False), ("ACCPAY", "77", True)],
)
def test_prefixes_decide_the_scope_of_sales_invoices_alone(kind: str, number: str | None, expected: bool) -> None:
    wire = {"InvoiceID": "i1", "Type": kind, "InvoiceNumber": number}
    record = msgspec.convert(wire, endpoints.INVOICES.record)
    flat = rows.flatten(rows.INVOICE, [record], in_scope=lambda number: (number or "").startswith("WEB-"))
    (row,) = flat.tables["invoices"]
    assert dict(zip(_columns("invoices"), row, strict=True))["in_scope"] is expected


def test_a_record_with_an_unreadable_date_is_set_aside_with_its_lines_and_its_neighbours_go_on() -> None:
    wires: list[dict[str, Any]] = [
        {"InvoiceID": "i1", "LineItems": [{}]},
        {"InvoiceID": "i2", "LineItems": [{}], "DueDate": "soon"},
        {"InvoiceID": "i3", "LineItems": [{}]},
    ]
    records = [msgspec.convert(wire, endpoints.INVOICES.record) for wire in wires]
    flat = rows.flatten(rows.INVOICE, records)
    assert [row[0] for row in flat.tables["invoices"]] == ["i1", "i3"]
    assert [row[0] for row in flat.tables["invoice_lines"]] == ["i1", "i3"]
    assert [bad.record_id for bad in flat.bad] == ["i2"]
    assert "soon" in flat.bad[0].message
