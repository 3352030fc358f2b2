"""What an analyst writes in an afternoon: requests, json_normalize, to_sql; a delta replaces the rows of the changed records."""

from __future__ import annotations

import json

import pandas as pd
import requests
from gauge import job, measured
from sqlalchemy import create_engine, text

JOB = job()
ENGINE = create_engine(JOB["database"].replace("postgresql://", "postgresql+psycopg2://", 1))
SESSION = requests.Session()
SESSION.headers.update({"Authorization": f"Bearer {JOB['token']}", "Accept": "application/json"})
SESSION.headers.update(
    {"xero-tenant-id": JOB["tenant"]} | ({"If-Modified-Since": JOB["since"]} if JOB["since"] else {})
)


def records(plural: str, **parameters: str) -> list[dict]:
    found, page = [], 1
    while True:
        answer = SESSION.get(
            f"{JOB['url']}/api.xro/2.0/{plural}", params={"page": page, "pageSize": 1000, **parameters}
        )
        answer.raise_for_status()
        body = answer.json()
        found += body[plural]
        if page >= body["pagination"]["pageCount"]:
            return found
        page += 1


def store(frame: pd.DataFrame, table: str, key: str) -> None:
    if frame.empty:
        return
    lists = [name for name in frame if frame[name].map(lambda value: isinstance(value, list)).any()]
    frame = frame.assign(**{name: frame[name].map(json.dumps) for name in lists})
    with ENGINE.begin() as connection:
        if JOB["since"]:
            ids = frame[key].unique().tolist()
            connection.execute(text(f'delete from "{table}" where "{key}" = any(:ids)'), {"ids": ids})
        frame.to_sql(table, connection, if_exists="append", index=False, chunksize=5000)


with measured("pandas"):
    contacts = records("Contacts", includeArchived="true")
    store(pd.json_normalize(contacts), "contacts", "ContactID")
    invoices = records("Invoices", unitdp="4", includeArchived="true")
    store(
        pd.json_normalize([{k: v for k, v in one.items() if k != "LineItems"} for one in invoices]),
        "invoices",
        "InvoiceID",
    )
    store(pd.json_normalize(invoices, record_path="LineItems", meta=["InvoiceID"]), "invoice_lines", "InvoiceID")
    store(pd.json_normalize(records("Payments")), "payments", "PaymentID")
