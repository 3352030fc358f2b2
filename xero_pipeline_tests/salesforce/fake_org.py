"""An org that answers from a script, through httpx's own mock transport: what was asked is kept, what is answered is set."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import parse_qs

import httpx

from xero_pipeline.salesforce.client import SalesforceClient
from xero_pipeline.salesforce.objects import OBJECTS
from xero_pipeline.salesforce.values import encode

ORG_ID = "00D5g000000abcdEAA"
USER_ID = "0055g000000wxyzAAE"
LOGIN_URL = "http://login.example.test"
INSTANCE_URL = "http://acme.example.test:8443"
Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


def error(status: int, code: str, message: str = "said so", **headers: str) -> httpx.Response:
    return httpx.Response(status, json=[{"message": message, "errorCode": code}], headers=headers)


def page(records: list[dict[str, object]], total: int | None = None, following: str = "") -> httpx.Response:
    body: dict[str, object] = {"totalSize": len(records) if total is None else total, "done": not following}
    if following:
        body["nextRecordsUrl"] = f"/services/data/v66.0/query/{following}"
    content = encode({**body, "records": records})
    return httpx.Response(200, content=content, headers={"Content-Type": "application/json"})


def fields_of(table: str) -> list[str]:
    """Every plain field that a table is read from."""
    return [c.field for c in OBJECTS[table].columns if "." not in c.field and c.presence != "computed"]


class FakeOrg:
    """Describes the objects in `objects`; answers everything else from `script`, in order, and logs in whoever asks."""

    def __init__(self) -> None:
        self.objects: dict[str, list[dict[str, object]]] = {
            each.name: [{"name": field} for field in fields_of(table)] for table, each in OBJECTS.items()
        }
        self.objects["PricebookEntry"] = [
            {"name": n} for n in ("Id", "Product2Id", "UnitPrice", "IsActive", "SystemModstamp")
        ]
        self.objects["Pricebook2"] = [{"name": n} for n in ("Id", "IsStandard")]
        self.objects["OrderItem"] = [f for f in self.objects["OrderItem"] if f["name"] != "Product2Id"] + [
            {"name": "Product2Id", "relationshipName": "Product2", "referenceTo": ["Product2"]}
        ]
        self.versions = ["65.0", "66.0", "67.0"]
        self.script: list[Answer] = []
        self.asked: list[httpx.Request] = []
        self.waits: list[float] = []
        self.logins = 0
        self.login_answers: list[Answer] = []
        self.limit_info = "api-usage=18/5000"

    def client(self, **options: object) -> SalesforceClient:
        defaults: dict[str, object] = {
            "client_secret": "hush",
            "transport": httpx.MockTransport(self),
            "sleep": self.waits.append,
        }
        return SalesforceClient(LOGIN_URL, "app", **{**defaults, **options})  # type: ignore[arg-type]

    def will(self, *answers: Answer) -> None:
        self.script.extend(answers)

    @property
    def queries(self) -> list[str]:
        return [parse_qs(request.url.query.decode())["q"][0] for request in self.asked if b"q=" in request.url.query]

    @property
    def bodies(self) -> list[dict[str, list[dict[str, object]]]]:
        return [json.loads(request.content) for request in self.asked if request.content]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/services/oauth2/token":
            self.logins += 1
            return self._give(request, self.login_answers.pop(0)) if self.login_answers else self.token()
        if path == "/services/data":
            return self._told(httpx.Response(200, json=[{"version": version} for version in self.versions]))
        if path.endswith("/describe"):
            name = path.split("/")[-2]
            if name not in self.objects:
                return self._told(error(404, "NOT_FOUND", "The requested resource does not exist"))
            return self._told(httpx.Response(200, json={"name": name, "fields": self.objects[name]}))
        self.asked.append(request)
        assert self.script, f"nothing was scripted for {request.method} {request.url}"
        return self._told(self._give(request, self.script.pop(0)))

    def token(self) -> httpx.Response:
        identity = f"{LOGIN_URL}/id/{ORG_ID}/{USER_ID}"
        return httpx.Response(
            200,
            json={
                "access_token": f"token{self.logins}",
                "instance_url": INSTANCE_URL,
                "id": identity,
                "token_type": "Bearer",
            },
        )

    def _give(self, request: httpx.Request, answer: Answer) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer

    def _told(self, response: httpx.Response) -> httpx.Response:
        response.headers.setdefault("Sforce-Limit-Info", self.limit_info)
        return response
