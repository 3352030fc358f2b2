"""Xero's own SDK, unpatched but for the host, takes the sandbox for Xero (xero.md section 8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from xero_python.accounting import AccountingApi
from xero_python.api_client import ApiClient
from xero_python.api_client.configuration import Configuration
from xero_python.api_client.oauth2 import OAuth2Token, TokenApi
from xero_python.exceptions import HTTPStatusException, NotFoundException, RateLimitException
from xero_python.identity import IdentityApi

from xero_pipeline.sandbox.server import Sandbox
from xero_pipeline_tests.sandbox.http.client import API, Client, credentials
from xero_pipeline_tests.sandbox.http.test_identity import WebApp

SCOPES = [
    "accounting.settings",
    "accounting.contacts",
    "accounting.invoices",
    "accounting.payments",
    "accounting.manualjournals",
]


def sdk(sandbox: Sandbox, token: dict[str, object], client_id: str, client_secret: str) -> ApiClient:
    configuration = Configuration()
    # Not as an argument: the SDK keeps the first configuration's arguments for every later one.
    configuration.oauth2_token = OAuth2Token(client_id, client_secret)
    client = ApiClient(configuration, pool_threads=1)
    client.oauth2_token_getter(lambda: dict(token))
    client.oauth2_token_saver(token.update)
    client.rest_client.pool_manager.connection_pool_kw["retries"] = False
    return client


@pytest.fixture(autouse=True)
def _host(shared: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("refresh_token_url", "client_credentials_token_url"):
        monkeypatch.setattr(TokenApi, name, f"{shared.url}/connect/token")
    monkeypatch.setattr(TokenApi, "revoke_token_url", f"{shared.url}/connect/revocation")


@pytest.fixture
def accounting(shared: Sandbox) -> Iterator[AccountingApi]:
    token: dict[str, object] = {"scope": SCOPES}
    client = sdk(shared, token, *credentials(shared))
    client.get_client_credentials_token()
    yield AccountingApi(client, base_url=f"{shared.url}{API}")
    client.rest_client.pool_manager.clear()


def test_every_list_is_read(accounting: AccountingApi) -> None:
    sizes = {
        "organisations": accounting.get_organisations("").organisations,
        "branding_themes": accounting.get_branding_themes("").branding_themes,
        "accounts": accounting.get_accounts("").accounts,
        "tax_rates": accounting.get_tax_rates("").tax_rates,
        "tracking_categories": accounting.get_tracking_categories("").tracking_categories,
        "currencies": accounting.get_currencies("").currencies,
        "items": accounting.get_items("").items,
        "contacts": accounting.get_contacts("", page=1, page_size=1000, include_archived=True).contacts,
        "invoices": accounting.get_invoices("", page=1, page_size=1000).invoices,
        "purchase_orders": accounting.get_purchase_orders("").purchase_orders,
        "quotes": accounting.get_quotes("").quotes,
        "credit_notes": accounting.get_credit_notes("", page=1).credit_notes,
        "prepayments": accounting.get_prepayments("", page=1).prepayments,
        "overpayments": accounting.get_overpayments("", page=1).overpayments,
        "payments": accounting.get_payments("", page=1).payments,
        "manual_journals": accounting.get_manual_journals("", page=1).manual_journals,
    }

    assert [name for name, records in sizes.items() if not records] == []


def test_pages_and_dates_are_understood(accounting: AccountingApi) -> None:
    first = accounting.get_invoices("", page=1, page_size=50, statuses=["PAID", "AUTHORISED"])
    invoice = first.invoices[0]

    assert (first.pagination.page, first.pagination.page_size) == (1, 50)
    assert invoice.updated_date_utc.tzinfo is not None
    assert invoice.sub_total + invoice.total_tax == invoice.total
    assert isinstance(invoice.total, Decimal)


def test_if_modified_since_as_the_sdk_sends_it_is_understood(accounting: AccountingApi) -> None:
    nothing = accounting.get_invoices("", if_modified_since=datetime(2099, 1, 2, 3, 4, 5, 678901, tzinfo=UTC))

    assert nothing.invoices == []


def test_a_record_is_got_by_id_and_a_missing_one_is_not_found(accounting: AccountingApi) -> None:
    contact = accounting.get_contacts("", page=1).contacts[0]

    assert accounting.get_contact("", contact.contact_id).contacts[0].name == contact.name
    with pytest.raises(NotFoundException):
        accounting.get_contact("", "00000000-0000-0000-0000-000000000000")


def test_a_web_app_lists_its_connections_and_refreshes_its_token(shared: Sandbox) -> None:
    web = WebApp(shared)
    token: dict[str, object] = dict(web.connect())
    token["scope"] = str(token["scope"]).split()
    client = sdk(shared, token, *web.basic)
    before = token["refresh_token"]

    connections = IdentityApi(client, base_url=shared.url).get_connections()
    client.refresh_oauth2_token()
    name = AccountingApi(client, base_url=f"{shared.url}{API}").get_organisations(connections[0].tenant_id)
    client.rest_client.pool_manager.clear()

    assert token["refresh_token"] != before
    assert name.organisations[0].name == web.organisations[0]["name"]


def test_refusals_arrive_as_the_sdks_own_exceptions(sandbox: Sandbox, client: Client) -> None:
    token: dict[str, object] = {
        "access_token": client.headers["Authorization"].removeprefix("Bearer "),
        "scope": SCOPES,
        "expires_in": 1800,
        "expires_at": 4_102_444_800,
        "token_type": "Bearer",
    }
    api_client = sdk(sandbox, token, *credentials(sandbox))
    accounting = AccountingApi(api_client, base_url=f"{sandbox.url}{API}")
    for what, kind in (("429 minute", RateLimitException), ("403", HTTPStatusException), ("503", HTTPStatusException)):
        client.control("POST", "faults", {"what": what, "count": 1, "match": {"path": "Currencies"}})
        with pytest.raises(kind):
            accounting.get_currencies("")
    api_client.rest_client.pool_manager.clear()
