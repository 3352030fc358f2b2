"""What Idempotency-Key is for: answers that got lost, and errors nobody planned (xero.md section 3)."""

from __future__ import annotations

import httpx
import pytest

from xero_pipeline.sandbox.clock import Clock
from xero_pipeline.sandbox.xero.tokens import Signer
from xero_pipeline.sandbox.xero.writes.api import WritesApi
from xero_pipeline_tests.sandbox.writes.in_process import InProcess
from xero_pipeline_tests.sandbox.writes.writer import Writer, records, sale
from xero_pipeline_tests.sandbox.xero_book.samples import NOW, small_book


def test_a_write_whose_answer_was_lost_is_not_done_twice(writer: Writer) -> None:
    body, headers = (
        sale(Type="ACCPAY", LineItems=[{"UnitAmount": 9, "AccountCode": "300"}]),
        {"Idempotency-Key": "lost"},
    )
    rule = {"what": "timeout after", "count": 1, "seconds": 0.01, "match": {"path": "Invoices"}}
    writer.client.control("POST", "faults", rule)

    with pytest.raises(httpx.TransportError):
        writer.send("PUT", "Invoices", body, headers=headers)
    (bill,) = records(writer.send("PUT", "Invoices", body, headers=headers))

    where = f'Contact.Name=="{body["Contact"]["Name"]}"'
    assert [found["InvoiceID"] for found in writer.client.rows("Invoices", where=where)] == [bill["InvoiceID"]]


def test_an_internal_error_is_remembered_too(monkeypatch: pytest.MonkeyPatch) -> None:
    client = InProcess(small_book(), Clock(stopped_at=NOW), Signer.fresh())

    def fail(self: WritesApi, call: object) -> None:
        raise RuntimeError("a fault of the sandbox")

    with monkeypatch.context() as broken:
        broken.setattr(WritesApi, "_write", fail)
        with pytest.raises(RuntimeError):
            client.send("PUT", "Contacts", {"Name": "Kept"}, key="internal")

    assert client.send("PUT", "Contacts", {"Name": "Kept"}, key="internal") == (500, None)
    assert client.send("PUT", "Contacts", {"Name": "Kept"}, key="fresh")[0] == 200
