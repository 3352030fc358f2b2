"""What the Dagster layer asks of the stages: settings, a clock and a few functions. Tests bring their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from xero_pipeline.domain.modes import Mode
from xero_pipeline.domain.org import Org
from xero_pipeline.settings import Settings
from xero_pipeline.stages import checks, session, status
from xero_pipeline.stages.checks import Check, CheckResult
from xero_pipeline.stages.session import Clock, OpenSession


@dataclass(frozen=True)
class Status:
    """What schedules and checks ask.

    `coverage` is the oldest watermark of the organisation's windowed stages (None: never synced), `last_success` when the
    newest succeeded sync of a mode started (None: never), both aware UTC; `who_holds` is a sentence about the sync that is
    running now (None: none is). `run_check` looks for the rows that break a rule.
    """

    coverage: Callable[[Settings, Org], datetime | None] = status.coverage
    who_holds: Callable[[Settings, Org], str | None] = status.who_holds
    last_success: Callable[[Settings, Org, Mode], datetime | None] = status.last_success
    run_check: Callable[[Settings, Org, Check], CheckResult] = checks.run_check


@dataclass(frozen=True)
class Ports:
    """One argument for every builder of assets, checks, jobs, schedules and resources.

    `loaded_at` is when the code server loaded these definitions (aware UTC), which fixes where partitions begin; `now` tells
    the time of a run.
    """

    settings: Settings
    loaded_at: datetime
    open_session: OpenSession = session.open_session
    now: Clock = session.utc_now
    status: Status = field(default_factory=Status)
