"""Making and ending connections: a person's consent in the browser, a custom connection's first call, a Salesforce login."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime

from xero_pipeline.domain.errors import Permanent, Reconnect
from xero_pipeline.domain.org import Org
from xero_pipeline.salesforce import reader
from xero_pipeline.salesforce.client import SalesforceClient
from xero_pipeline.salesforce.objects import OBJECTS
from xero_pipeline.settings import Settings
from xero_pipeline.stages import connections
from xero_pipeline.stages.connections import WEB_APP
from xero_pipeline.warehouse import tokens
from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.vault import vault
from xero_pipeline.xero import identity
from xero_pipeline.xero.identity import Consent, Tenant, Token

# The objects of our metadata package; a user who cannot see one cannot write to it.
PACKAGE_OBJECTS = (
    "Xero_Metadata__c",
    "Xero_Contact__c",
    "Xero_Invoice__c",
    "Xero_Invoice_Line__c",
    "Xero_Payment__c",
    "Xero_Note__c",
)


def ask_for_consent(settings: Settings, org: Org, redirect_uri: str) -> Consent:
    """Where to send the person, with the scopes that the organisation's switches need; those to write only for an export.

    Raises Permanent without an app.
    """
    connections.require_xero_app(settings)
    wanted = identity.scopes(org.sync, exports=org.export.enabled, person=True)
    return identity.consent(settings.xero_login_url, settings.xero_client_id, redirect_uri, wanted)


def finish_consent(settings: Settings, org: Org, consent: Consent, code: str, redirect_uri: str) -> Tenant:
    """Exchange the code, find the organisation it was given for, and keep the tokens, encrypted.

    Raises Permanent when several organisations were allowed and `orgs.yaml` names none of them.
    """
    app = connections.identity_of(settings)
    try:
        token = app.exchange_code(code, redirect_uri, consent.verifier)
    finally:
        app.close()
    tenant = _tenant_of(settings, org, token)
    warehouse = Warehouse(settings.warehouse_url)
    with warehouse.connect(purpose="connect") as conn:
        tokens.save(
            conn,
            vault(settings.secret_key, settings.home),
            system="xero",
            alias=org.alias,
            grant_kind=WEB_APP,
            client_id=settings.xero_client_id,
            org_id=tenant.tenant_id,
            tenant_name=tenant.name,
            remote_connection_id=tenant.connection_id,
            token=connections.stored(token),
        )
    return tenant


def _tenant_of(settings: Settings, org: Org, token: Token) -> Tenant:
    allowed = identity.tenants(settings.xero_api_url, token, event_id=identity.auth_event_id(token))
    if not allowed:
        # Allowing an organisation a second time is no new connection of that consent; then all that are there may be it.
        allowed = identity.tenants(settings.xero_api_url, token)
    if org.tenant:
        allowed = tuple(tenant for tenant in allowed if org.tenant in (tenant.tenant_id, tenant.name))
    if len(allowed) != 1:
        names = ", ".join(tenant.name or tenant.tenant_id for tenant in allowed) or "none"
        raise Permanent(
            f"{org.alias} must be one organisation, and the consent reaches: {names}.",
            next_step="Name it in orgs.yaml (`tenant:`) and connect again.",
        )
    return allowed[0]


def connect_custom(settings: Settings, org: Org) -> str:
    """Prove a custom connection with one call and remember its organisation, whose name is given back."""
    warehouse = Warehouse(settings.warehouse_url)
    with warehouse.connect(purpose="connect") as conn:
        known = tokens.find(conn, "xero", org.alias)
        if known is not None and (known.disconnected_at is not None or known.grant_kind == WEB_APP):
            tokens.save(
                conn,
                vault(settings.secret_key, settings.home),
                system="xero",
                alias=org.alias,
                grant_kind=connections.CUSTOM_CONNECTION,
                client_id=settings.xero_client_id,
                org_id=None,
                tenant_name=None,
            )
    with ExitStack() as closing:
        connection = connections.open_xero(settings, org, warehouse, closing)
        organisation = connection.client.organisation()
    return organisation.name or organisation.organisation_id


def disconnect_xero(settings: Settings, org: Org) -> bool:
    """Cut the connection at Xero where that can be done, destroy the tokens, keep the data; whether there was one."""
    warehouse = Warehouse(settings.warehouse_url)
    with warehouse.connect(purpose="disconnect") as conn:
        known = tokens.find(conn, "xero", org.alias)
    if known is None or known.disconnected_at is not None:
        return False
    if known.grant_kind == WEB_APP and known.remote_connection_id:
        store, renew, app = connections.web_app_tokens(settings, org, warehouse)
        try:
            identity.disconnect(settings.xero_api_url, store.refresh(renew), known.remote_connection_id)
        except Reconnect:
            # Cut on Xero's side already, which is what was wanted.
            pass
        finally:
            app.close()
    with warehouse.connect(purpose="disconnect") as conn:
        return tokens.disconnect(conn, "xero", org.alias)


def connect_salesforce(settings: Settings) -> tuple[str, list[str]]:
    """Log in and look at every field that is read or written: the org's id, and a sentence for each thing that is missing."""
    with connections.salesforce_client(settings) as client:
        org_id = client.org_id
        missing = missing_in_salesforce(client)
        with Warehouse(settings.warehouse_url).connect(purpose="connect") as conn:
            tokens.save(
                conn,
                vault(settings.secret_key, settings.home),
                system="salesforce",
                alias="salesforce",
                grant_kind="jwt_bearer" if settings.salesforce_private_key else connections.CUSTOM_CONNECTION,
                client_id=settings.salesforce_client_id,
                org_id=org_id,
                tenant_name=settings.salesforce_username or None,
                instance_url=client.instance_url,
                now=datetime.now(UTC),
            )
    return org_id, missing


def missing_in_salesforce(client: SalesforceClient) -> list[str]:
    """What the user cannot see of the package and of the standard objects, in sentences."""
    faults: list[str] = []
    for table in OBJECTS:
        try:
            planned = reader.plan(client, table)
        except Permanent as error:
            faults.append(str(error))
        else:
            if planned and planned.hidden:
                faults.append(f"The user may not see {', '.join(planned.hidden)} of {planned.object.name}.")
    faults += [
        f"{name} is not deployed, or the user may not see it." for name in PACKAGE_OBJECTS if not client.offers(name)
    ]
    return faults


def disconnect_salesforce(settings: Settings) -> bool:
    """Forget the Salesforce connection; there is no token to give back. The data stays."""
    with Warehouse(settings.warehouse_url).connect(purpose="disconnect") as conn:
        return tokens.disconnect(conn, "salesforce", "salesforce")
