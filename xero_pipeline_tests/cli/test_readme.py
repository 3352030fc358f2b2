"""The README says what the code does: every command, and every switch and check of the export in its own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from xero_pipeline.cli import COMMANDS
from xero_pipeline.domain.export_checks import EXPORT_CHECKS, ExportCheck
from xero_pipeline.domain.export_settings import Export
from xero_pipeline.domain.items import ITEM_CHECKS

README = Path(__file__).parents[2] / "README.md"
CHECKS = (*EXPORT_CHECKS, *ITEM_CHECKS)
# What the sentences name, as it might be.
EXAMPLES = {
    "account_class": "REVENUE",
    "account_code": "299",
    "account_name": "Kauri Builders Limited",
    "branding_theme": "service jobs",
    "currency_code": "EUR",
    "deposit_percent": "100",
    "discount_rate": "101",
    "invoice_date": "2026-03-31",
    "invoice_number": "INV-0042",
    "item_code": "GTW-3",
    "item_name": "Telemetry gateway",
    "line_amount": "10000000000.00",
    "linked_invoices": "1",
    "position": "2",
    "salesforce_total": "1000.00",
    "tax_type": "OUTPUT3",
    "total": "0.00",
    "tracking_1": "Southland",
    "tracking_2": "hire",
}


def row(check: ExportCheck) -> str:
    """The check's row in the README."""
    return f"| `{check.name}` | {check.sentence.format(**EXAMPLES)} | {check.fix} |"


@pytest.fixture(scope="module")
def readme() -> str:
    return README.read_text()


def test_the_readme_names_every_check_with_its_sentence_and_its_remedy(readme: str) -> None:
    missing = [row(check) for check in CHECKS if row(check) not in readme]
    assert not missing, "put these rows into the README:\n" + "\n".join(missing)


def test_the_readme_names_no_check_that_is_gone(readme: str) -> None:
    rows = [line for line in readme.splitlines() if line.startswith("| `") and line.count("|") == 4]
    chapter = readme[readme.index("### Why a record was not sent") : readme.index("## Connecting real systems")]
    named = [line.split("`")[1] for line in rows if line in chapter]
    assert named == [check.name for check in CHECKS]


def test_the_readme_names_every_command(readme: str) -> None:
    rows = " ".join(line for line in readme.splitlines() if line.startswith("| `xero-pipeline"))
    assert [
        command for command in COMMANDS if f"`xero-pipeline {command}" not in rows and f"`{command}" not in rows
    ] == []


def test_orgs_yaml_and_the_readme_name_every_switch_of_the_export(readme: str) -> None:
    orgs = (README.parent / "orgs.yaml").read_text()
    assert [name for name in Export.model_fields if f"{name}:" not in orgs] == []
    assert [name for name in Export.model_fields if f"`{name}`" not in readme and f"{name}:" not in readme] == []
