"""Definitions over sessions that only remember what they were asked, at a moment that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.test_utils import freeze_time

from xero_pipeline.definitions import build_defs
from xero_pipeline.defs.ports import Exports, Status
from xero_pipeline.domain.errors import AlreadyRunning, PipelineError
from xero_pipeline.domain.export_checks import EXPORT_CHECKS
from xero_pipeline.domain.export_settings import Export
from xero_pipeline.domain.modes import Mode
from xero_pipeline.domain.org import Org, Switches
from xero_pipeline.domain.windows import Window
from xero_pipeline.settings import Settings
from xero_pipeline.stages.checks import Check, CheckResult
from xero_pipeline.stages.export.flags import Flags
from xero_pipeline.stages.export.resolving import Wish
from xero_pipeline.stages.export.suites import Judgement, Verdict
from xero_pipeline.stages.plan import Stage
from xero_pipeline.stages.report import StageReport
from xero_pipeline.warehouse.loader import Changes

# A Sunday; half past ten in the evening in Auckland.
NOW = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)


@dataclass
class Sessions:
    """Stands where `open_session` does: what was opened, performed, looked at and closed with which failure; whom it refuses or
    fails."""

    opened: list[tuple[str, str, Mode, str | None]] = field(default_factory=list)
    performed: list[tuple[str, Window]] = field(default_factory=list)
    closed: list[tuple[str, BaseException | None]] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    failing: dict[str, BaseException] = field(default_factory=dict)
    warehouse: Warehouse | None = None
    looked_at: list[str] = field(default_factory=list)
    to_read: list[str] = field(default_factory=list)

    @contextmanager
    def __call__(
        self, settings: Settings, org: Org | None, *, kind: str, mode: Mode, dagster_run_id: str | None = None
    ) -> Iterator[Sessions]:
        alias = org.alias if org else "salesforce"
        if alias in self.busy:
            raise AlreadyRunning(f"A full sync of {alias} has been running since 09:00.")
        self.opened.append((alias, kind, mode, dagster_run_id))
        try:
            yield self
        except BaseException as error:
            self.closed.append((alias, error))
            raise
        self.closed.append((alias, None))

    def perform(self, stage: Stage, window: Window) -> StageReport:
        self.performed.append((stage.name, window))
        if stage.name in self.failing:
            raise self.failing[stage.name]
        report = StageReport(stage.name, rows_seen=7, calls=2, problems=["One line has no account code."])
        report.add(".".join(stage.outputs[0]), Changes(inserted=3, unchanged=4))
        return report

    def check(self, check: Check) -> CheckResult:
        assert self.warehouse is not None
        self.looked_at.append(check.name)
        return self.warehouse.found(check)

    @property
    def stages(self) -> list[str]:
        return [name for name, _ in self.performed]

    @property
    def windows(self) -> dict[str, Window]:
        return dict(self.performed)


@dataclass
class Warehouse:
    """Stands where the status and the checks of the warehouse are read."""

    covered: datetime | None = None
    holder: str | None = None
    succeeded: dict[Mode, datetime] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    def status(self) -> Status:
        return Status(
            coverage=lambda settings, org: self.covered,
            who_holds=lambda settings, org: self.holder,
            last_success=lambda settings, org, mode: self.succeeded.get(mode),
            run_check=self.run_check,
        )

    def run_check(self, settings: Settings, org: Org, check: Check) -> CheckResult:
        return self.found(check)

    def found(self, check: Check) -> CheckResult:
        if check.name in self.broken:
            return CheckResult(False, check.severity, 2, f"2 rows break it: {check.sentence}", [{"total": "1.00"}])
        return CheckResult(True, check.severity, 0, "It holds.")


@dataclass
class Desk:
    """Stands where exports are asked about: what is ticked in Salesforce, what checks refuse, and the wishes that were noted."""

    flags: Flags = field(default_factory=lambda: Flags(()))
    refused: dict[str, int] = field(default_factory=dict)
    failing: PipelineError | None = None
    judged: int = 0
    wishes: list[Wish] = field(default_factory=list)

    def exports(self) -> Exports:
        return Exports(pending_flags=self._pending_flags, judge=self._judge, note=self._note)

    def _pending_flags(self, settings: Settings, org: Org) -> Flags:
        self._fail()
        return self.flags

    def _judge(self, settings: Settings, org: Org) -> Judgement:
        self._fail()
        self.judged += 1
        verdicts = {
            check.name: Verdict(check, 9, count, ({"sale_name": "Sale 1"},) * bool(count))
            for check in EXPORT_CHECKS
            for count in (self.refused.get(check.name, 0),)
        }
        return Judgement(verdicts, Path("/srv/data_docs/demo/index.html"))

    def _note(self, session: object, wish: Wish) -> list[str]:
        self._fail()
        self.wishes.append(wish)
        return ["0061", "0062"]

    def _fail(self) -> None:
        if self.failing is not None:
            raise self.failing


Build = Callable[..., dg.Definitions]


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(autouse=True)
def _standing_still() -> Iterator[None]:
    with freeze_time(NOW):
        yield


@pytest.fixture
def warehouse() -> Warehouse:
    return Warehouse()


@pytest.fixture
def sessions(warehouse: Warehouse) -> Sessions:
    return Sessions(warehouse=warehouse)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def org() -> Org:
    return Org(
        alias="demo",
        time_zone="Pacific/Auckland",
        window_days=2,
        sync=Switches(manual_journals=True),
        export=Export(enabled=True),
    )


@pytest.fixture
def build(sessions: Sessions, warehouse: Warehouse, desk: Desk, org: Org) -> Build:
    def of(*orgs: Org, loaded_at: datetime = NOW, **environment: str) -> dg.Definitions:
        return build_defs(
            Settings.from_environment(environment),
            orgs or [org],
            open_session=sessions,
            now=lambda: NOW,
            loaded_at=loaded_at,
            status=warehouse.status(),
            exports=desk.exports(),
        )

    return of
