"""The bytes and headers of an accounting response (xero.md section 1)."""

from __future__ import annotations

import re

import pytest

from xero_pipeline_tests.sandbox.http.client import API, Client, instant

UNPAGED = [
    "BrandingThemes",
    "Accounts",
    "TaxRates",
    "TrackingCategories",
    "Currencies",
    "Items",
]
PAGED = [
    "Contacts",
    "Invoices",
    "PurchaseOrders",
    "CreditNotes",
    "Prepayments",
    "Overpayments",
    "Payments",
    "ManualJournals",
]


def test_the_body_is_pretty_printed_with_crlf_and_escaped_slashes(reader: Client) -> None:
    text = reader.get(f"{API}/Invoices", params={"page": 1}).text

    assert text.startswith('{\r\n  "Id": "')
    assert r'"\/Date(' in text
    assert "\n" not in text.replace("\r\n", "")


def test_the_id_of_the_envelope_is_the_correlation_id(reader: Client) -> None:
    response = reader.get(f"{API}/Organisation")

    assert response.json()["Id"] == response.headers["Xero-Correlation-Id"]
    assert list(response.json()) == ["Id", "Status", "ProviderName", "DateTimeUTC", "Organisations"]


def test_only_date_time_utc_and_created_date_utc_lack_an_offset(reader: Client) -> None:
    organisation = reader.read("Organisation")
    invoice = reader.rows("Invoices", page=1)[0]

    assert re.fullmatch(r"/Date\(\d+\)/", organisation["DateTimeUTC"])
    assert re.fullmatch(r"/Date\(\d+\)/", organisation["Organisations"][0]["CreatedDateUTC"])
    for field in ("Date", "DueDate", "UpdatedDateUTC"):
        assert re.fullmatch(r"/Date\(\d+\+0000\)/", invoice[field])


def test_a_calendar_date_is_midnight_utc_and_has_an_iso_twin(reader: Client) -> None:
    for invoice in reader.rows("Invoices", page=1):
        assert instant(invoice["Date"]).strftime("%Y-%m-%dT%H:%M:%S") == invoice["DateString"]
        assert invoice["DateString"].endswith("T00:00:00")


def test_stamps_have_an_iso_twin_where_xero_gives_one(reader: Client) -> None:
    for plural in ("Invoices", "CreditNotes", "Payments", "Prepayments", "Overpayments"):
        record = reader.rows(plural, page=1)[0]
        assert instant(record["UpdatedDateUTC"]).strftime("%Y-%m-%dT%H:%M:%SZ") == record["UpdatedDateUTCString"]
    assert "UpdatedDateUTCString" not in reader.rows("Contacts")[0]


def test_numbers_keep_their_trailing_zeros(reader: Client) -> None:
    invoices = reader.rows("Invoices", page=1)

    assert {str(invoice["Total"])[-3] for invoice in invoices} == {"."}
    quantities = [str(line["Quantity"]) for invoice in invoices for line in invoice["LineItems"] if "Quantity" in line]
    assert all(re.fullmatch(r"-?\d+\.\d{4}", quantity) for quantity in quantities)


def test_pagination_stands_before_the_array(reader: Client) -> None:
    for plural in PAGED:
        assert list(reader.read(plural, page=1))[-2:] == ["pagination", plural]


def test_an_unpaged_list_has_no_pagination(reader: Client) -> None:
    for plural in {*UNPAGED, *PAGED} - {"PurchaseOrders"}:
        assert "pagination" not in reader.read(plural)


def test_quotes_come_in_hundreds_without_a_pagination_object(reader: Client) -> None:
    answer = reader.read("Quotes", page=1, pageSize=1)

    assert "pagination" not in answer
    assert len(answer["Quotes"]) > 1


def test_a_page_past_the_end_is_empty_and_still_counts(reader: Client) -> None:
    answer = reader.read("Invoices", page=999)

    assert answer["Invoices"] == []
    assert answer["pagination"]["page"] == 999
    assert answer["pagination"]["itemCount"] == len(reader.every("Invoices"))


@pytest.mark.parametrize(("asked", "given"), [(5000, 1000), (0, 1), (-3, 1), (7, 7)])
def test_page_size_is_clamped_not_refused(reader: Client, asked: int, given: int) -> None:
    assert reader.read("Invoices", page=1, pageSize=asked)["pagination"]["pageSize"] == given


def test_pages_are_of_a_hundred_by_default(reader: Client) -> None:
    pagination = reader.read("Invoices", page=1)["pagination"]

    assert pagination["pageSize"] == 100
    assert pagination["pageCount"] == -(-pagination["itemCount"] // 100)


def test_the_order_is_by_stamp_then_id(reader: Client) -> None:
    for plural, id_field in (("Invoices", "InvoiceID"), ("Contacts", "ContactID"), ("Payments", "PaymentID")):
        keys = [(instant(record["UpdatedDateUTC"]), record[id_field]) for record in reader.every(plural)]
        assert keys == sorted(keys)


def test_pages_tile_the_list(reader: Client) -> None:
    pages = [reader.rows("Invoices", page=page, pageSize=97) for page in range(1, 12)]

    assert [row["InvoiceID"] for page in pages for row in page] == [
        row["InvoiceID"] for row in reader.every("Invoices")
    ]


def test_an_unpaged_invoice_list_has_no_lines(reader: Client) -> None:
    assert {len(invoice["LineItems"]) for invoice in reader.rows("Invoices")} == {0}
    assert all(invoice["LineItems"] for invoice in reader.rows("Invoices", page=1))


def test_statuses_and_summary_only_force_paging(reader: Client) -> None:
    assert reader.read("Invoices", Statuses="PAID")["pagination"]["page"] == 1
    assert reader.read("Contacts", summaryOnly="True")["pagination"]["page"] == 1


def test_summary_only_drops_what_xero_drops(reader: Client) -> None:
    invoice = reader.rows("Invoices", summaryOnly="true")[0]
    contact = reader.rows("Contacts", summaryOnly="true")[0]

    assert not {"Payments", "HasAttachments", "LineItems"} & invoice.keys()
    assert not {"Addresses", "Balances", "IsCustomer", "ContactPersons"} & contact.keys()
    assert "Name" in contact


def test_unpaged_contacts_have_no_balances(reader: Client) -> None:
    assert not any("Balances" in contact for contact in reader.rows("Contacts"))
    assert any("Balances" in contact for contact in reader.rows("Contacts", page=1))


def test_a_single_invoice_leaves_out_what_the_list_shows_as_empty(reader: Client) -> None:
    unpaid = next(invoice for invoice in reader.every("Invoices") if invoice["Status"] == "DRAFT")
    single = reader.read(f"Invoices/{unpaid['InvoiceID']}")["Invoices"][0]

    assert unpaid["Payments"] == unpaid["CreditNotes"] == []
    assert not {"Payments", "CreditNotes", "AmountCredited"} & single.keys()
    assert single["LineItems"] == unpaid["LineItems"]


def test_a_document_is_found_by_its_natural_key(reader: Client) -> None:
    sale = next(invoice for invoice in reader.every("Invoices") if invoice["Type"] == "ACCREC")
    item = reader.rows("Items")[0]
    order = reader.rows("PurchaseOrders")[0]
    note = reader.rows("CreditNotes")[0]

    assert reader.read(f"Invoices/{sale['InvoiceNumber']}")["Invoices"][0]["InvoiceID"] == sale["InvoiceID"]
    assert reader.read(f"items/{item['Code']}")["Items"][0]["ItemID"] == item["ItemID"]
    assert reader.read(f"PurchaseOrders/{order['PurchaseOrderNumber']}")["PurchaseOrders"][0] | {
        "Contact": 0
    } == order | {"Contact": 0}
    assert reader.read(f"CreditNotes/{note['CreditNoteNumber']}")["CreditNotes"][0]["ID"] == note["CreditNoteID"]


def test_payments_of_an_invoice_add_up_to_what_was_paid(reader: Client) -> None:
    for invoice in reader.every("Invoices"):
        assert sum(payment["Amount"] for payment in invoice["Payments"]) == invoice["AmountPaid"]
        credited = [
            credit["AppliedAmount"]
            for plural in ("CreditNotes", "Prepayments", "Overpayments")
            for credit in invoice[plural]
        ]
        assert sum(credited) == invoice["AmountCredited"]


def test_unit_amounts_have_two_places_unless_four_are_asked_for(reader: Client) -> None:
    def places(**parameters: str | int) -> set[int]:
        return {
            len(str(line["UnitAmount"]).partition(".")[2])
            for invoice in reader.rows("Invoices", page=1, **parameters)
            for line in invoice["LineItems"]
            if "UnitAmount" in line
        }

    assert places() == {2}
    assert places(unitdp=4) == {4}


def test_quotes_spell_line_amount_types_in_capitals(reader: Client) -> None:
    assert {quote["LineAmountTypes"] for quote in reader.rows("Quotes")} <= {"EXCLUSIVE", "INCLUSIVE", "NOTAX"}
    assert {invoice["LineAmountTypes"] for invoice in reader.rows("Invoices")} <= {"Exclusive", "Inclusive", "NoTax"}


def test_the_body_is_compressed_when_the_client_takes_gzip(reader: Client) -> None:
    compressed = reader.get(f"{API}/Invoices", params={"page": 1})
    plain = reader.get(f"{API}/Invoices", params={"page": 1}, headers={"Accept-Encoding": "identity"})

    assert compressed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert compressed.json()["Invoices"] == plain.json()["Invoices"]


def test_every_answer_says_how_many_calls_are_left(reader: Client) -> None:
    before, after = (reader.get(f"{API}/Currencies").headers for _ in range(2))

    assert int(before["X-DayLimit-Remaining"]) - int(after["X-DayLimit-Remaining"]) == 1
    assert int(after["X-MinLimit-Remaining"]) > 0
    assert int(after["X-AppMinLimit-Remaining"]) > 0


def test_a_client_that_does_not_ask_for_json_is_told(reader: Client) -> None:
    response = reader.get(f"{API}/Invoices", headers={"Accept": "*/*"})

    assert response.status_code == 406
    assert "Accept: application/json" in response.text


def test_an_unknown_record_or_resource_is_404_in_text(reader: Client) -> None:
    for path in ("Invoices/00000000-0000-0000-0000-000000000000", "Nonsense"):
        response = reader.get(f"{API}/{path}")
        assert response.status_code == 404
        assert response.text == "The resource you're looking for cannot be found"


def test_a_method_that_is_not_there_is_501(reader: Client) -> None:
    assert reader.post(f"{API}/Organisation", json={}).status_code == 501
