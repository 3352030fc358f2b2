"""Who may not read is told so, once and plainly, and can go on as soon as the access is back."""

from __future__ import annotations

from xero_pipeline.domain.errors import Permanent, Reconnect
from xero_pipeline_tests.e2e.faults_bench import Bench

pytest_plugins = ["xero_pipeline_tests.e2e.faults_fixtures"]


def test_a_wrong_client_secret_is_named_and_never_shown(bench: Bench) -> None:
    wrong = "not-the-secret-of-this-app"
    bench.other(xero_client_secret=wrong).fails(Reconnect, "client id and secret", "XERO_CLIENT_SECRET")
    assert len(bench.requests("/connect/token")) == 1
    bench.heals()


def test_a_client_secret_that_is_changed_later_stops_the_sync_and_keeps_what_is_staged(bench: Bench) -> None:
    bench.sync()
    bench.other(xero_client_secret="a-secret-that-was-replaced").fails(Reconnect, "XERO_CLIENT_SECRET")
    bench.heals()


def test_a_revoked_connection_stops_the_sync_until_it_is_authorised_again(bench: Bench) -> None:
    bench.sync()
    bench.control("xero/connections/first/revoke")
    try:
        bench.fails(Reconnect, "Xero", "xero-pipeline connect xero")
    finally:
        bench.control("xero/connections/first/restore")
    bench.heals()


def test_a_connection_that_is_revoked_during_a_sync_keeps_what_was_staged_before(bench: Bench) -> None:
    def revoke(stage: object, report: object) -> None:
        if getattr(stage, "name", "") == "invoices" and report is None:
            bench.control("xero/connections/first/revoke")

    try:
        bench.fails(Reconnect, "GET Invoices", "xero-pipeline connect xero", progress=revoke)
    finally:
        bench.control("xero/connections/first/restore")
    assert bench.count("xero.contacts") > 0
    assert bench.count("xero.invoices") == 0
    bench.heals()


def test_another_organisation_than_the_configured_one_is_not_read(bench: Bench) -> None:
    wanted = bench.other(org={"tenant": "Somewhere Else Limited"})
    wanted.fails(Permanent, "Somewhere Else Limited", "demo", "`tenant` in orgs.yaml")
    assert sum(bench.counts().values()) == 0
    bench.heals()


def test_a_tenant_that_is_corrected_after_the_first_sync_is_obeyed(bench: Bench) -> None:
    bench.sync()
    bench.other(org={"tenant": "Somewhere Else Limited"}).fails(Permanent, "Somewhere Else Limited", "orgs.yaml")
    bench.heals()


def test_the_configured_organisation_is_read_whether_named_or_numbered(bench: Bench) -> None:
    (tenant,) = bench.world.tenants
    for known_as in (tenant.name, tenant.tenant_id):
        bench.other(org={"tenant": known_as}).sync()
    bench.assert_complete()


def test_an_endpoint_that_is_forbidden_fails_the_run_and_keeps_the_stages_before_it(bench: Bench) -> None:
    rule = bench.fault("403", "/Invoices$")
    bench.fails(Reconnect, "GET Invoices", "xero-pipeline connect xero")
    assert rule.hits == 1
    assert bench.count("xero.contacts") > 0
    bench.heals()


def test_a_token_that_is_refused_is_renewed_once_and_no_more(bench: Bench) -> None:
    rule = bench.fault("401", "/Invoices$")
    bench.fails(Reconnect, "GET Invoices", "xero-pipeline connect xero")
    assert rule.hits == 2
    bench.heals()


def test_an_endpoint_that_is_not_there_fails_the_run(bench: Bench) -> None:
    bench.other(xero_api_url=f"{bench.settings.xero_api_url}/elsewhere").fails(Permanent, "404", "XERO_API_URL")
    bench.heals()
