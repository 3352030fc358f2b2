"""The sandbox as one ASGI application: Xero, Salesforce and the control API on one port, compressed when asked for."""

from __future__ import annotations

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Scope

from xero_pipeline.sandbox import salesforce
from xero_pipeline.sandbox.control import Control
from xero_pipeline.sandbox.exchange import Exchange
from xero_pipeline.sandbox.webhook_control import webhook_routes
from xero_pipeline.sandbox.world import World
from xero_pipeline.sandbox.xero.http import AccountingApi
from xero_pipeline.sandbox.xero.oauth import OAuthServer

LARGE_ANSWER = 1_000_000  # bytes, enough to be compressed in a thread of its own


def build_app(world: World, url: str, shut_down: Callable[[], None]) -> ASGIApp:
    """The application of `world`, reached at `url`; `shut_down` is called by `POST /sandbox/shutdown`."""
    control = Control(world, lambda: announcement(world, url), shut_down)
    accounting = AccountingApi(world.identity, world.tenants, world.limits, world.clock)
    oauth = OAuthServer(world.identity, world.tenants)
    application = Starlette(
        routes=[
            *control.routes(),
            *webhook_routes(world),
            *oauth.routes(),
            *accounting.routes(),
            *salesforce.routes(world.org, world.clock),
        ]
    )
    return Exchange(_compressed(application), world)


async def warm_up() -> None:
    """Compresses an answer for nobody: the first one loads what it needs, and no client should wait for that."""
    scope: Scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"accept-encoding", b"gzip")]}

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        return None

    await _compressed(PlainTextResponse(" " * LARGE_ANSWER))(scope, receive, send)


def _compressed(application: ASGIApp) -> ASGIApp:
    # Level 1: a page of a thousand invoices shrinks to a twentieth in a few milliseconds, and no further for three times that.
    return GZipMiddleware(application, minimum_size=1024, compresslevel=1)


def announcement(world: World, url: str) -> dict[str, object]:
    """The first line of `xero-pipeline sandbox`: where everything is, and the credentials for it."""
    apps = list(world.identity.apps.values())
    custom = next(app for app in apps if app.custom)
    web = next(app for app in apps if not app.custom)
    settings = world.org.settings
    return {
        "url": url,
        "control_url": f"{url}/sandbox",
        "xero": {
            "api_url": url,
            "identity_url": url,
            "login_url": url,
            "client_id": custom.client_id,
            "client_secret": custom.client_secret,
            "web_app": {"client_id": web.client_id, "client_secret": web.client_secret},
            "organisations": [{"tenant_id": tenant.tenant_id, "name": tenant.name} for tenant in world.tenants],
        },
        "salesforce": {
            "login_url": url,
            "client_id": settings.client_id,
            "client_secret": settings.client_secret,
            "username": settings.username,
            "org_id": settings.org_id,
        },
        "environment": {
            "XERO_API_URL": url,
            "XERO_IDENTITY_URL": url,
            "XERO_LOGIN_URL": url,
            "XERO_CLIENT_ID": custom.client_id,
            "XERO_CLIENT_SECRET": custom.client_secret,
            "SALESFORCE_LOGIN_URL": url,
            "SALESFORCE_CLIENT_ID": settings.client_id,
            "SALESFORCE_CLIENT_SECRET": settings.client_secret,
            "SALESFORCE_USERNAME": settings.username,
            "SALESFORCE_PRIVATE_KEY": settings.private_key,
        },
    }
