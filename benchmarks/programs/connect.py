"""Connects organisations as a person in a browser would: `connect.py ALIAS …`, each to the tenant in BENCH_TENANT_ALIAS."""

from __future__ import annotations

import os
import sys
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx

from benchmarks.programs.ours import DEMO
from xero_pipeline.domain.org import Org
from xero_pipeline.settings import Settings
from xero_pipeline.stages.connecting import ask_for_consent, finish_consent

REDIRECT = "http://localhost:8765/callback"


def main(*aliases: str) -> None:
    settings = Settings.from_environment(os.environ)
    for alias in aliases:
        tenant = os.environ[f"BENCH_TENANT_{alias}"]
        org = Org(alias=alias, time_zone=DEMO.time_zone, tenant=tenant)
        consent = ask_for_consent(settings, org, REDIRECT)
        page = urlsplit(consent.url)
        form = dict(parse_qsl(page.query)) | {"tenant_id": tenant, "decision": "allow"}
        answer = httpx.post(f"{page.scheme}://{page.netloc}{page.path}", data=form, trust_env=False)
        (code,) = parse_qs(urlsplit(answer.headers["Location"]).query)["code"]
        finish_consent(settings, org, consent, code, REDIRECT)


if __name__ == "__main__":
    main(*sys.argv[1:])
