"""The reports as a client reads them: rows of cells in Xero's form, and the online address of an invoice."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from xero_pipeline_tests.sandbox.http.client import API, Client

ZERO = Decimal(0)


def report(reader: Client, name: str, **parameters: str | int) -> dict[str, Any]:
    answer = reader.read(f"Reports/{name}", **parameters)
    assert len(answer["Reports"]) == 1
    return answer["Reports"][0]


def cells(row: dict[str, Any]) -> list[str]:
    return [cell["Value"] for cell in row["Cells"]]


def rows(shown: dict[str, Any], row_type: str = "Row") -> list[dict[str, Any]]:
    sections = [row for row in shown["Rows"] if row["RowType"] == "Section"]
    return [row for section in sections for row in section["Rows"] if row["RowType"] == row_type]


def amount(text: str) -> Decimal:
    return Decimal(text or 0)


def test_a_trial_balance_has_sections_of_accounts_and_a_total_that_balances(reader: Client) -> None:
    shown = report(reader, "TrialBalance")

    assert cells(shown["Rows"][0]) == ["Account", "Debit", "Credit", "YTD Debit", "YTD Credit"]
    titles = [section["Title"] for section in shown["Rows"][1:]]
    assert titles == ["Revenue", "Expenses", "Assets", "Liabilities", "Equity", ""]
    total = [amount(text) for text in cells(rows(shown, "SummaryRow")[0])[1:]]
    listed = [[amount(text) for text in cells(row)[1:]] for row in rows(shown)]
    assert total == [sum(column, ZERO) for column in zip(*listed, strict=True)]
    assert total[0] == total[1]
    assert total[2] == total[3] > 0


def test_an_account_is_named_with_its_code_and_id(reader: Client) -> None:
    account = next(one for one in reader.rows("Accounts") if one.get("SystemAccount") == "DEBTORS")

    row = next(row for row in rows(report(reader, "TrialBalance")) if cells(row)[0] == "Accounts Receivable (610)")

    assert row["Cells"][1]["Attributes"] == [{"Value": account["AccountID"], "Id": "account"}]


def test_the_control_accounts_hold_the_balances_of_the_contacts(reader: Client) -> None:
    contacts = [one for one in reader.every("Contacts", includeArchived="true") if "Balances" in one]
    held = {
        cells(row)[0]: amount(cells(row)[3]) - amount(cells(row)[4]) for row in rows(report(reader, "TrialBalance"))
    }

    for name, side, sign in (
        ("Accounts Receivable (610)", "AccountsReceivable", 1),
        ("Accounts Payable (800)", "AccountsPayable", -1),
    ):
        outstanding = sum(contact["Balances"][side]["Outstanding"] for contact in contacts)
        assert held[name] == sign * outstanding, name


def test_an_aged_report_lists_what_is_open_and_closes_with_the_contacts_balance(reader: Client) -> None:
    contacts = [one for one in reader.every("Contacts") if "Balances" in one]
    for name, side in (
        ("AgedReceivablesByContact", "AccountsReceivable"),
        ("AgedPayablesByContact", "AccountsPayable"),
    ):
        for contact in [one for one in contacts if one["Balances"][side]["Outstanding"]][:15]:
            shown = report(reader, name, contactId=contact["ContactID"])
            closing = rows(shown, "SummaryRow")[-1]
            assert cells(closing)[0] == "Closing Balance"
            assert amount(cells(closing)[-1]) == contact["Balances"][side]["Outstanding"]
            assert shown["ReportTitles"][1] == contact["Name"]


def test_an_aged_row_says_how_late_it_is(reader: Client) -> None:
    late = next(
        one
        for one in reader.every("Invoices", where='Type=="ACCREC" AND Status=="AUTHORISED"')
        if one["DueDateString"] < "2026" and one["Contact"]
    )
    shown = report(reader, "AgedReceivablesByContact", contactId=late["Contact"]["ContactID"])
    row = next(row for row in rows(shown) if cells(row)[1] == late["InvoiceNumber"])

    assert cells(row)[0] == late["DateString"]
    assert cells(row)[3].endswith(" days overdue")
    assert row["Cells"][0]["Attributes"] == [{"Value": late["InvoiceID"], "Id": "invoiceID"}]


def test_a_report_counts_what_was_paid_by_its_date(client: Client) -> None:
    invoice = next(
        one
        for one in client.every("Invoices", where='Type=="ACCREC" AND Status=="AUTHORISED"')
        if one["CurrencyCode"] == "NZD"
    )
    contact_id = invoice["Contact"]["ContactID"]
    now = datetime.fromisoformat(client.control("GET", "clock")["now"])

    def closing(**parameters: str) -> Decimal:
        shown = report(client, "AgedReceivablesByContact", contactId=contact_id, **parameters)
        return amount(cells(rows(shown, "SummaryRow")[-1])[-1])

    before = closing()
    day, later = ((now + timedelta(days=days)).date().isoformat() for days in (20, 30))
    client.pull("pay_invoice", invoice=invoice["InvoiceID"], date=day)

    assert closing() == before
    assert closing(date=later) == before - invoice["AmountDue"]


def test_what_lies_before_from_date_is_the_opening_balance(reader: Client) -> None:
    contact = max(
        (one for one in reader.every("Contacts") if "Balances" in one),
        key=lambda one: one["Balances"]["AccountsReceivable"]["Outstanding"],
    )
    whole = report(reader, "AgedReceivablesByContact", contactId=contact["ContactID"])
    last = cells([row for row in rows(whole) if "Attributes" in row["Cells"][0]][-1])[0]

    cut = report(reader, "AgedReceivablesByContact", contactId=contact["ContactID"], fromDate=last[:10])

    opening = cells(rows(cut)[0])
    assert opening[:2] == [last, "Opening Balance"]
    total, closing = (amount(cells(row)[-1]) for row in rows(cut, "SummaryRow"))
    assert amount(opening[-1]) + total == closing == contact["Balances"]["AccountsReceivable"]["Outstanding"]


def test_a_report_asks_for_its_own_scope_its_contact_and_a_date_it_can_read(reader: Client) -> None:
    def status(path: str, **parameters: str) -> int:
        return reader.get(f"{API}/Reports/{path}", params=parameters).status_code

    assert status("AgedReceivablesByContact") == 400
    assert status("AgedReceivablesByContact", contactId="00000000-0000-0000-0000-000000000000") == 404
    assert status("TrialBalance", date="yesterday") == 400
    assert status("TrialBalance", date="0001-01-01") == 400
    assert status("TrialBalance", paymentsOnly="true") == 400
    assert status("NoSuchReport") == 404


def test_an_approved_sale_has_an_online_address_and_nothing_else_has(reader: Client) -> None:
    invoices = reader.every("Invoices")
    approved = next(one for one in invoices if one["Type"] == "ACCREC" and one["Status"] == "PAID")
    draft = next(one for one in invoices if one["Type"] == "ACCREC" and one["Status"] == "DRAFT")
    owed = next(one for one in invoices if one["Type"] == "ACCPAY")

    def address(key: str) -> str:
        return reader.read(f"Invoices/{key}/OnlineInvoice")["OnlineInvoices"][0]["OnlineInvoiceUrl"]

    assert address(approved["InvoiceID"]).startswith("https://in.xero.com/")
    assert address(approved["InvoiceNumber"]) == address(approved["InvoiceID"])
    for other in (draft, owed):
        assert reader.get(f"{API}/Invoices/{other['InvoiceID']}/OnlineInvoice").status_code == 404
