"""Settings: what each environment variable means, what holds without it, and what a bad value is answered with."""

from __future__ import annotations

from pathlib import Path

import pytest

from xero_pipeline.domain.errors import Permanent
from xero_pipeline.settings import (
    MASK,
    SALESFORCE_PRIVATE_KEY,
    VARIABLES,
    WAREHOUSE_URL,
    XERO_API_URL,
    XERO_CLIENT_ID,
    Settings,
)

EVERY_SECRET = {
    "WAREHOUSE_URL": "postgresql://xero:hidden@db/warehouse",
    "XERO_CLIENT_SECRET": "hidden",
    "SALESFORCE_CLIENT_SECRET": "hidden",
    "SALESFORCE_PRIVATE_KEY": "-----BEGIN PRIVATE KEY-----\nhidden\n-----END PRIVATE KEY-----",
    "XERO_PIPELINE_SECRET_KEY": "hidden",
    "DAGSTER_POSTGRES_URL": "postgresql+psycopg2://xero:hidden@db/dagster",
}


def test_an_empty_environment_reaches_the_real_xero_and_salesforce() -> None:
    settings = Settings.from_environment({})
    assert settings.xero_api_url == "https://api.xero.com"
    assert settings.xero_identity_url == "https://identity.xero.com"
    assert settings.xero_login_url == "https://login.xero.com"
    assert settings.salesforce_login_url == "https://login.salesforce.com"


def test_an_empty_environment_keeps_its_state_in_the_working_directory_with_schedules_stopped() -> None:
    settings = Settings.from_environment({})
    assert settings.home == Path(".xero_pipeline")
    assert settings.orgs_file == Path("orgs.yaml")
    assert settings.schedules_running is False
    assert settings.warehouse_url == ""


@pytest.mark.parametrize("empty", ["", "  ", "\n"])
def test_an_empty_value_means_unset(empty: str) -> None:
    assert Settings.from_environment({"XERO_API_URL": empty}) == Settings.from_environment({})


def test_a_value_pasted_with_a_line_break_is_taken_without_it() -> None:
    assert Settings.from_environment({"XERO_CLIENT_SECRET": "s3cret\n"}).xero_client_secret == "s3cret"


def test_a_base_url_is_kept_without_its_last_slash() -> None:
    assert Settings.from_environment({"XERO_API_URL": "http://127.0.0.1:8080/"}).xero_api_url == "http://127.0.0.1:8080"


@pytest.mark.parametrize("bad", ["api.xero.com", "ftp://api.xero.com", "https://", "https://user:pw@api.xero.com"])
def test_a_base_url_must_be_an_http_address(bad: str) -> None:
    with pytest.raises(Permanent, match="XERO_API_URL must be an http or https address") as caught:
        Settings.from_environment({"XERO_API_URL": bad})
    assert caught.value.next_step == f"Set it like XERO_API_URL={XERO_API_URL.example}, or unset it."


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_the_warehouse_may_be_named_by_any_scheme_of_postgresql(scheme: str) -> None:
    url = f"{scheme}://db/warehouse"
    assert Settings.from_environment({"WAREHOUSE_URL": url}).warehouse_url == url


def test_a_bad_secret_is_refused_without_repeating_it() -> None:
    with pytest.raises(Permanent) as caught:
        Settings.from_environment({"WAREHOUSE_URL": "mysql://root:hidden@db/warehouse"})
    assert "WAREHOUSE_URL" in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_a_private_key_on_one_line_gets_its_line_breaks_back() -> None:
    settings = Settings.from_environment({"SALESFORCE_PRIVATE_KEY": "-----BEGIN KEY-----\\nabc\\n-----END KEY-----"})
    assert settings.salesforce_private_key == "-----BEGIN KEY-----\nabc\n-----END KEY-----"


def test_a_private_key_must_be_pem_text() -> None:
    with pytest.raises(Permanent, match="PEM text of a private key"):
        Settings.from_environment({"SALESFORCE_PRIVATE_KEY": "/etc/key.pem"})


@pytest.mark.parametrize(("text", "running"), [("running", True), ("stopped", False)])
def test_schedules_are_running_or_stopped(text: str, running: bool) -> None:
    assert Settings.from_environment({"XERO_PIPELINE_SCHEDULES": text}).schedules_running is running


def test_schedules_that_are_neither_running_nor_stopped_are_refused() -> None:
    with pytest.raises(Permanent, match="XERO_PIPELINE_SCHEDULES must be running or stopped, not 'yes'"):
        Settings.from_environment({"XERO_PIPELINE_SCHEDULES": "yes"})


def test_no_secret_shows_in_the_repr() -> None:
    assert {variable.name for variable in VARIABLES if variable.secret} == EVERY_SECRET.keys()
    shown = repr(Settings.from_environment(EVERY_SECRET))
    assert "hidden" not in shown
    assert shown.count(MASK) == len(EVERY_SECRET)


def test_a_person_is_shown_values_but_masks_for_secrets() -> None:
    assert WAREHOUSE_URL.shown({"WAREHOUSE_URL": "postgresql://xero:hidden@db/x"}) == MASK
    assert XERO_CLIENT_ID.shown({"XERO_CLIENT_ID": "ABC"}) == "ABC"
    assert XERO_API_URL.shown({}) == "https://api.xero.com"
    assert SALESFORCE_PRIVATE_KEY.shown({}) == "none"


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_every_variable_says_what_it_means_and_what_holds_without_it(variable) -> None:
    assert variable.meaning.endswith(".")
    assert variable.shown({})
    assert variable.secret or variable.example


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_every_example_is_a_good_value(variable) -> None:
    variable.value({variable.name: variable.example})
