"""One whole sync without Dagster: the stages of a mode in order, each followed by its checks. The CLI and the demo run this."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from xero_pipeline.domain.errors import Permanent
from xero_pipeline.domain.modes import Mode
from xero_pipeline.domain.org import Org
from xero_pipeline.domain.windows import Window, due, latest_complete
from xero_pipeline.settings import Settings
from xero_pipeline.stages.checks import CHECKS, Check, CheckResult, checks_of
from xero_pipeline.stages.plan import Stage, stages_of
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Clock, Session, Sleep, open_session, utc_now
from xero_pipeline.stages.status import oldest_watermark

Progress = Callable[[Stage, StageReport | None], None]


def silent(stage: Stage, report: StageReport | None) -> None:
    """Tell nobody."""


@dataclass
class SyncOutcome:
    """What a sync did: its id in sync.runs, its kind, a report a stage, and the warnings of its checks by name."""

    run_id: str
    kind: str
    mode: Mode
    reports: list[StageReport] = field(default_factory=list)
    warnings: dict[str, CheckResult] = field(default_factory=dict)

    @property
    def checks_that_warn(self) -> tuple[Check, ...]:
        return tuple(check for check in CHECKS if check.name in self.warnings)

    @property
    def rows_written(self) -> int:
        return sum(report.rows_written for report in self.reports)

    @property
    def calls(self) -> int:
        return sum(report.calls for report in self.reports)

    @property
    def sent(self) -> int:
        return sum(report.sent for report in self.reports)


def sync(
    settings: Settings,
    org: Org,
    mode: Mode = "delta",
    *,
    since: datetime | None = None,
    clock: Clock = utc_now,
    sleep: Sleep = time.sleep,
    progress: Progress = silent,
) -> SyncOutcome:
    """Perform a sync now. `since` (aware UTC) reads further back than the watermark asks for; `sleep` waits before a call is
    tried again; `progress` is told of each stage before it begins (without a report) and after.

    Raises AlreadyRunning when another sync of the organisation holds the lock, Permanent when a check that must hold does not,
    and whatever a stage raises; what was staged before stays.
    """
    with open_session(settings, org, kind="manual", mode=mode, clock=clock, sleep=sleep) as session:
        session.since = since
        outcome = SyncOutcome(session.run_id, session.kind, mode)
        window = due(clock(), oldest_watermark(session.warehouse, session.org_id, org)) or latest_complete(clock())
        stages = stages_of(mode, org)
        session.to_read = [stage.name for stage in stages if stage.windowed]
        for stage in stages:
            perform(session, stage, window, outcome, progress)
    return outcome


def perform(session: Session, stage: Stage, window: Window, outcome: SyncOutcome, progress: Progress = silent) -> None:
    """One stage with its checks, told to `outcome` and `progress`. Raises as `sync` does."""
    progress(stage, None)
    report = session.perform(stage, window)
    outcome.reports.append(report)
    progress(stage, report)
    outcome.warnings |= _held(session, stage)


def _held(session: Session, stage: Stage) -> dict[str, CheckResult]:
    """The checks of a stage that warn. Raises Permanent for one that must hold and does not."""
    warnings = {}
    for check in checks_of(stage.name):
        result = session.check(check)
        if not result.passed and result.severity == "ERROR":
            raise Permanent(
                f"The check {check.name} does not hold: {result.sentence}",
                next_step="What was staged is kept; nothing that builds on it was written.",
            )
        if not result.passed:
            warnings[check.name] = result
    return warnings
