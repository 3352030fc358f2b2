"""`orgs.yaml` is read strictly: a mistake is one sentence that says where it is."""

from __future__ import annotations

import pytest

from xero_pipeline.domain.errors import Permanent
from xero_pipeline.domain.org import Org, parse_orgs


def test_an_alias_alone_is_an_organisation_with_the_default_switches() -> None:
    (org,) = parse_orgs("orgs: [{alias: demo}]", "orgs.yaml")
    assert org.sync.bills
    assert not org.sync.purchase_orders
    assert org.rollups.type == "both"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("orgs: [{alias: demo, time_zone: Mars/Olympus}]", "orgs.0.time_zone: 'Mars/Olympus' is not an IANA time zone"),
        ("orgs: [{alias: Demo Ltd}]", "must be lower-case letters"),
        ("orgs: [{alias: salesforce}]", "orgs.0.alias: 'salesforce' is the name of the Salesforce org"),
        ("orgs: [{alias: demo, snyc: {}}]", "orgs.0.snyc"),
        ("orgs: []", "at least 1 item"),
        ("orgs: [", "not valid YAML"),
        ("", "orgs: Field required"),
        ("orgs: [{alias: a}, {alias: a}]", "names a twice"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, says: str) -> None:
    with pytest.raises(Permanent, match=r"orgs\.yaml") as refused:
        parse_orgs(text, "orgs.yaml")
    assert says in refused.value.message


def test_the_prefix_filter_is_case_sensitive_and_empty_means_all() -> None:
    assert Org(alias="a").in_scope(None)
    filtered = Org(alias="a", invoice_prefixes=("INV-", "SI-"))
    assert filtered.in_scope("INV-1")
    assert filtered.in_scope("SI-9")
    assert not filtered.in_scope("inv-1")
    assert not filtered.in_scope(None)
