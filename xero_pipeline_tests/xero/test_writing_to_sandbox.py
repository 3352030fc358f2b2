"""Writes over real HTTP, to a Xero that keeps books: what it takes, what it refuses, and what is lost on the way."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from xero_pipeline.domain.errors import OutcomeUnknown, Permanent, Throttled
from xero_pipeline_tests.xero.books import CONTACTS, ITEMS, Books

SIX_MINUTES = timedelta(minutes=6, seconds=1)


def test_one_bad_element_of_fifty_fails_alone(books: Books) -> None:
    sales = [books.sale() for _ in range(50)]
    sales[17] = books.bad_sale(Url=sales[17]["Url"])
    answers = books.client.writer.put("Invoices", sales, key=books.key())
    assert [place for place, answer in enumerate(answers) if not answer.ok] == [17]
    assert answers[17].messages
    for sale, answer in zip(sales, answers, strict=True):
        assert [one["InvoiceID"] for one in books.invoices(sale["Url"])] == [answer.record["InvoiceID"]] * answer.ok
    assert [request["status"] for request in books.sent()] == [200]


def test_what_xero_makes_of_an_invoice_comes_back_to_the_cent(books: Books) -> None:
    (answer,) = books.client.writer.put("Invoices", [books.sale(Status="AUTHORISED")], key=books.key())
    (line,) = answer.record["LineItems"]
    assert (line["UnitAmount"], line["LineAmount"], line["TaxAmount"]) == (
        Decimal("1.2345"),
        Decimal("3.70"),
        Decimal("0.56"),
    )
    assert (answer.record["SubTotal"], answer.record["Total"]) == (Decimal("3.70"), Decimal("4.26"))
    assert {type(line[name]) for name in ("Quantity", "UnitAmount", "LineAmount")} == {Decimal}


def test_the_same_request_under_the_same_key_gives_the_same_answer_and_writes_nothing(books: Books) -> None:
    sales, key = [books.sale(), books.bad_sale()], books.key()
    first = books.client.writer.put("Invoices", sales, key=key)
    assert books.client.writer.put("Invoices", sales, key=key) == first
    assert len(books.invoices(sales[0]["Url"])) == 1


def test_another_request_under_the_same_key_is_refused_in_a_sentence_of_its_own(books: Books) -> None:
    key = books.key()
    books.client.writer.put("Invoices", [books.sale()], key=key)
    other = books.sale()
    with pytest.raises(Permanent, match="knows the idempotency key of PUT Invoices from another request") as caught:
        books.client.writer.put("Invoices", [other], key=key)
    assert "under a new one" in caught.value.next_step
    assert books.invoices(other["Url"]) == []


def test_after_six_minutes_a_key_is_forgotten_and_protects_no_longer(books: Books) -> None:
    sale, key = books.sale(), books.key()
    books.client.writer.put("Invoices", [sale], key=key)
    books.pass_time(SIX_MINUTES)
    books.client.writer.put("Invoices", [sale], key=key)
    assert len(books.invoices(sale["Url"])) == 2, "the reason why a doubt is looked up by then"


@pytest.mark.parametrize("done", [0, 1, 2])
def test_an_internal_error_is_remembered_whatever_it_had_done(books: Books, done: int) -> None:
    sales, key = [books.sale(), books.sale()], books.key()
    books.fault("500 remembered", done=done)
    for _ in range(2):
        with pytest.raises(OutcomeUnknown, match=r"\(500: An error occurred in Xero") as caught:
            books.client.writer.put("Invoices", sales, key=key)
        assert caught.value.answered
    assert [len(books.invoices(sale["Url"])) for sale in sales] == [1] * done + [0] * (2 - done)
    assert len(books.sent()) == 2


@pytest.mark.parametrize(("what", "there"), [("timeout before", 0), ("timeout after", 1)])
def test_when_no_answer_comes_the_same_request_again_settles_it(books: Books, what: str, there: int) -> None:
    sale, key = books.sale(), books.key()
    books.fault(what)
    with pytest.raises(OutcomeUnknown) as caught:
        books.client.writer.put("Invoices", [sale], key=key)
    assert not caught.value.answered
    assert len(books.invoices(sale["Url"])) == there
    assert len(books.sent()) == 1, "the client itself sends it no second time"
    (answer,) = books.client.writer.put("Invoices", [sale], key=key)
    assert [one["InvoiceID"] for one in books.invoices(sale["Url"])] == [answer.record["InvoiceID"]]


def test_an_answer_that_takes_longer_than_is_waited_for_is_none(books: Books) -> None:
    sale = books.sale()
    books.fault("delay", seconds=0.2)
    with books.another_client(timeout=0.1) as hasty, pytest.raises(OutcomeUnknown, match="ReadTimeout") as caught:
        hasty.writer.put("Invoices", [sale], key=books.key())
    assert not caught.value.answered


@pytest.mark.parametrize("what", ["truncated", "cut", "html"])
def test_an_answer_that_cannot_be_read_is_one_all_the_same(books: Books, what: str) -> None:
    sale = books.sale()
    books.fault(what)
    with pytest.raises(OutcomeUnknown) as caught:
        books.client.writer.put("Invoices", [sale], key=books.key())
    assert caught.value.answered
    found = books.client.writer.invoices_of([books.contact_id], modified_since=books.now - timedelta(minutes=5))
    assert len([one for one in found if one.url == sale["Url"]]) == len(books.invoices(sale["Url"])) == 1


def test_a_refusal_because_of_limits_is_waited_for_under_the_same_key(books: Books) -> None:
    sale = books.sale()
    books.fault("429 minute", count=2)
    (answer,) = books.client.writer.put("Invoices", [sale], key=books.key())
    assert answer.ok
    assert [request["status"] for request in books.sent()] == [429, 429, 200]


def test_a_number_in_use_is_refused_when_creating(books: Books) -> None:
    number = f"KAURI-{books.key()}"
    sales = [books.sale(InvoiceNumber=number), books.sale(InvoiceNumber=number)]
    first, second = books.client.writer.put("Invoices", sales, key=books.key())
    assert first.ok
    assert second.messages == ("Invoice # must be unique.",)


def test_an_archived_contact_is_refused_with_the_reason_that_stands_under_it(books: Books) -> None:
    (made,) = books.client.writer.put("Contacts", [{"Name": f"Closed {books.key()}"}], key=books.key())
    contact = {"ContactID": made.record["ContactID"]}
    (closed,) = books.client.writer.post("Contacts", [contact | {"ContactStatus": "ARCHIVED"}], key=books.key())
    assert closed.ok
    (answer,) = books.client.writer.put("Invoices", [books.sale(Contact=contact)], key=books.key())
    assert not answer.ok
    assert "archived" in " ".join(answer.messages).lower()


def test_an_update_by_line_ids_keeps_changes_adds_and_removes_lines(books: Books) -> None:
    sale = books.sale()
    sale["LineItems"] = [{**sale["LineItems"][0], "Description": text} for text in ("kept", "changed", "removed")]
    (made,) = books.client.writer.put("Invoices", [sale], key=books.key())
    kept, changed, _ = made.record["LineItems"]
    lines = [
        kept,
        {**changed, "Quantity": Decimal(5)},
        {**sale["LineItems"][0], "Description": "added"},
    ]
    sent = [{key: value for key, value in line.items() if key not in ("LineAmount", "TaxAmount")} for line in lines]
    update = {"InvoiceID": made.record["InvoiceID"], "LineItems": sent}
    (answer,) = books.client.writer.post("Invoices", [update], key=books.key())
    assert answer.ok, answer.messages
    shown = [(line["LineItemID"], line["Description"], line["Quantity"]) for line in answer.record["LineItems"]]
    assert shown[:2] == [(kept["LineItemID"], "kept", 3), (changed["LineItemID"], "changed", 5)]
    assert [text for _, text, _ in shown] == ["kept", "changed", "added"]
    assert len(books.invoices(sale["Url"])) == 1


def test_an_invoice_that_is_voided_cannot_be_changed(books: Books) -> None:
    (made,) = books.client.writer.put("Invoices", [books.sale(Status="AUTHORISED")], key=books.key())
    invoice = {"InvoiceID": made.record["InvoiceID"]}
    (voided,) = books.client.writer.post("Invoices", [invoice | {"Status": "VOIDED"}], key=books.key())
    assert voided.ok
    (answer,) = books.client.writer.post("Invoices", [invoice | {"Reference": "Late"}], key=books.key())
    assert (answer.ok, bool(answer.messages)) == (False, True)


def test_a_note_is_added_to_the_history_once_a_key(books: Books) -> None:
    writer, key = books.client.writer, books.key()
    (made,) = writer.put("Invoices", [books.sale()], key=books.key())
    invoice_id = made.record["InvoiceID"]
    for _ in range(2):
        writer.add_history("Invoices", invoice_id, "Ōtaki branch collects.", key=key)
    notes = [one for one in writer.history("Invoices", invoice_id) if one.details == "Ōtaki branch collects."]
    assert [(one.user, one.at) for one in notes] == [("System Generated", books.now)]


def test_a_note_on_what_xero_does_not_know_is_refused(books: Books) -> None:
    with pytest.raises(Permanent, match="was not found"):
        books.client.writer.add_history("Invoices", "7a0d3a7e-0000-4000-8000-000000000000", "x", key=books.key())


def test_only_an_invoice_that_is_no_draft_has_a_page_for_the_customer(books: Books) -> None:
    sales = [books.sale(), books.sale(Status="AUTHORISED")]
    draft, approved = books.client.writer.put("Invoices", sales, key=books.key())
    assert books.client.writer.online_invoice_url(draft.record["InvoiceID"]) is None
    url = books.client.writer.online_invoice_url(approved.record["InvoiceID"])
    assert url is not None
    assert url.startswith("https://in.xero.com/")


def test_contacts_are_found_by_their_number_their_name_and_their_account_number(books: Books) -> None:
    writer, number = books.client.writer, f"001-{books.key()}"
    contact = {"Name": f'Nīkau & Sons "{number}"', "ContactNumber": number, "AccountNumber": f"AC/{number}"}
    (made,) = writer.put("Contacts", [contact], key=books.key())
    contact_id = made.record["ContactID"]
    by_number = writer.contact_by_number(number)
    assert by_number is not None
    assert by_number.contact_id == contact_id
    assert writer.contact_by_number(contact_id) is None, "an id is no number"
    assert [one.contact_id for one in writer.contacts_named(contact["Name"])] == [contact_id]
    assert [one.contact_id for one in writer.contacts_numbered(contact["AccountNumber"])] == [contact_id]
    assert writer.contacts_named("Nobody & Sons") == writer.contacts_numbered("AC/none") == []
    assert writer.contact_by_number("001-none") is None


def test_a_contact_whose_name_is_taken_is_refused_and_written_once(books: Books) -> None:
    name = f"Kānuka {books.key()}"
    books.fault("timeout after", CONTACTS)
    with pytest.raises(OutcomeUnknown):
        books.client.writer.put("Contacts", [{"Name": name}], key=books.key())
    (answer,) = books.client.writer.put("Contacts", [{"Name": name}], key=books.key())
    assert "already assigned to another contact" in answer.messages[0]
    assert len(books.named(name)) == 1


def test_an_item_is_found_by_its_code_exactly_and_written_with_four_decimals(books: Books) -> None:
    writer, code = books.client.writer, f"HSE-{books.key()}"
    details = {"UnitPrice": Decimal("0.1234"), "AccountCode": "200", "TaxType": "OUTPUT2"}
    (made,) = writer.put("Items", [{"Code": code, "Name": "Hose", "SalesDetails": details}], key=books.key())
    assert made.ok, made.messages
    found = writer.item_by_code(code)
    assert found is not None
    assert found.sales_details is not None
    assert (found.item_id, found.sales_details.unit_price) == (made.record["ItemID"], Decimal("0.1234"))
    assert writer.item_by_code(found.item_id) is None, "an id is no code"
    assert writer.item_by_code("NO-SUCH-CODE") is None
    (again,) = writer.put("Items", [{"Code": code, "Name": "Hose"}], key=books.key())
    assert "already exists" in again.messages[0]


def test_an_item_lost_on_the_way_is_found_by_its_code(books: Books) -> None:
    code = f"VLV-{books.key()}"
    books.fault("cut", ITEMS)
    with pytest.raises(OutcomeUnknown):
        books.client.writer.put("Items", [{"Code": code, "Name": "Valve"}], key=books.key())
    assert books.client.writer.item_by_code(code) is not None


def test_invoices_of_a_contact_come_with_lines_url_and_whatever_status(books: Books) -> None:
    writer = books.client.writer
    (contact,) = writer.put("Contacts", [{"Name": f"Rātā {books.key()}"}], key=books.key())
    mine = {"ContactID": contact.record["ContactID"]}
    sales = [books.sale(Contact=mine) for _ in range(3)]
    answers = writer.put("Invoices", sales, key=books.key())
    deleted = {"InvoiceID": answers[0].record["InvoiceID"], "Status": "DELETED"}
    writer.post("Invoices", [deleted], key=books.key())
    found = {one.url: one for one in writer.invoices_of([mine["ContactID"]], modified_since=books.now)}
    assert {url: one.status for url, one in found.items()} == {
        sale["Url"]: status for sale, status in zip(sales, ("DELETED", "DRAFT", "DRAFT"), strict=True)
    }
    (line,) = found[sales[1]["Url"]].line_items or []
    assert (line.unit_amount, line.line_item_id) == (
        Decimal("1.2345"),
        answers[1].record["LineItems"][0]["LineItemID"],
    )
    assert list(writer.invoices_of([mine["ContactID"]], modified_since=books.now + timedelta(seconds=1))) == []


def test_an_invoice_whose_contact_was_merged_away_is_found_among_those_of_every_contact(books: Books) -> None:
    writer, before = books.client.writer, books.now
    made = writer.put("Contacts", [{"Name": f"{name} {books.key()}"} for name in ("Miro", "Mataī")], key=books.key())
    gone, stays = (answer.record["ContactID"] for answer in made)
    sale = books.sale(Contact={"ContactID": gone})
    writer.put("Invoices", [sale], key=books.key())
    books.pass_time(timedelta(seconds=1))
    books.control("POST", "xero/first/actions/merge_contacts", {"from": gone, "into": stays})
    assert sale["Url"] not in {one.url for one in writer.invoices_of([gone], modified_since=before)}
    for contacts in (None, [stays]):
        assert sale["Url"] in {one.url for one in writer.invoices_of(contacts, modified_since=before)}


def test_on_a_day_that_is_nearly_spent_reading_stops_and_exports_go_on_to_its_end(books: Books) -> None:
    books.control("POST", "limits", {"day": 12, "reset": True})
    try:
        with books.another_client(day_limit=100) as client:
            client.organisation()
            client.organisation()
            with pytest.raises(Throttled, match=r"10 of .* kept for exports"):
                client.organisation()
            for _ in range(9):
                client.writer.put("Invoices", [books.sale()], key=books.key())
            assert client.writer.item_by_code("NO-SUCH-CODE") is None
            last = books.sale()
            with pytest.raises(Throttled, match="for today are spent"):
                client.writer.put("Invoices", [last], key=books.key())
            assert books.invoices(last["Url"]) == []
            assert client.calls == 12
    finally:
        books.control("POST", "limits", {"day": 10_000_000, "reset": True})
