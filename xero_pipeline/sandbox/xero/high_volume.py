"""What Xero refuses an organisation with more than 100,000 records of a kind: lists without pages, and filters it is slow at.

The limit and the fields Xero filters and sorts by quickly are documented (xero.md section 1, "High-volume rule", and section 2);
for endpoints whose fields are not, those of Invoices that they have are taken. The words and the number of the refusal are
those integrators report (freakboy3742/pyxero#373, XeroAPI/Xero-NetStandard#604).
"""

from __future__ import annotations

import re

from xero_pipeline.sandbox.xero.endpoints import Endpoint
from xero_pipeline.sandbox.xero.params import Parameters

THRESHOLD = 100_000
GUARDED = frozenset({"Invoices", "Contacts", "CreditNotes", "ManualJournals", "PurchaseOrders", "Payments"})
EQUALS = frozenset({"=", "=="})
RANGE = EQUALS | {">", ">=", "<", "<="}
DOCUMENTS = {
    "status": EQUALS,
    "contact.contactid": EQUALS,
    "contact.name": EQUALS,
    "contact.contactnumber": EQUALS,
    "reference": EQUALS,
    "type": EQUALS,
    "date": RANGE,
    "duedate": RANGE,
}
QUICK_FILTERS = {
    "Invoices": {
        **DOCUMENTS,
        "invoicenumber": EQUALS,
        "invoiceid": EQUALS,
        "amountpaid": EQUALS,
        "amountdue": RANGE,
    },
    "Payments": {
        "paymenttype": EQUALS,
        "status": EQUALS,
        "date": RANGE,
        "invoice.invoiceid": EQUALS,
        "reference": EQUALS,
        "paymentid": EQUALS,
    },
    "Contacts": {"name": EQUALS, "emailaddress": EQUALS, "accountnumber": EQUALS},
    "CreditNotes": {**DOCUMENTS, "creditnotenumber": EQUALS, "creditnoteid": EQUALS},
    "ManualJournals": {"status": EQUALS, "date": RANGE, "manualjournalid": EQUALS},
}
QUICK_ORDERS = frozenset({"updateddateutc", "date"})
# OR is quick between ids alone.
IDS = {"Invoices": "invoiceid", "Payments": "paymentid"}
TERM = re.compile(r"\(*\s*([A-Za-z.]+)\s*(==|=|>=|<=|>|<)\s*[^=<>].*", re.DOTALL)
TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')


class HighVolume(Exception):
    """The request would make Xero look through too many records; the message is what it answers."""

    def __init__(self, plural: str) -> None:
        super().__init__(
            f"Your request is not filtering {plural} efficiently, given the extremely high volume for this organisation. "
            "Please check https://developer.xero.com/documentation/api/efficient-data-retrieval for tips on making "
            f"{plural.removesuffix('s')} retrieval more efficient."
        )


def check_filters(endpoint: Endpoint, parameters: Parameters, records: int) -> None:
    """Raises HighVolume when the endpoint holds more than 100,000 `records` and filters or sorts them in a slow way."""
    if records > THRESHOLD and endpoint.plural in GUARDED:
        where = parameters.text("where") if endpoint.where else ""
        if not _quick_filter(endpoint, where) or not _quick_order(endpoint, parameters.text("order")):
            raise HighVolume(endpoint.plural)


def check_unpaged(endpoint: Endpoint, answered: int) -> None:
    """Raises HighVolume when an answer without pages would have more than 100,000 records."""
    if answered > THRESHOLD and endpoint.plural in GUARDED:
        raise HighVolume(endpoint.plural)


def _quick_filter(endpoint: Endpoint, where: str) -> bool:
    quick = QUICK_FILTERS.get(endpoint.plural, {})
    # What stands in quotes may look like anything.
    plain = TEXT.sub('""', where)
    if not plain:
        return True
    either = re.split(r"\|\||\bor\b", plain, flags=re.IGNORECASE)
    terms = [term for part in either for term in re.split(r"&&|\band\b", part, flags=re.IGNORECASE)]
    found = [TERM.fullmatch(term.strip()) for term in terms]
    fields = [(match.group(1).lower(), match.group(2)) for match in found if match is not None]
    if len(fields) < len(terms) or any(sign not in quick.get(field, ()) for field, sign in fields):
        return False
    return len(either) == 1 or {field for field, _ in fields} == {IDS.get(endpoint.plural)}


def _quick_order(endpoint: Endpoint, order: str) -> bool:
    fields = [part.strip().split(" ")[0].lower() for part in order.split(",") if part.strip()]
    return all(field in QUICK_ORDERS or field == endpoint.id_field.lower() for field in fields)
