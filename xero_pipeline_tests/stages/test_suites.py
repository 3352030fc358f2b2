"""The suites of Great Expectations refuse the very records that the gate refuses, check by check, and show them in Data Docs."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from xero_pipeline.domain.drafts import Draft, DraftLine
from xero_pipeline.domain.errors import Permanent, Transient
from xero_pipeline.domain.expectations import Between, Given, Length, NotOneOf
from xero_pipeline.domain.export_checks import EXPORT_CHECKS, ExportCheck, Grain
from xero_pipeline.domain.export_gate import refusal_of
from xero_pipeline.domain.export_settings import Export
from xero_pipeline.domain.org import Org
from xero_pipeline.settings import Settings
from xero_pipeline.stages.export import suites
from xero_pipeline.stages.export.suites import Judgement, judge
from xero_pipeline.warehouse import export_plan, tokens
from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.vault import vault
from xero_pipeline_tests.domain.trade import line, sale, the_draft

# Great Expectations and what it brings warn of themselves when they are imported.
pytestmark = pytest.mark.filterwarnings("default")

ORG_ID = "0c0a7f25-6e4c-4fb6-9f62-b4f1b5f0d7aa"
OTHER_ORG_ID = "ffffffff-6e4c-4fb6-9f62-b4f1b5f0d7aa"
DEMO = Org(alias="demo", export=Export(enabled=True))
INVOICES = 500
ACTIONS = ("create", "update", "blocked", "no_op", "waiting")
# More bytes than characters, more characters than a person sees, blanks, and what means something in SQL or in a page.
LETTERS = ("a", "é", "漢", "🧾", "e\u0301", " ", "\n", "'", ":x", "%s", "<b>", "$HOME")

Evidence = Draft | DraftLine


@dataclass(frozen=True)
class Plan:
    """Generated drafts, each with the action it is planned with, and what was found of them."""

    rows: tuple[tuple[Draft, str], ...]
    judgement: Judgement

    def refused_by_the_gate(self, check: ExportCheck) -> set[tuple[str, ...]]:
        """The keys of the rows that the gate refuses, of those that it decides about."""
        judged = [draft for draft, action in self.rows if action in suites.JUDGED]
        if check.grain == "document":
            return {(draft.external_id,) for draft in judged if refusal_of(check, draft)}
        lines = [(draft.external_id, each) for draft in judged for each in draft.lines]
        return {(external_id, each.line_id) for external_id, each in lines if refusal_of(check, each)}


def _edges(dice: random.Random, check: ExportCheck) -> list[object]:
    """Values on both sides of what a check allows."""
    match check.expects:
        case Given():
            return []
        case NotOneOf(words):
            return [*words, words[0].upper(), f"{words[0]} ", ""]
        case Between(least, most, _):
            whole = "int" in str((Draft if check.grain == "document" else DraftLine).__annotations__[check.field])
            step = Decimal(1) if whole else Decimal("0.0001")
            around = [bound + by for bound in (least, most) if bound is not None for by in (-step, Decimal(0), step)]
            return [int(value) for value in around] if whole else list(around)
        case Length(least, most):
            return [_text(dice, size) for size in (least - 1, least, most - 1, most, most + 1)]


def _text(dice: random.Random, size: int) -> str:
    return "".join(dice.choice(LETTERS) for _ in range(size))[:size]


def _spoilt(dice: random.Random, evidence: Evidence, grain: Grain) -> dict[str, object]:
    """New values for some of the fields that checks look at: missing ones, and ones on an edge."""
    return {
        check.field: dice.choice([None, *_edges(dice, check)])
        for check in EXPORT_CHECKS
        if check.grain == grain and dice.random() < 0.12
    }


def _draft(dice: random.Random, number: int) -> Draft:
    sound = the_draft(sale(line("00k1"), line("00k2")))
    lines = tuple(replace(each, **_spoilt(dice, each, "line")) for each in sound.lines)  # type: ignore[arg-type]
    named = {"external_id": f"0060000000{number:05}AAA", "sale_name": _text(dice, 12), "lines": lines}
    return replace(sound, **{**named, **_spoilt(dice, sound, "document")})  # type: ignore[arg-type]


def _write(warehouse: Warehouse, org_id: str, rows: tuple[tuple[Draft, str], ...]) -> None:
    documents, lines = [], []
    for draft, action in rows:
        plan = {"org_id": org_id, "plan_id": "p-1", "planned_at": datetime.now(UTC), "action": action}
        evidence = asdict(draft)
        lines += [{"org_id": org_id, "external_id": draft.external_id, **each} for each in evidence.pop("lines")]
        documents.append({**evidence, **plan})
    with warehouse.connect() as conn:
        export_plan.replace(conn, org_id, ["none of them"], documents, lines)


def _connect(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.connect() as conn:
        tokens.save(
            conn,
            vault(settings.secret_key, settings.home),
            system="xero",
            alias="demo",
            org_id=ORG_ID,
            tenant_name="Demo Company",
            grant_kind="client_credentials",
            client_id="app",
        )


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings.from_environment(
        {"WAREHOUSE_URL": database_url, "XERO_PIPELINE_HOME": str(tmp_path), "XERO_PIPELINE_SECRET_KEY": "of the tests"}
    )


@pytest.fixture
def plan(settings: Settings, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """Hundreds of invoices with faults of every kind, not all of them the gate's to judge, and the same of another org."""
    monkeypatch.setattr(suites, "SAMPLE", 10_000)
    dice = random.Random(20261117)
    rows = tuple((_draft(dice, number), ACTIONS[number % len(ACTIONS)]) for number in range(INVOICES))
    _connect(warehouse, settings)
    _write(warehouse, ORG_ID, rows)
    _write(warehouse, OTHER_ORG_ID, rows)
    return Plan(rows, judge(settings, DEMO))


def test_gate_and_suites_refuse_the_same_records_and_data_docs_show_them(plan: Plan, tmp_path: Path) -> None:
    for check in EXPORT_CHECKS:
        verdict = plan.judgement.verdicts[check.name]
        key = ("external_id",) if check.grain == "document" else ("external_id", "line_id")
        found = {tuple(row[name] for name in key) for row in verdict.sample}
        assert found == plan.refused_by_the_gate(check), check.name
        assert verdict.count == len(found)
        assert 0 < verdict.count < verdict.seen, f"the examples are all on one side of {check.name}"
        assert not verdict.passed
    assert plan.judgement.docs == tmp_path / "data_docs" / "demo" / "index.html"
    pages = "".join(page.read_text() for page in plan.judgement.docs.parent.rglob("*.html"))
    for check in EXPORT_CHECKS:
        assert check.name in pages


def test_an_empty_plan_is_judged_and_the_last_data_docs_are_replaced(settings: Settings, warehouse: Warehouse) -> None:
    _connect(warehouse, settings)
    leftover = settings.home / "data_docs" / "demo" / "validations" / "of yesterday.html"
    leftover.parent.mkdir(parents=True)
    leftover.write_text("gone tomorrow")
    judgement = judge(settings, DEMO)
    assert [name for name, verdict in judgement.verdicts.items() if not verdict.passed or verdict.seen] == []
    assert set(judgement.verdicts) == {check.name for check in EXPORT_CHECKS}
    assert judgement.docs.is_file()
    assert not leftover.exists()
    assert [path.name for path in (settings.home / "data_docs").iterdir()] == ["demo"]


def test_an_organisation_that_was_never_synced_has_nothing_to_judge(settings: Settings) -> None:
    with pytest.raises(Permanent, match="demo was never synced"):
        judge(settings, DEMO)


def test_a_plan_that_cannot_be_read_is_one_sentence(settings: Settings, warehouse: Warehouse) -> None:
    _connect(warehouse, settings)
    with warehouse.connect() as conn:
        conn.execute("alter table sync.export_documents rename column total to amount")
    with pytest.raises(Transient) as caught:
        judge(settings, DEMO)
    assert caught.value.message == (
        "Great Expectations could not look at the plan: "
        "(psycopg2.errors.UndefinedColumn) column documents.total does not exist"
    )


def test_every_bound_of_a_check_reaches_great_expectations_as_it_is() -> None:
    for grain in ("document", "line"):
        configurations = [each.configuration for each in suites.suite_of(grain).expectations]  # type: ignore[arg-type]
        checks = [check for check in EXPORT_CHECKS if check.grain == grain]
        for check, configuration in zip(checks, configurations, strict=True):
            assert configuration.meta["check"] == check.name
            assert configuration.description == f"{check.name}: {check.in_general} {check.fix}"
            assert configuration.notes == [check.in_general, check.fix]
            if isinstance(check.expects, Between):
                for bound, name in ((check.expects.least, "min_value"), (check.expects.most, "max_value")):
                    told = configuration.kwargs.get(name)
                    assert (None if told is None else Decimal(repr(told))) == bound
