"""Connections are made by a person's consent or a custom connection's first call, kept encrypted, and cut without losing data."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from xero_pipeline.domain.errors import Permanent, Reconnect
from xero_pipeline.settings import Settings
from xero_pipeline.stages import connecting, connections
from xero_pipeline.stages.doctor import examine
from xero_pipeline.stages.status import status_of
from xero_pipeline_tests import loopback
from xero_pipeline_tests.e2e.pair import Pair

CALLBACK = "http://localhost:8765/callback"


@pytest.fixture
def web_app(pair: Pair) -> Settings:
    """The settings of somebody whose Xero app is a web app."""
    announced = pair.sandbox.announcement["xero"]
    assert isinstance(announced, dict)
    app = announced["web_app"]
    return replace(pair.settings, xero_client_id=app["client_id"], xero_client_secret=app["client_secret"])


def _allow(url: str, tenant_id: str) -> dict[str, list[str]]:
    """A person opens the page, chooses the organisation and allows; what the browser is sent back with."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    page = loopback.get(url)
    assert page.status_code == 200, page.text
    form = {**asked, "tenant_id": tenant_id, "decision": "allow"}
    sent_back = loopback.post(url.partition("?")[0], data=form)
    return parse_qs(urlsplit(sent_back.headers["Location"]).query)


def _connect(pair: Pair, settings: Settings) -> str:
    consent = connecting.ask_for_consent(settings, pair.org, CALLBACK)
    answer = _allow(consent.url, pair.row("select organisation_id from xero.organisations")["organisation_id"])
    assert answer["state"] == [consent.state]
    return connecting.finish_consent(settings, pair.org, consent, answer["code"][0], CALLBACK).name


def test_consent_in_the_browser_connects_and_the_next_sync_uses_it(pair: Pair, web_app: Settings) -> None:
    name = _connect(pair, web_app)
    pair.settings = web_app
    outcome = pair.sync("delta")
    kept = pair.row("select * from sync.connections where system = 'xero'")
    assert name == pair.row("select name from xero.organisations")["name"]
    assert (kept["grant_kind"], kept["tenant_name"]) == ("authorization_code", name)
    assert outcome.kind == "manual"


def test_tokens_are_kept_encrypted(pair: Pair, web_app: Settings) -> None:
    _connect(pair, web_app)
    kept = pair.row("select access_token, refresh_token from sync.connections where system = 'xero'")
    for token in kept.values():
        assert bytes(token).startswith(b"gAAAA"), "a Fernet token"


def test_disconnecting_cuts_the_connection_and_keeps_the_data(pair: Pair, web_app: Settings) -> None:
    _connect(pair, web_app)
    pair.settings = web_app
    invoices = pair.row("select count(*) as n from xero.invoices")["n"]
    assert connecting.disconnect_xero(web_app, pair.org)
    with pytest.raises(Reconnect, match="was disconnected"):
        pair.sync("delta")
    assert pair.row("select count(*) as n from xero.invoices")["n"] == invoices > 0
    assert status_of(web_app, pair.org, clock=pair.world.clock.now).disconnected_at is not None
    assert not connecting.disconnect_xero(web_app, pair.org), "there is nothing left to disconnect"


def test_connecting_again_after_disconnecting_works(pair: Pair, web_app: Settings) -> None:
    _connect(pair, web_app)
    connecting.disconnect_xero(web_app, pair.org)
    _connect(pair, web_app)
    pair.settings = web_app
    assert pair.sync("full").rows_written == 0


def test_an_organisation_that_is_not_the_one_named_is_refused(pair: Pair, web_app: Settings) -> None:
    pair.org = pair.org.model_copy(update={"tenant": "Another Company Ltd"})
    with pytest.raises(Permanent, match="must be one organisation"):
        _connect(pair, web_app)


def test_a_custom_connection_is_proven_by_one_call(pair: Pair) -> None:
    assert connecting.connect_custom(pair.settings, pair.org) == pair.row("select name from xero.organisations")["name"]


def test_a_connection_made_before_exports_were_switched_on_reads_but_must_be_made_again_to_write(
    pair: Pair, web_app: Settings
) -> None:
    orgs = pair.settings.home / "orgs.yaml"
    orgs.write_text("orgs: [{alias: demo, time_zone: Pacific/Auckland, export: {enabled: true}}]")
    pair.settings = replace(web_app, orgs_file=orgs)
    _connect(pair, pair.settings)
    pair.org = pair.org.model_copy(update={"export": pair.org.export.model_copy(update={"enabled": True})})

    with pytest.raises(
        Reconnect, match=r"lacks accounting\.settings, accounting\.contacts, accounting\.invoices"
    ) as caught:
        connections.require_export(pair.settings, pair.org, pair.warehouse)
    assert "connect xero demo" in caught.value.next_step
    assert pair.sync("delta").kind == "manual"
    faults = {finding.about for finding in examine(pair.settings, clock=pair.world.clock.now) if finding.ok is False}
    assert faults == {"demo: export"}

    _connect(pair, pair.settings)
    connections.require_export(pair.settings, pair.org, pair.warehouse)
    findings = {finding.about: finding.ok for finding in examine(pair.settings, clock=pair.world.clock.now)}
    assert findings["demo: export"] is True


def test_a_custom_connection_asks_to_write_only_when_exports_are_switched_on(pair: Pair) -> None:
    exporting = pair.org.model_copy(update={"export": pair.org.export.model_copy(update={"enabled": True})})
    contact = {"Name": "Kōwhai Tools Limited", "ContactNumber": "0011t000012abcdAAA"}
    connections.require_export(pair.settings, exporting, pair.warehouse)
    with ExitStack() as closing:
        reading = connections.open_xero(pair.settings, pair.org, pair.warehouse, closing).client
        with pytest.raises(Reconnect, match="lacks the scope that PUT Contacts needs"):
            reading.writer.put("Contacts", [contact], key="first")
        writing = connections.open_xero(pair.settings, exporting, pair.warehouse, closing).client
        (answer,) = writing.writer.put("Contacts", [contact], key="second")
        assert answer.ok


def test_salesforce_is_proven_field_by_field(pair: Pair) -> None:
    org_id, missing = connecting.connect_salesforce(pair.settings)
    assert org_id.startswith("00D")
    assert missing == []
    assert connecting.disconnect_salesforce(pair.settings)


def test_the_doctor_finds_nothing_wrong_with_a_synced_organisation(pair: Pair) -> None:
    orgs = pair.settings.home / "orgs.yaml"
    orgs.write_text("orgs: [{alias: demo, time_zone: Pacific/Auckland}]")
    findings = list(examine(replace(pair.settings, orgs_file=orgs), clock=pair.world.clock.now))
    assert [finding for finding in findings if finding.ok is False] == []
    assert {"warehouse", "Salesforce", "demo: Xero", "demo: coverage"} <= {finding.about for finding in findings}


def test_the_doctor_names_a_wrong_secret_and_what_to_do(pair: Pair) -> None:
    orgs = pair.settings.home / "orgs.yaml"
    orgs.write_text("orgs: [{alias: demo, time_zone: Europe/London}]")
    broken = replace(pair.settings, orgs_file=orgs, xero_client_secret="not-the-secret", salesforce_client_id="")
    faults = {finding.about: finding for finding in examine(broken, clock=pair.world.clock.now) if finding.ok is False}
    assert set(faults) == {"demo: Xero", "Salesforce"}
    assert faults["demo: Xero"].fix
    assert "not-the-secret" not in str(faults)


def test_the_status_tells_coverage_rate_and_the_calls_left(pair: Pair) -> None:
    pair.sync("delta")
    status = status_of(pair.settings, pair.org, clock=pair.world.clock.now)
    assert status.success_rate == 1
    assert status.due is None or status.due.end <= pair.now
    assert status.calls_left is not None
    assert [run.kind for run in status.recent] == ["manual", "initial"]
