"""What a client can read that is no record but follows from them: reports, and the online address of an invoice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.endpoints import INVOICES
from xero_pipeline.sandbox.xero.online import online_invoice_url
from xero_pipeline.sandbox.xero.params import Parameters
from xero_pipeline.sandbox.xero.reports import NAMES, NoSuchContact, Reports
from xero_pipeline.sandbox.xero.wire import Json

SCOPES = {
    "TrialBalance": "accounting.reports.trialbalance.read",
    "AgedReceivablesByContact": "accounting.reports.aged.read",
    "AgedPayablesByContact": "accounting.reports.aged.read",
}


@dataclass(frozen=True, slots=True)
class ComputedView:
    """One path. `answer` gives the only element of `array`, or None for 404; it raises BadParameter."""

    array: str
    granted_by: frozenset[str]
    answer: Callable[[Book, Parameters, datetime], Json | None]


class ComputedViews:
    """The paths of this kind; resource and report names in any case, as everywhere."""

    def __init__(self) -> None:
        self._reports = Reports()
        self._names = {name.lower(): name for name in NAMES}

    def find(self, resource: str, key: str) -> ComputedView | None:
        """What `/{resource}/{key}` computes, or None when it is the path of records."""
        if resource.lower() == "reports" and key.lower() in self._names:
            name = self._names[key.lower()]
            return ComputedView("Reports", frozenset({SCOPES[name]}), self._report(name))
        document, _, view = key.partition("/")
        if resource.lower() == "invoices" and view.lower() == "onlineinvoice":
            granted_by = frozenset(name for scope in INVOICES for name in (scope, f"{scope}.read"))
            return ComputedView("OnlineInvoices", granted_by, _online_invoice(document))
        return None

    def _report(self, name: str) -> Callable[[Book, Parameters, datetime], Json | None]:
        def answer(book: Book, parameters: Parameters, now: datetime) -> Json | None:
            try:
                return self._reports.report(name, book, parameters, now)
            except NoSuchContact:
                return None

        return answer


def _online_invoice(key: str) -> Callable[[Book, Parameters, datetime], Json | None]:
    def answer(book: Book, parameters: Parameters, now: datetime) -> Json | None:
        invoice = book.find("Invoices", key.lower()) or book.numbered("Invoices", key)
        url = None if invoice is None else online_invoice_url(invoice)
        return None if url is None else {"OnlineInvoiceUrl": url}

    return answer
