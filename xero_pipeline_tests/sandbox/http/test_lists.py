"""What a list call selects: since when, by which fields, in which order (xero.md sections 1 and 2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from xero_pipeline_tests.sandbox.http.client import API, Client, instant


def since(reader: Client, plural: str, header: str) -> list[str]:
    response = reader.get(f"{API}/{plural}", headers={"If-Modified-Since": header})
    assert response.status_code == 200, response.text
    return [record["UpdatedDateUTC"] for record in response.json()[plural]]


def test_if_modified_since_is_inclusive_and_accurate_to_the_second(reader: Client) -> None:
    stamps = [instant(record["UpdatedDateUTC"]) for record in reader.every("Invoices")]
    bound = stamps[len(stamps) // 2].replace(microsecond=0)
    expected = [stamp for stamp in stamps if stamp >= bound]

    for form in ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.999999+00:00", "%a, %d %b %Y %H:%M:%S GMT"):
        assert [instant(stamp) for stamp in since(reader, "Invoices", f"{bound:{form}}")] == expected


def test_nothing_modified_since_is_200_and_an_empty_list(reader: Client) -> None:
    assert since(reader, "Contacts", "2099-01-01T00:00:00") == []


def test_if_modified_since_with_a_space_is_refused_in_xeros_words(reader: Client) -> None:
    response = reader.get(f"{API}/Invoices", headers={"If-Modified-Since": "2017-12-14 00:00:00"})

    assert response.status_code == 400
    assert response.json()["ErrorNumber"] == 14
    assert response.json()["Message"] == "The string '2017-12-14 00:00:00' is not a valid AllXsd value."


def test_if_modified_since_does_not_count_where_xero_does_not_support_it(reader: Client) -> None:
    for plural in ("BrandingThemes", "TaxRates", "TrackingCategories", "Currencies"):
        response = reader.get(f"{API}/{plural}", headers={"If-Modified-Since": "2099-01-01T00:00:00"})
        assert response.json()[plural]


def test_if_modified_since_pages_count_only_what_is_newer(reader: Client) -> None:
    stamps = [instant(record["UpdatedDateUTC"]) for record in reader.every("Payments")]
    bound = stamps[-5].replace(microsecond=0)

    answer = reader.get(
        f"{API}/Payments",
        params={"page": 1, "pageSize": 2},
        headers={"If-Modified-Since": f"{bound:%Y-%m-%dT%H:%M:%S}"},
    ).json()

    assert answer["pagination"]["itemCount"] == sum(stamp >= bound for stamp in stamps)
    assert len(answer["Payments"]) == 2


def test_archived_contacts_are_left_out_unless_asked_for(reader: Client) -> None:
    usual = {contact["ContactStatus"] for contact in reader.every("Contacts")}
    every = {contact["ContactStatus"] for contact in reader.every("Contacts", includeArchived="True")}

    assert usual == {"ACTIVE"}
    assert every == {"ACTIVE", "ARCHIVED"}


def test_archived_tracking_options_are_left_out_unless_asked_for(reader: Client) -> None:
    def statuses(**parameters: str | int) -> set[str]:
        categories = reader.rows("TrackingCategories", **parameters)
        return {option["Status"] for category in categories for option in category["Options"]}

    assert statuses() == {"ACTIVE"}
    assert statuses(includeArchived="true") == {"ACTIVE", "ARCHIVED"}


def test_lists_of_invoices_hold_voided_and_deleted_ones(reader: Client) -> None:
    assert {"VOIDED", "DELETED", "PAID", "AUTHORISED"} <= {invoice["Status"] for invoice in reader.every("Invoices")}


def test_ids_numbers_contacts_and_statuses_select_by_comma(reader: Client) -> None:
    sales = [invoice for invoice in reader.every("Invoices") if invoice["Type"] == "ACCREC"][:3]
    ids = {invoice["InvoiceID"] for invoice in sales}
    contacts = {invoice["Contact"]["ContactID"] for invoice in sales}

    by_id = reader.rows("Invoices", IDs=",".join(ids).upper())
    by_number = reader.rows("Invoices", InvoiceNumbers=",".join(invoice["InvoiceNumber"] for invoice in sales))
    by_contact = reader.rows("Invoices", ContactIDs=",".join(contacts))
    by_status = reader.rows("Invoices", Statuses="DRAFT,SUBMITTED", pageSize=1000)

    assert {invoice["InvoiceID"] for invoice in by_id} == ids
    assert {invoice["InvoiceID"] for invoice in by_number} == ids
    assert {invoice["Contact"]["ContactID"] for invoice in by_contact} == contacts
    assert {invoice["Status"] for invoice in by_status} == {"DRAFT", "SUBMITTED"}


def test_a_repeated_parameter_counts_as_a_list(reader: Client) -> None:
    ids = [contact["ContactID"] for contact in reader.rows("Contacts", page=1)[:2]]

    response = reader.get(f"{API}/Contacts", params=[("IDs", ids[0]), ("IDs", ids[1])])

    assert {contact["ContactID"] for contact in response.json()["Contacts"]} == set(ids)


def test_purchase_orders_and_quotes_select_by_status_and_dates(reader: Client) -> None:
    orders = reader.rows("PurchaseOrders", pageSize=1000)
    day = sorted(order["DateString"] for order in orders)[len(orders) // 2][:10]

    later = reader.rows("PurchaseOrders", DateFrom=day, pageSize=1000)
    billed = reader.rows("PurchaseOrders", Status="BILLED", pageSize=1000)

    assert {order["PurchaseOrderID"] for order in later} == {
        order["PurchaseOrderID"] for order in orders if order["DateString"][:10] >= day
    }
    assert {order["Status"] for order in billed} == {"BILLED"}


@pytest.mark.parametrize(
    "where",
    [
        'Type=="ACCREC"',
        'Type = "accrec"',
        '(Type=="ACCREC" AND Status!="DELETED") OR Type=="ACCREC"',
        'Contact.Name.StartsWith("") && Type.ToLower()=="accrec"',
        'Date >= DateTime(1900, 01, 01) and Type=="ACCREC" and AmountDue>=0',
    ],
)
def test_where_selects(reader: Client, where: str) -> None:
    found = reader.every("Invoices", where=where)

    assert {invoice["InvoiceID"] for invoice in found} == {
        invoice["InvoiceID"] for invoice in reader.every("Invoices") if invoice["Type"] == "ACCREC"
    }


@pytest.mark.parametrize(
    "where",
    [
        "Type==",
        'Colour=="red"',
        'Type=="ACCREC" Status=="PAID"',
        'Type.Reverse()=="CERCCA"',
        "Type LIKE 'A%'",
        'AmountDue=="much"',
        "Date>=DateTime(2026,13,1)",
        'Sum(Total)>1 OR Type=="ACCREC"',
        '(Type=="ACCREC"',
    ],
)
def test_an_expression_that_is_not_known_is_refused_and_never_ignored(reader: Client, where: str) -> None:
    response = reader.get(f"{API}/Invoices", params={"where": where, "page": 1})

    assert response.status_code == 400
    assert response.json()["Type"] == "QueryParseException"


def test_payments_are_found_by_the_invoice_they_pay(reader: Client) -> None:
    payment = next(payment for payment in reader.every("Payments") if "Invoice" in payment)
    invoice_id = payment["Invoice"]["InvoiceID"]

    found = reader.rows("Payments", where=f'Invoice.InvoiceID==guid("{invoice_id}")')

    assert payment["PaymentID"] in {one["PaymentID"] for one in found}
    assert {one["Invoice"]["InvoiceID"] for one in found} == {invoice_id}


def test_order_sorts_and_an_unknown_field_is_refused(reader: Client) -> None:
    names = [contact["Name"].casefold() for contact in reader.rows("Contacts", order="Name DESC")]

    assert names == sorted(names, reverse=True)
    for nothing_to_sort_by in ("Colour", "Addresses", "PaymentTerms,Name"):
        assert reader.get(f"{API}/Contacts", params={"order": nothing_to_sort_by}).status_code == 400


def test_search_looks_into_names_and_numbers(reader: Client) -> None:
    contact = reader.rows("Contacts", page=1)[3]

    found = reader.rows("Contacts", SearchTerm=contact["Name"].upper())

    assert contact["ContactID"] in {one["ContactID"] for one in found}


def test_balances_are_the_sum_of_the_documents(reader: Client) -> None:
    contact = next(one for one in reader.every("Contacts") if one.get("DefaultCurrency") is None and "Balances" in one)
    contact_id = contact["ContactID"]
    owed = [
        invoice["AmountDue"]
        for invoice in reader.every("Invoices", ContactIDs=contact_id)
        if invoice["Type"] == "ACCREC" and invoice["Status"] == "AUTHORISED"
    ]
    credit = [
        record["RemainingCredit"]
        for plural in ("CreditNotes", "Prepayments", "Overpayments")
        for record in reader.every(plural)
        if record["Contact"]["ContactID"] == contact_id
        and record["Status"] == "AUTHORISED"
        and record["Type"] in ("ACCRECCREDIT", "RECEIVE-PREPAYMENT", "RECEIVE-OVERPAYMENT")
    ]

    assert contact["Balances"]["AccountsReceivable"]["Outstanding"] == sum(owed) - sum(credit)


def test_a_change_moves_a_record_to_the_end_of_the_list(client: Client) -> None:
    first = client.rows("Contacts")[0]

    client.control("POST", "clock", {"advance_seconds": 60})
    client.pull("edit_contact", contact=first["ContactID"], fields={"FirstName": "Mere"})
    last = client.rows("Contacts")[-1]

    assert (last["ContactID"], last["FirstName"]) == (first["ContactID"], "Mere")
    assert instant(last["UpdatedDateUTC"]) - instant(client.read("Contacts")["DateTimeUTC"]) < timedelta(seconds=1)
