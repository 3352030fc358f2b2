"""Writes to Xero and the answers to them, as tests give them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from xero_pipeline.domain.errors import PipelineError
from xero_pipeline.xero.answers import Answer
from xero_pipeline.xero.budget import CallBudget
from xero_pipeline_tests.xero.fake import client_of, envelope

Json = dict[str, Any]
NO_ID = "00000000-0000-0000-0000-000000000000"
SALES: list[Json] = [{"Url": "https://sf.test/1", "Total": Decimal("1.50")}, {"Url": "https://sf.test/2"}]


def element(number: int, **fields: object) -> Json:
    good = {
        "InvoiceID": f"id-{number}",
        "Url": f"https://sf.test/{number}",
        "StatusAttributeString": "OK",
        "HasErrors": False,
    }
    return good | fields


def refused_element(number: int, *messages: str, **fields: object) -> Json:
    errors = [{"Message": message} for message in messages]
    bad = {"InvoiceID": NO_ID, "StatusAttributeString": "ERROR", "HasErrors": True, "ValidationErrors": errors}
    return element(number, **bad) | fields


GOOD = envelope("Invoices", [element(1), element(2)])


def exception(*elements: Json, **fields: object) -> httpx.Response:
    body = {"ErrorNumber": 10, "Type": "ValidationException", "Message": "A validation exception occurred"}
    return httpx.Response(400, json=body | {"Elements": list(elements)} | fields)


class Script:
    """Answers with one response or failure after another, the last one for ever."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.waited = 0.0

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def put(self, elements: list[Json] = SALES, *, within: timedelta | None = None, **options: Any) -> list[Answer]:
        budget = CallBudget(clock=lambda: self.waited, sleep=self._wait)
        with client_of(self.handle, budget=budget, **options) as client:
            return client.writer.put("Invoices", elements, key="the-key", within=within)

    def fails(self, kind: type[PipelineError]) -> Any:
        with pytest.raises(kind) as caught:
            self.put()
        assert type(caught.value) is kind
        # Errors of the HTTP library carry the request, and with it the token.
        assert not isinstance(caught.value.__cause__ or caught.value.__context__, httpx.HTTPError)
        return caught.value

    def _wait(self, seconds: float) -> None:
        self.waited += seconds
