"""Writes to the sandbox as any HTTP client would, and the bodies that tests send."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any

import httpx

from xero_pipeline_tests.sandbox.http.client import API, Client

NUMBERS = count(1)
Json = dict[str, Any]


@dataclass
class Writer:
    """`put` and `post` answer the records of a write that succeeds, `refused` the sentences of one that does not."""

    client: Client

    def send(self, method: str, path: str, content: object = None, **options: Any) -> httpx.Response:
        """The bare response; `options` are query parameters, `headers` apart."""
        headers = {"Content-Type": "application/json", **options.pop("headers", {})}
        body = None if content is None else json.dumps(content, default=str)
        return self.client.request(method, f"{API}/{path}", content=body, params=options, headers=headers)

    def put(self, path: str, content: object, **options: Any) -> list[Json]:
        """The records that a PUT answers."""
        return records(self.send("PUT", path, content, **options))

    def post(self, path: str, content: object, **options: Any) -> list[Json]:
        """The records that a POST answers."""
        return records(self.send("POST", path, content, **options))

    def refused(self, method: str, path: str, content: object, **options: Any) -> list[str]:
        """The messages of a 400 ValidationException, all elements together."""
        response = self.send(method, path, content, **options)
        assert response.status_code == 400, response.text
        found = response.json()
        assert (found["ErrorNumber"], found["Type"]) == (10, "ValidationException"), response.text
        return [error["Message"] for element in found["Elements"] for error in element["ValidationErrors"]]

    def one(self, path: str) -> Json:
        """The record at a path."""
        (record,) = records(self.send("GET", path))
        return record

    def contact(self, **fields: object) -> Json:
        """A new contact, of a name nobody has."""
        return self.put("Contacts", {"Name": f"Kōwhai Joinery {next(NUMBERS)}", **fields})[0]

    def invoice(self, **fields: object) -> Json:
        """A new approved sale of 100.00 plus 15 % tax."""
        return self.put("Invoices", sale(**fields))[0]

    def pay(self, invoice: Json, amount: str, **fields: object) -> Json:
        """A payment on an invoice."""
        key = {"InvoiceID": invoice["InvoiceID"]}
        return self.put("Payments", {"Invoice": key, "Account": {"Code": "090"}, "Amount": amount, **fields})[0]


def records(response: httpx.Response) -> list[Json]:
    """The records of an answer that succeeds, numbers exact."""
    assert response.status_code == 200, response.text
    answer = json.loads(response.content, parse_float=Decimal)
    (found,) = [value for value in answer.values() if isinstance(value, list)]
    return found


def sale(**fields: object) -> Json:
    """The fields of an approved sale of 100.00 plus 15 % tax, to a contact of its own."""
    return {
        "Type": "ACCREC",
        "Status": "AUTHORISED",
        "Contact": {"Name": f"Tōtara Builders {next(NUMBERS)}"},
        "DueDate": "2030-12-20",
        "LineItems": [line()],
        **fields,
    }


def line(**fields: object) -> Json:
    """A line worth 100.00 plus tax."""
    return {"Description": "Work", "Quantity": 1, "UnitAmount": "100.00", "AccountCode": "200", **fields}


def money(record: Json) -> tuple[str, ...]:
    """(Total, AmountDue, AmountPaid, AmountCredited) as text, 0.00 where a single record leaves one out."""
    return tuple(str(record.get(field, "0.00")) for field in ("Total", "AmountDue", "AmountPaid", "AmountCredited"))
