"""Settings of the export that name what Xero does not have are told by their place in orgs.yaml, each with its remedy."""

from __future__ import annotations

from typing import Any

import pytest

from xero_pipeline.domain.settings_faults import setting_faults
from xero_pipeline_tests.domain.trade import books, settings


def test_settings_that_name_what_xero_has_are_right() -> None:
    export = settings(
        account_rules=[{"family": ["Goods"], "account_code": "210"}],
        tax_rules=[{"country_not": ["New Zealand"], "tax_type": "ZERORATED"}],
        tracking=[{"category": "Region", "from": "billing_state", "default": "North"}, {"category": "Department"}],
        branding_theme="Special",
    )
    assert setting_faults(export, books()) == ()


def test_settings_that_name_nothing_are_right_because_every_line_may_say_it_itself() -> None:
    assert setting_faults(settings(account_code="", tax_type=""), books()) == ()


@pytest.mark.parametrize(
    ("given", "setting", "said"),
    [
        ({"account_code": "201"}, "account_code", "Xero has no account with the code 201."),
        ({"account_code": "299"}, "account_code", "The account 299 is archived in Xero."),
        (
            {"account_rules": [{"account_code": "210"}, {"account_code": "201"}]},
            "account_rules, rule 2",
            "Xero has no account with the code 201.",
        ),
        ({"tax_type": "OUTPUT9"}, "tax_type", "Xero has no tax rate with the type OUTPUT9."),
        ({"tax_type": "OLDRATE"}, "tax_type", "The tax rate OLDRATE is not active in Xero."),
        (
            {"account_code": "400"},
            "tax_type",
            "The tax type OUTPUT2 cannot be used with the default account.",
        ),
        (
            {"tax_rules": [{"tax_type": "OLDRATE"}]},
            "tax_rules, rule 1",
            "The tax rate OLDRATE is not active in Xero.",
        ),
        (
            {"tracking": [{"category": "region"}]},
            "tracking, region",
            "Xero has no active tracking category region; case matters.",
        ),
        (
            {"tracking": [{"category": "Region", "default": "Old"}]},
            "tracking, Region",
            "The tracking category Region has no active option Old; case matters.",
        ),
        (
            {"branding_theme": "special"},
            "branding_theme",
            "Xero has no branding theme called special; case matters.",
        ),
    ],
)
def test_a_setting_that_names_what_xero_does_not_have_is_told(given: dict[str, Any], setting: str, said: str) -> None:
    (fault,) = setting_faults(settings(**given), books())
    assert (fault.setting, fault.sentence) == (setting, said)
    assert "orgs.yaml" in fault.fix


def test_a_rule_for_tax_is_not_held_against_the_default_account_because_its_lines_may_go_elsewhere() -> None:
    export = settings(account_code="400", tax_type="NONE", tax_rules=[{"family": ["Goods"], "tax_type": "OUTPUT2"}])
    assert setting_faults(export, books()) == ()
