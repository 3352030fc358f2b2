"""Clients that share no code with the package: what both systems say of themselves, read in another way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import httpx
import requests
from simple_salesforce import Salesforce

from xero_pipeline.sandbox.server import Sandbox
from xero_pipeline_tests.loopback import NO_CERTIFICATES
from xero_pipeline_tests.sandbox.salesforce.test_tour import LoopbackAdapter

PAGED = {
    "Contacts",
    "Invoices",
    "PurchaseOrders",
    "Quotes",
    "CreditNotes",
    "Prepayments",
    "Overpayments",
    "Payments",
    "ManualJournals",
}
# Not what our client asks for, so that its paging is not ours.
PAGE_SIZE = 70
MOST_PAGES = 100

Record = dict[str, Any]


@dataclass
class Xero:
    """The accounting API over plain HTTP: numbers as Decimal, everything else as it came."""

    http: httpx.Client

    def list(self, plural: str, **params: str) -> list[Record]:
        """Every record of a list, archived ones too, unit amounts with four decimals."""
        path = "Organisation" if plural == "Organisations" else plural
        wanted = {"includeArchived": "true", "unitdp": "4", **params}
        found: list[Record] = []
        for page in range(1, MOST_PAGES):
            answer = self.http.get(path, params={**wanted, "page": page, "pageSize": PAGE_SIZE})
            answer.raise_for_status()
            records: list[Record] = json.loads(answer.text, parse_float=Decimal, parse_int=Decimal)[plural]
            found += records
            if plural not in PAGED or not records:
                return found
        raise AssertionError(f"{plural} never ended")

    def one(self, plural: str, record_id: str) -> Record:
        """One record by id."""
        answer = self.http.get(f"{plural}/{record_id}", params={"unitdp": "4"})
        answer.raise_for_status()
        (record,) = json.loads(answer.text, parse_float=Decimal, parse_int=Decimal)[plural]
        found: Record = record
        return found


@contextmanager
def xero(sandbox: Sandbox) -> Iterator[Xero]:
    """Signed in with the custom connection."""
    base = f"{sandbox.url}/api.xro/2.0/"
    with httpx.Client(base_url=base, trust_env=False, verify=NO_CERTIFICATES) as http:
        sign_in(http, sandbox)
        yield Xero(http)


def sign_in(http: httpx.Client, sandbox: Sandbox) -> None:
    """Give the client a token of now; one lasts half an hour of the sandbox's."""
    app: Any = sandbox.announcement["xero"]
    credentials = (app["client_id"], app["client_secret"])
    answer = http.post(f"{sandbox.url}/connect/token", data={"grant_type": "client_credentials"}, auth=credentials)
    http.headers = httpx.Headers(
        {"Authorization": f"Bearer {answer.json()['access_token']}", "Accept": "application/json"}
    )


@dataclass
class Crm:
    """Salesforce through simple-salesforce."""

    salesforce: Salesforce

    def query(self, soql: str, *, deleted_too: bool = False) -> list[Record]:
        """Every record of a query, page after page."""
        answer = self.salesforce.query_all(soql, include_deleted=deleted_too)
        return [{name: value for name, value in each.items() if name != "attributes"} for each in answer["records"]]

    def whole(self, name: str, *, deleted_too: bool = True) -> dict[str, Record]:
        """Every field of every record of an object, by Id."""
        fields = ", ".join(self._fields[name] if name in self._fields else self._describe(name))
        return {each["Id"]: each for each in self.query(f"SELECT {fields} FROM {name}", deleted_too=deleted_too)}

    @cached_property
    def _fields(self) -> dict[str, list[str]]:
        return {}

    def _describe(self, name: str) -> list[str]:
        self._fields[name] = [field["name"] for field in getattr(self.salesforce, name).describe()["fields"]]
        return self._fields[name]


@contextmanager
def crm(sandbox: Sandbox) -> Iterator[Crm]:
    """Signed in with client credentials."""
    org: Any = sandbox.announcement["salesforce"]
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", LoopbackAdapter(sandbox.url))
        yield Crm(
            Salesforce(
                consumer_key=org["client_id"],
                consumer_secret=org["client_secret"],
                domain="sandbox.my",
                session=session,
                version="66.0",
                parse_float=Decimal,
            )
        )
