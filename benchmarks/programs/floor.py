"""The floor: the same pages downloaded, five at a time, then the same rows by COPY, through temp tables into keyed ones.

`floor.py DIRECTORY`, which holds the rows as COPY's text, one file a table, written by PostgreSQL beforehand from what was
loaded. Nothing is parsed, compared or remembered: nobody who delivers the same rows to the same server can be faster by much.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
from psycopg import sql

from benchmarks.peers.gauge import job, measured

PLURALS = {"Contacts": "&includeArchived=true", "Invoices": "&includeArchived=true&unitdp=4", "Payments": ""}
TABLES = {
    "contacts": "contact_id",
    "invoices": "invoice_id",
    "invoice_lines": "invoice_id, line_item_id",
    "payments": "payment_id",
}
IN_FLIGHT = 5
CHUNK = 1 << 20


def main(directory: str) -> None:
    task = job()
    headers = {
        "Authorization": f"Bearer {task['token']}",
        "xero-tenant-id": task["tenant"],
        "Accept": "application/json",
    }
    with (
        httpx.Client(base_url=f"{task['url']}/api.xro/2.0/", headers=headers, trust_env=False, timeout=60) as client,
        psycopg.connect(task["database"]) as conn,
        ThreadPoolExecutor(IN_FLIGHT) as pool,
        measured("floor"),
    ):

        def download(address: str) -> httpx.Response:
            return client.get(address).raise_for_status()

        for plural, parameters in PLURALS.items():
            first = download(f"{plural}?page=1&pageSize=1000{parameters}")
            pages = first.json()["pagination"]["pageCount"]
            rest = [f"{plural}?page={page}&pageSize=1000{parameters}" for page in range(2, pages + 1)]
            for _ in pool.map(download, rest):
                pass
        for table, key in TABLES.items():
            _load(conn, Path(directory) / table, table, key)


def _load(conn: psycopg.Connection, file: Path, table: str, key: str) -> None:
    names = {"here": sql.Identifier(f"floor_{table}"), "theirs": sql.Identifier("xero", table), "key": sql.SQL(key)}
    for statement in (
        "create temp table arriving (like {theirs}) on commit drop",
        "create table {here} (like {theirs}, primary key (org_id, {key}))",
    ):
        conn.execute(sql.SQL(statement).format(**names))
    with conn.cursor().copy("copy arriving from stdin") as copy, file.open("rb") as rows:
        while chunk := rows.read(CHUNK):
            copy.write(chunk)
    conn.execute(sql.SQL("insert into {here} select * from arriving").format(**names))
    conn.commit()


if __name__ == "__main__":
    main(*sys.argv[1:])
