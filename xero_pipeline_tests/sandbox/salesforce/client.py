"""What the tests speak to the sandbox's Salesforce with: a clock they move, and a client that knows no more than paths."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import httpx

from xero_pipeline.sandbox.salesforce import Org

START = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
INTEGRATION = "sync@example.com"
COLLEAGUE = "alex@example.com"
DATA = "/services/data/v66.0"


class StandingClock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


class Load:
    """One ingest job, as its client sees it."""

    def __init__(self, salesforce: Salesforce, job_id: str) -> None:
        self.salesforce = salesforce
        self.path = f"jobs/ingest/{job_id}"
        self.report: dict[str, object] = {}

    def change(self, state: str) -> None:
        response = self.salesforce.call("PATCH", self.path, json={"state": state})
        assert response.status_code == 200, response.text
        self.report = response.json()

    def poll(self) -> str:
        self.report = self.salesforce.call("GET", self.path).json()
        return str(self.report["state"])

    def file(self, name: str) -> str:
        response = self.salesforce.call("GET", f"{self.path}/{name}")
        assert response.status_code == 200, response.text
        return response.text

    def rows(self, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.file(name), newline="")))


class Salesforce:
    """A signed-in client that knows no more than paths."""

    def __init__(self, http: httpx.Client, org: Org) -> None:
        self.http = http
        self.org = org
        self.token = self.sign_in().json()["access_token"]

    def sign_in(self, **form: str) -> httpx.Response:
        credentials = {
            "grant_type": "client_credentials",
            "client_id": self.org.settings.client_id,
            "client_secret": self.org.settings.client_secret,
        }
        return self.http.post("/services/oauth2/token", data={**credentials, **form})

    def call(self, method: str, path: str, headers: Mapping[str, str] | None = None, **rest: object) -> httpx.Response:
        url = path if path.startswith("/") else f"{DATA}/{path}"
        bearer = {"Authorization": f"Bearer {self.token}"}
        return self.http.request(method, url, headers={**bearer, **(headers or {})}, **rest)  # type: ignore[arg-type]

    def create(self, sobject: str, **fields: object) -> str:
        response = self.call("POST", f"sobjects/{sobject}", json=fields)
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    def read(self, sobject: str, record_id: str) -> dict[str, object]:
        body: dict[str, object] = self.call("GET", f"sobjects/{sobject}/{record_id}").json()
        return body

    def query(self, soql: str, resource: str = "query") -> list[dict[str, object]]:
        response = self.call("GET", resource, params={"q": soql})
        assert response.status_code == 200, response.text
        records: list[dict[str, object]] = response.json()["records"]
        return records

    def load(self, sobject: str, operation: str, text: str, key: str | None = None, **job: object) -> Load:
        """A Bulk 2.0 ingest job from its creation to its end."""
        body = {"object": sobject, "operation": operation, "externalIdFieldName": key, **job}
        created = self.call("POST", "jobs/ingest", json={name: each for name, each in body.items() if each is not None})
        assert created.status_code == 200, created.text
        load = Load(self, created.json()["id"])
        uploaded = self.call("PUT", f"{load.path}/batches", {"Content-Type": "text/csv"}, content=text.encode())
        assert uploaded.status_code == 201, uploaded.text
        load.change("UploadComplete")
        while load.report["state"] in ("UploadComplete", "InProgress"):
            load.poll()
        return load

    def names(self, soql: str, resource: str = "query") -> list[object]:
        return [record["Name"] for record in self.query(soql, resource)]

    def refusal(self, soql: str) -> tuple[str, str]:
        response = self.call("GET", "query", params={"q": soql})
        assert response.status_code == 400, response.text
        error = response.json()[0]
        return error["errorCode"], error["message"]
