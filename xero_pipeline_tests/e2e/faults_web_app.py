"""An organisation that a person connected in the browser: consent given, code exchanged, tokens kept in the warehouse."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, parse_qsl, urlsplit

from xero_pipeline.domain.org import Org
from xero_pipeline.settings import Settings
from xero_pipeline.stages import connections
from xero_pipeline.stages.connections import WEB_APP, identity_of
from xero_pipeline.warehouse import tokens
from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.vault import vault
from xero_pipeline.xero import identity
from xero_pipeline_tests import loopback
from xero_pipeline_tests.e2e.faults_bench import Bench

REDIRECT = "http://localhost:8914/callback"


def connected(bench: Bench, number: int = 0) -> Bench:
    """The bench with its organisation connected by the web app to the tenant of that number."""
    app = next(app for app in bench.world.identity.apps.values() if not app.custom)
    web = bench.other(xero_client_id=app.client_id, xero_client_secret=app.client_secret)
    tenant = list(bench.world.tenants)[number]
    connect(web.settings, web.org, tenant.tenant_id, tenant.name)
    return web


def connect(settings: Settings, org: Org, tenant_id: str, name: str) -> None:
    """What a person and the command `connect` do together."""
    wanted = identity.scopes(org.sync, exports=org.export.enabled, person=True)
    visit = identity.consent(settings.xero_login_url, settings.xero_client_id, REDIRECT, wanted)
    page = urlsplit(visit.url)
    form = dict(parse_qsl(page.query)) | {"tenant_id": tenant_id, "decision": "allow"}
    sent_back = loopback.post(f"{page.scheme}://{page.netloc}{page.path}", data=form).headers["Location"]
    (code,) = parse_qs(urlsplit(sent_back).query)["code"]
    app = identity_of(settings)
    token = app.exchange_code(code, REDIRECT, visit.verifier)
    app.close()
    with Warehouse(settings.warehouse_url).connect() as conn:
        tokens.save(
            conn,
            vault(settings.secret_key, settings.home),
            system="xero",
            alias=org.alias,
            org_id=tenant_id,
            tenant_name=name,
            grant_kind=WEB_APP,
            client_id=settings.xero_client_id,
            token=connections.stored(token),
        )


def let_the_token_end(bench: Bench) -> None:
    """The kept access token has run out, as far as the pipeline knows."""
    bench.change("update sync.connections set expires_at = %s", datetime.now(UTC))


def with_secret_key(bench: Bench, key: str) -> Bench:
    """The bench with a key that other processes can be given too."""
    return replace(bench, settings=replace(bench.settings, secret_key=key))
